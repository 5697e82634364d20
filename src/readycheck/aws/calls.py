"""Every call that an account is asked with, and what it takes and gives (Service Authorization Reference; botocore)."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


class Call(Struct, frozen=True):
    """An operation of AWS' API that reads.

    Args:
        service: the service as botocore calls it: `elbv2`.
        operation: the operation as a client's method: `describe_load_balancers`.
        action: the permission that it takes: `elasticloadbalancing:DescribeLoadBalancers`.
        gives: the types of Terraform's that it tells of, all or in part.
    """

    service: str
    operation: str
    action: str
    gives: tuple[str, ...]


_CLUSTER = ("aws_eks_cluster",)
_GROUPS = ("aws_eks_node_group",)
_FARGATE = ("aws_eks_fargate_profile",)

_TABLE = (
    # Clusters, and what their nodes are made of.
    Call("eks", "list_clusters", "eks:ListClusters", (*_CLUSTER, *_GROUPS, *_FARGATE)),
    Call("eks", "describe_cluster", "eks:DescribeCluster", _CLUSTER),
    Call("eks", "list_nodegroups", "eks:ListNodegroups", _GROUPS),
    Call("eks", "describe_nodegroup", "eks:DescribeNodegroup", _GROUPS),
    Call("eks", "list_fargate_profiles", "eks:ListFargateProfiles", _FARGATE),
    Call("eks", "describe_fargate_profile", "eks:DescribeFargateProfile", _FARGATE),
    Call("eks", "describe_cluster_versions", "eks:DescribeClusterVersions", ("aws_eks_cluster_version",)),
    Call(
        "autoscaling",
        "describe_auto_scaling_groups",
        "autoscaling:DescribeAutoScalingGroups",
        ("aws_autoscaling_group",),
    ),
    Call("ec2", "describe_subnets", "ec2:DescribeSubnets", ("aws_subnet",)),
    Call("ec2", "describe_launch_template_versions", "ec2:DescribeLaunchTemplateVersions", ("aws_launch_template",)),
    Call("ec2", "describe_instances", "ec2:DescribeInstances", ("aws_instance",)),
    # Who is asked: it takes no permission, yet is a call like the others.
    Call("sts", "get_caller_identity", "sts:GetCallerIdentity", ()),
)

CALLS: Mapping[tuple[str, str], Call] = {(call.service, call.operation): call for call in _TABLE}
"""The calls by service and operation: what does not stand here is never asked."""
