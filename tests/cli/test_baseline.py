"""What was accepted does not fail a build, and what is new or has become worse does; soft and hard rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from readycheck.cli import main
from tests.trees import only, write

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: shop}
spec:
  replicas: 1
  template:
    metadata: {labels: {app: NAME}}
    spec: {containers: []}
"""
ONLY_REPLICAS = only("workload/replicas")
Scan = Callable[..., Result]


def web(name: str = "web") -> str:
    return WEB.replace("NAME", name)


@pytest.fixture
def scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scan:
    """Scan an otherwise empty repository with some files; None takes one away."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795564800")  # 2026-11-25
    write(tmp_path, {"readycheck.yaml": ONLY_REPLICAS})

    def go(*arguments: str, files: dict[str, str | None] | None = None) -> Result:
        for name, text in (files or {}).items():
            if text is None:
                (tmp_path / name).unlink()
            else:
                write(tmp_path, {name: text})
        result = CliRunner().invoke(main, ["scan", "--no-history", *arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return go


def last_line(result: Result) -> str:
    return result.stdout.splitlines()[-1]


def report(result: Result) -> dict[str, Any]:
    return json.loads(result.stdout)  # type: ignore[no-any-return]


def counted(result: Result) -> list[str]:
    return [each["resource"]["name"] for each in report(result)["findings"] if "tolerated" not in each]


BASELINE = ("--baseline", "accepted.json")


def test_what_is_accepted_does_not_fail_and_what_is_new_does(scan: Scan) -> None:
    made = scan(*BASELINE, "--write-baseline", files={"web.yaml": web()})
    assert (made.exit_code, made.stderr) == (0, "accepted.json: 1 finding accepted\n")
    assert last_line(made) == (
        "Ready: no new violation at or above high; 1 finding not counted (1 in the baseline). Exit code 0."
    )
    assert scan().exit_code == 1
    assert scan(*BASELINE).exit_code == 0
    grown = scan(*BASELINE, "-o", "json", files={"basket.yaml": web("basket")})
    assert (grown.exit_code, counted(grown)) == (1, ["basket"])
    (known,) = [each for each in report(grown)["findings"] if each["resource"]["name"] == "web"]
    assert known["tolerated"] == "in the baseline since 2026-11-25"


def test_moved_lines_and_renamed_files_are_nothing_new(scan: Scan) -> None:
    scan(*BASELINE, "--write-baseline", files={"web.yaml": web()})
    assert scan(*BASELINE, files={"web.yaml": f"# a comment\n\n{web()}"}).exit_code == 0
    assert scan(*BASELINE, files={"web.yaml": None, "shop/web.yaml": web()}).exit_code == 0


def test_a_second_file_that_declares_the_same_is_new(scan: Scan) -> None:
    scan(*BASELINE, "--write-baseline", files={"dev/web.yaml": web()})
    result = scan(*BASELINE, "-o", "json", files={"prod/web.yaml": web()})
    assert result.exit_code == 1
    (new,) = [each for each in report(result)["findings"] if "tolerated" not in each]
    assert new["location"]["uri"] == "prod/web.yaml"


def test_a_higher_severity_reopens(scan: Scan) -> None:
    lower = f"{ONLY_REPLICAS}  workload/replicas: {{severity: low}}\n"
    scan(*BASELINE, "--write-baseline", files={"web.yaml": web(), "readycheck.yaml": lower})
    result = scan(*BASELINE, files={"readycheck.yaml": ONLY_REPLICAS})
    assert result.exit_code == 1
    assert "known: but worse than it was: its severity was low" in result.stdout
    assert last_line(result) == (
        "Not ready: 1 new violation at or above high (1 high), 1 of them known and worse than before. Exit code 1."
    )
    assert scan(*BASELINE, "--write-baseline").exit_code == 0
    assert scan(*BASELINE, files={"readycheck.yaml": lower}).exit_code == 0


TRIVY = """\
{"SchemaVersion": 2, "CreatedAt": "2026-11-24T00:00:00Z", "ArtifactName": "example.com/web:1.0",
 "ArtifactType": "container_image", "Results": [{"Target": "t", "Class": "os-pkgs", "Type": "debian",
 "Vulnerabilities": [%s]}]}
