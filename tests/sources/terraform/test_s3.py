"""States are fetched from S3; what is refused there is unknown or a problem, with the permission that it takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.model import Collected, Outcome, Status
from readycheck.sources.terraform import TerraformRequest, collect
from tests.sources.aws.server import Aws, aws
from tests.sources.terraform.written import names, resource, state

pytestmark = pytest.mark.slow

ADDRESS = "s3://acme-state/prod.tfstate"
SECRET = "kZ7wq0Rm4tYb2Ls9Xc6P"  # noqa: S105 - made up


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Aws]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "reader")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "aws-credentials"))
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    with aws() as server:
        yield server


def keep(account: Aws, *resources: dict[str, Any], text: str = "") -> Any:
    """Keep a state in a bucket; gives the client that did."""
    client = account.client("s3")
    client.create_bucket(Bucket="acme-state", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    body = text or json.dumps(state(*resources))
    client.put_object(Bucket="acme-state", Key="prod.tfstate", Body=body.encode())
    return client


def fetched(account: Aws, address: str = ADDRESS) -> Collected:
    return collect(TerraformRequest(states=(address,), endpoint=account.url))


def outcome(collected: Collected, rule: str) -> Outcome:
    selected = next(each for each in packs.load() if each.id == rule)
    (found,) = judge([Selection.default(selected)], *Inventory.sides([collected]))
    return found


def test_a_state_in_s3_is_read_and_named_by_its_address(account: Aws) -> None:
    keep(account, resource("aws_lb", "a", {"id": "x"}))
    collected = fetched(account)
    assert not collected.problems
    assert names(collected) == ["aws_lb.a"]
    (lb,) = (each for each in collected.resources if each.kind == "aws_lb")
    assert lb.locate(("id",)).uri == ADDRESS
    assert lb.locate(("id",)).line is None


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("s3://acme-state/other.tfstate", "does not exist: there is no such object"),
        ("s3://nowhere/prod.tfstate", "does not exist: no such bucket"),
        ("s3://acme-state", "names no object: s3://BUCKET/KEY is one"),
        ("https://example.com/prod.tfstate", "states are read from files and from s3:// alone"),
    ],
)
def test_what_is_not_there_is_a_problem(account: Aws, address: str, reason: str) -> None:
    keep(account)
    collected = fetched(account, address)
    (problem,) = collected.problems
    assert problem.uri == address
    assert problem.reason.startswith(reason)
    assert collected.failed


def test_a_refused_state_names_the_permission(account: Aws) -> None:
    keep(account)
    account.deny("s3", "GetObject")
    (problem,) = fetched(account).problems
    assert "s3:GetObject" in problem.reason


def test_credentials_that_are_not_there_are_asked_for(account: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    (problem,) = fetched(account).problems
    assert "there are no credentials of AWS" in problem.reason


def test_what_is_no_state_is_a_problem(account: Aws) -> None:
    keep(account, text="<html>")
    (problem,) = fetched(account).problems
    assert "is not valid JSON" in problem.reason


@pytest.mark.parametrize(
    ("operation", "permission"),
    [("GetBucketVersioning", "s3:GetBucketVersioning"), ("ListObjectVersions", "s3:ListBucketVersions")],
)
def test_what_the_bucket_may_not_tell_is_unknown(account: Aws, operation: str, permission: str) -> None:
    client = keep(account)
    client.put_bucket_versioning(Bucket="acme-state", VersioningConfiguration={"Status": "Enabled"})
    client.put_object(Bucket="acme-state", Key="prod.tfstate.tflock", Body=b"{}")
    assert outcome(fetched(account), "terraform/state-backend").status is Status.PASS
    account.deny("s3", operation)
    found = outcome(fetched(account), "terraform/state-backend")
    assert found.status is Status.UNKNOWN
    assert permission in (found.reason or "")


def test_a_bucket_that_was_never_locked_leaves_the_lock_open(account: Aws) -> None:
    client = keep(account)
    client.put_bucket_versioning(Bucket="acme-state", VersioningConfiguration={"Status": "Enabled"})
    found = outcome(fetched(account), "terraform/state-backend")
    assert (found.status, found.resource.kind) == (Status.UNKNOWN, "Environment")
    assert (found.reason or "").startswith(f"whether runs lock {ADDRESS} does not show")


def test_secrets_pass_only_in_a_bucket_that_encrypts_and_is_closed(account: Aws) -> None:
    client = keep(account, resource("random_password", "db", {"result": SECRET}))
    assert outcome(fetched(account), "secret/state-plain-text").status is Status.FAIL
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    client.put_bucket_encryption(Bucket="acme-state", ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert outcome(fetched(account), "secret/state-plain-text").status is Status.FAIL
    closed = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    client.put_public_access_block(Bucket="acme-state", PublicAccessBlockConfiguration=closed)
    found = outcome(fetched(account), "secret/state-plain-text")
    assert found.status is Status.PASS
    assert found.reason == "holds 1 secret in a bucket that encrypts and is closed to the public"
    account.deny("s3", "GetPublicAccessBlock")
    assert outcome(fetched(account), "secret/state-plain-text").status is Status.UNKNOWN
