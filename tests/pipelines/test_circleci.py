"""CircleCI configurations: workflows, filters, parameters, commands, orbs."""

from __future__ import annotations

from pathlib import Path

import pytest

from readycheck.pipelines.model import Occasion, Run
from tests.pipelines.flows import BRANCH, MAIN, MANUAL, SCHEDULE, TAG, flow_of, jobs_of, lines_of, needs_of, sure_runs

CI = ".circleci/config.yml"


def test_workflows_order_jobs_and_jobs_take_parameters(tmp_path: Path) -> None:
    jobs = jobs_of(
        tmp_path,
        {
            CI: """\
                version: 2.1
                parameters: {registry: {type: string, default: registry.example.com}}
                executors: {node: {docker: [{image: cimg/node:22.0}, {image: postgres:16}]}}
                commands:
                  scan:
                    parameters: {image: {type: string}, exit: {type: integer, default: 1}}
                    steps:
                      - run:
                          name: scan it
                          command: trivy image --exit-code << parameters.exit >> << parameters.image >>
                jobs:
                  build:
                    parameters: {service: {type: string}}
                    executor: node
                    environment: {APP: << parameters.service >>}
                    steps:
                      - checkout
                      - run: docker build -t $APP .
                      - scan: {image: << pipeline.parameters.registry >>/<< parameters.service >>}
                      - run: {command: make report, when: always}
                  deploy: {machine: true, steps: [{run: make deploy}]}
                workflows:
                  main:
                    jobs:
                      - build: {matrix: {parameters: {service: [web, api]}}}
                      - hold: {type: approval, requires: [build]}
                      - deploy: {name: ship, requires: [hold], filters: {branches: {only: main}}}
                """
        },
    )
    assert sorted(jobs) == ["main/build-api", "main/build-web", "main/hold", "main/ship"]
    build = jobs["main/build-api"]
    assert lines_of(build) == [
        "docker build -t api .",
        "trivy image --exit-code 1 registry.example.com/api",
        "make report",
    ]
    assert (build.image, build.images) == ("cimg/node:22.0", ("postgres:16",))
    assert build.steps[2].in_spite == "`when: always`"
    assert needs_of(jobs["main/hold"]) == ["main/build-web", "main/build-api"]
    assert all(run.manual for run in jobs["main/hold"].runs)
    assert [(run.occasion, run.manual) for run in jobs["main/ship"].runs] == [
        (MAIN, True),
        (SCHEDULE, True),
        (MANUAL, True),
    ]


@pytest.mark.parametrize(
    ("filters", "occasions"),
    [
        ("{}", {MAIN, BRANCH, SCHEDULE, MANUAL}),
        ("{branches: {only: [main]}}", {MAIN, SCHEDULE, MANUAL}),
        ("{branches: {only: /feature-.*/}}", set()),
        ("{branches: {ignore: main}}", {BRANCH, MANUAL}),
        ("{branches: {ignore: /.*/}, tags: {only: /v.*/}}", {TAG, MANUAL}),
    ],
)
def test_filters_choose_branches_and_tags(filters: str, occasions: set[Occasion], tmp_path: Path) -> None:
    text = f"""\
        jobs: {{build: {{steps: [{{run: make}}]}}}}
        workflows: {{main: {{jobs: [{{build: {{filters: {filters}}}}}]}}}}
        """
    assert sure_runs(jobs_of(tmp_path, {CI: text})["main/build"]) == occasions


