"""Azure pipelines: triggers, stages, conditions, templates and the shells that go on after a failure."""

from __future__ import annotations

from pathlib import Path

import pytest

from readycheck.pipelines.azure.expression import holds
from readycheck.pipelines.azure.trigger import known_names
from readycheck.pipelines.model import Occasion, Run
from readycheck.pipelines.values import Unset, Value
from tests.pipelines.flows import (
    BRANCH,
    MAIN,
    MANUAL,
    PULL_REQUEST,
    SCHEDULE,
    TAG,
    flow_of,
    jobs_of,
    lines_of,
    needs_of,
)

CI = "azure-pipelines.yml"


@pytest.mark.parametrize(
    ("condition", "occasion", "answer"),
    [
        ("and(succeeded(), eq(variables['Build.SourceBranch'], 'refs/heads/main'))", MAIN, True),
        ("and(succeeded(), eq(variables['Build.SourceBranch'], 'refs/heads/main'))", BRANCH, False),
        ("eq(variables['build.sourceBranch'], 'refs/heads/develop')", BRANCH, None),
        ("eq(variables.Build.SourceBranchName, 'master')", MAIN, True),
        ("startsWith(variables['Build.SourceBranch'], 'refs/tags/')", TAG, True),
        ("startsWith(variables['Build.SourceBranch'], 'refs/tags/')", BRANCH, False),
        ("startsWith(variables['Build.SourceBranch'], 'refs/heads/release')", BRANCH, None),
        ("eq(variables['Build.Reason'], 'pullrequest')", PULL_REQUEST, True),
        ("ne(variables['Build.Reason'], 'PullRequest')", MAIN, True),
        ("in(variables['Build.Reason'], 'Manual', 'Schedule')", SCHEDULE, True),
        ("or(failed(), not(eq(variables['Mode'], 'fast')))", MAIN, False),
        ("contains(variables['Mode'], 'as')", MAIN, True),
        ("eq(variables['Unknown'], 'x')", MAIN, None),
        ("eq(dependencies.build.outputs['a.b'], 'x')", MAIN, None),
        ("eq('it''s', 'it''s')", MAIN, True),
        ("eq(", MAIN, None),
    ],
)
def test_an_expression_is_true_or_is_not_or_cannot_be_told(
    condition: str, occasion: Occasion, *, answer: bool | None
) -> None:
    names = known_names(occasion, {"Mode": "fast"})

    def known(name: str) -> Value:
        return names.get(name.lower(), Unset())

    assert holds(condition, known) is answer


@pytest.mark.parametrize(
    ("lines", "runs"),
    [
        ("trigger: none\npr: none\n", {(MANUAL, ())}),
        ("trigger: [main]\npr: [main]\n", {(MAIN, ()), (PULL_REQUEST, ()), (MANUAL, ())}),
        (
            "trigger: {branches: {include: ['*']}, paths: {include: [web/*]}}\npr: none\n",
            {(MAIN, ("web/*",)), (BRANCH, ("web/*",)), (MANUAL, ())},
        ),
        ("trigger: {tags: {include: ['v*']}}\npr: none\n", {(TAG, ()), (MANUAL, ())}),
        (
            "trigger: {branches: {include: ['*'], exclude: [main]}}\npr: none\nschedules: [{cron: '0 0 * * *'}]\n",
            {(BRANCH, ()), (SCHEDULE, ()), (MANUAL, ())},
        ),
        ("pr: none\nvariables: {}\n", {(MAIN, ()), (BRANCH, ()), (MANUAL, ())}),
    ],
)
def test_triggers_say_when_a_pipeline_runs(
    lines: str, runs: set[tuple[Occasion, tuple[str, ...]]], tmp_path: Path
) -> None:
    (job,) = flow_of(tmp_path, {CI: lines + "steps: [{script: make}]\n"}).jobs
    assert {(run.occasion, run.paths) for run in job.runs} == runs
    assert all(not run.unsure for run in job.runs)