"""
VULNERABILITY = (
    '{"VulnerabilityID": "%s", "PkgName": "p", "InstalledVersion": "1", "FixedVersion": "2", "Severity": "CRITICAL"}'
)


def test_new_evidence_reopens(scan: Scan) -> None:
    config = only("image/vulnerabilities")
    pod = web().replace("containers: []", "containers: [{name: web, image: example.com/web:1.0}]")

    def trivy(*names: str) -> str:
        return TRIVY % ",".join(VULNERABILITY % name for name in names)

    files: dict[str, str | None] = {"readycheck.yaml": config, "web.yaml": pod, "trivy.json": trivy("CVE-2026-1")}
    assert scan(files=files).exit_code == 1
    assert scan(*BASELINE, "--write-baseline").exit_code == 0
    assert scan(*BASELINE).exit_code == 0
    result = scan(*BASELINE, "-o", "json", files={"trivy.json": trivy("CVE-2026-2", "CVE-2026-1")})
    assert result.exit_code == 1
    (finding,) = report(result)["findings"]
    assert finding["reopened"].startswith("new evidence: TrivyReport/trivy.json: Results[]")
    assert "CVE-2026-2" in finding["reopened"]


def test_what_is_mended_can_be_taken_out_and_fails_nothing(scan: Scan, tmp_path: Path) -> None:
    files: dict[str, str | None] = {"web.yaml": web(), "basket.yaml": web("basket")}
    scan(*BASELINE, "--write-baseline", files=files)
    mended = scan(*BASELINE, files={"web.yaml": web().replace("replicas: 1", "replicas: 2")})
    assert mended.exit_code == 0
    assert "1 entry of the baseline mended: --prune-baseline takes them out" in " ".join(mended.stdout.split())
    pruned = scan(*BASELINE, "--prune-baseline")
    assert (pruned.exit_code, pruned.stderr) == (0, "accepted.json: 1 mended finding taken out, 1 left\n")
    left = json.loads((tmp_path / "accepted.json").read_text())["findings"]
    assert [entry["name"] for entry in left] == ["basket"]
    assert scan(*BASELINE, files={"web.yaml": web()}).exit_code == 1


@pytest.mark.parametrize(
    ("files", "arguments"),
    [
        ({"web.yaml": web().replace("replicas: 1", "replicas: ${N}")}, ()),
        ({"web.yaml": "a: ["}, ("--allow-incomplete",)),
        ({"readycheck.yaml": "rules: {workload/replicas: off}\n"}, ()),
        ({"other/x.yaml": "a: 1\n"}, ("other",)),
    ],
    ids=["unknown", "unreadable", "the rule is off", "another folder"],
)
def test_what_was_not_judged_is_not_taken_for_mended(
    scan: Scan, tmp_path: Path, files: dict[str, str | None], arguments: tuple[str, ...]
) -> None:
    scan(*BASELINE, "--write-baseline", files={"web.yaml": web()})
    before = (tmp_path / "accepted.json").read_bytes()
    result = scan(*BASELINE, "--prune-baseline", *arguments, files=files)
    assert result.stderr.startswith("accepted.json: 0 mended findings taken out, 1 left")
    assert (tmp_path / "accepted.json").read_bytes() == before


def test_environments_share_a_baseline_and_leave_each_other_s_entries(scan: Scan, tmp_path: Path) -> None:
    config = f"{ONLY_REPLICAS}environments:\n  dev: {{files: {{paths: [.]}}}}\n  prod: {{files: {{paths: [.]}}}}\n"
    files: dict[str, str | None] = {"web.yaml": web(), "readycheck.yaml": config}
    scan(*BASELINE, "--write-baseline", "--env", "dev", files=files)
    assert scan(*BASELINE, "--env", "prod").exit_code == 1
    scan(*BASELINE, "--write-baseline", "--env", "prod")
    assert scan(*BASELINE, "--all-envs").exit_code == 0
    entries = json.loads((tmp_path / "accepted.json").read_text())["findings"]
    assert [entry["environment"] for entry in entries] == ["dev", "prod"]


def test_writing_again_keeps_since_when_something_is_known(
    scan: Scan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan(*BASELINE, "--write-baseline", files={"web.yaml": web()})
    first = (tmp_path / "accepted.json").read_bytes()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1796169600")  # 2026-12-02
    scan(*BASELINE, "--write-baseline")
    assert (tmp_path / "accepted.json").read_bytes() == first
    scan(*BASELINE, "--write-baseline", files={"basket.yaml": web("basket")})
    entries = json.loads((tmp_path / "accepted.json").read_text())["findings"]
    assert [(entry["name"], entry["first_seen"]) for entry in entries] == [
        ("basket", "2026-12-02"),
        ("web", "2026-11-25"),
    ]


@pytest.mark.parametrize(
    ("arguments", "content", "line"),
    [
        (BASELINE, None, "--baseline accepted.json: cannot be read: No such file or directory; --write-baseline makes"),
        (BASELINE, "{", "--baseline accepted.json: is no baseline: "),
        (BASELINE, '{"schema": "readycheck/report/1", "findings": []}', "--baseline accepted.json: is of the form"),
        (("--write-baseline",), None, "--write-baseline: --baseline FILE says where it is"),
        (("--prune-baseline",), None, "--prune-baseline: --baseline FILE says where it is"),
        ((*BASELINE, "--write-baseline", "--prune-baseline"), None, "--write-baseline accepts all that fails now"),
        (("--baseline", "no/where.json", "--write-baseline"), None, "--baseline no/where.json: cannot be written"),
    ],
)
def test_what_is_no_baseline_is_one_line(
    scan: Scan, arguments: tuple[str, ...], content: str | None, line: str
) -> None:
    result = scan(*arguments, files={"accepted.json": content} if content else None)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {line}")
    assert result.stderr.count("\n") == 1


# Soft and hard rules -------------------------------------------------------------------------------------------------


def gated(gate: str, severity: str = "high") -> str:
    return f"{ONLY_REPLICAS}  workload/replicas: {{gate: {gate}, severity: {severity}}}\n"


def test_a_soft_rule_never_fails_a_build_and_is_told_all_the_same(scan: Scan) -> None:
    result = scan(files={"web.yaml": web(), "readycheck.yaml": gated("soft", "critical")})
    assert result.exit_code == 0
    assert "can run with 1 of at least 2 replicas" in result.stdout
    assert "gate: not counted: of a soft rule" in result.stdout
    assert last_line(result) == (
        "Ready: no violation at or above high; 1 finding not counted (1 of soft rules). Exit code 0."
    )
    unknown: dict[str, str | None] = {"web.yaml": web().replace("replicas: 1", "replicas: ${N}")}
    assert scan("--fail-on-unknown", files=unknown).exit_code == 0


def test_a_hard_rule_fails_whatever_its_severity(scan: Scan) -> None:
    result = scan(files={"web.yaml": web(), "readycheck.yaml": gated("hard", "info")})
    assert (result.exit_code, last_line(result)) == (
        1,
        "Not ready: 1 violation of hard rules (1 info). Exit code 1.",
    )
    assert scan("--fail-on", "none").exit_code == 1
    assert scan(*BASELINE, "--write-baseline").exit_code == 0


def test_an_environment_may_hold_a_rule_another_way(scan: Scan) -> None:
    config = (
        f"{gated('soft')}environments:\n  prod:\n    files: {{paths: [.]}}\n"
        "    rules: {workload/replicas: {gate: hard, severity: low}}\n"
    )
    assert scan(files={"web.yaml": web(), "readycheck.yaml": config}).exit_code == 0
    assert scan("--env", "prod").exit_code == 1


def test_a_gate_of_another_name_is_an_error(scan: Scan) -> None:
    result = scan(files={"readycheck.yaml": gated("sotf")})
    assert (result.exit_code, "`gate: sotf` is not known: did you mean `soft`?" in result.stderr) == (2, True)


# --exit-zero ---------------------------------------------------------------------------------------------------------


def test_exit_zero_ends_with_0_and_still_says_what_it_would_have_been(scan: Scan) -> None:
    result = scan("--exit-zero", files={"web.yaml": web(), "broken.yaml": "a: ["})
    assert result.exit_code == 0
    assert last_line(result) == (
        "Not ready: 1 violation at or above high (1 high); 1 problem reading files."
        " Exit code 0 for --exit-zero, else 1."
    )
    assert report(scan("--exit-zero", "-o", "json"))["summary"]["gate"]["exit_code"] == 1
    assert scan("--exit-zero", "nowhere").exit_code == 2
