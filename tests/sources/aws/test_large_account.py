"""A large account takes the calls that its pages and the things judged take, and no more."""

from __future__ import annotations

import pytest

from tests.sources.aws.population import Size, fill
from tests.sources.aws.reading import bodies, read
from tests.sources.aws.server import Aws

pytestmark = pytest.mark.slow


def test_a_large_account_takes_the_calls_of_its_pages_and_of_what_is_judged(account: Aws) -> None:
    size = Size()
    account.page_like_aws()
    fill(account, size)
    collected = read(account, deadline_seconds=600)
    assert collected.problems == []
    kinds = ("aws_eks_cluster", "aws_eks_node_group", "aws_lb", "aws_lb_listener", "aws_acm_certificate")
    assert [len(bodies(collected, kind)) for kind in kinds] == [20, 200, 500, 500, 2_000]
    assert {operation: count for (_, operation), count in sorted(account.calls.items()) if count > 1} == {
        "DescribeCluster": 20,
        "ListNodegroups": 20,
        "DescribeNodegroup": 200,
        "ListFargateProfiles": 20,
        "ListAddons": 20,
        "DescribeLogGroups": 20,
        # 400 load balancers a page; the attributes of network load balancers, and the listeners, are told one by one.
        "DescribeLoadBalancers": 2,
        "DescribeLoadBalancerAttributes": 500,
        "DescribeListeners": 500,
        # The tags of 20 at once.
        "DescribeTags": 25,
        # 1,000 certificates a page.
        "ListCertificates": 2,
    }
    once = {operation for (_, operation), count in account.calls.items() if count == 1}
    # Of one certificate in use, of one listener that ends TLS, of one group of targets; and what is listed at once.
    assert once == {
        *("GetCallerIdentity", "ListClusters", "DescribeClusterVersions", "DescribeSubnets", "DescribeInstances"),
        *("DescribeAutoScalingGroups", "DescribeListenerCertificates", "DescribeSSLPolicies", "DescribeTargetGroups"),
        *("DescribeTargetGroupAttributes", "DescribeTargetHealth", "DescribeCertificate", "DescribeRepositories"),
        *("ListBuckets", "ListWorkspaces", "ListScrapers", "ListDistributions", "ListHostedZones"),
    }


@pytest.mark.parametrize("count", [1_000, 1_001])
def test_pages_that_moto_does_not_make_are_followed(account: Aws, count: int) -> None:
    account.page_like_aws()
    fill(account, Size(clusters=0, groups=0, balancers=1, certificates=count))
    assert len(bodies(read(account), "aws_acm_certificate")) == count
    assert account.calls["acm", "ListCertificates"] == (count + 999) // 1_000


def test_repositories_are_followed_over_pages(account: Aws) -> None:
    account.page("ecr", "DescribeRepositories", "repositories", "nextToken", "maxResults", 2)
    ecr = account.client("ecr")
    names = [f"shop/{letter}" for letter in "abcde"]
    for name in names:
        ecr.create_repository(repositoryName=name)
    assert [each["name"] for each in bodies(read(account), "aws_ecr_repository")] == names
    assert account.calls["ecr", "DescribeRepositories"] == 3
    # How they are scanned is told of 25 at once.
    assert account.calls["ecr", "BatchGetRepositoryScanningConfiguration"] == 1
