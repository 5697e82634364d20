"""Reading an account in a test, and what its clusters take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from readycheck.model import Collected
from readycheck.sources.aws.reading import read as read_accounts
from readycheck.sources.aws.request import AwsRequest, Named
from tests.sources.aws.server import ACCOUNT, Aws

ROLE = f"arn:aws:iam::{ACCOUNT}:role/eks"


def read(account: Aws, *regions: str, named: Named | None = None, **more: Any) -> Collected:
    request = AwsRequest(regions=regions or ("eu-west-1",), endpoint_url=account.url, **more)
    return read_accounts([request], named or Named(), lambda _: None)


def bodies(collected: Collected, kind: str) -> list[Mapping[str, Any]]:
    return [resource.body for resource in collected.resources if resource.kind == kind]


def subnets(account: Aws, region: str = "eu-west-1") -> dict[str, str]:
    """The subnets that every account has, by zone."""
    found = account.client("ec2", region).describe_subnets()["Subnets"]
    return {subnet["AvailabilityZone"]: subnet["SubnetId"] for subnet in found}


def make_cluster(account: Aws, name: str = "prod", *zones: str, region: str = "eu-west-1", **more: Any) -> list[str]:
    by_zone = subnets(account, region)
    chosen = [by_zone[f"{region}{zone}"] for zone in zones or ("a", "b")]
    account.client("eks", region).create_cluster(
        name=name, version="1.34", roleArn=ROLE, resourcesVpcConfig={"subnetIds": chosen}, **more
    )
    return chosen


def make_group(account: Aws, cluster: str, name: str, chosen: list[str], **more: Any) -> None:
    account.client("eks").create_nodegroup(
        clusterName=cluster,
        nodegroupName=name,
        subnets=chosen,
        nodeRole=ROLE,
        scalingConfig={"minSize": 1, "maxSize": 4, "desiredSize": 2},
        **more,
    )
