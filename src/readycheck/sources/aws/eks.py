"""Clusters of EKS, their node groups and Fargate profiles (API: eks)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from readycheck.model import Unresolved
from readycheck.sources.aws.asking import Area, Service
from readycheck.sources.aws.shapes import block, present

_CLUSTER, _GROUP, _FARGATE = "aws_eks_cluster", "aws_eks_node_group", "aws_eks_fargate_profile"
_ADDON = "aws_eks_addon"
_JUDGED_ADDONS = frozenset({"amazon-cloudwatch-observability"})
"""The add-ons that rules ask about: each would be a call more."""


def read(area: Area) -> None:
    """Read the clusters of a region.

    Raises:
        CallFault: they cannot be listed.
    """
    eks = area.service("eks")
    names: list[str] = eks.listed("list_clusters", "clusters")
    if names:
        _read_versions(area, eks)
    told = eks.each(lambda name: eks.detail("describe_cluster", name, name=name), names)
    # Nothing is told of one that went away meanwhile.
    clusters = [
        (name, answer) for name, answer in zip(names, told, strict=True) if isinstance(answer, Unresolved) or answer
    ]
    for name, answer in clusters:
        _add_cluster(area, name, answer)
    names = [name for name, _ in clusters]
    _read_parts(area, eks, names, _GROUP)
    _read_parts(area, eks, names, _FARGATE)
    _read_parts(area, eks, names, _ADDON)


def _read_versions(area: Area, eks: Service) -> None:
    for version in eks.listed_if_told("describe_cluster_versions", "clusterVersions", includeAll=True):
        name = str(version["clusterVersion"])
        area.add(
            "aws_eks_cluster_version",
            f"{area.region}/{name}",
            id=name,
            cluster_version=name,
            status=version.get("versionStatus"),
            end_of_standard_support_date=_date(version.get("endOfStandardSupportDate")),
            end_of_extended_support_date=_date(version.get("endOfExtendedSupportDate")),
        )


def _date(moment: Any) -> str | None:
    return None if moment is None else str(moment.date())


def _add_cluster(area: Area, name: str, answer: Mapping[str, Any] | Unresolved) -> None:
    arn = area.arn("eks", f"cluster/{name}")
    if isinstance(answer, Unresolved):
        area.add_unread(_CLUSTER, arn, answer, arn=arn, id=name, name=name)
        return
    cluster = answer["cluster"]
    network = cluster.get("resourcesVpcConfig", {})
    area.add(
        _CLUSTER,
        cluster.get("arn", arn),
        arn=cluster.get("arn", arn),
        id=name,
        name=name,
        version=cluster.get("version"),
        endpoint=cluster.get("endpoint"),
        status=cluster.get("status"),
        enabled_cluster_log_types=[
            kind
            for group in cluster.get("logging", {}).get("clusterLogging", ())
            if group.get("enabled")
            for kind in group.get("types", ())
        ],
        encryption_config=[
            {
                "resources": each.get("resources", []),
                "provider": [{"key_arn": each.get("provider", {}).get("keyArn")}],
            }
            for each in cluster.get("encryptionConfig", ())
        ],
        vpc_config=[
            present(
                subnet_ids=network.get("subnetIds", []),
                security_group_ids=network.get("securityGroupIds", []),
                vpc_id=network.get("vpcId"),
                endpoint_public_access=network.get("endpointPublicAccess"),
                endpoint_private_access=network.get("endpointPrivateAccess"),
                public_access_cidrs=network.get("publicAccessCidrs"),
            )
        ],
        upgrade_policy=block(cluster.get("upgradePolicy"), support_type="supportType"),
        compute_config=block(cluster.get("computeConfig"), enabled="enabled", node_pools="nodePools"),
        zonal_shift_config=block(cluster.get("zonalShiftConfig"), enabled="enabled"),
        deletion_protection=cluster.get("deletionProtection"),
        tags=cluster.get("tags", {}),
    )


_PARTS: Mapping[str, tuple[str, str, str, str, str, str]] = {
    # The call that lists, its key, the call that tells of one, its parameter, its key, and what its ARN says.
    _GROUP: ("list_nodegroups", "nodegroups", "describe_nodegroup", "nodegroupName", "nodegroup", "nodegroup"),
    _FARGATE: (
        "list_fargate_profiles",
        "fargateProfileNames",
        "describe_fargate_profile",
        "fargateProfileName",
        "fargateProfile",
        "fargateprofile",
    ),
    _ADDON: ("list_addons", "addons", "describe_addon", "addonName", "addon", "addon"),
}
_NAMES = {_GROUP: "node_group_name", _FARGATE: "fargate_profile_name", _ADDON: "addon_name"}


def _read_parts(area: Area, eks: Service, clusters: list[str], kind: str) -> None:
    """Read what belongs to clusters; where a cluster's are not told, one of which nothing is known stands for them."""
    lists, listed, describes, parameter, key, noun = _PARTS[kind]
    names = eks.each(
        lambda cluster: eks.listed_of(lists, listed, f"{noun}s of {cluster}", clusterName=cluster),
        clusters,
    )
    wanted = []
    for cluster, found in zip(clusters, names, strict=True):
        if isinstance(found, Unresolved):
            arn = area.arn("eks", f"{noun}/{cluster}/*")
            area.add_unread(kind, arn, found, arn=arn, cluster_name=cluster)
        else:
            wanted += [(cluster, name) for name in found if kind != _ADDON or name in _JUDGED_ADDONS]
    answers = eks.each(
        lambda part: eks.detail(describes, f"{noun} {'/'.join(part)}", **{"clusterName": part[0], parameter: part[1]}),
        wanted,
    )
    for (cluster, name), answer in zip(wanted, answers, strict=True):
        if isinstance(answer, Unresolved):
            arn = area.arn("eks", f"{noun}/{cluster}/{name}")
            known = {"cluster_name": cluster, _NAMES[kind]: name}
            area.add_unread(kind, arn, answer, arn=arn, id=f"{cluster}:{name}", **known)
        elif answer:
            _ADDS[kind](area, answer[key])


