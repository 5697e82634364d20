"""What readycheck.yaml says of accounts, and what is missing to read one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from readycheck.config import load
from readycheck.section import ConfigError
from readycheck.sources.aws import AwsRequest, collect


def configured(folder: Path, aws: str) -> tuple[AwsRequest, ...]:
    file = folder / "readycheck.yaml"
    file.write_text(f"environments:\n  prod:\n    aws: {aws}\n", "utf-8")
    return load(file).environment("prod").aws


def test_an_account_is_a_mapping(tmp_path: Path) -> None:
    role = "arn:aws:iam::111122223333:role/audit"
    given = f"{{profile: prod, regions: [eu-west-1], role_arn: '{role}', external_id: x, deadline_seconds: 9}}"
    assert configured(tmp_path, given) == (
        AwsRequest(profile="prod", regions=("eu-west-1",), role_arn=role, external_id="x", deadline_seconds=9),
    )


def test_several_accounts_are_a_list(tmp_path: Path) -> None:
    assert configured(tmp_path, "[{profile: a}, {profile: b}]") == (AwsRequest(profile="a"), AwsRequest(profile="b"))


def test_an_environment_without_accounts_asks_none(tmp_path: Path) -> None:
    file = tmp_path / "readycheck.yaml"
    file.write_text("environments:\n  prod: {}\n", "utf-8")
    assert load(file).environment("prod").aws == ()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("{region: [eu-west-1]}", "`region` is not a known key: did you mean `regions`?"),
        ("{regions: [eu-west]}", "`eu-west` is no region: `eu-west-1` is one"),
        ("{role_arn: audit}", "`role_arn` is no ARN of a role"),
        ("{external_id: x}", "`external_id` is told who owns a role: it goes with `role_arn`"),
        ("{endpoint_url: localhost}", "`endpoint_url` is no address"),
        ("{concurrency: 0}", "`concurrency` must be 1 or more"),
        ("prod", "`aws` is a string where a mapping is wanted"),
        ("[prod]", "`aws[0]` is a string where a mapping is wanted"),
    ],
)
def test_what_cannot_be_is_told_with_its_place(tmp_path: Path, given: str, expected: str) -> None:
    with pytest.raises(ConfigError) as error:
        configured(tmp_path, given)
    assert expected in str(error.value)
    assert str(error.value).startswith(f"{tmp_path / 'readycheck.yaml'}:3: ")


def test_without_the_library_the_way_to_get_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore", None)
    collected = collect([AwsRequest()])
    assert collected.failed
    assert [problem.reason for problem in collected.problems] == [
        "reading an account of AWS takes botocore: pip install 'readycheck-audit[aws]'"
    ]
