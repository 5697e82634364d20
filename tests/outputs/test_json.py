"""The JSON report is what its schema promises, and the same bytes for the same scan."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from msgspec.structs import replace

from readycheck import packs
from readycheck.outputs.json import render, schema
from readycheck.report import Patch
from readycheck.scan import ScanRequest, scan

ESTATE = Path(__file__).parents[2] / "fixtures" / "estate"
COUNTED = ("workload/replicas", "workload/image-tag")
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


def whole_report(tmp_path: Path, files: dict[str, str], **request: Any) -> dict[str, Any]:
    """The report of a scan, which also is valid by the schema."""
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    config = tmp_path / "readycheck.yaml"
    request = {"paths": (tmp_path,), "config": config if config.exists() else None, **request}
    report: dict[str, Any] = json.loads(render(scan(ScanRequest(**request))))
    jsonschema.validate(report, json.loads(schema()), cls=jsonschema.Draft202012Validator)
    return report


def test_a_report_of_nothing_is_valid_and_has_no_score(tmp_path: Path) -> None:
    report = whole_report(tmp_path, {})
    assert (report["findings"], report["summary"]["score"]) == ([], None)
    assert report["summary"]["gate"] == {"exit_code": 0, "reasons": ["no violation at or above high"]}


def test_a_report_with_exemptions_a_broken_rule_and_a_source_that_failed_is_valid(tmp_path: Path) -> None:
    rule = "@rule('Deployment', severity=Severity.LOW)\ndef broken(workload):\n    yield 1 / 0\n"
    imports = "from readycheck.model import Severity\nfrom readycheck.rule import rule\n"
    ignore = "# readycheck: ignore[workload/*-spread] reason=none"
    config = """\
environments: {prod: {aws: {profile: prod}}}
exemptions:
  - {rule: workload/replicas, match: {name: web}, reason: one is enough, owner: me, until: 2027-03-01}
