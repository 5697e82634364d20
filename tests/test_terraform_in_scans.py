"""Scans of environments that name states and plans."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from readycheck.model import Status
from readycheck.scan import ScanRequest, scan
from readycheck.section import ConfigError
from tests.sources.terraform.written import change, plan, resource, state

CONFIGURATION = """\
environments:
  prod:
    terraform:
      {terraform}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "states").mkdir()
    for name in ("network", "cluster"):
        file = tmp_path / "states" / f"{name}.tfstate"
        file.write_text(json.dumps(state(resource("aws_lb", name, {"id": name}))))
    (tmp_path / "plan.json").write_text(json.dumps(plan(change("aws_lb.new", "create", after={"name": "x"}))))
    return tmp_path


def configured(folder: Path, terraform: str) -> ScanRequest:
    file = folder / "readycheck.yaml"
    file.write_text(CONFIGURATION.format(terraform=terraform))
    return ScanRequest(environment="prod", config=file)


def test_an_environment_of_states_and_plans_is_read_without_any_file(folder: Path) -> None:
    report = scan(configured(folder, "{states: [states/*.tfstate], plans: [plan.json]}"))
    (source,) = report.sources
    assert source.source == "terraform"
    assert [(each.name, each.origin.file) for each in source.resources if each.kind == "aws_lb"] == [
        ("aws_lb.cluster", "states/cluster.tfstate"),
        ("aws_lb.network", "states/network.tfstate"),
        ("aws_lb.new", "plan.json"),
    ]
    assert not source.problems


def test_a_state_that_is_missing_leaves_the_scan_incomplete(folder: Path) -> None:
    report = scan(configured(folder, "{states: [states/prod.tfstate, states/network.tfstate]}"))
    assert [(each.uri, each.reason) for each in report.sources[0].problems] == [
        ("states/prod.tfstate", "cannot be read: No such file or directory")
    ]
    assert report.gate.exit_code in (1, 3)


def test_what_a_plan_that_is_not_complete_leaves_out_is_unknown_and_not_absent(folder: Path) -> None:
    (folder / "plan.json").write_text(json.dumps(plan(complete=False)))
    report = scan(configured(folder, "{plans: [plan.json]}"))
    (outcome,) = [each for each in report.outcomes if each.rule == "cluster/node-zones"]
    assert outcome.status is Status.UNKNOWN
    assert str(outcome.reason).startswith("plan.json is not complete")


def test_a_state_at_an_address_of_http_is_a_problem_and_not_fetched(folder: Path) -> None:
    report = scan(configured(folder, '{states: ["https://state.example.com/prod"]}'))
    (problem,) = report.sources[0].problems
    assert problem.uri == "https://state.example.com/prod"
    assert "`terraform state pull`" in problem.reason
    assert report.gate.exit_code == 3


@pytest.mark.parametrize(
    ("terraform", "message"),
    [
        ("{}", "names neither `states` nor `plans` nor a `root`"),
        ("{state: [a.tfstate]}", "`state` is not a known key: did you mean `states`?"),
        ("{root: nowhere}", "nowhere` is no folder"),
        ("{states: a.tfstate}", "`states` is a string where a list of strings is wanted"),
        ("{states: [a], timeout_seconds: 0}", "`timeout_seconds` must be 1 or more"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(folder: Path, terraform: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        scan(configured(folder, terraform))
    assert message in str(refused.value)
    assert "readycheck.yaml:" in str(refused.value)
