"""The types of Terraform's AWS provider that rules read, and those of our own in the same style.

What HCL declares, a state records, a plan intends and an account answers all come in these names and shapes: nested
blocks are lists of mappings, sets are lists. What has a row here is asked of an account (Terraform AWS provider, API
references of AWS).
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


class ResourceType(Struct, frozen=True):
    """A type of things.

    Args:
        what: what such a thing is, for people.
        attributes: what rules read of it: what could not be asked of a thing is unknown in each of them.
        own: whether Terraform has no such type.
    """

    what: str
    attributes: tuple[str, ...]
    own: bool = False


def _type(what: str, attributes: str, *, own: bool = False) -> ResourceType:
    return ResourceType(what, tuple(attributes.split()), own)


TYPES: Mapping[str, ResourceType] = {
    "aws_eks_cluster": _type(
        "a cluster of EKS",
        "version enabled_cluster_log_types encryption_config vpc_config upgrade_policy compute_config endpoint",
    ),
    "aws_eks_node_group": _type(
        "a managed node group",
        "cluster_name node_group_name subnet_ids capacity_type instance_types scaling_config update_config resources"
        " launch_template labels",
    ),
    "aws_eks_fargate_profile": _type(
        "which pods of a cluster run on Fargate", "cluster_name fargate_profile_name selector subnet_ids"
    ),
    "aws_eks_cluster_version": _type(
        "a version of Kubernetes that EKS offers: `status` is STANDARD_SUPPORT, EXTENDED_SUPPORT or UNSUPPORTED",
        "cluster_version status end_of_standard_support_date end_of_extended_support_date",
        own=True,
    ),
    "aws_autoscaling_group": _type(
        "a group of instances; `instances` is what it runs now, with each one's zone",
        "name vpc_zone_identifier availability_zones mixed_instances_policy launch_template capacity_rebalance tag"
        " min_size max_size desired_capacity instances",
    ),
    "aws_subnet": _type("a subnet", "availability_zone availability_zone_id vpc_id cidr_block tags"),
    "aws_launch_template": _type(
        "a launch template, in the version that a group names: `version`", "name instance_market_options version"
    ),
    "aws_instance": _type(
        "a running instance that is a node: `instance_lifecycle` is spot or, on demand, empty",
        "availability_zone subnet_id instance_type instance_lifecycle tags",
    ),
}