"""
    report = whole_report(
        tmp_path,
        {
            "own/house/broken.py": f'"""Break."""\n{imports}\n{rule}',
            "web.yaml": MANIFEST.replace("replicas: 1", f"replicas: 1 {ignore}"),
            "readycheck.yaml": config,
        },
        environment="prod",
        packs=(tmp_path / "own",),
    )
    assert report["environment"] == "prod"
    assert [(source["name"], source["status"]) for source in report["sources"]] == [("files", "ok"), ("aws", "failed")]
    assert [(each["where"].rpartition("/")[2], each["status"], each["count"]) for each in report["exemptions"]] == [
        ("readycheck.yaml:3", "active", 1),
        ("web.yaml:7", "invalid", 0),
    ]
    assert report["summary"]["outcomes"]["exempt"] == 1
    assert report["summary"]["outcomes"]["error"] == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda report: report.update(more=1),
        lambda report: report.pop("outcomes"),
        lambda report: report["findings"][0].pop("fingerprint"),
        lambda report: report["outcomes"][0].update(status="passed"),
        lambda report: report["outcomes"][0]["resource"].update(labels={}),
        lambda report: report["summary"].update(score=101),
        lambda report: report["summary"]["outcomes"].pop("pass"),
        lambda report: report["summary"]["gate"].update(exit_code=2),
        lambda report: report.update(taken_at="yesterday"),
    ],
)
def test_what_no_report_holds_is_not_valid(report: dict[str, Any], spoil: Callable[[dict[str, Any]], object]) -> None:
    spoil(report)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(report, json.loads(schema()), cls=jsonschema.Draft202012Validator)


@pytest.mark.slow
def test_the_estate_s_report_is_valid_and_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    reports = [
        subprocess.run(
            [sys.executable, "-m", "readycheck", "scan", ESTATE, "-o", "json"],
            cwd=tmp_path,
            env={**os.environ, "SOURCE_DATE_EPOCH": "1795564800", "PYTHONHASHSEED": seed},
            capture_output=True,
            check=False,
        ).stdout
        for seed in ("1", "2")
    ]
    assert reports[0] == reports[1]
    jsonschema.validate(json.loads(reports[0]), json.loads(schema()), cls=jsonschema.Draft202012Validator)


def test_the_sum_is_what_was_counted_by_hand(tmp_path: Path) -> None:
    rules = "rules: {" + ", ".join(f"{rule.id}: off" for rule in packs.load() if rule.id not in COUNTED) + "}\n"
    two = MANIFEST.replace("name: web\n", "name: two\n", 1).replace("replicas: 1", "replicas: 2")
    report = whole_report(tmp_path, {"web.yaml": MANIFEST, "two.yaml": two, "readycheck.yaml": rules})
    summary = report["summary"]
    # replicas (high, 6): web fails, two passes; image-tag (medium, 3): both pass. 12 of 18 points.
    assert summary["outcomes"] == {"pass": 3, "fail": 1, "not-applicable": 0, "unknown": 0, "exempt": 0, "error": 0}
    assert summary["severities"] == {"critical": 0, "high": 1, "medium": 0, "low": 0, "info": 0}
    assert summary["score"] == 66.7
    assert [(each["rule"], each["status"], each["resource"]["name"]) for each in report["outcomes"]] == [
        ("workload/replicas", "pass", "two"),
        ("workload/replicas", "fail", "web"),
        ("workload/image-tag", "pass", "two"),
        ("workload/image-tag", "pass", "web"),
    ]


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


@pytest.mark.parametrize(
    ("metadata", "team"),
    [
        ("{name: web, labels: {app.kubernetes.io/part-of: checkout}}", "checkout"),
        (
            "{name: web, labels: {app.kubernetes.io/part-of: checkout}, annotations: {readycheck.dev/owner: team-pay}}",
            "team-pay",
        ),
        ("{name: web, annotations: {readycheck.dev/owner: [nobody]}, labels: odd}", None),
        ("{name: web}", None),
    ],
)
def test_an_object_names_the_team_that_answers_for_it(tmp_path: Path, metadata: str, team: str | None) -> None:
    manifest = f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {metadata}\nspec: {{replicas: 1}}\n"
    report = whole_report(tmp_path, {"web.yaml": manifest})
    named = {each["resource"].get("team") for each in report["outcomes"] if each["resource"]["name"] == "web"}
    assert named == {team}


def test_a_source_tells_what_it_read(tmp_path: Path) -> None:
    state = '{"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x", "outputs": {}, "resources": []}'
    config = "environments: {prod: {terraform: {states: [infra.tfstate, gone.tfstate]}}}\n"
    files = {"infra.tfstate": state, "readycheck.yaml": config, "web.yaml": MANIFEST}
    report = whole_report(tmp_path, files, environment="prod")
    assert {each["name"]: each["targets"] for each in report["sources"]} == {
        "files": [],
        "terraform": ["infra.tfstate"],
    }


def test_no_form_of_a_fix_shows_a_credential_that_another_form_hides(tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text(MANIFEST, encoding="utf-8")
    report = scan(ScanRequest(paths=(tmp_path,)))
    outcome, finding = next(each for each in report.findings if each[1].fix)
    added = '[{"op":"add","path":"/spec/env/-","value":{"name":"DB_PASSWORD","value":"hunter2"}}]'
    kustomize = "patches:\n  - patch: |-\n      - value:\n          name: DB_PASSWORD\n          value: hunter2\n"
    command = f"kubectl patch deployment.apps web --patch '{added}'"
    patch = Patch("", safe=True, title="add it", kustomize=kustomize, kubectl=command)
    told = json.loads(render(replace(report, patches={id(finding): patch})))
    assert "hunter2" not in json.dumps(told)
    plain = Patch("", safe=True, title="set it", kustomize="patches:\n", kubectl="kubectl patch deploy web")
    told = json.loads(render(replace(report, patches={id(finding): plain})))
    (shown,) = [each["fix"] for each in told["findings"] if each["fix"] and "kubectl" in each["fix"]]
    assert (shown["kustomize"], shown["kubectl"]) == ("patches:\n", "kubectl patch deploy web")
    assert outcome.rule in {each["rule"] for each in told["findings"] if each["fix"] == shown}


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
    assert (source["status"], source["resources"]) == ("partial", 2)
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
