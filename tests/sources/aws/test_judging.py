"""What rules say of load balancers, certificates, repositories and sites that an account really answers for."""

from __future__ import annotations

from typing import Any

import pytest

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.model import Outcome
from tests.sources.aws.reading import read, subnets
from tests.sources.aws.server import Aws

pytestmark = pytest.mark.slow

NOW = 1_790_000_000.0
"""September 2026."""


_ORIGIN = {
    "Id": "site",
    "DomainName": "shop-site.s3.eu-west-1.amazonaws.com",
    "S3OriginConfig": {"OriginAccessIdentity": ""},
}


def said(account: Aws, rule: str) -> dict[str, tuple[str, str]]:
    """What a rule says of each thing of an account, by the end of the thing's name."""
    (inventory,) = Inventory.sides([read(account)], now=NOW)
    (found,) = [each for each in packs.load() if each.id == rule]
    return {
        _short(each): (each.status.value, each.reason or "") for each in judge([Selection.default(found)], inventory)
    }


def _short(outcome: Outcome) -> str:
    return outcome.resource.name.rpartition("/")[2].rpartition(":")[2]


def make_balancer(account: Aws, name: str, *zones: str, cross_zone: str = "true", kind: str = "network") -> str:
    by_zone = subnets(account)
    elbv2 = account.client("elbv2")
    made = elbv2.create_load_balancer(Name=name, Type=kind, Subnets=[by_zone[f"eu-west-1{zone}"] for zone in zones])
    arn = str(made["LoadBalancers"][0]["LoadBalancerArn"])
    elbv2.modify_load_balancer_attributes(
        LoadBalancerArn=arn, Attributes=[{"Key": "load_balancing.cross_zone.enabled", "Value": cross_zone}]
    )
    return arn


def listen(account: Aws, balancer: str, port: int, **more: Any) -> str:
    elbv2 = account.client("elbv2")
    group = elbv2.create_target_group(
        Name=f"to-{port}-{balancer[-6:]}", Protocol="TCP", Port=8080, VpcId=_network(account)
    )
    arn = group["TargetGroups"][0]["TargetGroupArn"]
    made = elbv2.create_listener(
        LoadBalancerArn=balancer, Port=port, DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}], **more
    )
    return str(made["Listeners"][0]["ListenerArn"]).rpartition("/")[2]


def _network(account: Aws) -> str:
    return str(account.client("ec2").describe_subnets()["Subnets"][0]["VpcId"])


def certificate(account: Aws) -> str:
    acm = account.client("acm")
    return str(acm.request_certificate(DomainName="shop.example.com", ValidationMethod="DNS")["CertificateArn"])


def test_load_balancers_and_the_zones_that_they_stand_in(account: Aws) -> None:
    make_balancer(account, "wide", "a", "b")
    make_balancer(account, "narrow", "a")
    make_balancer(account, "web", "a", "b", kind="application")

    kinds = {each[0] for each in said(account, "network/load-balancer").values()}
    zones = sorted(said(account, "network/load-balancer-zones").values())

    assert kinds == {"pass", "not-applicable"}
    assert zones == [("fail", "stands in one subnet: two zones at least are wanted"), ("pass", ""), ("pass", "")]


def test_listeners_by_the_protocols_that_the_account_gives_for_their_policies(account: Aws) -> None:
    balancer, presented = make_balancer(account, "entry", "a", "b"), [{"CertificateArn": certificate(account)}]
    good = listen(
        account, balancer, 443, Protocol="TLS", Certificates=presented, SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06"
    )
    old = listen(account, balancer, 8443, Protocol="TLS", Certificates=presented, SslPolicy="ELBSecurityPolicy-2016-08")
    plain = listen(account, balancer, 80, Protocol="TCP")

    told = said(account, "network/load-balancer-tls")

    assert told[good] == ("pass", "")
    assert told[old] == ("fail", "ELBSecurityPolicy-2016-08 accepts TLS 1.0 or 1.1: wanted is 1.2")
    assert told[plain] == ("pass", "port 80 is passed on as it comes, beside a listener with TLS")


