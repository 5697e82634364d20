"""GitHub workflows: what runs when, in which order, and what stands in files that they call."""

from __future__ import annotations

from pathlib import Path

import pytest

from readycheck.pipelines.model import Job, Occasion, Step
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
    sure_runs,
)

CI = ".github/workflows/ci.yml"
STEPS = "runs-on: ubuntu-latest, steps: [{run: make}]"


def only(root: Path, on: str, job: str = "") -> Job:
    """The one job of a workflow."""
    text = f"on: {on}\njobs:\n  it: {{{job}{', ' if job else ''}{STEPS}}}\n"
    return jobs_of(root, {CI: text})["it"]


def steps_of(root: Path, text: str, **files: str) -> list[Step]:
    """The steps of a job that is written as the list of them."""
    lines = "\n".join(f"      {line}" for line in text.strip("\n").splitlines())
    workflow = f"on: push\nenv: {{TOP: top}}\njobs:\n  it:\n    runs-on: ubuntu-latest\n    steps:\n{lines}\n"
    return list(jobs_of(root, {CI: workflow} | files)["it"].steps)


# When ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "occasions"),
    [
        ("push", {MAIN, BRANCH, TAG}),
        ("[push, pull_request]", {MAIN, BRANCH, TAG, PULL_REQUEST}),
        ("{push: {branches: [main]}}", {MAIN}),
        ("{push: {branches: [master, 'release/**']}}", {MAIN}),
        ("{push: {branches: ['**']}}", {MAIN, BRANCH}),
        ("{push: {branches: ['*']}}", {MAIN, BRANCH}),
        ("{push: {branches: ['**', '!main', '!master']}}", {BRANCH}),
        ("{push: {branches-ignore: [main, master]}}", {BRANCH}),
        ("{push: {branches: [develop]}}", set()),
        ("{push: {tags: ['v*']}}", {TAG}),
        ("{push: {tags: ['v*'], branches: [main]}}", {MAIN, TAG}),
        ("{pull_request: }", {PULL_REQUEST}),
        ("{pull_request: {branches: [main]}}", {PULL_REQUEST}),
        ("{pull_request_target: {types: [opened, synchronize]}}", {PULL_REQUEST}),
        ("{pull_request: {types: [closed]}}", {MAIN}),
        ("{pull_request: {types: [opened, closed]}}", {PULL_REQUEST, MAIN}),
        ("{merge_group: }", {PULL_REQUEST}),
        ("{release: {types: [published]}}", {TAG}),
        ("{schedule: [{cron: '0 0 * * *'}]}", {SCHEDULE}),
        ("workflow_dispatch", {MANUAL}),
        ("{repository_dispatch: {types: [x]}}", {MANUAL}),
        ("workflow_call", set()),
    ],
)
def test_events_are_occasions(tmp_path: Path, on: str, occasions: set[Occasion]) -> None:
    assert sure_runs(only(tmp_path, on)) == occasions


def test_a_branch_that_may_or_may_not_be_the_one_is_not_sure(tmp_path: Path) -> None:
    run = only(tmp_path, "{push: {branches: [develop, 'feature/**']}}").run(BRANCH)
    assert run is not None
    assert run.unsure == "branches: develop, feature/**"


def test_paths_narrow_pushes_but_not_tags(tmp_path: Path) -> None:
    job = only(tmp_path, "{push: {paths: ['api/**', '!api/docs/**']}, pull_request: {paths: [api/**]}}")
    assert {run.occasion: run.paths for run in job.runs} == {
        MAIN: ("api/**",),
        BRANCH: ("api/**",),
        TAG: (),
        PULL_REQUEST: ("api/**",),
    }


ALL = "[push, pull_request, schedule, workflow_dispatch, release]"


