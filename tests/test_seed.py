"""A small repository of services and their Terraform gets the verdicts that were worked out for it by hand."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.model import Collected, Outcome, Status
from readycheck.rule import Rule
from readycheck.sources.files import FilesRequest, collect

ROOT = Path(__file__).parents[1]
SEED = ROOT / "fixtures" / "seed"
KEY: dict[str, dict[str, list[dict[str, Any]]]] = yaml.safe_load(
    (ROOT / "tests" / "data" / "seed-outcomes.yaml").read_text("utf-8")
)
RULES = {rule.id: rule for rule in packs.load()}
JUDGED = [(tree, rule_id) for tree, rules in KEY.items() for rule_id in rules if rule_id in RULES]
"""The answer key may be ahead of the rules: it was written first."""

Name = tuple[str, str]


@cache
def _collected(tree: str) -> Collected:
    # Each tree stands for a repository of its own.
    return collect(FilesRequest(paths=(SEED / tree,), repository=SEED / tree))


def _outcomes(tree: str, rule: Rule) -> dict[Name, Outcome]:
    found = judge([Selection.default(rule)], Inventory([_collected(tree)]))
    return {(outcome.resource.root.kind, outcome.resource.root.name): outcome for outcome in found}


def _answers(tree: str, rule_id: str) -> dict[Name, dict[str, Any]]:
    return {(entry["kind"], entry["name"]): entry for entry in KEY[tree][rule_id]}


def _places(outcome: Outcome) -> set[str]:
    locations = [finding.place.location for finding in outcome.findings]
    return {location.uri for location in locations} | {f"{location.uri}:{location.line}" for location in locations}


@pytest.mark.parametrize(("tree", "rule_id"), JUDGED)
def test_each_thing_gets_the_verdict_of_the_answer_key(tree: str, rule_id: str) -> None:
    outcomes, answers = _outcomes(tree, RULES[rule_id]), _answers(tree, rule_id)
    told = {name: outcomes[name].status.value if name in outcomes else None for name in answers}
    assert told == {name: entry["status"] for name, entry in answers.items()}


@pytest.mark.parametrize(("tree", "rule_id"), JUDGED)
def test_failures_weigh_as_much_and_point_where_the_answer_key_does(tree: str, rule_id: str) -> None:
    outcomes, answers = _outcomes(tree, RULES[rule_id]), _answers(tree, rule_id)
    failing = {name: entry for name, entry in answers.items() if entry["status"] == "fail"}
    assert {name: outcomes[name].severity.value for name in failing} == {
        name: entry["severity"] for name, entry in failing.items()
    }
    pointing = {name: entry["at"] for name, entry in failing.items() if "at" in entry}
    assert {name: at for name, at in pointing.items() if at not in _places(outcomes[name])} == {}


@pytest.mark.parametrize(("tree", "rule_id"), JUDGED)
def test_nothing_fails_that_the_answer_key_does_not_list(tree: str, rule_id: str) -> None:
    outcomes = _outcomes(tree, RULES[rule_id])
    failing = {name for name, outcome in outcomes.items() if outcome.status in (Status.FAIL, Status.ERROR)}
    assert failing <= set(_answers(tree, rule_id))


def test_all_of_the_good_tree_can_be_read_and_of_the_bad_one_all_but_a_config() -> None:
    assert _collected("good").problems == []
    assert [problem.uri for problem in _collected("bad").problems] == ["tf/envs/template/config.yaml"]
