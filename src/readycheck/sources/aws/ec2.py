"""The subnets, launch templates and instances that clusters are made of (API: ec2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from readycheck.model import Unresolved
from readycheck.sources.aws.asking import Area, Service
from readycheck.sources.aws.shapes import block, tags

_MOST_VALUES = 200
"""How many values a filter takes (EC2 API reference: Filter)."""
_TAGS_OF_NODES = (
    "karpenter.sh/nodepool",
    "karpenter.sh/provisioner-name",
    "eks:eks-cluster-name",
    "eks:cluster-name",
    "aws:eks:cluster-name",
    "kubernetes.io/cluster/*",
)
"""The keys of tags that say that an instance is a node, by who makes nodes: Karpenter, Auto Mode, node groups."""


def read(area: Area) -> None:
    """Read what the clusters and groups of a region name, and the instances that are nodes.

    Raises:
        CallFault: the instances or subnets cannot be listed.
    """
    ec2 = area.service("ec2")
    _read_templates(area, ec2)
    _read_subnets(area, ec2)
    if area.things("aws_eks_cluster"):
        _read_instances(area, ec2)


def _read_subnets(area: Area, ec2: Service) -> None:
    wanted = sorted(set(_subnets_named(area)))
    for start in range(0, len(wanted), _MOST_VALUES):
        some = wanted[start : start + _MOST_VALUES]
        # A filter passes over what is gone, where a list of ids gives an error for all of them.
        filters = [{"Name": "subnet-id", "Values": some}]
        answer = ec2.listed_of("describe_subnets", "Subnets", f"subnets {', '.join(some)}", Filters=filters)
        if isinstance(answer, Unresolved):
            for name in some:
                area.add_unread("aws_subnet", name, answer, id=name)
            continue
        for subnet in answer:
            arn = subnet.get("SubnetArn") or area.arn("ec2", f"subnet/{subnet['SubnetId']}")
            area.add(
                "aws_subnet",
                arn,
                arn=arn,
                id=subnet["SubnetId"],
                availability_zone=subnet["AvailabilityZone"],
                availability_zone_id=subnet.get("AvailabilityZoneId"),
                vpc_id=subnet.get("VpcId"),
                cidr_block=subnet.get("CidrBlock"),
                map_public_ip_on_launch=subnet.get("MapPublicIpOnLaunch", False),
                tags=tags(subnet.get("Tags", ())),
            )


def _subnets_named(area: Area) -> Iterator[str]:
    for cluster in area.things("aws_eks_cluster"):
        for config in _decided(cluster.get("vpc_config")):
            yield from config.get("subnet_ids", ())
    for kind, attribute in (
        ("aws_eks_node_group", "subnet_ids"),
        ("aws_eks_fargate_profile", "subnet_ids"),
        ("aws_autoscaling_group", "vpc_zone_identifier"),
        ("aws_lb", "subnets"),
    ):
        for thing in area.things(kind):
            yield from _decided(thing.get(attribute))


def _decided(value: Any) -> Sequence[Any]:
    return () if value is None or isinstance(value, Unresolved) else value


def _read_templates(area: Area, ec2: Service) -> None:
    wanted = sorted(set(_templates_named(area)))
    answers = ec2.each(
        lambda template: ec2.listed_of(
            "describe_launch_template_versions",
            "LaunchTemplateVersions",
            f"launch template {template[0]}",
            LaunchTemplateId=template[0],
            Versions=[template[1]],
        ),
        wanted,
    )
    for (name, version), answer in zip(wanted, answers, strict=True):
        arn = area.arn("ec2", f"launch-template/{name}")
        if isinstance(answer, Unresolved):
            area.add_unread("aws_launch_template", arn, answer, arn=arn, id=name, version=version)
            continue
        for each in answer:
            market = each.get("LaunchTemplateData", {}).get("InstanceMarketOptions")
            area.add(
                "aws_launch_template",
                arn,
                arn=arn,
                id=name,
                name=each.get("LaunchTemplateName"),
                version=version,
                version_number=each.get("VersionNumber"),
                instance_market_options=block(market, market_type="MarketType"),
            )


def _templates_named(area: Area) -> Iterator[tuple[str, str]]:
    for kind in ("aws_eks_node_group", "aws_autoscaling_group"):
        for thing in area.things(kind):
            yield from _templates(_decided(thing.get("launch_template")), "id", "version")
            for policy in _decided(thing.get("mixed_instances_policy")):
                for template in policy["launch_template"]:
                    named = template["launch_template_specification"]
                    yield from _templates(named, "launch_template_id", "version")


def _templates(named: Iterable[Mapping[str, Any]], identity: str, version: str) -> Iterator[tuple[str, str]]:
    for each in named:
        if each.get(identity):
            yield each[identity], str(each.get(version) or "$Default")


def _read_instances(area: Area, ec2: Service) -> None:
    filters = [
        {"Name": "tag-key", "Values": list(_TAGS_OF_NODES)},
        {"Name": "instance-state-name", "Values": ["pending", "running"]},
    ]
    for reservation in ec2.listed("describe_instances", "Reservations", Filters=filters):
        for instance in reservation.get("Instances", ()):
            arn = area.arn("ec2", f"instance/{instance['InstanceId']}")
            area.add(
                "aws_instance",
                arn,
                arn=arn,
                id=instance["InstanceId"],
                availability_zone=instance.get("Placement", {}).get("AvailabilityZone"),
                subnet_id=instance.get("SubnetId"),
                instance_type=instance.get("InstanceType"),
                # Who is on demand has none.
                instance_lifecycle=instance.get("InstanceLifecycle", ""),
                instance_state=instance.get("State", {}).get("Name"),
                tags=tags(instance.get("Tags", ())),
            )