@pytest.mark.parametrize(
    ("condition", "occasions"),
    [
        ("github.event_name == 'pull_request'", {PULL_REQUEST}),
        ("github.event_name != 'pull_request'", {MAIN, BRANCH, TAG, SCHEDULE, MANUAL}),
        ("${{ github.ref == 'refs/heads/main' }}", {MAIN, SCHEDULE, MANUAL}),
        ("github.ref == 'refs/heads/master' && github.event_name == 'push'", {MAIN}),
        ("github.ref_name == 'main' && github.event_name == 'push'", {MAIN}),
        ("startsWith(github.ref, 'refs/tags/v')", {TAG}),
        ("github.ref_type == 'tag'", {TAG}),
        ("github.ref != 'refs/heads/main' && github.event_name == 'push'", {BRANCH, TAG}),
        ('contains(fromJSON(\'["push", "schedule"]\'), github.event_name)', {MAIN, BRANCH, TAG, SCHEDULE}),
        ("github.repository == 'acme/api' && github.event_name == 'schedule'", {SCHEDULE}),
        ("github.actor != 'dependabot[bot]' && github.event_name == 'schedule'", {SCHEDULE}),
        ("!contains(github.event.head_commit.message, '[skip ci]') && github.event_name == 'schedule'", {SCHEDULE}),
        ("github.event.pull_request.head.repo.full_name == github.repository", {PULL_REQUEST}),
        ("github.event.pull_request.draft == false && github.event_name == 'pull_request'", {PULL_REQUEST}),
        ("github.ref == format('refs/heads/{0}', 'main') && github.event_name == 'push'", {MAIN}),
        ("always() && github.event_name == 'schedule'", {SCHEDULE}),
        ("startsWith(github.head_ref, 'bump_') == false && github.event_name == 'pull_request'", {PULL_REQUEST}),
        ("github.head_ref != '' && github.event_name != 'schedule'", {PULL_REQUEST}),
        ("github.event.inputs.level == '' && github.event_name == 'push'", {MAIN, BRANCH, TAG}),
        ("false", set()),
        ("vars.DEPLOY == 'true'", set()),
        ("contains(github.event.head_commit.message, 'deploy')", set()),
    ],
)
def test_conditions_decide_on_which_occasions_a_job_runs(
    tmp_path: Path, condition: str, occasions: set[Occasion]
) -> None:
    quoted = condition.replace('"', '\\"')
    assert sure_runs(only(tmp_path, ALL, f'if: "{quoted}"')) == occasions


def test_a_condition_that_cannot_be_decided_is_kept(tmp_path: Path) -> None:
    job = only(tmp_path, "push", "if: vars.DEPLOY == 'true' && github.ref == 'refs/heads/main'")
    assert [(run.occasion, run.unsure) for run in job.runs] == [
        (MAIN, "vars.DEPLOY == 'true' && github.ref == 'refs/heads/main'")
    ]


def test_a_merged_pull_request_is_a_merge_to_main(tmp_path: Path) -> None:
    job = only(tmp_path, "{pull_request: {types: [opened, closed]}}", "if: github.event.pull_request.merged == true")
    assert sure_runs(job) == {MAIN}


def test_a_job_does_not_run_where_one_that_it_needs_does_not(tmp_path: Path) -> None:
    text = f"""\
    on: [push, pull_request]
    jobs:
      build: {{if: github.event_name == 'push', {STEPS}}}
      deploy: {{needs: build, {STEPS}}}
      report: {{needs: [build], if: always(), {STEPS}}}
    """
    jobs = jobs_of(tmp_path, {CI: text})
    assert sure_runs(jobs["deploy"]) == {MAIN, BRANCH, TAG}
    assert sure_runs(jobs["report"]) == {MAIN, BRANCH, TAG, PULL_REQUEST}


def test_filters_for_changed_paths_are_paths(tmp_path: Path) -> None:
    text = f"""\
    on: push
    jobs:
      changes:
        runs-on: ubuntu-latest
        outputs: {{api: "${{{{ steps.filter.outputs.api }}}}"}}
        steps:
          - uses: dorny/paths-filter@v3
            id: filter
            with:
              filters: |
                api:
                  - 'services/api/**'
                  - added|modified: go.mod
                web: services/web/**
      build: {{needs: changes, if: "needs.changes.outputs.api == 'true'", {STEPS}}}
    """
    run = jobs_of(tmp_path, {CI: text})["build"].run(MAIN)
    assert run is not None
    assert (run.paths, run.unsure) == (("services/api/**", "go.mod"), "")