@pytest.mark.parametrize(
    ("when", "runs"),
    [
        ("<< pipeline.parameters.nightly >>", {(MANUAL, False)}),
        ("{not: << pipeline.parameters.nightly >>}", {(MAIN, True), (BRANCH, True), (SCHEDULE, True), (MANUAL, False)}),
        ("{equal: [main, << pipeline.git.branch >>]}", {(MAIN, True), (SCHEDULE, True), (MANUAL, True)}),
        ("{and: [{equal: [scheduled_pipeline, << pipeline.trigger_source >>]}, true]}", {(SCHEDULE, True)}),
        ("{or: [{matches: {pattern: /^rel/, value: << pipeline.git.branch >>}}, false]}", {(BRANCH, False)}),
    ],
)
def test_a_workflow_may_have_a_condition(when: str, runs: set[tuple[Occasion, bool]], tmp_path: Path) -> None:
    text = f"""\
        parameters: {{nightly: {{type: boolean, default: false}}}}
        jobs: {{build: {{steps: [{{run: make}}]}}}}
        workflows: {{main: {{when: {when}, jobs: [build]}}}}
        """
    job = jobs_of(tmp_path, {CI: text})["main/build"]
    assert {(run.occasion, not run.unsure) for run in job.runs} == runs


def test_a_scheduled_workflow_runs_by_its_schedule_alone(tmp_path: Path) -> None:
    text = """\
        jobs: {build: {steps: [{run: make}]}}
        workflows: {nightly: {triggers: [{schedule: {cron: "0 0 * * *"}}], jobs: [build]}}
        """
    assert jobs_of(tmp_path, {CI: text})["nightly/build"].runs == (Run(SCHEDULE),)


def test_orbs_are_uses_and_what_is_missing_is_named(tmp_path: Path) -> None:
    text = """\
        orbs: {ecr: circleci/aws-ecr@9.1.0}
        jobs:
          build:
            steps:
              - ecr/build_and_push_image: {repo: web, tag: "1"}
              - nowhere
        workflows: {main: {jobs: [build, {ecr/push: {repo: web}}, gone]}}
        """
    jobs = jobs_of(tmp_path, {CI: text})
    first, second = jobs["main/build"].steps
    assert first.uses is not None
    assert (first.uses.name, first.uses.version) == ("aws-ecr/build_and_push_image", "9.1.0")
    assert first.uses.inputs == {"repo": "web", "tag": "1"}
    assert second.unread == "the command `nowhere` could not be found in the configuration"
    (step,) = jobs["main/ecr/push"].steps
    assert step.uses is not None
    assert step.uses.name == "aws-ecr/push"
    assert jobs["main/gone"].unread == "the job `gone` could not be found in the configuration"


def test_a_pipe_fails_with_any_of_its_programs_unless_another_shell_is_asked_for(tmp_path: Path) -> None:
    text = """\
        jobs:
          build:
            steps:
              - run: trivy image web | tee report
              - run: {command: trivy image web | tee report, shell: /bin/sh}
        """
    (job,) = flow_of(tmp_path, {CI: text}).jobs
    assert [[bool(command.swallowed) for command in step.commands] for step in job.steps] == [
        [False, False],
        [True, False],
    ]


def test_folders_are_told_from_the_root_and_powershell_is_not_read(tmp_path: Path) -> None:
    text = """\
        jobs:
          build:
            working_directory: /go/src/web
            steps:
              - run: {command: make a, working_directory: ~/project/docs}
              - run: {command: make b, working_directory: /go/src/web/ui}
              - run: make c
              - run: {command: Get-Item, shell: powershell.exe}
        """
    (job,) = flow_of(tmp_path, {CI: text}).jobs
    *shells, power = job.steps
    assert [step.commands[0].folder for step in shells] == ["docs", "ui", ""]
    assert power.unread == "PowerShell, which is not read"


def test_commands_that_call_themselves_end(tmp_path: Path) -> None:
    text = """\
        commands: {again: {steps: [again, {run: make}]}}
        jobs: {build: {steps: [again]}}
        workflows: {main: {jobs: [build]}}
        """
    assert set(lines_of(jobs_of(tmp_path, {CI: text})["main/build"])) == {"make"}


def test_what_has_no_shape_of_a_configuration_is_no_crash(tmp_path: Path) -> None:
    text = """\
        parameters: 5
        jobs: {build: {steps: {a: b}, docker: text, parameters: [a]}, other: 5}
        workflows: {version: 2, main: {jobs: [5, {build: text}, {other: {requires: 5, filters: [a], matrix: 7}}]}}
        """
    assert "main/build" in jobs_of(tmp_path, {CI: text})
