"""What is compared of a thing that a state records and that is there: what rules read, and nobody changes in passing.

Left out is what the provider computes, what AWS moves by itself (the desired size of a group, the dates of a
certificate), and what one side alone tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from readycheck.clusters.eks_ground import clusters_tagged
from readycheck.kubernetes.quantity import quantity
from readycheck.model import Path, Resource, Unjudged, Unresolved, format_path, look, parse_path


def _paths(text: str) -> tuple[Path, ...]:
    return tuple(map(parse_path, text.split()))


COMPARED: Mapping[str, tuple[Path, ...]] = {
    # Its further names are told with or without the first one, by the version of the provider.
    "aws_acm_certificate": _paths("domain_name type"),
    "aws_autoscaling_group": _paths(
        "vpc_zone_identifier min_size max_size capacity_rebalance"
        " mixed_instances_policy[0].instances_distribution[0].on_demand_base_capacity"
        " mixed_instances_policy[0].instances_distribution[0].on_demand_percentage_above_base_capacity"
    ),
    "aws_cloudfront_distribution": _paths(
        "enabled aliases viewer_certificate[0].acm_certificate_arn viewer_certificate[0].minimum_protocol_version"
    ),
    "aws_cloudwatch_log_group": _paths("retention_in_days"),
    "aws_ecr_registry_scanning_configuration": _paths("scan_type"),
    "aws_ecr_repository": _paths("image_tag_mutability image_scanning_configuration[0].scan_on_push"),
    "aws_eks_cluster": _paths(
        "version enabled_cluster_log_types vpc_config[0].subnet_ids vpc_config[0].endpoint_public_access"
        " vpc_config[0].endpoint_private_access vpc_config[0].public_access_cidrs upgrade_policy[0].support_type"
        " encryption_config[0].provider[0].key_arn"
    ),
    "aws_eks_fargate_profile": _paths("subnet_ids"),
    "aws_eks_node_group": _paths(
        "subnet_ids capacity_type instance_types scaling_config[0].min_size scaling_config[0].max_size"
    ),
    "aws_kms_key": _paths("is_enabled enable_key_rotation"),
    "aws_lb": _paths("load_balancer_type internal subnets enable_cross_zone_load_balancing"),
    "aws_lb_listener": _paths("port protocol ssl_policy certificate_arn"),
    "aws_s3_bucket_public_access_block": _paths(
        "block_public_acls block_public_policy ignore_public_acls restrict_public_buckets"
    ),
    "aws_s3_bucket_versioning": _paths("versioning_configuration[0].status"),
    "aws_subnet": _paths("availability_zone"),
}
"""The attributes that are compared, by type."""

LISTED = frozenset(
    [
        *("aws_acm_certificate", "aws_autoscaling_group", "aws_cloudfront_distribution", "aws_ecr_repository"),
        *("aws_eks_cluster", "aws_eks_fargate_profile", "aws_eks_node_group", "aws_lb", "aws_lb_listener"),
    ]
)
"""The types of which a region is asked for all there are: what is not told of them is not there."""


def is_listed(thing: Resource) -> bool:
    """Whether an account that is asked for all there are of a type is asked for things like this one.

    Args:
        thing: something that a state records.
    """
    if thing.kind == "aws_autoscaling_group":
        return any(clusters_tagged(thing))
    # Load balancers of gateways end no TLS: nobody asks for their listeners.
    return thing.kind in LISTED and ":listener/gwy/" not in str(thing.glimpse(("arn",)))


OBJECTS: Mapping[str, tuple[Path, ...]] = {
    "HorizontalPodAutoscaler": _paths("spec.minReplicas spec.maxReplicas"),
    "PodDisruptionBudget": _paths("spec.minAvailable spec.maxUnavailable"),
    "Service": _paths("spec.type spec.selector"),
    **dict.fromkeys(("Deployment", "StatefulSet"), _paths("spec.replicas spec.template.spec.containers")),
    "DaemonSet": _paths("spec.template.spec.containers"),
}
"""The fields of Kubernetes' objects that are compared, by kind."""

_OF_CONTAINERS = ("image", "command", "args", "resources", "livenessProbe", "readinessProbe")
REPLICAS: Path = ("spec", "replicas")


def compared(kind: str, recorded: Mapping[str, Any]) -> Sequence[Path]:
    """What is compared of a thing.

    Args:
        kind: its type.
        recorded: its values as they were recorded.
    """
    paths = COMPARED.get(kind, ())
    if kind == "aws_lb" and recorded.get("load_balancer_type") != "network":
        # Others are always cross-zone, whatever the provider records of them.
        return [path for path in paths if path != _CROSS_ZONE]
    return paths


_CROSS_ZONE: Path = ("enable_cross_zone_load_balancing",)


class Difference(Struct, frozen=True):
    """Something that is otherwise than was recorded.

    Args:
        path: where.
        recorded: what was recorded.
        live: what is there.
    """

    path: Path
    recorded: Any
    live: Any


def differences(paths: Sequence[Path], recorded: Mapping[str, Any], live: Mapping[str, Any]) -> Iterator[Difference]:
    """What of a thing is otherwise than was recorded; what one side does not tell is no difference.

    Args:
        paths: what is compared.
        recorded: the values that were recorded.
        live: those that are there.
    """
    for path in paths:
        try:
            one, other = look(recorded, path), look(live, path)
        except Unjudged:
            continue
        yield from _between(one, other, path)


def untold(paths: Sequence[Path], live: Mapping[str, Any]) -> str:
    """Why something that is compared is not told of what is there; "" where all is.

    Args:
        paths: what is compared.
        live: the values that are there.
    """
    for path in paths:
        try:
            value = look(live, path)
        except Unjudged as unjudged:
            return unjudged.reason
        if isinstance(value, Unresolved):
            return f"`{format_path(path)}` {value.reason}"
    return ""


def _between(recorded: Any, live: Any, path: Path) -> Iterator[Difference]:
    if _is_untold(recorded) or _is_untold(live):
        return
    if path[-1:] == ("containers",):
        for name, index, one, other in _by_name(recorded, live):
            if other is None:
                yield Difference((*path, index), f"a container {name}", "none")
                continue
            for field in _OF_CONTAINERS:
                yield from _between(one.get(field), other.get(field), (*path, index, field))
    elif isinstance(recorded, dict) and isinstance(live, dict):
        for key, value in recorded.items():
            yield from _between(value, live.get(key), (*path, key))
    elif not _alike(recorded, live):
        yield Difference(path, recorded, live)


def _by_name(recorded: Any, live: Any) -> Iterator[tuple[str, int, Mapping[str, Any], Mapping[str, Any] | None]]:
    named = {each.get("name"): each for each in live if isinstance(each, dict)} if isinstance(live, list) else {}
    for index, each in enumerate(recorded if isinstance(recorded, list) else ()):
        if isinstance(each, dict) and type(each.get("name")) is str:
            yield each["name"], index, each, named.get(each["name"])


def _is_untold(value: Any) -> bool:
    """Whether a side does not tell: null, empty where the provider means unset, or known only later."""
    return value is None or value == "" if not isinstance(value, Unresolved) else True


def _alike(recorded: Any, live: Any) -> bool:
    if isinstance(recorded, list) and isinstance(live, list):
        # Sets are lists here: their order says nothing.
        return sorted(map(str, recorded)) == sorted(map(str, live))
    if isinstance(recorded, bool) or isinstance(live, bool):
        return str(recorded).lower() == str(live).lower()
    if str(recorded) == str(live):
        return True
    try:
        return quantity(recorded) == quantity(live)
    except (Unjudged, ValueError):
        return False