def test_a_workflow_that_follows_another_runs_when_that_one_does(tmp_path: Path) -> None:
    files = {
        ".github/workflows/deploy.yml": f"""\
        on: {{workflow_run: {{workflows: [CI], types: [completed], branches: [main]}}}}
        jobs:
          it: {{if: "github.event.workflow_run.conclusion == 'success'", {STEPS}}}
        """,
        CI: f"name: CI\non: [push, pull_request]\njobs: {{it: {{{STEPS}}}}}\n",
    }
    flow = flow_of(tmp_path, files)
    assert sure_runs(flow.jobs[0]) == {MAIN}
    assert [(follow.pipeline, follow.in_spite) for follow in flow.follows] == [("CI", "")]


def test_a_workflow_that_does_not_ask_for_success_follows_failures_too(tmp_path: Path) -> None:
    text = f"on: {{workflow_run: {{workflows: [CI]}}}}\njobs: {{it: {{{STEPS}}}}}\n"
    (follow,) = flow_of(tmp_path, {CI: text}).follows
    assert follow.in_spite == "it asks for no `conclusion == 'success'`"


# Order ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "in_spite"),
    [
        ("github.ref == 'refs/heads/main'", ""),
        ("success()", ""),
        ("always()", "`if: always()`"),
        ("'!cancelled()'", "`if: !cancelled()`"),
        ("always() && needs.test.result == 'success'", ""),
        ("'!failure()'", ""),
        ("failure()", "`if: failure()`"),
        ("always() && vars.X == 'y'", "`if: always() && vars.X == 'y'`"),
    ],
)
def test_a_job_may_run_in_spite_of_one_that_it_needs(tmp_path: Path, condition: str, in_spite: str) -> None:
    text = f"on: push\njobs:\n  test: {{{STEPS}}}\n  deploy: {{needs: test, if: {condition}, {STEPS}}}\n"
    (need,) = jobs_of(tmp_path, {CI: text})["deploy"].needs
    assert (need.job, need.in_spite) == ("test", in_spite)


def test_what_may_fail_stops_nothing(tmp_path: Path) -> None:
    text = f"on: push\njobs:\n  test: {{continue-on-error: true, {STEPS}}}\n  deploy: {{needs: [test], {STEPS}}}\n"
    jobs = jobs_of(tmp_path, {CI: text})
    assert jobs["test"].may_fail == "`continue-on-error: true`"
    assert jobs["deploy"].needs[0].in_spite == "`continue-on-error: true`"


def test_a_matrix_makes_jobs(tmp_path: Path) -> None:
    text = """\
    on: push
    jobs:
      build:
        strategy:
          matrix:
            service: [api, web]
            go: ['1.22']
            exclude: [{service: web, go: '1.22'}]
            include: [{service: api, image: acme/api}, {service: db}]
        runs-on: ubuntu-latest
        env: {IMAGE: "x/${{ matrix.service }}"}
        steps: [{run: "docker build -t $IMAGE:${{ matrix.image }} ${{ matrix.service }}"}]
      deploy: {needs: build, runs-on: ubuntu-latest, steps: [{run: "true"}]}
    """
    jobs = jobs_of(tmp_path, {CI: text})
    assert {name: lines_of(job) for name, job in jobs.items() if name != "deploy"} == {
        "build (api, 1.22, acme/api)": ["docker build -t x/api:acme/api api"],
        "build (db)": ["docker build -t x/db:${{ matrix.image }} db"],
    }
    assert [need.job for need in jobs["deploy"].needs] == ["build (api, 1.22, acme/api)", "build (db)"]


def test_a_matrix_that_is_not_known_makes_one_job(tmp_path: Path) -> None:
    text = """\
    on: push
    jobs:
      build:
        strategy: {matrix: {service: "${{ fromJSON(needs.x.outputs.services) }}"}}
        steps: [{run: "build ${{ matrix.service }}"}]
    """
    assert lines_of(jobs_of(tmp_path, {CI: text})["build"]) == ["build ${{ matrix.service }}"]


