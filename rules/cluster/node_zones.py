"""Let the nodes of a cluster stand in at least two zones.

When a zone is lost, so is everything that runs there; a cluster in one zone is lost with it. What counts are the zones
that all node groups and pools of a cluster may use together: one group for each zone is a known pattern, which keeps
pods beside their volumes.
"""

from collections.abc import Iterator

from readycheck.clusters.nodes import SUBNET, Cluster, Zones
from readycheck.inventory import Inventory
from readycheck.model import Resource, Severity, Unjudged, Verdict
from readycheck.rule import FILES_AND_CLUSTER, apart, rule
from readycheck.scope import no_nodes_declared


@rule("Environment", severity=Severity.CRITICAL, sources=FILES_AND_CLUSTER, needs=no_nodes_declared)
def node_zones(environment: Resource, inventory: Inventory) -> Iterator[Verdict]:
    yield from apart(environment, *(_of_cluster(environment, cluster) for cluster in inventory.clusters))


def _of_cluster(environment: Resource, cluster: Cluster) -> Iterator[Verdict]:
    zones: list[Zones] = []
    untold: Unjudged | None = None
    for nodes in cluster.nodes:
        try:
            zones.append(nodes.zones())
        except Unjudged as unjudged:
            untold = untold or unjudged
    names = frozenset[str]().union(*(each.names for each in zones))
    named = [name for name in names if not name.startswith(SUBNET)]
    if len(cluster.nodes) == 1 and cluster.nodes[0].most() == 1:
        (nodes,) = cluster.nodes
        yield environment.finding(
            f"{cluster.name} can have one node only ({nodes.name}), and so stands in one zone",
            at=nodes.resource.at("metadata"),
        )
    elif len(named) > 1 or any(each.several for each in zones):
        if len(zones) > 1 and all(len(each.names) == 1 for each in zones):
            yield environment.note(
                f"each node group of {cluster.name} stands in one zone, all of them in {len(named)}", at=zones[0].place
            )
    elif untold is not None:
        raise untold
    elif len(names) == 1:
        (name,) = names
        where = f"one subnet ({name})" if name.startswith(SUBNET) else f"one zone ({name})"
        yield environment.finding(
            f"all nodes of {cluster.name} stand in {where} where two zones or more are wanted",
            at=zones[0].place,
            also=[each.place for each in zones[1:]],
        )
    elif not names:
        yield environment.unknown(f"the requirements of {cluster.name} let no zone in", at=zones[0].place)
    else:
        yield environment.unknown(f"the zones of the subnets of {cluster.name} are not told", at=zones[0].place)
