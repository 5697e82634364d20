"""What accounts of AWS are asked: nothing that changes anything, and each call with the permission that it takes."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import botocore.session
import pytest
from click.testing import CliRunner

from readycheck import packs
from readycheck.aws.calls import CALLS, Call
from readycheck.cli import main
from readycheck.terraform.types import TYPES

SOURCES = Path(__file__).parents[1] / "src" / "readycheck" / "sources" / "aws"
READING = ("Describe", "List", "Get", "BatchGet")
CALLED = [pytest.param(call, id=f"{call.service}.{call.operation}") for call in CALLS.values()]
# What IAM calls otherwise than the API (Service Authorization Reference: Amazon S3).
OTHERWISE = {
    "ListBuckets": "ListAllMyBuckets",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "ListObjectVersions": "ListBucketVersions",
}


def name_of(call: Call) -> str:
    """What the API calls an operation."""
    session = botocore.session.Session()
    client = session.create_client(
        call.service,
        "eu-west-1",
        aws_access_key_id="nobody",
        aws_secret_access_key="none",  # noqa: S106
    )
    return str(client.meta.method_to_api_mapping[call.operation])


@pytest.mark.slow
@pytest.mark.parametrize("call", CALLED)
def test_every_call_reads(call: Call) -> None:
    name = name_of(call)
    assert name.startswith(READING)
    model = botocore.session.Session().get_service_model(call.service)
    if model.metadata["protocol"].startswith("rest"):
        assert model.operation_model(name).http["method"] == "GET"


@pytest.mark.slow
@pytest.mark.parametrize("call", CALLED)
def test_every_call_has_the_permission_that_it_takes(call: Call) -> None:
    name = name_of(call)
    prefix = botocore.session.Session().get_service_model(call.service).signing_name
    assert call.action == f"{prefix}:{OTHERWISE.get(name, name) if call.service == 's3' else name}"


def asked() -> set[str]:
    """The operations that readers name, as they stand in their code."""
    found: set[str] = set()
    for file in SOURCES.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def test_no_permission_is_asked_for_that_nobody_uses() -> None:
    of_attributes = {f"describe_{noun}_attributes" for noun in ("load_balancer", "target_group")}
    told = asked() | {"get_caller_identity"} | of_attributes
    assert [call.operation for call in CALLS.values() if call.operation not in told] == []


def test_clients_are_called_by_name_from_the_table_alone() -> None:
    """Whatever is called stands in the table, as an operation is looked up there first."""
    callers = {
        file.name
        for file in SOURCES.glob("*.py")
        if ".client(" in file.read_text("utf-8") or "create_client" in file.read_text("utf-8")
    }
    assert callers == {"asking.py", "session.py"}


def test_each_call_tells_of_types_that_have_a_row() -> None:
    assert {kind for call in CALLS.values() for kind in call.gives} == set(TYPES)


def test_the_policy_allows_what_is_asked_and_nothing_else() -> None:
    result = CliRunner().invoke(main, ["rules", "iam"])
    assert result.exit_code == 0
    policy = json.loads(result.output)
    [statement] = policy["Statement"]
    assert policy["Version"] == "2012-10-17"
    assert statement["Effect"] == "Allow"
    # Who one is may be asked without a permission.
    assert set(statement["Action"]) == {call.action for call in CALLS.values()} - {"sts:GetCallerIdentity"}
    assert not [action for action in statement["Action"] if "*" in action]


def test_the_policy_allows_no_more_than_the_rules_take_that_are_on(tmp_path: Path) -> None:
    off = "".join(f"  {rule.id}: off\n" for rule in packs.load() if rule.id != "image/immutable-tags")
    (tmp_path / "readycheck.yaml").write_text(f"rules:\n{off}", "utf-8")
    result = CliRunner().invoke(main, ["rules", "iam", "--config", str(tmp_path / "readycheck.yaml")])
    assert result.exit_code == 0
    [statement] = json.loads(result.output)["Statement"]
    assert statement["Action"] == ["ecr:BatchGetRepositoryScanningConfiguration", "ecr:DescribeRepositories"]
