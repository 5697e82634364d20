"""Let the nodes of a cluster stand in at least two zones.

When a zone is lost, so is everything that runs there; a cluster in one zone is lost with it. What counts are the zones
that all node groups and pools of a cluster may use together: one group for each zone is a known pattern, which keeps
pods beside their volumes. Each `aws_eks_cluster` is judged by itself, of HCL, a state, a plan or an account. In an
account, the machines that run count, and the groups where none does.

In a live cluster, the nodes that stand there count: those that are Ready, not cordoned, and none of the control plane
or of Fargate.
"""

from collections import Counter
from collections.abc import Iterator

from readycheck.clusters.eks_nodes import RunningNodes
from readycheck.clusters.nodes import Cluster, Zones, is_subnet
from readycheck.inventory import CLUSTER, Inventory
from readycheck.model import Resource, Severity, Unjudged, Verdict
from readycheck.rule import EVERY_SOURCE, apart, rule
from readycheck.scope import no_nodes_declared, no_other_nodes
from readycheck.terraform.types import OF_CLUSTERS


@rule(
    CLUSTER,
    severity=Severity.CRITICAL,
    sources=EVERY_SOURCE,
    asks=OF_CLUSTERS,
    needs=no_nodes_declared,
    unless=no_other_nodes,
)
def node_zones(subject: Resource, inventory: Inventory) -> Iterator[Verdict]:
    if inventory.in_cluster:
        yield from _of_nodes(subject, inventory)
        return
    if not inventory.clusters_of(subject):
        yield subject.not_applicable("has no nodes")
    yield from apart(subject, *(_of_cluster(subject, cluster) for cluster in inventory.clusters_of(subject)))


def _of_cluster(subject: Resource, cluster: Cluster) -> Iterator[Verdict]:
    zones: list[Zones] = []
    untold: Unjudged | None = None
    for nodes in [each for each in cluster.nodes if isinstance(each, RunningNodes)] or cluster.nodes:
        try:
            zones.append(nodes.zones())
        except Unjudged as unjudged:
            untold = untold or unjudged
    names = frozenset[str]().union(*(each.names for each in zones))
    named = [name for name in names if not is_subnet(name)]
    if len(cluster.nodes) == 1 and cluster.nodes[0].most() == 1:
        (nodes,) = cluster.nodes
        yield subject.finding(
            f"{cluster.name} can have one node only ({nodes.name}), and so stands in one zone",
            at=nodes.resource.at("metadata"),
        )
    elif len(named) > 1 or any(each.several for each in zones):
        if len(zones) > 1 and all(len(each.names) == 1 for each in zones):
            yield subject.note(
                f"each node group of {cluster.name} stands in one zone, all of them in {len(named)}", at=zones[0].place
            )
    elif untold is not None:
        raise untold
    elif len(names) == 1:
        (name,) = names
        where = f"one subnet ({name})" if is_subnet(name) else f"one zone ({name})"
        yield subject.finding(
            f"all nodes of {cluster.name} stand in {where} where two zones or more are wanted",
            at=zones[0].place,
            also=[each.place for each in zones[1:]],
        )
    elif not names:
        yield subject.unknown(f"the requirements of {cluster.name} let no zone in", at=zones[0].place)
    else:
        yield subject.unknown(f"the zones of the subnets of {cluster.name} are not told", at=zones[0].place)


def _of_nodes(subject: Resource, inventory: Inventory) -> Iterator[Verdict]:
    standing = inventory.open_workers
    if not standing:
        yield subject.unknown(f"no worker node is Ready and schedulable: {_census(inventory)}")
        return
    zones = Counter(zone for node in standing if (zone := inventory.zone_of(node)))
    untold = [node for node in standing if not inventory.zone_of(node)]
    places = [node.at("metadata.labels") for node in standing[:_SHOWN]]
    if len(zones) > 1:
        most, fewest = zones.most_common()[0], zones.most_common()[-1]
        if most[1] >= _LOPSIDED * fewest[1]:
            yield subject.note(
                f"{most[1]} nodes stand in {most[0]}, and {fewest[1]} in {fewest[0]}", at=places[0], also=places[1:]
            )
    elif untold:
        yield subject.unknown(
            f"no label and no provider ID tells the zone of node {untold[0].name}"
            + (f" and of {len(untold) - 1} more" if len(untold) > 1 else ""),
            at=untold[0].at("metadata.labels"),
        )
    else:
        (zone,) = zones
        nodes = f"all {len(standing)} worker nodes stand" if len(standing) > 1 else "the only worker node stands"
        yield subject.finding(
            f"{nodes} in one zone ({zone}) where two zones or more are wanted", at=places[0], also=places[1:]
        )


def _census(inventory: Inventory) -> str:
    """How many nodes of which sort there are."""
    away = len(inventory.workers) - len(inventory.open_workers)
    others = len(inventory.nodes) - len(inventory.workers)
    return f"{away} are NotReady or cordoned, {others} are of the control plane or virtual"


_SHOWN = 5
"""How many nodes are named as evidence."""
_LOPSIDED = 4
"""How many times the nodes of the smallest zone the largest may have before that is said."""
