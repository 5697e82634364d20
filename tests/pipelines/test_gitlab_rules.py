"""When GitLab jobs run, what they wait for, and what their failures do."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from readycheck.pipelines.gitlab.expression import holds
from readycheck.pipelines.gitlab.situation import SITUATIONS
from readycheck.pipelines.model import Job, Occasion, Run
from tests.pipelines.flows import (
    BRANCH,
    MAIN,
    MANUAL,
    PULL_REQUEST,
    SCHEDULE,
    TAG,
    jobs_of,
    lines_of,
    needs_of,
    sure_runs,
)

CI = ".gitlab-ci.yml"
BY_OCCASION = {situation.occasion: situation.variables for situation in reversed(SITUATIONS)}


def job_with(root: Path, rules: str, *, around: str = "") -> Job:
    """A job with these lines in it, and others around it."""
    lines = textwrap.dedent(around) + "job:\n  script: [make]\n" + textwrap.indent(textwrap.dedent(rules), "  ")
    return jobs_of(root, {CI: lines})["job"]


@pytest.mark.parametrize(
    ("condition", "occasion", "answer"),
    [
        ('$CI_PIPELINE_SOURCE == "merge_request_event"', PULL_REQUEST, True),
        ('$CI_PIPELINE_SOURCE == "merge_request_event"', MAIN, False),
        ("$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH", MAIN, True),
        ("$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH", BRANCH, False),
        ("$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH", PULL_REQUEST, False),
        ("$CI_COMMIT_BRANCH != $CI_DEFAULT_BRANCH", BRANCH, True),
        ("$CI_COMMIT_BRANCH", TAG, False),
        ("$CI_COMMIT_BRANCH", BRANCH, True),
        ("$CI_COMMIT_TAG", TAG, True),
        ("$CI_COMMIT_TAG == null", MAIN, True),
        ("$CI_COMMIT_TAG != null", TAG, True),
        ('$CI_COMMIT_BRANCH == "main"', MAIN, True),
        ("'master' == $CI_COMMIT_BRANCH", MAIN, True),
        ('$CI_COMMIT_BRANCH == "develop"', MAIN, False),
        ('$CI_COMMIT_BRANCH == "develop"', BRANCH, None),
        ('$CI_COMMIT_BRANCH != "develop"', BRANCH, True),
        (r"$CI_COMMIT_TAG =~ /^v\d+\.\d+/", TAG, True),
        ("$CI_COMMIT_TAG =~ /-rc$/", TAG, None),
        ("$CI_COMMIT_TAG !~ /-rc$/", TAG, True),
        ('$CI_COMMIT_REF_NAME == "develop"', TAG, False),
        ('$CI_COMMIT_REF_NAME == "v2.0.0"', TAG, None),
        ("$CI_COMMIT_BRANCH =~ /^(main|develop)$/", MAIN, True),
        ("$CI_COMMIT_BRANCH =~ /^(?:main|master)$/", BRANCH, False),
        ("$CI_COMMIT_BRANCH =~ /^(main|develop)$/", BRANCH, None),
        (r"$CI_COMMIT_BRANCH =~ /^main$|^v\d/", MAIN, True),
        ("$CI_COMMIT_BRANCH =~ /^release/", MAIN, False),
        ("$CI_COMMIT_REF_NAME =~ /^MAIN$/i", MAIN, True),
        ("$CI_MERGE_REQUEST_ID", PULL_REQUEST, True),
        ("$CI_MERGE_REQUEST_ID", BRANCH, False),
        ("($CI_COMMIT_TAG || $CI_COMMIT_BRANCH) && !$CI_COMMIT_TAG", MAIN, True),
        ("$CI_COMMIT_TAG || $CI_COMMIT_BRANCH && $CI_MERGE_REQUEST_ID", TAG, True),
        ("$DEPLOY_FROM_HERE", MAIN, None),
        ('$DEPLOY_FROM_HERE == "1" && $CI_COMMIT_TAG', MAIN, False),
        ('$CI_PROJECT_PATH == "group/project"', MAIN, True),
        ("$CI_COMMIT_MESSAGE =~ /skip-deploy/", MAIN, None),
        ("$CI_COMMIT_BRANCH ==", MAIN, None),
        ("$CI_COMMIT_BRANCH =~ /(/", MAIN, None),
        ("(" * 500 + "$CI_COMMIT_TAG" + ")" * 500, MAIN, None),
        (r"$CI_COMMIT_BRANCH =~ /^(([a-z-])+.)+[A-Z]([a-z-])+$/", BRANCH, None),
    ],
)
def test_a_condition_holds_or_does_not_or_cannot_be_told(
    condition: str, occasion: Occasion, *, answer: bool | None
) -> None:
    assert holds(condition, BY_OCCASION[occasion]) is answer


def test_the_first_rule_that_matches_decides(tmp_path: Path) -> None:
    job = job_with(
        tmp_path,
        """\
        rules:
          - if: $CI_COMMIT_TAG
            when: never
          - if: $CI_PIPELINE_SOURCE == "merge_request_event"
            when: manual
          - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
        """,
    )
    assert {(run.occasion, run.manual, run.unsure) for run in job.runs} == {
        (PULL_REQUEST, True, ""),
        (MAIN, False, ""),
        (SCHEDULE, False, ""),
        (MANUAL, False, ""),
    }
    assert job.may_fail == ""


def test_what_nothing_in_the_files_decides_leaves_a_run_unsure(tmp_path: Path) -> None:
    job = job_with(tmp_path, "rules: [{if: $DEPLOY == 'yes'}]\n")
    run = job.run(MAIN)
    assert run is not None
    assert run.unsure == "$DEPLOY == 'yes'"


def test_a_way_out_that_nothing_in_the_files_takes_is_not_taken(tmp_path: Path) -> None:
    job = job_with(
        tmp_path,
        """\
        rules:
          - if: $SCAN_DISABLED == "true" || $CI_PROJECT_NAMESPACE != "group"
            when: never
          - if: $CI_COMMIT_MESSAGE =~ /skip scan/
            when: never
          - when: on_success
        """,
    )
    assert sure_runs(job) == set(Occasion)


def test_a_variable_of_the_file_decides(tmp_path: Path) -> None:
    job = job_with(
        tmp_path,
        "variables: {MINE: $CI_DEFAULT_BRANCH}\nrules: [{if: $DEPLOY == 'yes' && $CI_COMMIT_BRANCH == $MINE}]\n",
        around="variables: {DEPLOY: {value: 'yes', description: deploy it}}\n",
    )
    assert sure_runs(job) == {MAIN, SCHEDULE, MANUAL}
    other = job_with(tmp_path / "other", "rules: [{if: $DEPLOY == 'yes'}]\n", around="variables: {DEPLOY: 'no'}\n")
    assert {(run.occasion, run.unsure) for run in other.runs} == {
        (SCHEDULE, "$DEPLOY == 'yes'"),
        (MANUAL, "$DEPLOY == 'yes'"),
    }


def test_a_variable_of_the_job_hides_that_of_all_jobs(tmp_path: Path) -> None:
    around = "variables: {DEPLOY: 'no'}\n"
    job = job_with(tmp_path, "variables: {DEPLOY: 'yes'}\nrules: [{if: $DEPLOY == 'yes'}]\n", around=around)
    assert MAIN in sure_runs(job)


def test_the_workflow_may_give_variables_that_rules_ask_for(tmp_path: Path) -> None:
    around = """\
        variables: {TARGET: none}
        workflow:
          rules:
            - {if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH, variables: {TARGET: production}}
            - when: always
        """
    job = job_with(tmp_path, "rules: [{if: $TARGET == 'production'}]\n", around=around)
    assert [run.occasion for run in job.runs if run.occasion in {MAIN, BRANCH, PULL_REQUEST}] == [MAIN]
    text = textwrap.dedent(around) + "job: {script: [make deploy TARGET=$TARGET]}\n"
    assert lines_of(jobs_of(tmp_path / "lines", {CI: text})["job"]) == ["make deploy TARGET=$TARGET"]


def test_changes_narrow_what_is_pushed_and_nothing_else(tmp_path: Path) -> None:
    job = job_with(
        tmp_path,
        """\
        rules:
          - if: $CI_PIPELINE_SOURCE == "merge_request_event"
            changes: {paths: [web/**/*], compare_to: main}
          - if: $CI_COMMIT_BRANCH
            changes: [web/**/*, lib/**/*]
          - if: $CI_COMMIT_TAG
            changes: [web/**/*]
        """,
    )
    assert {run.occasion: run.paths for run in job.runs} == {
        PULL_REQUEST: ("web/**/*",),
        MAIN: ("web/**/*", "lib/**/*"),
        BRANCH: ("web/**/*", "lib/**/*"),
        TAG: (),
        SCHEDULE: (),
        MANUAL: (),
    }


def test_a_job_that_runs_by_itself_on_a_change_can_be_started_by_hand_otherwise(tmp_path: Path) -> None:
    job = job_with(tmp_path, "rules: [{changes: [web/*]}, {when: manual}]\n")
    assert [run for run in job.runs if run.occasion is MAIN] == [Run(MAIN, ("web/*",)), Run(MAIN, manual=True)]


def test_exists_asks_the_tree(tmp_path: Path) -> None:
    rules = "rules: [{exists: [charts/*/Chart.yaml]}]\n"
    assert job_with(tmp_path / "without", rules).runs == ()
    text = "job:\n  script: [make]\n  " + rules
    job = jobs_of(tmp_path / "with", {CI: text, "charts/web/Chart.yaml": "name: web\n"})["job"]
    assert sure_runs(job) == set(Occasion)


def test_jobs_without_rules_do_not_run_in_merge_request_pipelines(tmp_path: Path) -> None:
    assert sure_runs(job_with(tmp_path / "plain", "")) == {MAIN, BRANCH, TAG, SCHEDULE, MANUAL}
    workflow = "workflow: {rules: [{if: $CI_MERGE_REQUEST_IID}, {if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH}]}\n"
    job = job_with(tmp_path / "workflow", "", around=workflow)
    assert sure_runs(job) == {PULL_REQUEST, MAIN, SCHEDULE, MANUAL}


def test_the_workflow_lets_no_job_run_where_it_does_not_run(tmp_path: Path) -> None:
    workflow = "include: [{template: Workflows/MergeRequest-Pipelines.gitlab-ci.yml}]\n"
    job = job_with(tmp_path, "rules: [{when: always}]\n", around=workflow)
    assert BRANCH not in {run.occasion for run in job.runs}
    assert PULL_REQUEST in sure_runs(job)


@pytest.mark.parametrize(
    ("lines", "occasions"),
    [
        ("only: [main]", {MAIN, SCHEDULE, MANUAL}),
        ("only: [merge_requests]", {PULL_REQUEST}),
        ("only: [tags]", {TAG, MANUAL}),
        ("only: [branches]\nexcept: [main, schedules]", {BRANCH, MANUAL}),
        ("only: [/^v.*$/]\nexcept: [branches]", {TAG, MANUAL}),
        ("only: {refs: [branches], variables: [$CI_COMMIT_BRANCH == 'main']}", {MAIN, SCHEDULE, MANUAL}),
        ("only: [schedules, main@group/project]\nexcept: [pushes]", {SCHEDULE, MANUAL}),
        ("except: [tags, /^release-/]", {MAIN, BRANCH, SCHEDULE, MANUAL}),
        ("only: [develop]", set()),
        ("only: [web]", {MANUAL}),
    ],
)
def test_only_and_except(lines: str, occasions: set[Occasion], tmp_path: Path) -> None:
    assert sure_runs(job_with(tmp_path, lines + "\n")) == occasions


def test_only_changes_narrow_pushes(tmp_path: Path) -> None:
    job = job_with(tmp_path, "only: {refs: [main], changes: [web/**]}\n")
    assert job.run(MAIN) == Run(MAIN, ("web/**",))
    assert job.run(SCHEDULE) == Run(SCHEDULE)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("allow_failure: true", "`allow_failure: true`"),
        ("allow_failure: {exit_codes: [1]}", "`allow_failure` for some exit codes"),
        ("allow_failure: false", ""),
        ("when: manual", "it waits for a start by hand that the pipeline does not wait for"),
        ("when: manual\nallow_failure: false", ""),
        ("rules: [{when: manual}]", ""),
        ("rules: [{when: manual, allow_failure: true}]", "`allow_failure: true`"),
        ("rules: [{if: $CI_MERGE_REQUEST_IID, allow_failure: true}, {if: $CI_COMMIT_BRANCH}]", ""),
        ("rules: [{if: $CI_MERGE_REQUEST_IID}, {if: $CI_COMMIT_BRANCH, allow_failure: true}]", "`allow_failure: true`"),
    ],
)
def test_what_lets_a_job_fail(lines: str, reason: str, tmp_path: Path) -> None:
    assert job_with(tmp_path, lines + "\n").may_fail == reason


def test_a_job_waits_for_all_stages_before_its_own(tmp_path: Path) -> None:
    jobs = jobs_of(
        tmp_path,
        {
            CI: """\
                stages: [build, test, deploy]
                first: {stage: .pre, script: make}
                build: {stage: build, script: make}
                scan: {stage: test, script: make, allow_failure: true}
                unit: {script: make}
                early: {stage: test, needs: [], script: make}
                mixed: {stage: test, needs: [build, {job: gone, optional: true}, {project: a/b, job: c}], script: make}
                deploy: {stage: deploy, script: make}
                last: {stage: .post, needs: [deploy], script: make}
                """
        },
    )
    assert needs_of(jobs["build"]) == ["first"]
    assert needs_of(jobs["unit"]) == ["first", "build"]
    assert needs_of(jobs["early"]) == []
    assert needs_of(jobs["mixed"]) == ["build"]
    assert needs_of(jobs["deploy"]) == ["first", "build", "scan", "unit", "early", "mixed"]
    assert {need.job: need.in_spite for need in jobs["deploy"].needs if need.in_spite} == {
        "scan": "`allow_failure: true`"
    }
    assert needs_of(jobs["last"]) == ["deploy"]


def test_a_job_that_always_runs_waits_for_no_success(tmp_path: Path) -> None:
    jobs = jobs_of(
        tmp_path, {CI: "build: {stage: build, script: make}\nreport: {stage: deploy, when: always, script: make}\n"}
    )
    assert [(need.job, need.in_spite) for need in jobs["report"].needs] == [("build", "`when: always`")]


def test_what_waits_for_a_job_by_hand_is_by_hand_too(tmp_path: Path) -> None:
    text = """\
        stages: [build, approve, deploy, tell]
        build: {stage: build, script: make}
        optional: {stage: build, when: manual, script: make}
        approve:
          stage: approve
          script: make
          rules: [{if: $CI_COMMIT_BRANCH == "main", when: manual}, {when: always}]
        deploy: {stage: deploy, script: make}
        tell: {stage: tell, when: always, script: make}
        """
    jobs = jobs_of(tmp_path, {CI: text})
    assert {run.occasion: run.manual for run in jobs["deploy"].runs} == {
        MAIN: True,
        BRANCH: False,
        TAG: False,
        SCHEDULE: True,
        MANUAL: False,
    }
    assert not any(run.manual for run in jobs["tell"].runs)
    assert {run.manual for run in jobs["approve"].runs if run.occasion is BRANCH} == {False}


def test_a_job_for_failures_does_not_surely_run(tmp_path: Path) -> None:
    assert sure_runs(job_with(tmp_path, "when: on_failure\n")) == set()


def test_an_included_file_may_come_under_rules(tmp_path: Path) -> None:
    jobs = jobs_of(
        tmp_path,
        {
            CI: "include: [{local: ci/deploy.yml, rules: [{if: $CI_COMMIT_TAG}]}]\n",
            "ci/deploy.yml": "deploy: {script: [make deploy]}\n",
        },
    )
    assert {run.occasion for run in jobs["deploy"].runs} == {TAG, MANUAL}


def test_the_environment_and_the_services_of_a_job(tmp_path: Path) -> None:
    text = """\
        variables: {NAME: production, IMAGE: {value: "registry.example.com/$APP"}, APP: web}
        deploy:
          script: [docker push $IMAGE:1]
          image: {name: docker:27, entrypoint: [""]}
          services: [{name: postgres:16, alias: db}, redis:7]
          environment: {name: $NAME/web, url: https://example.com}
        stop: {script: [make stop], environment: {name: production, action: stop}}
        """
    jobs = jobs_of(tmp_path, {CI: text})
    deploy = jobs["deploy"]
    assert (deploy.environment, deploy.image, deploy.images) == (
        "production/web",
        "docker:27",
        ("postgres:16", "redis:7"),
    )
    assert deploy.steps[0].commands[0].words == ("docker", "push", "registry.example.com/web:1")
    assert jobs["stop"].stops_environment


def test_lines_of_one_job_share_a_shell_that_stops_at_the_first_failure(tmp_path: Path) -> None:
    text = """\
        scan:
          before_script: ["TAG=web:1"]
          script:
            - trivy image $TAG | tee report.txt
            - |
              set +e
              trivy image other
            - docker push $TAG
          after_script: [docker push late]
        """
    scan = jobs_of(tmp_path, {CI: text})["scan"]
    script, after = scan.steps
    assert [command.text for command in script.commands] == [
        "trivy image web:1",
        "tee report.txt",
        "trivy image other",
        "docker push web:1",
    ]
    assert [bool(command.swallowed) for command in script.commands] == [False, False, True, False]
    assert after.may_fail == "`after_script` cannot fail the job"
    assert after.in_spite != ""
