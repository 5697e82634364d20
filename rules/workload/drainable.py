"""Let every PodDisruptionBudget allow an eviction, also at the autoscaler's floor.

A budget that never allows an eviction blocks each node drain and each cluster upgrade until somebody deletes pods by
hand. What counts is the fewest replicas that can run: a budget that leaves room at noon may leave none at night. Pods
that are not healthy should not hold up a drain either (`unhealthyPodEvictionPolicy: AlwaysAllow`).
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes.budget import Budget
from readycheck.kubernetes.kinds import SERVICES, qualified_kind
from readycheck.kubernetes.workload import Workload
from readycheck.model import Place, Resource, Severity, Unjudged, Verdict
from readycheck.rule import rule


@rule("PodDisruptionBudget", severity=Severity.HIGH)
def drainable(budget: Resource, inventory: Inventory) -> Iterator[Verdict]:
    selector = inventory.budget_selector(budget)
    workloads = inventory.selected_by(selector, budget)
    if not workloads:
        yield _selects_nothing(budget, str(selector), inventory)
        return
    services = [workload for workload in workloads if qualified_kind(workload) in SERVICES]
    if not services:
        kinds = ", ".join(sorted({workload.kind for workload in workloads}))
        yield budget.not_applicable(f"selects pods of {kinds} only, which drains don't keep available")
        return
    rule_of_budget = Budget.of(budget)
    pods, places = _floor(services, inventory)
    allowed = rule_of_budget.disruptions(pods)
    if pods and allowed <= 0:
        yield budget.finding(
            f"never allows an eviction: {rule_of_budget} of {pods} pods at the floor",
            at=rule_of_budget.place,
            also=places,
        )
    elif pods > 1 and allowed >= pods:
        yield budget.note(
            f"protects nothing: {rule_of_budget} lets all {pods} pods go at once", at=rule_of_budget.place
        )
    if budget.get("spec.unhealthyPodEvictionPolicy") != "AlwaysAllow":
        yield budget.finding(
            "lets a pod that never gets ready block a drain: unhealthyPodEvictionPolicy is not AlwaysAllow",
            at="spec.unhealthyPodEvictionPolicy",
            severity=Severity.LOW,
            fix=budget.set("spec.unhealthyPodEvictionPolicy", "AlwaysAllow", safe=True),
        )


def _selects_nothing(budget: Resource, selector: str, inventory: Inventory) -> Verdict:
    elsewhere = inventory.may_come_from(budget.scope, budget)
    if elsewhere is not None:
        return budget.unknown(
            f"selects nothing here ({selector}); {elsewhere.resource.kind} {elsewhere.resource.name} may bring it",
            at="spec.selector",
        )
    return budget.finding(f"selects no pods ({selector})", at="spec.selector", severity=Severity.LOW)


def _floor(services: list[Workload], inventory: Inventory) -> tuple[int, list[Place]]:
    """The fewest pods that a budget's workloads run together, and where that is said."""
    floors = [inventory.replica_floor(service) for service in services]
    if any(floor.count < 0 for floor in floors):
        raise Unjudged("a workload has fewer than no replicas")
    return sum(floor.count for floor in floors), [floor.place for floor in floors]