def test_whether_pull_requests_are_built_is_open_where_the_file_does_not_say(tmp_path: Path) -> None:
    (job,) = flow_of(tmp_path, {CI: "trigger: [main]\nsteps: [{script: make}]\n"}).jobs
    run = job.run(PULL_REQUEST)
    assert run is not None
    assert run.unsure == "whether pull requests are built, which the host of the repository decides"


def test_stages_follow_each_other_unless_they_say_what_they_wait_for(tmp_path: Path) -> None:
    jobs = jobs_of(
        tmp_path,
        {
            CI: """\
                trigger: [main]
                stages:
                  - stage: build
                    jobs:
                      - job: image
                        steps: [{script: docker build .}]
                      - job: scan
                        dependsOn: image
                        continueOnError: true
                        steps: [{script: trivy image web}]
                  - stage: test
                    dependsOn: []
                    jobs: [{job: unit, steps: [{bash: go test ./...}]}]
                  - stage: deploy
                    dependsOn: [build, test]
                    condition: and(succeeded(), eq(variables['Build.SourceBranch'], 'refs/heads/main'))
                    jobs:
                      - deployment: production
                        environment: {name: prod.web}
                        strategy: {runOnce: {deploy: {steps: [{script: make deploy}]}}}
                  - stage: notify
                    condition: eq(variables['Build.Reason'], 'IndividualCI')
                    jobs: [{job: tell, steps: [{script: make tell}]}]
                """
        },
    )
    assert needs_of(jobs["build/scan"]) == ["build/image"]
    assert needs_of(jobs["test/unit"]) == []
    production = jobs["deploy/production"]
    assert [(need.job, need.in_spite) for need in production.needs] == [
        ("build/image", ""),
        ("build/scan", "`continueOnError: true`"),
        ("test/unit", ""),
    ]
    assert (production.environment, lines_of(production)) == ("prod.web", ["make deploy"])
    assert [run for run in production.runs if run.occasion in {MAIN, BRANCH}] == [Run(MAIN)]
    (need,) = jobs["notify/tell"].needs
    assert need.in_spite == (
        "`condition: eq(variables['Build.Reason'], 'IndividualCI')`, "
        "which does not ask whether what came before succeeded"
    )


def test_a_script_goes_on_after_a_failure_but_for_its_last_command(tmp_path: Path) -> None:
    text = """\
        steps:
          - script: |
              trivy image web
              docker push web
          - bash: |
              set -e
              trivy image web
              docker push web
        """
    first, second = next(iter(jobs_of(tmp_path, {CI: text}).values())).steps
    assert [bool(command.swallowed) for command in first.commands] == [True, False]
    assert [bool(command.swallowed) for command in second.commands] == [False, False]


def test_macros_are_put_in_and_commands_are_left(tmp_path: Path) -> None:
    text = """\
        variables:
          - {name: image, value: web}
          - group: secrets
        steps:
          - script: docker build -t $(image):$(Build.BuildId) $(uname)
            workingDirectory: $(Build.SourcesDirectory)/services/web
        """
    (job,) = jobs_of(tmp_path, {CI: text}).values()
    (*_, command) = job.steps[0].commands
    assert command.words == ("docker", "build", "-t", "web:${{ Build.BuildId }}", "$(uname)")
    assert command.folder == "services/web"


def test_templates_of_the_tree_are_in_place_with_their_parameters(tmp_path: Path) -> None:
    flow = flow_of(
        tmp_path,
        {
            "ci/azure-pipelines.yml": """\
                trigger: [main]
                jobs:
                  - template: templates/job.yml
                    parameters: {name: web, scan: true}
                  - template: far.yml@shared
                  - template: gone.yml
                """,
            "ci/templates/job.yml": """\
                parameters:
                  - {name: name, type: string}
                  - {name: scan, type: boolean, default: false}
                  - {name: extra, type: stepList, default: [{script: make extra}]}
                jobs:
                  - job: build_${{ parameters.name }}
                    steps:
                      - template: /steps.yml
                        parameters: {what: "${{ parameters.name }}"}
                      - ${{ if eq(parameters.scan, true) }}:
                        - script: trivy image ${{ parameters.name }}
                      - ${{ else }}:
                        - script: echo unscanned
                      - ${{ parameters.extra }}
                """,
            "steps.yml": "parameters: {what: ''}\nsteps: [{script: 'make ${{ parameters.what }}'}]\n",
        },
    )
    (job,) = flow.jobs
    assert job.id == "build_web"
    assert lines_of(job) == ["make web", "trivy image web", "make extra"]
    assert [unread.reason for unread in flow.unread] == [
        "uses the template `far.yml` of the repository `shared`",
        "uses the template `gone.yml`, which could not be found in the tree",
    ]


