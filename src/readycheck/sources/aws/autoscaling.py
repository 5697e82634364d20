"""Groups of instances that are nodes, with the instances that they run (API: autoscaling)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from readycheck.sources.aws.asking import Area
from readycheck.sources.aws.shapes import block

_OF_CLUSTER = "kubernetes.io/cluster/"
"""What the key of the tag begins with that says whose nodes they are; the cluster's name follows."""
_OF_NODE_GROUP = "eks:cluster-name"


def read(area: Area) -> None:
    """Read the groups of a region that belong to clusters.

    Raises:
        CallFault: they cannot be listed.
    """
    for group in area.service("autoscaling").listed("describe_auto_scaling_groups", "AutoScalingGroups"):
        keys = [tag["Key"] for tag in group.get("Tags", ())]
        if any(key.startswith(_OF_CLUSTER) or key == _OF_NODE_GROUP for key in keys):
            _add(area, group)


def _add(area: Area, group: Mapping[str, Any]) -> None:
    subnets = group.get("VPCZoneIdentifier") or ""
    area.add(
        "aws_autoscaling_group",
        group["AutoScalingGroupARN"],
        arn=group["AutoScalingGroupARN"],
        id=group["AutoScalingGroupName"],
        name=group["AutoScalingGroupName"],
        vpc_zone_identifier=[each.strip() for each in subnets.split(",") if each.strip()],
        availability_zones=group.get("AvailabilityZones", []),
        min_size=group.get("MinSize"),
        max_size=group.get("MaxSize"),
        desired_capacity=group.get("DesiredCapacity"),
        capacity_rebalance=group.get("CapacityRebalance", False),
        launch_template=_template(group.get("LaunchTemplate")),
        mixed_instances_policy=_mixed(group.get("MixedInstancesPolicy")),
        tag=[
            {
                "key": tag["Key"],
                "value": tag.get("Value", ""),
                "propagate_at_launch": tag.get("PropagateAtLaunch", False),
            }
            for tag in group.get("Tags", ())
        ],
        instances=[
            {
                "id": instance.get("InstanceId"),
                "availability_zone": instance.get("AvailabilityZone"),
                "lifecycle_state": instance.get("LifecycleState"),
                "health_status": instance.get("HealthStatus"),
                "instance_type": instance.get("InstanceType"),
            }
            for instance in group.get("Instances", ())
        ],
    )


def _template(answer: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    return block(answer, id="LaunchTemplateId", name="LaunchTemplateName", version="Version")


def _mixed(answer: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    if not answer:
        return []
    template = answer.get("LaunchTemplate") or {}
    specification = template.get("LaunchTemplateSpecification")
    return [
        {
            "instances_distribution": block(
                answer.get("InstancesDistribution"),
                on_demand_base_capacity="OnDemandBaseCapacity",
                on_demand_percentage_above_base_capacity="OnDemandPercentageAboveBaseCapacity",
                on_demand_allocation_strategy="OnDemandAllocationStrategy",
                spot_allocation_strategy="SpotAllocationStrategy",
            ),
            "launch_template": [
                {
                    "launch_template_specification": block(
                        specification,
                        launch_template_id="LaunchTemplateId",
                        launch_template_name="LaunchTemplateName",
                        version="Version",
                    ),
                    "override": [{"instance_type": each.get("InstanceType")} for each in template.get("Overrides", ())],
                }
            ],
        }
    ]