# Steps ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "swallowed"),
    [
        ("{run: trivy x | tee log}", "a pipe without pipefail"),
        ("{run: trivy x | tee log, shell: bash}", ""),
        ("{run: trivy x | tee log, shell: 'bash -euo pipefail {0}'}", ""),
        ("{run: trivy x | tee log, shell: sh}", "a pipe without pipefail"),
        ("{run: trivy x; echo, shell: 'bash {0}'}", "its shell goes on after a failure (no `set -e`)"),
        ("{run: trivy x; echo, shell: 'bash -l {0}'}", "its shell goes on after a failure (no `set -e`)"),
        ("{run: trivy x; echo}", ""),
    ],
)
def test_each_shell_fails_in_its_own_way(tmp_path: Path, step: str, swallowed: str) -> None:
    (found,) = steps_of(tmp_path, f"- {step}")
    assert found.commands[0].swallowed == swallowed


def test_the_default_shell_and_folder_come_from_the_job_then_the_workflow(tmp_path: Path) -> None:
    text = """\
    on: push
    defaults: {run: {shell: bash, working-directory: top}}
    jobs:
      a: {steps: [{run: x | y}, {run: x | y, working-directory: own}]}
      b: {defaults: {run: {shell: sh, working-directory: ./job}}, steps: [{run: x | y}]}
    """
    jobs = jobs_of(tmp_path, {CI: text})
    found = [
        (command.swallowed, command.folder) for job in jobs.values() for step in job.steps for command in step.commands
    ]
    lost = "a pipe without pipefail"
    assert found == [("", "top"), ("", "top"), ("", "own"), ("", "own"), (lost, "job"), ("", "job")]


def test_shells_that_are_none_are_not_read(tmp_path: Path) -> None:
    (found,) = steps_of(tmp_path, "- {run: 'if ($x) { docker push x }', shell: pwsh}")
    assert (found.commands, found.unread) == ((), "its shell is `pwsh`, which is not read")


def test_programs_that_powershell_merely_runs_are_read(tmp_path: Path) -> None:
    text = """\
    on: push
    jobs:
      it:
        runs-on: windows-latest
        steps:
          - run: |
              # build it
              dotnet build src\\api
              dotnet test
    """
    (step,) = jobs_of(tmp_path, {CI: text})["it"].steps
    assert [command.text for command in step.commands] == ["dotnet build src/api", "dotnet test"]
    assert [bool(command.swallowed) for command in step.commands] == [True, False]


def test_steps_have_conditions(tmp_path: Path) -> None:
    never, failing, always, pushed, lenient, plain = steps_of(
        tmp_path,
        """
- {run: a, if: false}
- {run: a, if: failure()}
- {run: a, if: always()}
- {run: a, if: github.ref == 'refs/heads/main'}
- {run: a, continue-on-error: true}
- {run: a}
""",
    )
    assert never.skipped == "`if: false`"
    assert (failing.in_spite, always.in_spite, pushed.in_spite) == ("`if: failure()`", "`if: always()`", "")
    assert pushed.condition == "github.ref == 'refs/heads/main'"
    assert pushed.runs is not None
    assert [run.occasion for run in pushed.runs] == [MAIN]
    assert (lenient.may_fail, plain.may_fail, plain.runs) == ("`continue-on-error: true`", "", None)


def test_the_environment_is_laid_over_at_three_levels_and_by_earlier_steps(tmp_path: Path) -> None:
    text = """\
    on: push
    env: {A: 1, B: 1, C: 1}
    jobs:
      it:
        env: {B: 2, C: 2, D: "${{ env.A }}x"}
        steps:
          - run: echo "E=5" >> $GITHUB_ENV
          - env: {C: 3}
            run: show $A $B $C $D $E ${{ env.E }}
    """
    assert lines_of(jobs_of(tmp_path, {CI: text})["it"])[1] == "show 1 2 3 1x 5 5"


