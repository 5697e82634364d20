"""The floor under a scan of an account: the same calls made bare with botocore, as many at once, and nothing more."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import botocore.session
from botocore.config import Config

REGION, EVERYWHERE = "eu-west-1", "us-east-1"
ALGORITHMS = ["RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"]
TAGS = [
    *("karpenter.sh/nodepool", "karpenter.sh/provisioner-name", "eks:eks-cluster-name", "eks:cluster-name"),
    *("aws:eks:cluster-name", "kubernetes.io/cluster/*"),
]


class Bare:
    """Clients and workers.

    Args:
        url: where the account is.
        at_once: how many calls may be on their way.
    """

    def __init__(self, url: str, at_once: int) -> None:
        self.workers = ThreadPoolExecutor(at_once)
        session = botocore.session.Session()
        config = Config(max_pool_connections=at_once, s3={"addressing_style": "path"})
        self.clients: dict[str, Any] = {
            service: session.create_client(service, region_name=region, endpoint_url=url, config=config)
            for region, services in (
                (REGION, "sts eks autoscaling elbv2 ec2 logs acm ecr s3 amp grafana"),
                (EVERYWHERE, "cloudfront route53"),
            )
            for service in services.split()
        }

    def pages(self, service: str, operation: str, **parameters: Any) -> Iterator[Any]:
        """The pages that an operation has."""
        return iter(self.clients[service].get_paginator(operation).paginate(**parameters))

    def each(self, service: str, operation: str, things: list[dict[str, Any]]) -> list[Any]:
        """What an operation answers for each of some parameters."""
        call = getattr(self.clients[service], operation)
        return list(self.workers.map(lambda parameters: call(**parameters), things))

    def clusters(self) -> None:
        """Clusters and what their nodes stand in."""
        names = [name for page in self.pages("eks", "list_clusters") for name in page["clusters"]]
        list(self.pages("eks", "describe_cluster_versions", includeAll=True))
        told = self.each("eks", "describe_cluster", [{"name": name} for name in names])
        of_clusters = [{"clusterName": name} for name in names]
        groups = self.each("eks", "list_nodegroups", of_clusters)
        self.each(
            "eks",
            "describe_nodegroup",
            [
                {"clusterName": name, "nodegroupName": group}
                for name, page in zip(names, groups, strict=True)
                for group in page["nodegroups"]
            ],
        )
        self.each("eks", "list_fargate_profiles", of_clusters)
        self.each("eks", "list_addons", of_clusters)
        list(self.pages("autoscaling", "describe_auto_scaling_groups"))
        subnets = sorted({each for answer in told for each in answer["cluster"]["resourcesVpcConfig"]["subnetIds"]})
        list(self.pages("ec2", "describe_subnets", Filters=[{"Name": "subnet-id", "Values": subnets}]))
        running = {"Name": "instance-state-name", "Values": ["pending", "running"]}
        list(self.pages("ec2", "describe_instances", Filters=[{"Name": "tag-key", "Values": TAGS}, running]))
        self.each("logs", "describe_log_groups", [{"logGroupNamePrefix": f"/aws/eks/{name}/"} for name in names])

    def balancers(self) -> None:
        """Load balancers and their listeners."""
        size = {"PageSize": 400}
        pages = self.pages("elbv2", "describe_load_balancers", PaginationConfig=size)
        arns = [each["LoadBalancerArn"] for page in pages for each in page["LoadBalancers"]]
        self.each("elbv2", "describe_tags", [{"ResourceArns": arns[at : at + 20]} for at in range(0, len(arns), 20)])
        of_balancers = [{"LoadBalancerArn": arn} for arn in arns]
        self.each("elbv2", "describe_load_balancer_attributes", of_balancers)
        answers = self.each("elbv2", "describe_listeners", of_balancers)
        listeners = [each for answer in answers for each in answer["Listeners"] if each["Protocol"] == "TLS"]
        self.each(
            "elbv2", "describe_listener_certificates", [{"ListenerArn": each["ListenerArn"]} for each in listeners]
        )
        list(self.pages("elbv2", "describe_ssl_policies", PaginationConfig=size))
        pages = self.pages("elbv2", "describe_target_groups", PaginationConfig=size)
        groups = [{"TargetGroupArn": each["TargetGroupArn"]} for page in pages for each in page["TargetGroups"]]
        self.each("elbv2", "describe_target_group_attributes", groups)
        self.each("elbv2", "describe_target_health", groups)

    def certificates(self) -> None:
        """Certificates, and the details of those in use."""
        pages = self.pages(
            "acm", "list_certificates", Includes={"keyTypes": ALGORITHMS}, PaginationConfig={"PageSize": 1000}
        )
        found = [each for page in pages for each in page["CertificateSummaryList"]]
        used = [{"CertificateArn": each["CertificateArn"]} for each in found if each["InUse"]]
        self.each("acm", "describe_certificate", used)

    def others(self) -> None:
        """What there is none of here."""
        list(self.pages("ecr", "describe_repositories"))
        list(self.pages("s3", "list_buckets", BucketRegion=REGION))
        for service, operation in (
            ("amp", "list_scrapers"),
            ("amp", "list_workspaces"),
            ("grafana", "list_workspaces"),
        ):
            list(self.pages(service, operation))
        list(self.pages("cloudfront", "list_distributions"))
        list(self.pages("route53", "list_hosted_zones"))


def main() -> None:
    """Make every call, services side by side."""
    bare = Bare(sys.argv[1], int(sys.argv[2]))
    bare.clients["sts"].get_caller_identity()
    with ThreadPoolExecutor(4) as services:
        for done in [services.submit(each) for each in (bare.clusters, bare.balancers, bare.certificates, bare.others)]:
            done.result()


if __name__ == "__main__":
    main()
