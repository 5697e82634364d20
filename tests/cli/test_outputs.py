"""Several formats in one run, each where it is wanted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from junitparser import JUnitXml

from readycheck.cli import main
from readycheck.outputs import FORMATS
from tests.trees import only, write

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 1
  template:
    metadata: {labels: {app: web}}
    spec: {containers: []}
"""
Scan = Callable[..., Result]


@pytest.fixture
def scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scan:
    monkeypatch.chdir(
        write(tmp_path, {"web.yaml": WEB, "broken.yaml": "a: [", "readycheck.yaml": only("workload/replicas")})
    )
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)

    def go(*arguments: str) -> Result:
        result = CliRunner().invoke(main, ["scan", "--no-history", *arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return go


def test_every_format_can_be_written_in_one_run_and_tells_what_could_not_be_read(scan: Scan, tmp_path: Path) -> None:
    result = scan(*(part for name in FORMATS if name != "html" for part in ("-o", f"{name}=out.{name}")))
    assert (result.exit_code, result.stdout) == (1, "")
    for name in FORMATS:
        if name != "html":
            text = (tmp_path / f"out.{name}").read_text(encoding="utf-8")
            assert "replicas" in text, name
            assert "broken.yaml" in text or name == "github", name
    assert json.loads((tmp_path / "out.sarif").read_text())["version"] == "2.1.0"
    assert JUnitXml.fromstring((tmp_path / "out.junit").read_bytes()).failures == 1


def test_in_a_step_of_github_the_summary_is_written_beside_the_annotations(
    scan: Scan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "broken.yaml" not in scan("-o", "github").stdout
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    result = scan("-o", "github")
    assert result.stdout.startswith("::error file=web.yaml,line=5,")
    assert "broken.yaml" in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_what_a_format_leaves_out_is_told_on_stderr(scan: Scan, tmp_path: Path) -> None:
    names = [f"e{number:02}" for number in range(21)]
    environments = "".join(f"  {name}: {{files: {{paths: [web.yaml]}}}}\n" for name in names)
    write(tmp_path, {"readycheck.yaml": f"{only('workload/replicas')}environments:\n{environments}"})
    result = scan("--all-envs", "-o", "sarif=report.sarif")
    assert result.stderr.startswith("Warning: sarif: 21 environments in one file, of which GitHub takes 20 at most")
    assert scan("--all-envs", "-o", "sarif=report-{env}.sarif").stderr == ""
    assert len(list(tmp_path.glob("report-e*.sarif"))) == 21
