"""Several environments in one run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from readycheck.cli import main
from tests.trees import only, write

WEB = """apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec: {{replicas: {replicas}, template: {{metadata: {{labels: {{app: web}}}}, spec: {{containers: []}}}}}}
"""
CONFIG = (
    only("workload/replicas")
    + "environments:\n  prod: {files: {paths: [prod]}}\n  dev: {files: {paths: [dev]}, fail_on: none}\n"
)


@pytest.fixture
def estate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    files = {
        "readycheck.yaml": CONFIG,
        "prod/web.yaml": WEB.format(replicas=2),
        "dev/web.yaml": WEB.format(replicas=1),
    }
    return write(tmp_path, files)


def scanned(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["scan", *arguments])


@pytest.mark.usefixtures("estate")
def test_every_environment_is_judged_and_reported() -> None:
    ran = scanned("--all-envs", "-o", "json")
    reports = json.loads(ran.stdout)
    assert [(each["environment"], each["summary"]["outcomes"]["fail"]) for each in reports] == [("prod", 0), ("dev", 1)]


@pytest.mark.usefixtures("estate")
@pytest.mark.parametrize(("fail_on", "code"), [((), 0), (("--fail-on", "high"), 1)])
def test_the_worst_exit_code_of_all_is_that_of_the_run(fail_on: tuple[str, ...], code: int) -> None:
    assert scanned("--env", "prod", "--env", "dev", *fail_on).exit_code == code


@pytest.mark.usefixtures("estate")
def test_the_page_ends_with_a_verdict_for_each() -> None:
    ran = scanned("--all-envs", "--fail-on", "high")
    assert ran.stdout.splitlines()[-2:] == [
        "prod: Ready: no violation at or above high. Exit code 0.",
        "dev: Not ready: 1 violation at or above high (1 high). Exit code 1.",
    ]


def test_each_environment_can_have_a_file_of_its_own(estate: Path) -> None:
    scanned("--all-envs", "-o", "json=report-{env}.json")
    names = {
        each: json.loads((estate / f"report-{each}.json").read_text("utf-8"))["environment"] for each in ("prod", "dev")
    }
    assert names == {"prod": "prod", "dev": "dev"}


@pytest.mark.usefixtures("estate")
def test_one_environment_named_twice_is_judged_once() -> None:
    assert json.loads(scanned("--env", "prod", "--env", "prod", "-o", "json").stdout)["environment"] == "prod"


@pytest.mark.usefixtures("estate")
def test_all_and_some_contradict_each_other() -> None:
    ran = scanned("--all-envs", "--env", "prod")
    assert (ran.exit_code, ran.stderr) == (
        2,
        "Error: --all-envs judges every environment: leave out --env, or name all that are meant\n",
    )


def test_all_environments_of_nothing_is_wrong_usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = scanned("--all-envs")
    assert ran.exit_code == 2
    assert "no environment is named: there is no readycheck.yaml here" in ran.stderr
