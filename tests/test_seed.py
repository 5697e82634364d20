"""A small repository of services and their infrastructure gets the verdicts that were worked out for it by hand."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
import yaml

from readycheck import packs
from readycheck.model import Outcome, Status
from readycheck.report import Report, container_name
from readycheck.scan import ScanRequest, scan

ROOT = Path(__file__).parents[1]
SEED = ROOT / "fixtures" / "seed"
KEY: dict[str, dict[str, list[dict[str, Any]]]] = yaml.safe_load(
    (ROOT / "tests" / "data" / "seed-outcomes.yaml").read_text("utf-8")
)
JUDGED = [(tree, rule) for tree, rules in KEY.items() for rule in rules]
AREAS = ("delivery/", "image/", "secret/", "terraform/")
OUT_OF_REACH = {
    "delivery/reconciled",
    "image/immutable-tags",
    "image/registry-scan",
    "secret/kms-rotation",
    "secret/state-plain-text",
    "terraform/drift",
}
"""What is asked of clusters, accounts and states, and no files answer."""

Name = tuple[str, str, str, str | None]
Outcomes = dict[Name, Outcome]


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    """What a scan of each tree says, started in the tree as somebody would who has it checked out."""
    pytest.importorskip("helm_python", reason="the extra `helm` is not installed")
    told = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1795564800")  # 2026-11-25
        for tree in KEY:
            with chdir(SEED / tree):
                told[tree] = scan(ScanRequest(paths=(Path(),), config=Path("readycheck.yaml")))
    return told


@pytest.fixture
def outcomes(reports: dict[str, Report], require_tool: Callable[[str], Path]) -> Callable[[str, str], Outcomes]:
    require_tool("kustomize")

    def of(tree: str, rule: str) -> Outcomes:
        return {_name(outcome): outcome for outcome in reports[tree].outcomes if outcome.rule == rule}

    return of


def _name(outcome: Outcome) -> Name:
    whole = outcome.resource.root
    return whole.kind, whole.scope, whole.name, container_name(outcome.resource)


def _answers(tree: str, rule: str) -> dict[Name, dict[str, Any]]:
    return {
        (entry["kind"], entry.get("namespace", ""), entry["name"], entry.get("container")): entry
        for entry in KEY[tree][rule]
    }


def _places(outcome: Outcome) -> set[str]:
    locations = [finding.place.location for finding in outcome.findings]
    return {location.uri for location in locations} | {f"{location.uri}:{location.line}" for location in locations}


@pytest.mark.slow
@pytest.mark.parametrize(("tree", "rule"), JUDGED)
def test_each_thing_gets_the_verdict_of_the_answer_key(
    tree: str, rule: str, outcomes: Callable[[str, str], Outcomes]
) -> None:
    found, answers = outcomes(tree, rule), _answers(tree, rule)
    told = {name: found[name].status.value if name in found else None for name in answers}
    assert told == {name: entry["status"] for name, entry in answers.items()}


@pytest.mark.slow
@pytest.mark.parametrize(("tree", "rule"), JUDGED)
def test_failures_weigh_as_much_and_point_where_the_answer_key_does(
    tree: str, rule: str, outcomes: Callable[[str, str], Outcomes]
) -> None:
    found = outcomes(tree, rule)
    failing = {name: entry for name, entry in _answers(tree, rule).items() if entry["status"] == "fail"}
    weights = {name: found[name].severity.value if name in found else None for name in failing}
    assert weights == {name: entry["severity"] for name, entry in failing.items()}
    pointing = {name: entry["at"] for name, entry in failing.items() if "at" in entry}
    assert {name: at for name, at in pointing.items() if at not in _places(found[name])} == {}


@pytest.mark.slow
@pytest.mark.parametrize(("tree", "rule"), JUDGED)
def test_nothing_fails_that_the_answer_key_does_not_list(
    tree: str, rule: str, outcomes: Callable[[str, str], Outcomes]
) -> None:
    failing = {name for name, outcome in outcomes(tree, rule).items() if outcome.status in (Status.FAIL, Status.ERROR)}
    assert failing <= set(_answers(tree, rule))


@pytest.mark.parametrize("tree", KEY)
def test_the_answer_key_leaves_no_rule_on_repositories_out(tree: str) -> None:
    asked = {rule.id for rule in packs.load() if rule.id.startswith(AREAS)} - OUT_OF_REACH
    assert set(KEY[tree]) == asked


@pytest.mark.slow
def test_all_of_the_good_tree_can_be_read_and_of_the_bad_one_all_but_a_chart_and_a_config(
    reports: dict[str, Report],
) -> None:
    problems = {
        tree: [problem.uri for source in report.sources for problem in source.problems]
        for tree, report in reports.items()
    }
    assert problems == {"good": [], "bad": ["charts/account/Chart.yaml", "tf/envs/template/config.yaml"]}
