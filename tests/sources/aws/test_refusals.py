"""Accounts that refuse, stall or are not all there: what was not told is unknown, and nothing else is lost."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from readycheck import packs
from readycheck.aws.calls import CALLS
from readycheck.cli import main
from readycheck.model import Collected, Unresolved
from readycheck.sources.aws.reading import read as read_accounts
from readycheck.sources.aws.request import AwsRequest, Named
from tests.sources.aws.reading import bodies, make_cluster, make_group, read
from tests.sources.aws.server import ACCOUNT, Aws

pytestmark = pytest.mark.slow


SINGLE_SIGN_ON = """
[profile sso]
sso_session = it
sso_account_id = 1
sso_role_name = x
[sso-session it]
sso_region = eu-west-1
sso_start_url = https://it.awsapps.com/start
"""


def actions_of(collected: Collected) -> list[str]:
    return list(json.loads(collected.remedy)["Statement"][0]["Action"])


def problems(collected: Collected) -> dict[str, str]:
    return {problem.uri: problem.reason for problem in collected.problems}


def scan(account: Aws, folder: Path, *arguments: str, rules: str = "") -> tuple[int, dict[str, Any], str]:
    """The exit code of a scan of the account alone, its report and what it shows."""
    config = folder / "readycheck.yaml"
    config.write_text(
        f"{rules}environments:\n  prod:\n    aws: {{regions: [eu-west-1], endpoint_url: '{account.url}'}}\n", "utf-8"
    )
    report = folder / "report.json"
    given = ["scan", "--env", "prod", "--config", str(config), "-o", "terminal", "-o", f"json={report}", *arguments]
    result = CliRunner().invoke(main, given)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.exit_code, json.loads(report.read_text()), result.output


def test_an_account_that_denies_everything_passes_nothing(account: Aws, tmp_path: Path) -> None:
    make_cluster(account)
    account.deny()
    code, report, shown = scan(account, tmp_path)
    assert code == 3
    [source] = report["sources"]
    assert source["status"] == "failed"
    assert {outcome["status"] for outcome in report["outcomes"]} == {"unknown"}
    assert "eks:ListClusters" in shown
    assert '"ReadycheckMissing"' in shown


def test_a_service_that_is_denied_leaves_its_kinds_unread_and_no_other(account: Aws) -> None:
    make_cluster(account)
    account.deny("elbv2")
    collected = read(account)
    assert not collected.failed
    assert [each["name"] for each in bodies(collected, "aws_eks_cluster")] == ["prod"]
    assert set(collected.unread) == {
        *("aws_lb", "aws_lb_listener", "aws_lb_listener_certificate", "aws_lb_target_group")
    }
    [(uri, reason)] = problems(collected).items()
    assert uri == f"aws://{ACCOUNT}/eu-west-1/elbv2"
    assert reason.startswith("forbidden: elasticloadbalancing:DescribeLoadBalancers (allow it in eu-west-1")
    assert reason.endswith("left open: aws_lb, aws_lb_listener, aws_lb_listener_certificate, aws_lb_target_group")
    assert actions_of(collected) == ["elasticloadbalancing:DescribeLoadBalancers"]


def test_services_deny_by_status_where_their_codes_say_something_else(account: Aws) -> None:
    account.fail("ecr", code="403", status=403)
    account.fail("eks", code="SignatureDoesNotMatch", status=403)
    collected = read(account)
    assert actions_of(collected) == ["ecr:DescribeRepositories", "eks:ListClusters"]


def test_one_cluster_that_is_denied_drops_no_other(account: Aws) -> None:
    for name in ("one", "two"):
        make_group(account, name, "blue", make_cluster(account, name))
    account.deny("eks", "DescribeCluster", about="/clusters/one")
    account.deny("eks", "ListNodegroups", about="/clusters/one/")
    collected = read(account)
    clusters = {each["name"]: each for each in bodies(collected, "aws_eks_cluster")}
    assert clusters["two"]["version"] == "1.34"
    version = clusters["one"]["version"]
    assert isinstance(version, Unresolved)
    assert "eks:DescribeCluster" in version.reason
    groups = {each["cluster_name"]: each["subnet_ids"] for each in bodies(collected, "aws_eks_node_group")}
    assert isinstance(groups["one"], Unresolved)
    assert not isinstance(groups["two"], Unresolved)
    # The kinds are read: of one thing alone is not all known.
    assert collected.unread == {}
    assert sorted(problem.reason.partition("left open: ")[2] for problem in collected.problems) == [
        "nodegroups of one",
        "one",
    ]


def test_a_detail_that_is_denied_is_unknown_and_not_off(account: Aws) -> None:
    key = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    account.deny("kms", "GetKeyRotationStatus")
    collected = read(account, named=Named(keys=(key,)))
    [told] = bodies(collected, "aws_kms_key")
    assert told["is_enabled"] is True
    assert isinstance(told["enable_key_rotation"], Unresolved)
    assert "kms:GetKeyRotationStatus" in told["enable_key_rotation"].reason
    assert problems(collected)[f"aws://{ACCOUNT}/eu-west-1/kms"].endswith(f"left open: {key}")


def test_a_region_that_is_off_is_told_once_and_asked_no_more(account: Aws) -> None:
    make_cluster(account)
    for service in ("eks", "elbv2", "autoscaling", "acm", "ecr", "s3", "amp", "grafana"):
        account.fail(service, code="UnrecognizedClientException", status=403, region="me-south-1")
    collected = read(account, "eu-west-1", "me-south-1")
    assert [each["name"] for each in bodies(collected, "aws_eks_cluster")] == ["prod"]
    assert problems(collected) == {
        f"aws://{ACCOUNT}/me-south-1": "the region me-south-1 is off for this account (UnrecognizedClientException):"
        " enable it, or do not name it"
    }
    assert "aws_eks_cluster" in collected.unread
    assert not collected.failed
    assert collected.targets == [f"{ACCOUNT}/eu-west-1", f"{ACCOUNT}/global"]


def test_who_is_asked_is_found_out_where_the_first_region_is_off(account: Aws) -> None:
    make_cluster(account)
    account.fail("", code="InvalidClientTokenId", status=403, region="me-south-1")
    account.fail("sts", code="InvalidClientTokenId", status=403, region="me-south-1")
    collected = read(account, "me-south-1", "eu-west-1")
    assert [each["name"] for each in bodies(collected, "aws_eks_cluster")] == ["prod"]
    assert list(problems(collected)) == [f"aws://{ACCOUNT}/me-south-1"]


def test_credentials_that_no_region_takes_are_told(account: Aws) -> None:
    account.fail("sts", code="InvalidClientTokenId", status=403)
    collected = read(account)
    assert collected.failed
    assert problems(collected) == {
        "aws://default credentials": "AWS does not take the default credentials (InvalidClientTokenId: no)"
    }


def test_an_account_whose_only_region_is_off_is_failed(account: Aws) -> None:
    account.fail("", code="OptInRequired", status=403, region="me-south-1")
    account.deny("cloudfront")
    account.deny("route53")
    assert read(account, "me-south-1").failed


def test_what_is_throttled_is_asked_again_and_then_unknown(account: Aws) -> None:
    account.fail("ecr", code="ThrottlingException", status=400)
    collected = read(account)
    assert account.calls["ecr", "DescribeRepositories"] == 5
    assert collected.unread["aws_ecr_repository"] == (
        "ecr:DescribeRepositories in eu-west-1 was throttled until no retry was left (ThrottlingException)"
    )


def test_a_service_that_is_not_done_in_its_time_is_left(account: Aws) -> None:
    make_group(account, "prod", "blue", make_cluster(account))
    account.answer(lambda asked: time.sleep(4.2) if asked.operation == "DescribeCluster" else None)
    collected = read(account, deadline_seconds=4)
    reasons = {problem.reason.partition(";")[0] for problem in collected.problems}
    assert "eks in eu-west-1 was not done within 4 seconds" in reasons
    assert bodies(collected, "aws_eks_cluster")[0]["version"] == "1.34"
    assert isinstance(bodies(collected, "aws_eks_node_group")[0]["subnet_ids"], Unresolved)
    assert account.calls["eks", "ListNodegroups"] == 0


def test_an_answer_of_another_shape_breaks_its_own_service_alone(account: Aws) -> None:
    make_cluster(account)
    account.garble("ecr", "DescribeRepositories", {"repositories": [{"repositoryUri": "x"}]})
    collected = read(account)
    assert "ecr in eu-west-1 answers with what cannot be read: KeyError" in collected.unread["aws_ecr_repository"]
    assert bodies(collected, "aws_eks_cluster")


def test_the_account_of_a_role_is_read_with_the_id_that_its_owner_wants(account: Aws) -> None:
    other = "222233334444"
    role = f"arn:aws:iam::{other}:role/audit"
    collected = read(account, role_arn=role, external_id="shop-1")
    assert account.sent["sts", "AssumeRole"] == [{"ExternalId": "shop-1", "RoleArn": role}]
    assert collected.problems == []
    both = read_accounts(
        [
            AwsRequest(regions=("eu-west-1",), endpoint_url=account.url),
            AwsRequest(regions=("eu-west-1",), endpoint_url=account.url, role_arn=role),
        ],
        Named(),
        lambda _: None,
    )
    assert both.problems == []
    # Each account holds its own.
    make_cluster(account)
    assert bodies(read(account, role_arn=role), "aws_eks_cluster") == []
    assert bodies(read(account), "aws_eks_cluster")


def test_a_role_that_may_not_be_assumed_leaves_other_accounts_as_they_are(account: Aws) -> None:
    make_cluster(account)
    account.deny("sts", "AssumeRole")
    role = "arn:aws:iam::222233334444:role/audit"
    requests = [
        AwsRequest(regions=("eu-west-1",), endpoint_url=account.url, role_arn=role),
        AwsRequest(regions=("eu-west-1",), endpoint_url=account.url),
    ]
    collected = read_accounts(requests, Named(), lambda _: None)
    assert not collected.failed
    assert bodies(collected, "aws_eks_cluster")
    assert problems(collected) == {
        f"aws://{role}": f"the role {role} cannot be assumed (AccessDeniedException: no): its trust policy, or"
        " `external_id`, says no"
    }
    # Whether there are more clusters, in the account that was not read, is unknown.
    assert "aws_eks_cluster" in collected.unread


def test_two_ways_to_one_account_read_it_once(account: Aws) -> None:
    make_cluster(account)
    request = AwsRequest(regions=("eu-west-1",), endpoint_url=account.url)
    collected = read_accounts([request, request], Named(), lambda _: None)
    assert len(bodies(collected, "aws_eks_cluster")) == 1


@pytest.mark.parametrize(
    ("config", "profile", "expected"),
    [
        ("", "gone", "the AWS configuration has no profile `gone`: `aws configure list-profiles` lists them"),
        (
            SINGLE_SIGN_ON,
            "sso",
            "the session of single sign-on has ended: `aws sso login --profile sso` begins a new one",
        ),
    ],
)
def test_credentials_that_cannot_be_had_are_told_with_what_to_do(
    account: Aws, tmp_path: Path, config: str, profile: str, expected: str
) -> None:
    (tmp_path / "aws-config").write_text(config)
    collected = read(account, profile=profile)
    assert collected.failed
    assert problems(collected) == {f"aws://{profile}": expected}


def test_without_a_region_nothing_is_asked(account: Aws) -> None:
    collected = read_accounts([AwsRequest(endpoint_url=account.url)], Named(), lambda _: None)
    assert collected.failed
    assert "no region is named" in collected.problems[0].reason


@pytest.mark.parametrize("alone", ["", "cluster/subnet-zones", "image/immutable-tags", "secret/kms-rotation"])
def test_who_has_the_printed_policy_is_refused_nothing(account: Aws, tmp_path: Path, alone: str) -> None:
    make_group(account, "prod", "blue", make_cluster(account))
    account.client("ecr").create_repository(repositoryName="shop/web")
    off = "".join(f"  {rule.id}: off\n" for rule in packs.load() if alone and rule.id != alone)
    (tmp_path / "off").write_text(f"rules:\n{off}" if off else "", "utf-8")
    printed = CliRunner().invoke(main, ["rules", "iam", "--config", str(tmp_path / "off")])
    allowed = {(call.service, call.operation) for call in CALLS.values() if f'"{call.action}"' in printed.output}
    account.deny_all_but({*allowed, ("sts", "get_caller_identity")})
    _, report, shown = scan(account, tmp_path, rules=(tmp_path / "off").read_text("utf-8"))
    [source] = report["sources"]
    assert (source["status"], source["problems"]) == ("ok", []), shown
    if alone:
        judged = {outcome["status"] for outcome in report["outcomes"] if outcome["resource"]["kind"].startswith("aws_")}
        assert judged <= {"pass", "fail"}


def test_what_no_rule_asks_for_is_not_read(account: Aws) -> None:
    make_cluster(account)
    collected = read(account, named=Named(types=frozenset({"aws_ecr_repository"})))
    assert set(account.calls) - {("ecr", "DescribeRepositories"), ("sts", "GetCallerIdentity")} <= {
        ("ec2", "DescribeSubnets"),
        ("eks", "CreateCluster"),
    }
    assert collected.problems == []
    assert not collected.failed
    assert collected.unread["aws_eks_cluster"] == "not asked: no rule that is on looks at it"
