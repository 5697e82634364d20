"""Give a cluster subnets in at least two zones.

Where its subnets lie decides where a cluster's nodes and load balancers can stand: in one zone, all of them are lost
with it. The subnets of the node groups count together: one group for each zone is a known pattern, which is noted.
"""

from collections.abc import Iterator

from readycheck.clusters import cluster_api, eksctl
from readycheck.clusters.nodes import SUBNET, Zones
from readycheck.inventory import Inventory
from readycheck.model import Resource, Severity, Verdict
from readycheck.rule import apart, rule
from readycheck.scope import no_control_plane_declared, outside_aws


@rule("Environment", severity=Severity.HIGH, needs=no_control_plane_declared, unless=outside_aws)
def subnet_zones(environment: Resource, inventory: Inventory) -> Iterator[Verdict]:
    yield from apart(
        environment,
        *(_of_config(environment, config) for config in inventory.cluster_configs),
        *(_of_control_plane(environment, each) for each in inventory.control_planes),
    )


def _of_config(environment: Resource, config: Resource) -> Iterator[Verdict]:
    name = f"{config.kind} {config.name}"
    if eksctl.adds_nodes_only(config):
        yield environment.unknown(f"{name} adds node groups and says nothing of the cluster", at=config.at("metadata"))
    else:
        yield from _judge(environment, f"the subnets of {name}", eksctl.cluster_zones(config))
    groups = [nodes.zones() for nodes in eksctl.nodes_in(config)]
    names = frozenset[str]().union(*(each.names for each in groups))
    if any(each.several for each in groups):
        return
    if len(names) == 1:
        yield from _judge(environment, f"the subnets of all node groups of {name}", Zones(names, groups[0].place))
    elif len(groups) > 1 and all(len(each.names) == 1 for each in groups):
        yield environment.note(
            f"the subnets of each node group of {name} lie in one zone, those of all of them in {len(names)}",
            at=groups[0].place,
        )


def _of_control_plane(environment: Resource, control_plane: Resource) -> Iterator[Verdict]:
    name = f"{control_plane.kind} {control_plane.name}"
    yield from _judge(environment, f"the subnets of {name}", cluster_api.subnet_zones(control_plane))


def _judge(environment: Resource, whose: str, zones: Zones) -> Iterator[Verdict]:
    if zones.several:
        yield environment.note(f"{whose} are made in several zones, which are not named", at=zones.place)
    elif len(zones.names) == 1:
        (name,) = zones.names
        where = f"are one ({name})" if name.startswith(SUBNET) else f"lie in one zone ({name})"
        yield environment.finding(f"{whose} {where} where two zones or more are wanted", at=zones.place)
