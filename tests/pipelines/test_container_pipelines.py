"""Systems whose steps are containers or lists of commands: Drone, Cloud Build, Bitbucket, Travis, Buildkite."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from readycheck.inventory import Inventory
from readycheck.pipelines.model import Occasion
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
    sure_runs,
)
from tests.trees import collected_from

# Drone and Woodpecker -------------------------------------------------------------------------------------------------


def test_drone_steps_follow_each_other_each_under_its_own_conditions(tmp_path: Path) -> None:
    text = textwrap.dedent("""\
        kind: pipeline
        name: build
        services: [{name: db, image: postgres:16}]
        trigger: {branch: [main, release/*]}
        steps:
          - {name: test, image: golang:1.25, commands: [go test ./...], environment: {A: b}}
          - {name: lint, image: golang:1.25, commands: [make lint], failure: ignore}
          - {name: push, image: "plugins/docker:20", settings: {repo: web, tags: [a, b]}, when: {event: [push]}}
          - {name: tell, image: alpine, commands: [make tell], when: {status: [success, failure]}}
        ---
        kind: pipeline
        name: deploy
        depends_on: [build]
        steps: [{name: deploy, image: alpine, commands: [make deploy], when: {event: tag}}]
        """)
    inventory = Inventory([collected_from(tmp_path, {".drone.yml": text})])
    build, deploy = (pipeline.flow for pipeline in inventory.pipelines)
    jobs = {job.id: job for job in build.jobs}
    assert lines_of(jobs["test"]) == ["go test ./..."]
    assert sure_runs(jobs["test"]) == {PULL_REQUEST, MAIN, SCHEDULE, MANUAL}
    assert sure_runs(jobs["push"]) == {MAIN}
    (push,) = jobs["push"].steps
    assert push.uses is not None
    assert (push.uses.name, push.uses.version) == ("plugins/docker", "20")
    assert push.uses.inputs == {"repo": "web", "tags": "a,b"}
    assert [(need.job, need.in_spite) for need in jobs["push"].needs] == [("test", ""), ("lint", "`failure: ignore`")]
    assert {need.in_spite for need in jobs["tell"].needs} == {"`status: failure`"}
    assert jobs["test"].images == ("postgres:16",)
    assert [follow.pipeline for follow in deploy.follows] == ["build"]
    assert sure_runs(deploy.jobs[0]) == {TAG}


def test_woodpecker_steps_may_say_what_they_wait_for(tmp_path: Path) -> None:
    text = """\
        when: [{event: pull_request, path: [web/**]}, {event: push, branch: main}]
        steps:
          test: {image: golang:1.25, commands: [go test ./...]}
          lint: {image: golang:1.25, commands: [make lint]}
          ship: {image: alpine, commands: [make ship], depends_on: [test]}
        """
    flow = flow_of(tmp_path, {".woodpecker/build.yaml": text})
    jobs = {job.id: job for job in flow.jobs}
    assert (flow.system, flow.name) == ("Woodpecker", "build")
    assert needs_of(jobs["ship"]) == ["test"]
    assert needs_of(jobs["lint"]) == []
    assert {run.occasion for run in jobs["lint"].runs} == {PULL_REQUEST, MAIN}


@pytest.mark.parametrize(
    ("when", "occasions"),
    [
        ("{}", set(Occasion)),
        ("{event: {exclude: [pull_request]}}", set(Occasion) - {PULL_REQUEST}),
        ("{branch: {exclude: [main]}}", {BRANCH, TAG}),
        ("{ref: [refs/heads/main, refs/tags/v*]}", {MAIN, TAG, SCHEDULE, MANUAL}),
        ("{event: cron}", {SCHEDULE}),
        ("{event: [promote, manual]}", {MANUAL}),
        ("{evaluate: 'CI == true'}", set()),
    ],
)
def test_conditions_of_drone_choose_occasions(when: str, occasions: set[Occasion], tmp_path: Path) -> None:
    text = f"kind: pipeline\nname: a\nsteps: [{{name: a, image: x, commands: [make], when: {when}}}]\n"
    assert sure_runs(jobs_of(tmp_path, {".drone.yml": text})["a"]) == occasions


# Cloud Build ----------------------------------------------------------------------------------------------------------


def test_cloud_build_steps_are_containers_and_its_images_are_pushed_last(tmp_path: Path) -> None:
    text = """\
        substitutions: {_IMAGE: europe-docker.pkg.dev/p/web}
        steps:
          - {name: gcr.io/cloud-builders/docker, args: [build, -t, $_IMAGE:1, web], dir: services}
          - {id: lint, name: golang, entrypoint: bash, args: [-c, "make lint; echo $$HOME"], waitFor: ["-"]}
          - {id: scan, name: "aquasec/trivy:0.60.0", args: [image, --exit-code, "1", $_IMAGE:1], waitFor: [step 1]}
          - {name: alpine, script: "make a\\nmake b", allowFailure: true}
        images: [$_IMAGE:1]
        """
    jobs = jobs_of(tmp_path, {"deploy/cloudbuild.yaml": text})
    build, lint, scan, script, images = jobs.values()
    assert lines_of(build) == ["docker build -t europe-docker.pkg.dev/p/web:1 web"]
    assert build.steps[0].commands[0].folder == "services"
    assert lines_of(lint)[0] == "make lint"
    assert needs_of(lint) == []
    assert lines_of(scan) == ["trivy image --exit-code 1 europe-docker.pkg.dev/p/web:1"]
    assert needs_of(scan) == ["step 1"]
    assert [bool(command.swallowed) for command in script.steps[0].commands] == [False, False]
    assert lines_of(images) == ["docker push europe-docker.pkg.dev/p/web:1"]
    assert [(need.job, need.in_spite) for need in images.needs if need.in_spite] == [("step 4", "`allowFailure: true`")]
    assert {run.unsure for run in build.runs} == {"its trigger, which is kept in Cloud Build"}


# Bitbucket ------------------------------------------------------------------------------------------------------------


def test_bitbucket_pipelines_are_chosen_by_what_is_pushed(tmp_path: Path) -> None:
    text = """\
        image: node:22
        definitions:
          services: {db: {image: postgres:16}}
          steps: [step: &test {name: test, services: [db], script: [npm ci, npm test]}]
        pipelines:
          default: [step: *test]
          branches:
            main:
              - step: *test
              - parallel:
                  - step: {script: [make a]}
                  - step: {script: [make b], on-fail: {strategy: ignore}}
              - step:
                  deployment: production
                  trigger: manual
                  script:
                    - make before
                    - pipe: atlassian/aws-ecr-push-image:2.4.2
                      variables: {IMAGE_NAME: web}
                    - make after
                  after-script: [make late]
          pull-requests:
            '**': [step: {script: [make check], condition: {changesets: {includePaths: [web/**]}}}]
            feature/*: [step: {script: [make feature]}]
          tags: {'v*': [step: {script: [make release]}]}
          custom: {nightly: [step: {script: [make nightly]}]}
        """
    jobs = jobs_of(tmp_path, {"bitbucket-pipelines.yml": text})
    assert sure_runs(jobs["default/1"]) == {BRANCH}
    assert jobs["default/1"].images == ("postgres:16",)
    assert lines_of(jobs["main/1"]) == ["npm ci", "npm test"]
    ship = jobs["main/4"]
    assert [(need.job, need.in_spite) for need in ship.needs] == [
        ("main/1", ""),
        ("main/2", ""),
        ("main/3", "`on-fail: ignore`"),
    ]
    assert (ship.environment, [run.manual for run in ship.runs]) == ("production", [True])
    before, pipe, after, late = ship.steps
    assert pipe.uses is not None
    assert (pipe.uses.name, pipe.uses.version) == ("atlassian/aws-ecr-push-image", "2.4.2")
    assert [step.commands[0].text for step in (before, after, late)] == ["make before", "make after", "make late"]
    assert late.may_fail == "`after-script` cannot fail the step"
    (check,) = jobs["**/1"].runs
    assert (check.occasion, check.paths, check.unsure) == (PULL_REQUEST, ("web/**",), "")
    assert jobs["feature/*/1"].runs[0].unsure == "pull-requests: feature/*"
    assert sure_runs(jobs["v*/1"]) == {TAG}
    assert sure_runs(jobs["nightly/1"]) == {MANUAL}


# Travis ---------------------------------------------------------------------------------------------------------------


def test_travis_goes_on_with_its_script_after_a_failure(tmp_path: Path) -> None:
    text = """\
        language: go
        services: [docker]
        env: [IMAGE=web]
        branches: {only: [main, /^release/]}
        before_install: [make deps]
        script:
          - trivy image $IMAGE
          - docker push $IMAGE
        after_success: [make report]
        deploy:
          - {provider: script, script: make deploy, on: {branch: main}}
          - {provider: heroku, on: {tags: true}}
        """
    job, deploy, heroku = flow_of(tmp_path, {".travis.yml": text}).jobs
    assert lines_of(job) == ["make deps", "trivy image web", "docker push web", "make report"]
    install, scan, push, report = job.steps
    assert (install.in_spite, scan.may_fail) == ("", "")
    assert push.in_spite == "`script` goes on though a command of it fails"
    assert report.may_fail == "`after_success` cannot fail the job"
    assert {PULL_REQUEST, MAIN} <= sure_runs(job)
    assert BRANCH not in sure_runs(job)
    assert (lines_of(deploy), needs_of(deploy)) == (["make deploy"], ["test/1"])
    assert {run.occasion for run in deploy.runs} == {MAIN, SCHEDULE, MANUAL}
    assert {run.occasion for run in heroku.runs} == {TAG}
    assert heroku.steps[0].uses is not None


def test_travis_stages_wait_for_each_other(tmp_path: Path) -> None:
    text = """\
        language: rust
        jobs:
          include:
            - {stage: ship, if: branch = main, script: make ship}
            - {stage: check, name: unit}
            - {name: lint, script: make lint}
          allow_failures: [{name: lint}]
        stages: [check, ship]
        """
    jobs = {job.name: job for job in flow_of(tmp_path, {".travis.yml": text}).jobs}
    assert lines_of(jobs["unit"]) == ["cargo test --verbose"]
    assert [(need.job, need.in_spite) for need in jobs["ship/1"].needs] == [
        ("check/2", ""),
        ("check/3", "`allow_failures`"),
    ]
    assert {run.unsure for run in jobs["ship/1"].runs} == {"if: branch = main"}


# Buildkite ------------------------------------------------------------------------------------------------------------


def test_buildkite_steps_run_at_once_between_waits(tmp_path: Path) -> None:
    text = """\
        env: {IMAGE: web}
        steps:
          - {label: test, command: make test}
          - group: builds
            steps:
              - {key: build, commands: [docker build -t $IMAGE ., make done], soft_fail: true}
          - wait
          - {label: scan, command: trivy image $IMAGE, depends_on: build, branches: "main !legacy"}
          - block: ship it?
          - {label: ship, plugins: [{docker-compose#v5.0.0: {push: web}}], command: make ship}
          - {trigger: other}
        """
    jobs = jobs_of(tmp_path, {".buildkite/pipeline.yml": text})
    assert lines_of(jobs["build"]) == ["docker build -t web .", "make done"]
    assert needs_of(jobs["scan"]) == ["build"]
    assert sure_runs(jobs["scan"]) == {MAIN}
    ship = jobs["ship"]
    assert [(need.job, need.in_spite) for need in ship.needs] == [("test", ""), ("build", "`soft_fail`"), ("scan", "")]
    assert all(run.manual for run in ship.runs)
    assert ship.steps[0].uses is not None
    assert (ship.steps[0].uses.name, ship.steps[0].uses.version) == ("docker-compose", "v5.0.0")
    assert jobs["step 5"].unread == "it starts the pipeline `other`, which is not in the tree"


# All of them ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "uri",
    [
        ".drone.yml",
        ".woodpecker.yml",
        "cloudbuild.yaml",
        "bitbucket-pipelines.yml",
        ".travis.yml",
        ".buildkite/pipeline.yml",
        ".circleci/config.yml",
        "azure-pipelines.yml",
        ".gitlab-ci.yml",
        "Jenkinsfile",
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        "steps: [1, [2, {a: b}], {name: [x], when: 5, commands: {a: b}, depends_on: {c: d}, plugins: [x, 5]}]\n",
        "pipelines: {default: 5, branches: [a], pull-requests: {a: [5, {step: x}, {parallel: 7}]}}\n",
        "jobs: {include: [5, {stage: {}}, {script: {a: b}, deploy: [x, 5], env: {global: 5}}]}\nstages: 5\n",
        "workflows: [a]\njobs: [5]\nimages: {a: b}\nscript: [[1, 2], true, null]\n",
        "a: [\n",
        "",
    ],
)
def test_what_has_no_shape_of_a_pipeline_is_no_crash(uri: str, text: str, tmp_path: Path) -> None:
    inventory = Inventory([collected_from(tmp_path, {uri: text})])
    assert all(pipeline.flow.system for pipeline in inventory.pipelines)
