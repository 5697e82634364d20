"""A large account: more than anybody looks at by hand."""

from __future__ import annotations

from copy import copy
from typing import Any, NamedTuple

from moto.acm.models import acm_backends

from tests.sources.aws.server import ACCOUNT, Aws

REGION = "eu-west-1"


class Size(NamedTuple):
    """How much of what there is.

    Args:
        clusters: clusters of EKS.
        groups: node groups, over all clusters.
        balancers: network load balancers, with a listener each.
        certificates: certificates, of which one is in use.
    """

    clusters: int = 20
    groups: int = 200
    balancers: int = 500
    certificates: int = 2_000


def fill(account: Aws, size: Size) -> None:
    """Make it.

    Args:
        account: the server.
        size: how large.
    """
    subnets = [each["SubnetId"] for each in account.client("ec2").describe_subnets()["Subnets"]][:2]
    _fill_clusters(account.client("eks"), size, subnets)
    certificate = _fill_certificates(account, size.certificates)
    _fill_balancers(account.client("elbv2"), size.balancers, subnets, certificate)
    account.calls.clear()


def _fill_clusters(eks: Any, size: Size, subnets: list[str]) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/eks"
    for number in range(size.clusters):
        eks.create_cluster(name=f"c{number}", version="1.34", roleArn=role, resourcesVpcConfig={"subnetIds": subnets})
    for number in range(size.groups):
        eks.create_nodegroup(
            clusterName=f"c{number % size.clusters}", nodegroupName=f"g{number}", subnets=subnets, nodeRole=role
        )


def _fill_certificates(account: Aws, count: int) -> str:
    """Make certificates, all of one key: moto takes longer for a key than for anything else; gives one of them."""
    made = account.client("acm").request_certificate(DomainName="c.example.com", ValidationMethod="DNS")
    backend = acm_backends[ACCOUNT][REGION]
    first = backend._certificates[made["CertificateArn"]]  # noqa: SLF001 - there is no other door
    for number in range(1, count):
        another = copy(first)
        another.arn = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/{number:08d}-0000-4000-8000-000000000000"
        another.in_use_by = []
        backend._certificates[another.arn] = another  # noqa: SLF001 - same
    return str(made["CertificateArn"])


def _fill_balancers(elbv2: Any, count: int, subnets: list[str], certificate: str) -> None:
    group: dict[str, Any] = {}
    for number in range(count):
        made = elbv2.create_load_balancer(Name=f"n{number}", Subnets=subnets, Type="network")["LoadBalancers"][0]
        group = group or elbv2.create_target_group(
            Name="targets", Protocol="TCP", Port=80, VpcId=made["VpcId"], TargetType="ip"
        )
        # One ends TLS, with the one certificate that is in use.
        encrypted = {"Protocol": "TLS", "Certificates": [{"CertificateArn": certificate}]} if number == 0 else {}
        elbv2.create_listener(
            LoadBalancerArn=made["LoadBalancerArn"],
            Port=443,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group["TargetGroups"][0]["TargetGroupArn"]}],
            **{"Protocol": "TCP", **encrypted},
        )
