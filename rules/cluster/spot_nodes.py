"""Run some nodes on spot, and keep others that are not interrupted.

Spot nodes cost a fraction, and are taken away with two minutes' notice: what bears that runs there, and on-demand or
reserved nodes remain for what does not. A pool of Karpenter that says nothing of its capacity may use any. A Karpenter
that is told of no queue of interruptions (SQS) does not hear the notice: that is noted. Clusters outside of AWS are not
asked. In a live cluster, the nodes that stand there count, by their labels. Each `aws_eks_cluster` is judged
by itself, of HCL, a state, a plan or an account, where the machines that run count beside the groups.
"""

from collections.abc import Iterator, Sequence

from readycheck.clusters.nodes import Capacity, Cluster
from readycheck.inventory import CLUSTER, Inventory
from readycheck.kubernetes.node import is_of_aws, is_spot
from readycheck.model import Resource, Severity, Unjudged, Verdict
from readycheck.rule import EVERY_SOURCE, apart, rule
from readycheck.scope import another_cloud, no_nodes_declared, no_other_nodes, outside_aws
from readycheck.terraform.types import OF_CLUSTERS


def _untold(inventory: Inventory) -> str | None:
    return None if another_cloud(inventory) else no_nodes_declared(inventory)


@rule(
    CLUSTER,
    severity=Severity.LOW,
    sources=EVERY_SOURCE,
    asks=OF_CLUSTERS,
    needs=_untold,
    unless=(outside_aws, no_other_nodes),
)
def spot_nodes(subject: Resource, inventory: Inventory) -> Iterator[Verdict]:
    if inventory.in_cluster:
        yield from _of_nodes(subject, inventory.workers)
        return
    if not inventory.clusters_of(subject):
        yield subject.not_applicable("has no nodes")
    yield from apart(
        subject,
        *(_of_cluster(subject, cluster) for cluster in inventory.clusters_of(subject)),
        *(_interruptions(subject, cluster, inventory) for cluster in inventory.clusters_of(subject)),
    )


def _of_cluster(subject: Resource, cluster: Cluster) -> Iterator[Verdict]:
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
        yield subject.finding(
            f"all nodes of {cluster.name} are spot: none remain for what must not be interrupted",
            at=capacities[0].place,
            also=also,
        )
    elif any(each.on_demand for each in capacities):
        yield subject.finding(f"no nodes of {cluster.name} are spot", at=capacities[0].place, also=also)
    else:
        yield subject.unknown(f"the requirements of {cluster.name} let no capacity in", at=capacities[0].place)


def _of_nodes(subject: Resource, workers: Sequence[Resource]) -> Iterator[Verdict]:
    spot = [node for node in workers if is_spot(node)]
    on_demand = [node for node in workers if is_spot(node) is False]
    untold = [node for node in workers if is_spot(node) is None]
    if not workers:
        yield subject.unknown("there is no worker node")
    elif spot and (on_demand or (untold and not is_of_aws(untold[0]))):
        return
    elif not spot and not any(map(is_of_aws, workers)):
        yield subject.not_applicable("the nodes are none of AWS, and none says that it is spot")
    elif untold:
        more = f", nor whether {len(untold) - 1} more are" if len(untold) > 1 else ""
        yield subject.unknown(
            f"no label tells whether node {untold[0].name} is spot{more}", at=untold[0].at("metadata.labels")
        )
    elif spot:
        yield subject.finding(
            "all worker nodes are spot: none remain for what must not be interrupted",
            at=spot[0].at("metadata.labels"),
        )
    else:
        yield subject.finding(f"none of {len(on_demand)} worker nodes is spot", at=on_demand[0].at("metadata.labels"))


def _interruptions(subject: Resource, cluster: Cluster, inventory: Inventory) -> Iterator[Verdict]:
    place = inventory.deaf_karpenter(cluster)
    if place is not None:
        runner = place.resource.root
        yield subject.note(
            f"the Karpenter of {runner.kind} {runner.name} is told of no interruption queue: its spot nodes are lost "
            "without a drain",
            at=place,
        )
