"""Let every service on spot nodes bear the loss of one.

Spot nodes are taken away with two minutes' notice. What has a pod there needs another replica, a PodDisruptionBudget,
which the handlers of interruptions heed as they drain the node, and a pod elsewhere than on spot nodes of a single
zone, whose capacity is often taken back all at once.

Options:
    minimum: the fewest replicas
"""

from collections.abc import Iterator

from readycheck.inventory import SPOT_SERVICE, Inventory
from readycheck.kubernetes.workload import Workload
from readycheck.model import Severity, Verdict
from readycheck.rule import apart, rule
from readycheck.scope import helm_hook, parked


@rule(SPOT_SERVICE, severity=Severity.HIGH, sources=("cluster",), unless=(helm_hook, parked))
def spot_ready(workload: Workload, inventory: Inventory, *, minimum: int = 2) -> Iterator[Verdict]:
    yield from apart(workload, _replicas(workload, inventory, minimum), _zones(workload, inventory))


def _replicas(workload: Workload, inventory: Inventory, minimum: int) -> Iterator[Verdict]:
    floor = inventory.replica_floor(workload)
    if floor.count < minimum and not (floor.count == 0 and floor.autoscaler is not None):
        yield workload.finding(
            f"has pods on spot nodes and can run with {floor.count} of at least {minimum} replicas{floor.by}",
            at=floor.place,
            also=[pod.at("spec.nodeName") for pod in inventory.pods_on_spot(workload)],
        )
    elif not inventory.budgets_of(workload):
        yield workload.finding(
            "has pods on spot nodes and no PodDisruptionBudget selects them",
            at=(*workload.template, "metadata", "labels"),
            also=[pod.at("spec.nodeName") for pod in inventory.pods_on_spot(workload)],
        )


def _zones(workload: Workload, inventory: Inventory) -> Iterator[Verdict]:
    pods = inventory.running_pods(workload)
    zones = list(inventory.zones_of(workload))
    if len(pods) < 2 or len(inventory.pods_on_spot(workload)) < len(pods) or len(zones) > 1:  # noqa: PLR2004 - several
        return
    if zones == [""]:
        yield workload.unknown("all of its pods stand on spot nodes whose zones are not told")
    else:
        yield workload.finding(
            f"all of its {len(pods)} pods stand on spot nodes of one zone ({zones[0]})",
            at="spec.replicas",
            also=[pod.at("spec.nodeName") for pod in pods],
        )
