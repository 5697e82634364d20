"""Let each node be drained.

A node that cannot be drained holds up each upgrade of the cluster until somebody deletes pods by hand.

Simulated, for each worker node that is Ready: its pods are evicted one after the other, and each comes up elsewhere
before the next one goes, so that a budget which lets one pod go at a time holds nothing up. What does: a
PodDisruptionBudget that allows no eviction, now or at the floor of an autoscaler; two budgets on one pod, which the
eviction API answers with an error; a pod without a controller, which a drain refuses to delete; and a PersistentVolume
that is a part of the node. Pods of DaemonSets, static and finished pods are left where they are. What emptyDir volumes
hold is deleted, which is noted.

Whether the evicted pods find room elsewhere is not asked.
"""

from collections.abc import Iterator, Sequence

from readycheck.inventory import Inventory
from readycheck.kubernetes.condition import is_ready
from readycheck.kubernetes.eviction import fleeting_data_of, is_bare, refusal
from readycheck.kubernetes.node import is_control_plane, is_virtual
from readycheck.kubernetes.workload import Workload
from readycheck.model import Resource, Severity, Verdict, first_of
from readycheck.rule import apart, rule

_EXAMPLES = 3


def no_worker(node: Resource, _inventory: Inventory) -> str | None:
    """Only machines that run workloads are drained to be replaced."""
    if is_virtual(node):
        return "is no machine, but a stand-in such as Fargate's"
    if is_control_plane(node):
        return "is of the control plane"
    return None if is_ready(node) else "is not Ready: nothing answers an eviction there"


@rule("Node", severity=Severity.HIGH, sources=("cluster",), unless=no_worker)
def drain(node: Resource, inventory: Inventory) -> Iterator[Verdict]:
    pods = inventory.evictable_on(node)
    yield from apart(
        node,
        _bare(node, pods),
        _budgets(node, pods, inventory),
        _contested(node, pods, inventory),
        _local(node, pods, inventory),
        _fleeting(node, pods),
    )


def _bare(node: Resource, pods: Sequence[Workload]) -> Iterator[Verdict]:
    bare = [pod for pod in pods if is_bare(pod)]
    if bare:
        yield node.finding(
            f"cannot be drained: no controller makes {_named(bare)} again",
            at="metadata",
            also=[pod.at("kind") for pod in bare],
        )


def _budgets(node: Resource, pods: Sequence[Workload], inventory: Inventory) -> Iterator[Verdict]:
    alone: dict[int, tuple[Resource, list[Workload]]] = {}
    for pod in pods:
        budgets = inventory.budgets_on(pod)
        if len(budgets) == 1:
            alone.setdefault(id(budgets[0]), (budgets[0], []))[1].append(pod)
    yield from apart(node, *(_budget(node, budget, kept, inventory) for budget, kept in alone.values()))


def _budget(node: Resource, budget: Resource, pods: Sequence[Workload], inventory: Inventory) -> Iterator[Verdict]:
    name = f"PodDisruptionBudget {budget.scope}/{budget.name}"
    status = inventory.budget_status(budget)
    held = [(pod, why) for pod in pods if (why := refusal(pod, budget, status))]
    if held:
        kept = [pod for pod, _ in held]
        yield node.finding(
            f"cannot be drained: {name} {held[0][1]} ({_named(kept)})",
            at="metadata",
            also=[budget.at("status.disruptionsAllowed"), *(pod.at("metadata.labels") for pod in kept)],
        )
    elif why := inventory.floor_blocked(budget):
        yield node.finding(
            f"cannot always be drained: {name} {why} ({_named(pods)})", at="metadata", also=[budget.at("spec")]
        )


def _contested(node: Resource, pods: Sequence[Workload], inventory: Inventory) -> Iterator[Verdict]:
    for pod in pods:
        budgets = inventory.budgets_on(pod)
        if len(budgets) > 1 and pod.get("status.phase") != "Pending":
            names = ", ".join(sorted(budget.name for budget in budgets))
            yield node.finding(
                f"cannot be drained: {_named([pod])} is selected by {len(budgets)} PodDisruptionBudgets ({names}),"
                " and its eviction fails",
                at="metadata",
                also=[budget.at("spec.selector") for budget in budgets],
            )


def _local(node: Resource, pods: Sequence[Workload], inventory: Inventory) -> Iterator[Verdict]:
    for pod in pods:
        for volume in inventory.local_volumes_of(pod):
            yield node.finding(
                f"cannot be drained: {_named([pod])} cannot come up elsewhere, its PersistentVolume {volume.name}"
                " is a part of this node",
                at="metadata",
                also=[volume.at("spec")],
            )


def _fleeting(node: Resource, pods: Sequence[Workload]) -> Iterator[Verdict]:
    holders = [pod for pod in pods if any(fleeting_data_of(pod))]
    if holders:
        yield node.note(f"a drain deletes what the emptyDir volumes of {_named(holders)} hold", at="metadata")


def _named(pods: Sequence[Workload]) -> str:
    return f"Pod {first_of([f'{pod.scope}/{pod.name}' for pod in pods], _EXAMPLES)}"
