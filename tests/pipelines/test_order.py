"""Whether one thing that a pipeline does waits for another one."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from readycheck.inventory import Inventory
from readycheck.pipelines.model import Occasion
from readycheck.pipelines.order import Spot, gap, spots
from tests.trees import collected_from

CI = ".github/workflows/ci.yml"


def spots_in(root: Path, workflows: dict[str, str]) -> dict[str, Spot]:
    """The spots of some workflows by the first word of their commands."""
    inventory = Inventory([collected_from(root, {uri: textwrap.dedent(text) for uri, text in workflows.items()})])
    found: dict[str, Spot] = {}
    for pipeline in inventory.pipelines:
        for job in pipeline.flow.jobs:
            for spot in spots(pipeline, job):
                if spot.its_command is not None:
                    found.setdefault(spot.its_command.words[0], spot)
    return found


def gap_in(root: Path, jobs: str, occasion: Occasion | None = None, on: str = "push") -> str:
    """Why a push may be done though the scan was not."""
    found = spots_in(root, {CI: f"on: {on}\njobs:\n{textwrap.indent(textwrap.dedent(jobs), '  ')}"})
    return gap(found["scan"], found["push"], occasion)


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ("[{run: scan}, {run: push}]", ""),
        ('[{run: "scan\\npush"}]', ""),
        ('[{run: "scan && push\\necho"}]', ""),
        ('[{run: "if scan; then push; fi\\necho"}]', ""),
        ("[{run: 'if [ -n \"$X\" ]; then scan; push; fi'}]", ""),
        ("[{run: push}, {run: scan}]", "it comes later"),
        ('[{run: "push\\nscan"}]', "it comes later"),
        ('[{run: "scan || true\\npush"}]', "`|| true`"),
        ("[{run: scan || true}, {run: push}]", "`|| true`"),
        ("[{run: scan, continue-on-error: true}, {run: push}]", "`continue-on-error: true`"),
        ("[{run: scan, if: false}, {run: push}]", "it never runs: `if: false`"),
        ("[{run: scan}, {run: push, if: always()}]", "`if: always()` lets the step run all the same"),
        ("[{run: scan}, {run: push, if: success()}]", ""),
        ("[{run: 'if [ -n \"$X\" ]; then scan; fi'}, {run: push}]", 'it runs only under the condition `[ -n "$X" ]`'),
        ("[{run: scan, if: vars.X}, {run: push}]", "it runs only under the condition `vars.X`"),
        ("[{run: scan, if: vars.X}, {run: push, if: vars.X}]", ""),
        ("[{run: scan, if: github.ref_type == 'tag'}, {run: push}]", "it does not run on a merge to the main branch"),
        ("[{run: scan, if: github.ref_type == 'tag'}, {run: push, if: github.ref_type == 'tag'}]", ""),
    ],
)
def test_steps_wait_for_each_other_unless_something_lets_them_run(tmp_path: Path, steps: str, why: str) -> None:
    assert gap_in(tmp_path, f"it: {{steps: {steps}}}\n") == why


@pytest.mark.parametrize(
    ("push", "why"),
    [
        ("{needs: scan, steps: [{run: push}]}", ""),
        ("{needs: [other], steps: [{run: push}]}", ""),
        ("{steps: [{run: push}]}", "job `push` does not wait for job `scan`"),
        ("{needs: scan, if: always(), steps: [{run: push}]}", "`if: always()` lets job `push` run all the same"),
        ("{needs: [apart], steps: [{run: push}]}", "`if: always()` lets job `apart` run all the same"),
        # One of two ways waits:
        ("{needs: [apart, other], steps: [{run: push}]}", ""),
    ],
)
def test_jobs_wait_for_those_that_they_need(tmp_path: Path, push: str, why: str) -> None:
    jobs = f"""\
    scan: {{steps: [{{run: scan}}]}}
    other: {{needs: scan, steps: [{{run: other}}]}}
    apart: {{needs: scan, if: always(), steps: [{{run: apart}}]}}
    push: {push}
    """
    assert gap_in(tmp_path, jobs) == why


def test_a_job_that_may_fail_holds_nothing_up(tmp_path: Path) -> None:
    jobs = """\
    scan: {continue-on-error: true, steps: [{run: scan}]}
    push: {needs: scan, steps: [{run: push}]}
    """
    assert gap_in(tmp_path, jobs) == "`continue-on-error: true` lets job `push` run all the same"


def test_a_scan_in_pull_requests_holds_up_no_push_from_main(tmp_path: Path) -> None:
    jobs = """\
    scan: {if: github.event_name == 'pull_request', steps: [{run: scan}]}
    push: {needs: scan, if: "!failure()", steps: [{run: push}]}
    """
    on = "[push, pull_request]"
    assert gap_in(tmp_path, jobs, Occasion.MAIN, on) == "it does not run on a merge to the main branch"
    assert gap_in(tmp_path, jobs, Occasion.PULL_REQUEST, on) == ""


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("github.event.workflow_run.conclusion == 'success'", ""),
        ("true", "it asks for no `conclusion == 'success'`"),
    ],
)
def test_a_pipeline_may_follow_another(tmp_path: Path, condition: str, why: str) -> None:
    found = spots_in(
        tmp_path,
        {
            CI: "name: CI\non: push\njobs: {it: {steps: [{run: scan}]}}\n",
            ".github/workflows/push.yml": f"""\
            on: {{workflow_run: {{workflows: [CI], types: [completed]}}}}
            jobs: {{it: {{if: "{condition}", steps: [{{run: push}}]}}}}
            """,
        },
    )
    assert gap(found["scan"], found["push"], Occasion.MAIN) == why


def test_pipelines_of_one_event_do_not_wait_for_each_other(tmp_path: Path) -> None:
    found = spots_in(
        tmp_path,
        {
            CI: "on: push\njobs: {it: {steps: [{run: scan}]}}\n",
            ".github/workflows/push.yml": "on: push\njobs: {it: {steps: [{run: push}]}}\n",
        },
    )
    assert gap(found["scan"], found["push"]) == f"it is in another pipeline, `{CI}`, which this one does not wait for"