def test_the_environment_of_a_step_ends_with_it(tmp_path: Path) -> None:
    text = """\
    on: push
    jobs:
      it:
        env: {A: 1}
        steps:
          - env: {A: 2, TAG: "1.4"}
            run: show ${{ env.A }} ${{ env.TAG }}
          - run: show ${{ env.A }} ${{ env.TAG }}
    """
    assert lines_of(jobs_of(tmp_path, {CI: text})["it"]) == ["show 2 1.4", "show 1 ${{ env.TAG }}"]


def test_outputs_are_known_where_they_are_written_plainly(tmp_path: Path) -> None:
    text = """\
    on: push
    jobs:
      meta:
        outputs: {image: "${{ steps.m.outputs.image }}"}
        steps: [{id: m, run: 'echo "image=acme/api" >> "$GITHUB_OUTPUT"'}]
      push: {needs: meta, steps: [{run: "docker push ${{ needs.meta.outputs.image }}"}]}
    """
    assert lines_of(jobs_of(tmp_path, {CI: text})["push"]) == ["docker push acme/api"]


def test_a_job_names_its_images_and_its_environment(tmp_path: Path) -> None:
    job = only(
        tmp_path,
        "push",
        "services: {db: {image: 'postgres:16'}}, container: {image: golang}, environment: {name: production, url: x}",
    )
    assert (job.images, job.image, job.environment) == (("postgres:16",), "golang", "production")


def test_a_ready_made_step_has_its_inputs(tmp_path: Path) -> None:
    trivy, docker = steps_of(
        tmp_path,
        """
- uses: aquasecurity/trivy-action@0.30.0
  with: {image-ref: "${{ env.TOP }}/x:${{ github.sha }}", exit-code: 1, ignore-unfixed: true}
- uses: docker://alpine:3.20
""",
    )
    assert trivy.uses is not None
    assert docker.uses is not None
    assert (trivy.uses.name, trivy.uses.version) == ("aquasecurity/trivy-action", "0.30.0")
    assert trivy.uses.inputs == {"image-ref": "top/x:${{ github.sha }}", "exit-code": "1", "ignore-unfixed": "true"}
    assert (docker.uses.name, docker.uses.version) == ("docker://alpine", "3.20")


@pytest.mark.parametrize(
    ("on", "push"),
    [
        ("pull_request", "false"),
        ("{push: {branches: [main]}}", "true"),
        ("[push, pull_request]", "${{ github.event_name != 'pull_request' }}"),
    ],
)
def test_an_input_is_decided_where_all_occasions_agree(tmp_path: Path, on: str, push: str) -> None:
    text = f"""\
    on: {on}
    jobs:
      it:
        steps: [{{uses: docker/build-push-action@v6, with: {{push: "${{{{ github.event_name != 'pull_request' }}}}"}}}}]
    """
    (step,) = jobs_of(tmp_path, {CI: text})["it"].steps
    assert step.uses is not None
    assert step.uses.inputs == {"push": push}


# Other files ---------------------------------------------------------------------------------------------------


def test_composite_actions_of_the_repository_stand_in_place(tmp_path: Path) -> None:
    action = """\
inputs: {image: {required: true}, level: {default: CRITICAL}}
runs:
  using: composite
  steps:
    - {run: 'trivy image --severity ${{ inputs.level }} ${{ inputs.image }}', shell: bash}
    - {run: '${{ github.action_path }}/push.sh', shell: bash, if: success()}
"""
    before, scan, push = steps_of(
        tmp_path,
        """
- run: a
- {uses: ./.github/actions/scan, if: github.ref == 'refs/heads/main', continue-on-error: true, with: {image: x}}
""",
        **{".github/actions/scan/action.yml": action, ".github/actions/scan/push.sh": "docker push x\n"},
    )
    assert before.may_fail == ""
    assert [command.text for command in scan.commands] == ["trivy image --severity CRITICAL x"]
    assert (scan.may_fail, scan.condition) == ("`continue-on-error: true`", "github.ref == 'refs/heads/main'")
    assert scan.place.location.uri == ".github/actions/scan/action.yml"
    assert [command.text for command in push.commands] == ["docker push x"]


