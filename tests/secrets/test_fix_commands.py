"""The commands that fixes print do what they say, with real SOPS."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.model import Outcome, Status
from readycheck.sources.files import FilesRequest, collect
from tests.trees import write

pytestmark = pytest.mark.slow

MANIFEST = """\
apiVersion: v1
kind: Secret
metadata:
  name: web
stringData:
  password: Inv3nted!Pw
"""


def outcome(root: Path) -> Outcome:
    """What is said of the one thing that is judged."""
    (rule,) = (each for each in packs.load() if each.id == "secret/encrypted")
    inventory = Inventory((collect(FilesRequest(paths=(root,), repository=root)),))
    judged = judge([Selection.default(rule)], inventory)
    (found,) = (each for each in judged if each.status is not Status.NOT_APPLICABLE)
    return found


def arguments(found: Outcome) -> list[str]:
    """The arguments of the `sops` command in the title of the fix."""
    fix = found.findings[0].fix
    assert fix is not None
    return shlex.split(fix.title.partition(": sops ")[2])


@pytest.mark.parametrize(
    ("uri", "text", "scope"),
    [
        ("deploy/secret.yaml", MANIFEST, {}),
        ("deploy/secret.yaml", MANIFEST, {"encrypted_regex": "^password$"}),
        ("deploy/secret.yaml", MANIFEST, {"unencrypted_regex": "^(apiVersion|kind|metadata)$"}),
        (".env", "LOG_LEVEL=info\nDB_PASSWORD=Inv3nted!Pw\n", {}),
        ("my values/values.yaml", "database:\n  password: Inv3nted!Pw\n", {"encrypted_regex": "(?i)password"}),
        ("prod.tfvars", 'db_password = "Inv3nted!Pw"\n', {}),
    ],
)
def test_the_command_encrypts_what_stood_in_plain_text(
    tmp_path: Path,
    sops: Callable[..., str],
    new_key: Callable[[], str],
    uri: str,
    text: str,
    scope: dict[str, str],
) -> None:
    rules = {"creation_rules": [{"age": new_key(), **scope}]}
    write(tmp_path, {".sops.yaml": json.dumps(rules), uri: text})
    found = outcome(tmp_path)
    assert found.status is Status.FAIL
    sops(*arguments(found), cwd=tmp_path)
    assert outcome(tmp_path).status is Status.PASS
    assert "Inv3nted" not in (tmp_path / uri).read_text()


def test_without_a_creation_rule_the_command_asks_for_a_key(
    tmp_path: Path, sops: Callable[..., str], new_key: Callable[[], str]
) -> None:
    write(tmp_path, {"secret.yaml": MANIFEST})
    command = arguments(outcome(tmp_path))
    assert command[:3] == ["encrypt", "--kms", "KEY_ARN"]
    command[1:3] = "--age", new_key()
    sops(*command, cwd=tmp_path)
    assert outcome(tmp_path).status is Status.PASS
