"""Give a cluster subnets in at least two zones.

Where its subnets lie decides where a cluster's nodes and load balancers can stand: in one zone, all of them are lost
with it. The subnets of the node groups count together: one group for each zone is a known pattern, which is noted. Each
`aws_eks_cluster` is judged by itself, of HCL, a state, a plan or an account.
"""

from collections.abc import Iterable, Iterator

from readycheck.clusters import cluster_api, eks_nodes, eksctl
from readycheck.clusters.eks import EksCluster
from readycheck.clusters.nodes import Nodes, Zones, is_subnet
from readycheck.inventory import CLUSTER, Inventory
from readycheck.model import Resource, Severity, Verdict
from readycheck.rule import DECLARED_AND_IN_AWS, apart, rule
from readycheck.scope import no_control_plane_declared, no_other_control_plane, outside_aws
from readycheck.terraform.types import OF_CLUSTERS


@rule(
    CLUSTER,
    severity=Severity.HIGH,
    needs=no_control_plane_declared,
    unless=(outside_aws, no_other_control_plane),
    sources=DECLARED_AND_IN_AWS,
    asks=OF_CLUSTERS,
)
def subnet_zones(subject: Resource, inventory: Inventory) -> Iterator[Verdict]:
    declared = inventory.eks_cluster(subject)
    if declared is not None:
        groups = _of_groups(subject, declared.name, eks_nodes.groups_in(declared))
        yield from apart(subject, _of_declared(subject, declared), groups, _unread(subject, declared))
        return
    yield from apart(
        subject,
        *(_of_config(subject, config) for config in inventory.cluster_configs),
        *(_of_control_plane(subject, each) for each in inventory.control_planes),
    )


def _of_config(subject: Resource, config: Resource) -> Iterator[Verdict]:
    name = f"{config.kind} {config.name}"
    if eksctl.adds_nodes_only(config):
        yield subject.unknown(f"{name} adds node groups and says nothing of the cluster", at=config.at("metadata"))
    else:
        yield from _judge(subject, f"the subnets of {name}", eksctl.cluster_zones(config))
    yield from _of_groups(subject, name, eksctl.nodes_in(config))


def _of_declared(subject: Resource, cluster: EksCluster) -> Iterator[Verdict]:
    yield from _judge(subject, f"the subnets of {cluster.name}", cluster.zones())


def _unread(subject: Resource, cluster: EksCluster) -> Iterator[Verdict]:
    """Groups that an account did not tell of may lie anywhere."""
    for hidden in cluster.others:
        if hidden.reason:
            yield subject.unknown(hidden.reason, at=hidden.place)


def _of_groups(subject: Resource, name: str, nodes: Iterable[Nodes]) -> Iterator[Verdict]:
    groups = [each.zones() for each in nodes]
    names = frozenset[str]().union(*(each.names for each in groups))
    if any(each.several for each in groups):
        return
    if len(names) == 1:
        yield from _judge(subject, f"the subnets of all node groups of {name}", Zones(names, groups[0].place))
    elif len(groups) > 1 and all(len(each.names) == 1 for each in groups):
        yield subject.note(
            f"the subnets of each node group of {name} lie in one zone, those of all of them in {len(names)}",
            at=groups[0].place,
        )


def _of_control_plane(subject: Resource, control_plane: Resource) -> Iterator[Verdict]:
    name = f"{control_plane.kind} {control_plane.name}"
    yield from _judge(subject, f"the subnets of {name}", cluster_api.subnet_zones(control_plane))


def _judge(subject: Resource, whose: str, zones: Zones) -> Iterator[Verdict]:
    if zones.several:
        yield subject.note(f"{whose} are made in several zones, which are not named", at=zones.place)
    elif len(zones.names) == 1:
        (name,) = zones.names
        where = f"are one ({name})" if is_subnet(name) else f"lie in one zone ({name})"
        yield subject.finding(f"{whose} {where} where two zones or more are wanted", at=zones.place)