def test_an_action_that_is_not_there_is_named(tmp_path: Path) -> None:
    (step,) = steps_of(tmp_path, "- uses: ./.github/actions/gone")
    assert step.unread == "the action `./.github/actions/gone` could not be found in the tree"


CALLED = """\
on: {workflow_call: {inputs: {image: {type: string}, push: {type: boolean, default: false}}}}
jobs:
  build: {steps: [{run: "docker build -t ${{ inputs.image }} ."}]}
  push: {needs: build, if: inputs.push, steps: [{run: "docker push ${{ inputs.image }}"}]}
"""


def test_reusable_workflows_of_the_repository_stand_in_place(tmp_path: Path) -> None:
    text = f"""\
    on: [push, pull_request]
    jobs:
      test: {{{STEPS}}}
      image:
        needs: test
        uses: ./.github/workflows/image.yml
        with: {{image: acme/api, push: "${{{{ github.event_name == 'push' }}}}"}}
      deploy: {{needs: image, {STEPS}}}
    """
    jobs = jobs_of(tmp_path, {CI: text, ".github/workflows/image.yml": CALLED})
    assert list(jobs) == ["test", "image/build", "image/push", "deploy"]
    assert lines_of(jobs["image/push"]) == ["docker push acme/api"]
    assert sure_runs(jobs["image/build"]) == {MAIN, BRANCH, TAG, PULL_REQUEST}
    assert sure_runs(jobs["image/push"]) == {MAIN, BRANCH, TAG}
    assert [[need.job for need in job.needs] for job in jobs.values()] == [
        [],
        ["test"],
        ["image/build"],
        ["image/build", "image/push"],
    ]


def test_switches_of_reusable_workflows_are_off_unless_they_are_turned_on(tmp_path: Path) -> None:
    text = "on: push\njobs: {it: {uses: ./.github/workflows/image.yml, with: {image: x}}}\n"
    assert jobs_of(tmp_path, {CI: text, ".github/workflows/image.yml": CALLED})["it/push"].runs == ()


def test_a_workflow_that_is_only_called_says_so(tmp_path: Path) -> None:
    flow = flow_of(tmp_path, {".github/workflows/image.yml": CALLED})
    assert (flow.called_only, [job.runs for job in flow.jobs]) == (True, [(), ()])


@pytest.mark.parametrize(
    ("uses", "reason"),
    [
        ("acme/ci/.github/workflows/scan.yml@v1", "is not in the tree"),
        ("./.github/workflows/gone.yml", "could not be found in the tree"),
        ("./.github/workflows/ci.yml", "leads back to this one"),
    ],
)
def test_reusable_workflows_that_are_not_at_hand_are_named(tmp_path: Path, uses: str, reason: str) -> None:
    flow = flow_of(tmp_path, {CI: f"on: push\njobs: {{it: {{uses: {uses}}}}}\n"})
    told = f"it calls the reusable workflow `{uses}`, which {reason}"
    assert [job.unread for job in flow.jobs] == [told]
    assert [unread.reason for unread in flow.unread] == [told]


@pytest.mark.parametrize(
    "text",
    [
        "on: push\njobs: []\n",
        "on: push\njobs: {a: 1, b: [], c: {steps: x}, d: {steps: [1, [], {run: 3}, {uses: []}]}}\n",
        "on: {push: [], pull_request: 3, workflow_run: {workflows: 3}}\njobs: {a: {needs: [a, 3], if: [], steps: }}\n",
        "on: 3\njobs: {a: {needs: b}, b: {needs: a}}\n",
        "jobs: {a: {strategy: {matrix: {x: {y: 1}, include: 3, exclude: [3]}}, env: [], services: 3}}\n",
        "{}\n",
    ],
)
def test_no_workflow_is_too_misshapen(tmp_path: Path, text: str) -> None:
    assert flow_of(tmp_path, {CI: text}).system == "GitHub Actions"
