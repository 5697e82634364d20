"""The code quality artifact has for each entry what GitLab asks for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from msgspec.structs import replace

from readycheck.report import Report
from tests.outputs.reports import ENVIRONMENTS, SOMETHING_OF_EVERYTHING, WEB, rendered, scanned, with_live
from tests.trees import only

# GitLab's documentation, "Code quality report format".
FORMAT = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?![./])"},
                    "lines": {"required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                },
            },
        },
    },
}


def entries(*reports: Report) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(rendered("gitlab", *reports).content)
    jsonschema.validate(found, FORMAT)
    return found


def test_findings_unknown_and_unread_are_entries(repository: Path) -> None:
    found = entries(scanned(repository, {f"deploy/{name}": text for name, text in SOMETHING_OF_EVERYTHING.items()}))
    assert [(each["check_name"], each["severity"], each["location"]["path"]) for each in found] == [
        ("workload/replicas", "critical", "deploy/web.yaml"),
        ("readycheck/problem", "major", "deploy/broken.yaml"),
        ("workload/replicas", "info", "deploy/basket.yaml"),
    ]
    assert found[0]["location"]["lines"] == {"begin": 7}


@pytest.mark.parametrize(
    ("severity", "theirs"),
    [("critical", "blocker"), ("high", "critical"), ("medium", "major"), ("low", "minor"), ("info", "info")],
)
def test_severities_are_told_in_gitlab_s_words(repository: Path, severity: str, theirs: str) -> None:
    config = only("workload/replicas") + f"  workload/replicas: {{severity: {severity}}}\n"
    (found,) = entries(scanned(repository, {"web.yaml": WEB}, config=config))
    assert found["severity"] == theirs


def test_no_fingerprint_is_given_twice_in_one_file(repository: Path) -> None:
    files = {"dev/web.yaml": WEB, "prod/web.yaml": WEB}
    reports = [
        with_live(scanned(repository, files, config=ENVIRONMENTS, environment=name), ["web"])
        for name in ("dev", "prod")
    ]
    names = [each["fingerprint"] for each in entries(*reports)]
    assert len(set(names)) == len(names) == 6


def test_a_fingerprint_stays_when_lines_move(repository: Path) -> None:
    (before,) = entries(scanned(repository, {"web.yaml": WEB}))
    (moved,) = entries(scanned(repository, {"web.yaml": f"# a comment\n\n{WEB}"}))
    assert (moved["fingerprint"], moved["location"]["lines"]["begin"]) == (before["fingerprint"], 9)


def test_what_the_gate_tolerates_is_told_and_weighs_nothing(repository: Path) -> None:
    report = scanned(repository, {"web.yaml": WEB})
    tolerated = {id(finding): "in the baseline" for _, finding in report.findings}
    (entry,) = entries(replace(report, tolerated=tolerated))
    assert (entry["severity"], entry["description"].endswith("replicas (in the baseline)")) == ("info", True)