def _add_group(area: Area, group: Mapping[str, Any]) -> None:
    arn, cluster, name = group["nodegroupArn"], group["clusterName"], group["nodegroupName"]
    made = group.get("resources") or {}
    area.add(
        _GROUP,
        arn,
        arn=arn,
        id=f"{cluster}:{name}",
        cluster_name=cluster,
        node_group_name=name,
        version=group.get("version"),
        status=group.get("status"),
        ami_type=group.get("amiType"),
        # What is asked for without a word on it is on demand.
        capacity_type=group.get("capacityType", "ON_DEMAND"),
        instance_types=group.get("instanceTypes", []),
        subnet_ids=group.get("subnets", []),
        scaling_config=block(
            group.get("scalingConfig"), min_size="minSize", max_size="maxSize", desired_size="desiredSize"
        ),
        update_config=block(
            group.get("updateConfig"),
            max_unavailable="maxUnavailable",
            max_unavailable_percentage="maxUnavailablePercentage",
        ),
        launch_template=block(group.get("launchTemplate"), id="id", name="name", version="version"),
        resources=[{"autoscaling_groups": [{"name": each.get("name")} for each in made.get("autoScalingGroups", ())]}],
        labels=group.get("labels", {}),
        taint=[block(each, key="key", value="value", effect="effect")[0] for each in group.get("taints", ())],
        tags=group.get("tags", {}),
    )


def _add_fargate(area: Area, profile: Mapping[str, Any]) -> None:
    arn, cluster, name = profile["fargateProfileArn"], profile["clusterName"], profile["fargateProfileName"]
    area.add(
        _FARGATE,
        arn,
        arn=arn,
        id=f"{cluster}:{name}",
        cluster_name=cluster,
        fargate_profile_name=name,
        status=profile.get("status"),
        subnet_ids=profile.get("subnets", []),
        selector=[
            {"namespace": each.get("namespace"), "labels": each.get("labels", {})}
            for each in profile.get("selectors", ())
        ],
        tags=profile.get("tags", {}),
    )


def _add_addon(area: Area, addon: Mapping[str, Any]) -> None:
    area.add(
        _ADDON,
        addon["addonArn"],
        arn=addon["addonArn"],
        id=f"{addon['clusterName']}:{addon['addonName']}",
        cluster_name=addon["clusterName"],
        addon_name=addon["addonName"],
        addon_version=addon.get("addonVersion"),
        status=addon.get("status"),
    )


_ADDS = {_GROUP: _add_group, _FARGATE: _add_fargate, _ADDON: _add_addon}
