"""Where the .sops.yaml of a file is looked for, and when that cannot be told."""

from __future__ import annotations

from pathlib import Path

import pytest

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.model import Outcome, Status
from readycheck.sources.files import FilesRequest, collect
from tests.trees import write

ENCRYPTED = """\
token: ENC[AES256_GCM,data:Zm9v,iv:aXY=,tag:dGFn,type:str]
sops:
  age:
    - recipient: age1invented
      enc: invented
  mac: ENC[AES256_GCM,data:Zm9v,iv:aXY=,tag:dGFn,type:str]
  version: 3.13.2
"""


def outcome(root: Path, files: dict[str, str], scanned: str = "") -> Outcome:
    (rule,) = (each for each in packs.load() if each.id == "secret/sops-rules")
    write(root, {".git/HEAD": "ref: refs/heads/main\n", **files})
    inventory = Inventory((collect(FilesRequest(paths=(root / scanned,))),))
    (found,) = judge([Selection.default(rule)], inventory)
    return found


def test_a_config_above_what_is_scanned_may_say_all(tmp_path: Path) -> None:
    files = {".sops.yaml": "creation_rules: [{age: age1invented}]\n", "deploy/a.yaml": ENCRYPTED}
    assert outcome(tmp_path, files).status is Status.PASS
    below = outcome(tmp_path, files, "deploy")
    assert below.status is Status.UNKNOWN
    assert below.reason == "a .sops.yaml may stand above the folder that was scanned"


def test_without_one_in_the_whole_repository_it_fails(tmp_path: Path) -> None:
    assert outcome(tmp_path, {"deploy/a.yaml": ENCRYPTED}).status is Status.FAIL


@pytest.mark.parametrize("text", ["creation_rules: [\n", "- a list\n", "creation_rules: {age: x}\n"])
def test_one_that_cannot_be_read_leaves_it_unknown(tmp_path: Path, text: str) -> None:
    assert outcome(tmp_path, {".sops.yaml": text, "a.yaml": ENCRYPTED}).status is Status.UNKNOWN


def test_an_empty_one_is_as_good_as_none(tmp_path: Path) -> None:
    assert outcome(tmp_path, {".sops.yaml": "stores: {}\n", "a.yaml": ENCRYPTED}).status is Status.FAIL
