"""The shipped estate gets the verdicts that were worked out for it by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from readycheck.model import Outcome, Status
from readycheck.report import container_name
from readycheck.scan import ScanRequest, scan

ROOT = Path(__file__).parents[1]
ESTATE = ROOT / "fixtures" / "estate"
KEY = ROOT / "tests" / "data" / "estate-workload-outcomes.yaml"
SCANNED = ("deploy/overlays/prod", "platform", "charts/gift-cards")

Name = tuple[str, str, str, str, str | None]


def answer_key() -> dict[Name, dict[str, Any]]:
    key = yaml.safe_load(KEY.read_text("utf-8"))
    return {
        (rule, entry["kind"], entry["namespace"], entry["name"], entry.get("container")): entry
        for rule, entries in key.items()
        for entry in entries
    }


@pytest.fixture
def outcomes(monkeypatch: pytest.MonkeyPatch, require_tool: Callable[[str], Path]) -> dict[Name, Outcome]:
    require_tool("kustomize")
    pytest.importorskip("helm_python", reason="the extra `helm` is not installed")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795564800")  # 2026-11-25
    monkeypatch.chdir(ESTATE)
    report = scan(ScanRequest(paths=tuple(map(Path, SCANNED))))
    assert [problem for source in report.sources for problem in source.problems] == []
    return {_name(outcome): outcome for outcome in report.outcomes}


def _name(outcome: Outcome) -> Name:
    whole = outcome.resource.root
    return outcome.rule, whole.kind, whole.scope, whole.name, container_name(outcome.resource)


def _places(outcome: Outcome) -> set[str]:
    locations = [finding.place.location for finding in outcome.findings]
    return {location.uri for location in locations} | {f"{location.uri}:{location.line}" for location in locations}


def test_each_thing_gets_the_verdict_of_the_answer_key(outcomes: dict[Name, Outcome]) -> None:
    key = answer_key()
    told = {name: outcomes[name].status.value if name in outcomes else None for name in key}
    assert told == {name: entry["status"] for name, entry in key.items()}


def test_failures_point_where_the_answer_key_does_and_weigh_as_much(outcomes: dict[Name, Outcome]) -> None:
    failing = {name: entry for name, entry in answer_key().items() if entry["status"] == "fail"}
    assert {name: outcomes[name].severity.value for name in failing} == {
        name: entry["severity"] for name, entry in failing.items()
    }
    astray = {name: entry["at"] for name, entry in failing.items() if entry["at"] not in _places(outcomes[name])}
    assert astray == {}


def test_nothing_fails_that_the_answer_key_does_not_list(outcomes: dict[Name, Outcome]) -> None:
    failing = {name for name, outcome in outcomes.items() if outcome.status in (Status.FAIL, Status.ERROR)}
    assert failing <= set(answer_key())