@pytest.mark.parametrize("operation", ["DescribeListeners", "DescribeLoadBalancers"])
def test_what_is_refused_is_no_pass(account: Aws, operation: str) -> None:
    listen(account, make_balancer(account, "entry", "a", "b"), 80, Protocol="TCP")
    account.fail("elbv2", operation, code="AccessDenied", status=403)

    told = said(account, "network/load-balancer-tls")

    assert {status for status, _ in told.values()} == {"unknown"}
    assert all(operation in reason for _, reason in told.values())


def test_certificates_by_whether_something_uses_them(account: Aws) -> None:
    used, spare = certificate(account), certificate(account)
    listen(
        account, make_balancer(account, "entry", "a", "b"), 443, Protocol="TLS", Certificates=[{"CertificateArn": used}]
    )

    told = said(account, "network/certificate-expiry")

    assert told[spare.rpartition("/")[2]][0] == "not-applicable"
    assert used.rpartition("/")[2] in told


def test_repositories_by_what_their_registry_scans(account: Aws) -> None:
    ecr = account.client("ecr")
    for name in ("shop/web", "pay/api"):
        ecr.create_repository(repositoryName=name)
    ecr.create_repository(
        repositoryName="pay/worker", imageScanningConfiguration={"scanOnPush": True}, imageTagMutability="IMMUTABLE"
    )
    filters = [{"filter": "shop", "filterType": "WILDCARD"}]
    rules = [{"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": filters}]
    ecr.put_registry_scanning_configuration(scanType="BASIC", rules=rules)

    scanned, fixed = said(account, "image/registry-scan"), said(account, "image/immutable-tags")

    assert {name: status for name, (status, _) in scanned.items()} == {"web": "pass", "api": "fail", "worker": "pass"}
    assert {name: status for name, (status, _) in fixed.items()} == {"web": "fail", "api": "fail", "worker": "pass"}


def test_sites_by_whether_a_distribution_fetches_from_them(account: Aws) -> None:
    s3 = account.client("s3")
    for bucket in ("shop-site", "docs-site", "backups"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for bucket in ("shop-site", "docs-site"):
        s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    behaviour = {
        "TargetOriginId": "site",
        "ViewerProtocolPolicy": "redirect-to-https",
        "MinTTL": 0,
        "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
    }
    account.client("cloudfront").create_distribution(
        DistributionConfig={
            "CallerReference": "shop",
            "Comment": "",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [_ORIGIN]},
            "DefaultCacheBehavior": behaviour,
        }
    )

    told = said(account, "network/cdn")

    assert {name: status for name, (status, _) in told.items()} == {"shop-site": "pass", "docs-site": "fail"}


def test_a_site_that_viewers_reach_without_tls_by_some_path(account: Aws) -> None:
    s3 = account.client("s3")
    s3.create_bucket(Bucket="shop-site", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_website(Bucket="shop-site", WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    forwarded = {"QueryString": False, "Cookies": {"Forward": "none"}}
    usual = {"TargetOriginId": "site", "MinTTL": 0, "ForwardedValues": forwarded}
    paths = [{**usual, "PathPattern": "/old/*", "ViewerProtocolPolicy": "allow-all"}]
    account.client("cloudfront").create_distribution(
        DistributionConfig={
            "CallerReference": "shop",
            "Comment": "",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [_ORIGIN]},
            "DefaultCacheBehavior": {**usual, "ViewerProtocolPolicy": "https-only"},
            "CacheBehaviors": {"Quantity": 1, "Items": paths},
        }
    )

    ((status, reason),) = said(account, "network/cdn").values()

    assert status == "fail"
    assert "lets viewers in without TLS" in reason


def test_a_certificate_whose_record_is_gone_from_its_zone(account: Aws) -> None:
    arn = certificate(account)
    listen(
        account, make_balancer(account, "entry", "a", "b"), 443, Protocol="TLS", Certificates=[{"CertificateArn": arn}]
    )
    account.client("route53").create_hosted_zone(Name="example.com", CallerReference="zone")
    collected = read(account)
    (inventory,) = Inventory.sides([collected], now=NOW)
    (found,) = [each for each in collected.resources if each.kind == "aws_acm_certificate"]

    gone = [place.seen for place in inventory.validation_gone(found)]

    assert gone == [found.body["domain_validation_options"][0]["resource_record_name"]]
