"""The JSON report is what its schema promises, and the same bytes for the same scan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from readycheck.outputs.json import render, schema
from readycheck.scan import ScanRequest, scan

MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  replicas: 1
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: example.com/web:1.0
          resources: {limits: {cpu: 1, memory: 1Gi}}
"""


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    return json.loads(rendered(tmp_path, monkeypatch))  # type: ignore[no-any-return]


def rendered(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795564800")
    monkeypatch.chdir(folder)
    (folder / "web.yaml").write_text(MANIFEST, encoding="utf-8")
    (folder / "broken.yaml").write_text("a: [1\n---\nb: 1\n", encoding="utf-8")
    return render(scan(ScanRequest(paths=(folder,)))).decode()


def test_a_report_is_valid_by_its_schema(report: dict[str, Any]) -> None:
    jsonschema.validate(report, json.loads(schema()), cls=jsonschema.Draft202012Validator)


def test_a_finding_says_what_where_and_how_it_is_known_again(report: dict[str, Any]) -> None:
    (finding,) = [finding for finding in report["findings"] if finding["rule"] == "workload/replicas"]
    assert len(finding.pop("fingerprint")) == 32
    assert finding == {
        "rule": "workload/replicas",
        "severity": "high",
        "resource": {"kind": "Deployment", "namespace": "shop", "name": "web", "source": "files"},
        "location": {"uri": "web.yaml", "line": 7, "column": 3, "path": "spec.replicas"},
        "message": "can run with 1 of at least 2 replicas",
        "evidence": [{"path": "spec.replicas", "seen": 1}],
        "fix": {"title": "set spec.replicas to 2", "safe": True},
    }


def test_the_thing_judged_is_the_container_where_it_is_one(report: dict[str, Any]) -> None:
    (outcome,) = [outcome for outcome in report["outcomes"] if outcome["rule"] == "workload/image-tag"]
    assert outcome == {
        "rule": "workload/image-tag",
        "status": "pass",
        "severity": "medium",
        "resource": {"kind": "Deployment", "namespace": "shop", "name": "web", "source": "files", "container": "web"},
        "location": {"uri": "web.yaml", "line": 12, "column": 11, "path": "spec.template.spec.containers[0]"},
        "reason": None,
    }


def test_what_could_not_be_read_is_told_with_its_line(report: dict[str, Any]) -> None:
    (source,) = report["sources"]
    assert (source["status"], source["resources"]) == ("partial", 1)
    assert [(problem["uri"], problem["line"]) for problem in source["problems"]] == [("broken.yaml", 1)]
    assert report["summary"]["gate"]["exit_code"] == 1


def test_the_score_weighs_what_passed_against_what_failed_only(report: dict[str, Any]) -> None:
    weights = {"critical": 10, "high": 6, "medium": 3, "low": 1, "info": 0}
    passed, failed = (
        sum(weights[outcome["severity"]] for outcome in report["outcomes"] if outcome["status"] == status)
        for status in ("pass", "fail")
    )
    assert report["summary"]["score"] == round(100 * passed / (passed + failed), 1)


def test_two_scans_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rendered(tmp_path, monkeypatch) == rendered(tmp_path, monkeypatch)


def test_a_fingerprint_survives_moved_lines_and_tells_environments_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def fingerprints(manifest: str, environment: str = "") -> set[str]:
        (tmp_path / "web.yaml").write_text(manifest, encoding="utf-8")
        names = "environments: {prod: {files: {paths: [web.yaml]}}, dev: {files: {paths: [web.yaml]}}}\n"
        config = tmp_path / "named.yaml"
        config.write_text(names, encoding="utf-8")
        request = ScanRequest(
            paths=(tmp_path / "web.yaml",), environment=environment, config=config if environment else None
        )
        return {finding["fingerprint"] for finding in json.loads(render(scan(request)))["findings"]}

    plain = fingerprints(MANIFEST)
    assert fingerprints("# a comment\n\n" + MANIFEST.replace("replicas: 1", "replicas:   1")) == plain
    assert not fingerprints(MANIFEST, "prod") & fingerprints(MANIFEST, "dev")
