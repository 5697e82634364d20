"""The shipped estate gets the verdicts that were worked out for it by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from readycheck.model import Outcome, Status
from readycheck.report import container_name
from readycheck.scan import ScanRequest, scan

ROOT = Path(__file__).parents[1]
ESTATE = ROOT / "fixtures" / "estate"

Name = tuple[str, str, str, str, str | None]


@dataclass(frozen=True)
class Scan:
    """What is scanned, and the key to what comes of it."""

    key: str
    paths: tuple[str, ...]
    areas: tuple[str, ...]
    config: str = ""


SCANS = [
    Scan("estate-workload-outcomes.yaml", ("deploy/overlays/prod", "platform", "charts/gift-cards"), ("workload",)),
    Scan(
        "estate-repository-outcomes.yaml",
        (".",),
        ("image", "secret", "delivery", "terraform"),
        config="readycheck.yaml",
    ),
    Scan(
        "estate-platform-outcomes.yaml",
        ("clusters/prod", "deploy/overlays/prod", "platform", "docker-compose.yaml"),
        ("network", "vault", "observability", "cluster"),
    ),
]


@dataclass(frozen=True)
class Judged:
    """What a scan came to, beside what it should."""

    key: dict[Name, dict[str, Any]]
    outcomes: dict[Name, Outcome]


@pytest.fixture(params=SCANS, ids=lambda each: each.areas[0])
def judged(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, require_tool: Callable[[str], Path]
) -> Judged:
    require_tool("kustomize")
    require_tool("helm")
    pytest.importorskip("helm_python", reason="the extra `helm` is not installed")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795564800")  # 2026-11-25
    monkeypatch.chdir(ESTATE)
    asked: Scan = request.param
    report = scan(ScanRequest(tuple(map(Path, asked.paths)), config=Path(asked.config) if asked.config else None))
    assert [problem for source in report.sources for problem in source.problems] == []
    outcomes = {_name(each): each for each in report.outcomes if each.rule.partition("/")[0] in asked.areas}
    return Judged(_key(asked.key), outcomes)


def _key(name: str) -> dict[Name, dict[str, Any]]:
    key = yaml.safe_load((ROOT / "tests" / "data" / name).read_text("utf-8"))
    return {
        (rule, entry["kind"], entry.get("namespace", ""), entry["name"], entry.get("container")): entry
        for rule, entries in key.items()
        for entry in entries
    }


def _name(outcome: Outcome) -> Name:
    whole = outcome.resource.root
    return outcome.rule, whole.kind, whole.scope, whole.name, container_name(outcome.resource)


def _places(outcome: Outcome) -> set[str]:
    locations = [finding.place.location for finding in outcome.findings]
    return {location.uri for location in locations} | {f"{location.uri}:{location.line}" for location in locations}


def test_each_thing_gets_the_verdict_of_the_answer_key(judged: Judged) -> None:
    told = {name: judged.outcomes[name].status.value if name in judged.outcomes else None for name in judged.key}
    assert told == {name: entry["status"] for name, entry in judged.key.items()}


def test_failures_point_where_the_answer_key_does_and_weigh_as_much(judged: Judged) -> None:
    failing = {name: entry for name, entry in judged.key.items() if entry["status"] == "fail"}
    assert {name: judged.outcomes[name].severity.value for name in failing} == {
        name: entry["severity"] for name, entry in failing.items()
    }
    astray = {name: entry["at"] for name, entry in failing.items() if entry["at"] not in _places(judged.outcomes[name])}
    assert astray == {}


def test_nothing_fails_that_the_answer_key_does_not_list(judged: Judged) -> None:
    failing = {name for name, each in judged.outcomes.items() if each.status in (Status.FAIL, Status.ERROR)}
    assert failing <= set(judged.key)