def test_tasks_are_uses_and_those_that_run_a_shell_are_read(tmp_path: Path) -> None:
    text = """\
        steps:
          - checkout: self
          - task: Docker@2
            displayName: push it
            inputs: {command: push, repository: web, tags: "$(Build.BuildId)"}
          - task: AzureCLI@2
            inputs: {scriptType: bash, scriptLocation: inlineScript, inlineScript: az acr login}
          - task: AzureCLI@2
            inputs: {scriptType: ps, inlineScript: az acr login}
          - pwsh: Get-Item .
          - script: make late
            enabled: false
          - script: make tidy
            condition: always()
            continueOnError: true
        """
    (job,) = jobs_of(tmp_path, {CI: text}).values()
    push, login, windows, power, late, tidy = job.steps
    assert push.uses is not None
    assert (push.name, push.uses.name, push.uses.version) == ("push it", "Docker", "2")
    assert push.uses.inputs["tags"] == "${{ Build.BuildId }}"
    assert [command.text for command in login.commands] == ["az acr login"]
    assert windows.uses is not None
    assert power.unread == "PowerShell, which is not read"
    assert late.skipped == "`enabled: false`"
    assert tidy.may_fail == "`continueOnError: true`"
    assert tidy.in_spite == "`condition: always()`, which does not ask whether what came before succeeded"


def test_a_matrix_makes_a_job_of_each_entry(tmp_path: Path) -> None:
    text = """\
        jobs:
          - job: build
            strategy: {matrix: {web: {service: web}, api: {service: api}}}
            steps: [{script: docker build $(service)}]
          - job: deploy
            dependsOn: build
            steps: [{script: make deploy}]
        """
    jobs = jobs_of(tmp_path, {CI: text})
    assert lines_of(jobs["build api"]) == ["docker build api"]
    assert needs_of(jobs["deploy"]) == ["build web", "build api"]


def test_what_somebody_has_to_approve_is_started_by_hand(tmp_path: Path) -> None:
    text = """\
        trigger: [main]
        jobs:
          - {job: wait, pool: server, steps: [{task: ManualValidation@0}]}
          - {job: ship, dependsOn: wait, steps: [{script: make ship}]}
          - {job: aside, steps: [{script: make aside}]}
        """
    wait, ship, aside = flow_of(tmp_path, {CI: text}).jobs
    assert all(run.manual for job in (wait, ship) for run in job.runs)
    assert not any(run.manual for run in aside.runs)


def test_a_template_alone_is_no_pipeline(tmp_path: Path) -> None:
    flow = flow_of(tmp_path, {".azure-pipelines/build.yml": "parameters: {a: b}\nsteps: [{script: make}]\n"})
    assert flow.called_only


def test_what_has_no_shape_of_a_pipeline_is_no_crash(tmp_path: Path) -> None:
    text = """\
        trigger: {branches: 5, paths: [a]}
        pr: {branches: text}
        variables: [5, {name: [a]}]
        stages:
          - 5
          - {stage: [a], jobs: {a: b}, dependsOn: {x: y}, condition: [a]}
          - {stage: b, jobs: [{job: c, strategy: 5, steps: [5, text, {script: [a]}, {task: 7, inputs: text}]}, null]}
        """
    flow = flow_of(tmp_path, {CI: text})
    assert "b/c" in {job.id for job in flow.jobs}
