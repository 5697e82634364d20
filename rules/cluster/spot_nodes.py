"""Run some nodes on spot, and keep others that are not interrupted.

Spot nodes cost a fraction, and are taken away with two minutes' notice: what bears that runs there, and on-demand or
reserved nodes remain for what does not. A pool of Karpenter that says nothing of its capacity may use any.
"""

from collections.abc import Iterator

from readycheck.clusters.nodes import Capacity, Cluster
from readycheck.inventory import Inventory
from readycheck.model import Resource, Severity, Unjudged, Verdict
from readycheck.rule import FILES_AND_CLUSTER, apart, rule
from readycheck.scope import no_nodes_declared


@rule("Environment", severity=Severity.LOW, sources=FILES_AND_CLUSTER, needs=no_nodes_declared)
def spot_nodes(environment: Resource, inventory: Inventory) -> Iterator[Verdict]:
    yield from apart(environment, *(_of_cluster(environment, cluster) for cluster in inventory.clusters))


def _of_cluster(environment: Resource, cluster: Cluster) -> Iterator[Verdict]:
    capacities: list[Capacity] = []
    untold: Unjudged | None = None
    for nodes in cluster.nodes:
        try:
            capacities.append(nodes.capacity())
        except Unjudged as unjudged:
            untold = untold or unjudged
    spot = any(each.spot for each in capacities)
    if spot and any(each.on_demand for each in capacities):
        return
    if untold is not None:
        raise untold
    also = [each.place for each in capacities[1:]]
    if spot:
        yield environment.finding(
            f"all nodes of {cluster.name} are spot: none remain for what must not be interrupted",
            at=capacities[0].place,
            also=also,
        )
    elif any(each.on_demand for each in capacities):
        yield environment.finding(f"no nodes of {cluster.name} are spot", at=capacities[0].place, also=also)
    else:
        yield environment.unknown(f"the requirements of {cluster.name} let no capacity in", at=capacities[0].place)
