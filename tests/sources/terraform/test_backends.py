"""The backend that a root module is initialised with, and what a bucket tells, decide `terraform/state-backend`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.model import Collected, Outcome, Status
from readycheck.sources.terraform import TerraformRequest, collect


def initialised(folder: Path, backend: dict[str, Any] | None, version: int = 3) -> Collected:
    (folder / ".terraform").mkdir(exist_ok=True)
    body = {"version": version, "terraform_version": "1.11.4", "backend": backend}
    (folder / ".terraform" / "terraform.tfstate").write_text(json.dumps(body, indent=2))
    return collect(TerraformRequest(roots=(folder,), bases=(folder.parent,)))


def outcome(collected: Collected, rule: str) -> Outcome:
    selected = next(each for each in packs.load(()) if each.id == rule)
    (found,) = judge([Selection.default(selected)], *Inventory.sides([collected]))
    return found


def s3(**config: Any) -> dict[str, Any]:
    return {"type": "s3", "config": {"bucket": "acme-state", "key": "prod.tfstate", "use_lockfile": None, **config}}


@pytest.mark.parametrize(
    ("backend", "status", "message"),
    [
        (s3(use_lockfile=True, encrypt=True), Status.PASS, ""),
        (s3(dynamodb_table="locks"), Status.PASS, ""),
        (s3(), Status.FAIL, "nothing locks its state (`use_lockfile = true`, or a `dynamodb_table`)"),
        (s3(use_lockfile=True, encrypt=False), Status.FAIL, "turns the encryption of its state off"),
        (
            {"type": "local", "config": {}},
            Status.FAIL,
            "keeps its state in a local file where a remote backend is wanted",
        ),
        ({"type": "swift", "config": {}}, Status.UNKNOWN, "whether a backend `swift` locks the state is not known"),
        ({"type": "remote", "config": {}}, Status.PASS, ""),
    ],
)
def test_the_real_backend_is_judged_on_the_root_modules_folder(
    tmp_path: Path, backend: dict[str, Any], status: Status, message: str
) -> None:
    folder = tmp_path / "prod"
    folder.mkdir()
    found = outcome(initialised(folder, backend), "terraform/state-backend")
    assert (found.status, found.resource.kind, found.resource.name) == (status, "Folder", "prod")
    if message:
        said = found.findings[0].message if found.findings else found.reason
        assert said == message
        place = (found.findings[0].evidence if found.findings else found.evidence)[0].place
        assert place.location.uri == "prod/.terraform/terraform.tfstate"
        assert place.location.line is not None


def test_keys_in_clear_are_located_and_not_shown(tmp_path: Path) -> None:
    key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzzzz"
    collected = initialised(tmp_path, s3(use_lockfile=True, secret_key=key))
    found = outcome(collected, "secret/state-plain-text")
    (finding,) = found.findings
    assert finding.message.startswith("backend.s3 holds a secret key of 40 characters")
    location = finding.place.location
    assert location.path == "config.secret_key"
    assert location.line is not None
    lines = (tmp_path / ".terraform" / "terraform.tfstate").read_text().splitlines()
    assert key in lines[location.line - 1]
    assert key not in repr([each.body for each in collected.resources])


@pytest.mark.parametrize("version", [4, 1])
def test_another_format_is_a_problem(tmp_path: Path, version: int) -> None:
    (problem,) = initialised(tmp_path, s3(), version).problems
    assert f"is of format {version}" in problem.reason


def test_a_root_that_was_never_initialised_is_a_problem(tmp_path: Path) -> None:
    collected = collect(TerraformRequest(roots=(tmp_path,), bases=(tmp_path,)))
    (problem,) = collected.problems
    assert problem.uri == ".terraform/terraform.tfstate"
    assert problem.reason.endswith("`terraform init` writes it")
    assert collected.failed


def test_a_root_without_a_backend_gives_no_evidence_of_one(tmp_path: Path) -> None:
    collected = initialised(tmp_path, None)
    assert not collected.problems
    assert outcome(collected, "terraform/state-backend").status is Status.NOT_APPLICABLE
