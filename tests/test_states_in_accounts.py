"""The account judges a state by the backend that its root module uses, and every other by its address."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.inventory.nowhere import Nowhere
from readycheck.model import Collected, Outcome, Resource, Status
from readycheck.sources.aws.origin import AwsOrigin
from readycheck.sources.files import FilesRequest, collect
from readycheck.terraform.states import BACKEND, STATE

RULES = {rule.id: rule for rule in packs.load()}
CODE = """
terraform {
  backend "s3" {
    bucket = "acme-state"
    key    = "prod.tfstate"
  }
}

resource "aws_s3_bucket" "site" {
  bucket = "acme-site"
}
"""
USED = {"bucket": "acme-state", "key": "prod.tfstate", "use_lockfile": True}


def account(**buckets: str) -> Collected:
    """An account with buckets, each with whether it keeps versions."""
    kind = "aws_s3_bucket_versioning"
    named = [(name.replace("_", "-"), status) for name, status in buckets.items()]
    things = [
        Resource(kind, name, "", {"bucket": name, "versioning_configuration": [{"status": status}]}, AwsOrigin(name))
        for name, status in named
    ]
    return Collected("aws", things)


def terraform(kind: str, name: str, **body: Any) -> Collected:
    made = Resource(kind, name, "", body, Nowhere("terraform", uri=name))
    return Collected("terraform", [made])


def files(folder: Path) -> Collected:
    (folder / "main.tf").write_text(CODE, encoding="utf-8")
    return collect(FilesRequest(paths=(folder,), repository=folder))


def of_account(*sides: Collected) -> list[Outcome]:
    outcomes = judge([Selection.default(RULES["terraform/state-backend"])], *Inventory.sides(sides))
    return [outcome for outcome in outcomes if outcome.resource.origin.source == "aws"]


def test_what_an_initialised_root_module_uses_counts_more_than_its_code(tmp_path: Path) -> None:
    backend = terraform(BACKEND, ".", type="s3", config=USED)
    (outcome,) = of_account(files(tmp_path), backend, account(acme_state="Enabled"))
    assert (outcome.resource.kind, outcome.resource.name, outcome.status) == ("Folder", ".", Status.PASS)


def test_code_that_names_no_lock_leaves_open_whether_there_is_one(tmp_path: Path) -> None:
    (outcome,) = of_account(files(tmp_path), account(acme_state="Enabled"))
    assert outcome.status is Status.UNKNOWN
    assert (outcome.reason or "").startswith("whether runs lock s3://acme-state/prod.tfstate does not show")


def test_a_state_that_only_its_address_names_is_the_environment_s() -> None:
    state = terraform(STATE, "s3://acme-loose/a.tfstate")
    (outcome,) = of_account(state, account(acme_loose="Suspended"))
    assert outcome.resource.kind == "Environment"
    assert [finding.message for finding in outcome.findings] == ["its bucket acme-loose keeps no versions"]


def test_a_state_whose_root_module_is_known_is_judged_once(tmp_path: Path) -> None:
    state = terraform(STATE, "s3://acme-state/prod.tfstate")
    outcomes = of_account(files(tmp_path), state, account(acme_state="Suspended"))
    assert [(outcome.resource.kind, outcome.status) for outcome in outcomes] == [("Folder", Status.FAIL)]
