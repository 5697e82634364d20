"""HCL and the state of its root module: what each says of the other's findings."""

from __future__ import annotations

import json
from pathlib import Path

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.joining import join
from readycheck.sources import terraform
from readycheck.sources.files import FilesRequest, collect
from tests.sources.terraform.written import resource, state

ARN = "arn:aws:ecr:eu-west-1:111122223333:repository/web"
HCL = """\
terraform {{
  backend "s3" {{
    bucket = "acme-state"
    key    = "prod.tfstate"
  }}
}}

resource "aws_ecr_repository" "web" {{
  name                 = "web"
  image_tag_mutability = "{mutability}"
}}
"""


def told(tmp_path: Path, declared: str, recorded: str | None, module: str = "") -> list[tuple[str, str, str, str]]:
    """Of each finding on the tags of repositories: its source, its relation to the other side, which that is, where."""
    root = tmp_path / "prod"
    root.mkdir()
    (root / "main.tf").write_text(HCL.format(mutability=declared))
    values = {"id": "web", "arn": ARN, "name": "web", "image_tag_mutability": recorded}
    things = [resource("aws_ecr_repository", "web", values, module=module)] if recorded else []
    (root / "terraform.tfstate").write_text(json.dumps(state(*things)))
    sides = Inventory.sides(
        [
            collect(FilesRequest(paths=(tmp_path,), repository=tmp_path)),
            terraform.collect(terraform.TerraformRequest(states=(root / "terraform.tfstate",), bases=(tmp_path,))),
        ]
    )
    rule = next(each for each in packs.load() if each.id == "image/immutable-tags")
    outcomes = judge([Selection.default(rule)], *sides)
    counterparts = join(sides, outcomes)
    found = []
    for outcome in outcomes:
        for finding in outcome.findings:
            other = counterparts.get(id(finding))
            place = other.place.location.uri if other is not None and other.place is not None else ""
            relation, source = (other.relation.value, other.source) if other is not None else ("", "")
            found.append((outcome.resource.origin.source, relation, source, place))
    return sorted(found)


def test_both_fail(tmp_path: Path) -> None:
    assert told(tmp_path, "MUTABLE", "MUTABLE") == [
        ("files", "same", "terraform", "prod/terraform.tfstate"),
        ("terraform", "", "", ""),
    ]


def test_what_is_mended_in_code_is_not_applied_yet(tmp_path: Path) -> None:
    assert told(tmp_path, "IMMUTABLE", "MUTABLE") == [("terraform", "fixed-in-git", "files", "prod/main.tf")]


def test_what_code_breaks_holds_as_it_was_applied(tmp_path: Path) -> None:
    assert told(tmp_path, "MUTABLE", "IMMUTABLE") == [("files", "holds-live", "terraform", "prod/terraform.tfstate")]


def test_what_is_declared_and_not_recorded_is_not_applied(tmp_path: Path) -> None:
    assert told(tmp_path, "MUTABLE", None) == [("files", "not-live", "terraform", "")]


def test_the_same_name_in_a_module_is_another_address(tmp_path: Path) -> None:
    assert told(tmp_path, "MUTABLE", "IMMUTABLE", module="module.other") == [("files", "not-live", "terraform", "")]
