"""Terraform's code that is broken, or linked in ways that no checkout can hold, is not taken for good."""

from __future__ import annotations

from pathlib import Path

import pytest

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.model import Outcome, Status
from readycheck.sources.files import FilesRequest, collect

RULES = {rule.id: rule for rule in packs.load()}
STORAGE = 'resource "aws_s3_bucket" "assets" {\n  bucket = var.bucket\n}\n'


def judged(tree: Path, rule: str, *, whole: bool = True) -> dict[str, Outcome]:
    collected = collect(FilesRequest(paths=(tree,), repository=tree if whole else tree.parent))
    outcomes = judge([Selection.default(RULES[f"terraform/{rule}"])], Inventory([collected]))
    return {outcome.resource.name: outcome for outcome in outcomes}


def write(tree: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text, "utf-8")


def test_a_root_module_whose_backend_may_stand_in_a_broken_file_is_unknown(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": 'provider "aws" {}\n', "backend.tf": 'terraform {\n  backend = = "s3"\n}\n'})
    outcome = judged(tmp_path, "state-backend")["."]
    assert outcome.status is Status.UNKNOWN
    assert "backend.tf" in str(outcome.reason)


def test_a_link_to_nothing_fails_at_the_link(tmp_path: Path) -> None:
    write(tmp_path, {f"envs/{name}/main.tf": STORAGE.replace("assets", name) for name in ("dev", "prod")})
    for name in ("dev", "prod"):
        (tmp_path / f"envs/{name}/vault.tf").symlink_to("../../comon/vault.tf")
    outcome = judged(tmp_path, "shared-files")["envs/dev/vault.tf"]
    assert (outcome.status, outcome.reason) == (Status.FAIL, "is a link to nothing (`../../comon/vault.tf`)")


def test_an_absolute_link_fails_because_other_machines_lack_its_target(tmp_path: Path) -> None:
    write(tmp_path, {"common/storage.tf": STORAGE, "envs/dev/a.tf": STORAGE, "envs/prod/b.tf": "# b\n"})
    for name in ("dev", "prod"):
        (tmp_path / f"envs/{name}/storage.tf").symlink_to(tmp_path / "common/storage.tf")
    outcome = judged(tmp_path, "shared-files")["common/storage.tf"]
    assert outcome.status is Status.FAIL
    assert "absolute path" in str(outcome.reason)


def test_a_config_that_is_no_yaml_fails_with_its_fault(tmp_path: Path) -> None:
    for name in ("dev", "prod"):
        write(tmp_path, {f"envs/{name}/main.tf": STORAGE, f"envs/{name}/config.yaml": "size: 1\n"})
    (tmp_path / "envs/prod/config.yaml").write_text("size: {1\n", "utf-8")
    outcomes = judged(tmp_path, "environment-config")
    assert outcomes["envs/dev"].status is Status.PASS
    assert str(outcomes["envs/prod"].reason).startswith("config.yaml is not valid YAML")


def test_what_applies_environments_may_stand_above_a_folder_that_is_scanned_alone(tmp_path: Path) -> None:
    write(tmp_path / "tf", {f"envs/{name}/main.tf": STORAGE for name in ("dev", "prod")})
    assert judged(tmp_path / "tf", "run-all")[""].status is Status.FAIL
    assert judged(tmp_path / "tf", "run-all", whole=False)[""].status is Status.UNKNOWN


@pytest.mark.parametrize("name", ["Makefile", "run.sh", "scripts/create-environment.sh"])
@pytest.mark.parametrize("rule", ["run-all", "environment-template", "makefile"])
def test_a_script_that_cannot_be_read_may_be_the_one_that_is_missing(tmp_path: Path, name: str, rule: str) -> None:
    write(tmp_path, {f"envs/{env}/main.tf": 'provider "aws" {}\n' for env in ("dev", "prod", "template")})
    write(tmp_path, {name: ""})
    (tmp_path / name).write_bytes(b"deploy:\n\techo \xc3\x28\n")
    (outcome,) = judged(tmp_path, rule).values()
    assert outcome.status is Status.UNKNOWN
    assert f"{name} could not be read" in str(outcome.reason)
