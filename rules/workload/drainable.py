"""Let every PodDisruptionBudget allow an eviction, also at the autoscaler's floor.

A budget that never allows an eviction blocks each node drain and each cluster upgrade until somebody deletes pods by
hand. What counts is the fewest replicas that can run, of all that the budget selects: a budget that leaves room at noon
may leave none at night. A DaemonSet or Job among them has no scale, and then only a `minAvailable` that is a number
works; the same goes for pods without a controller. Pods that are not healthy should not hold up a drain either
(`unhealthyPodEvictionPolicy: AlwaysAllow`). A budget of a live cluster has to allow an eviction now, too.
"""

from collections.abc import Iterator, Sequence

from readycheck.inventory import Inventory
from readycheck.kubernetes.budget import Budget, BudgetStatus
from readycheck.kubernetes.kinds import REPLICATED, UNSCALED, qualified_kind
from readycheck.kubernetes.ownership import lineage_of
from readycheck.kubernetes.selector import Selector
from readycheck.kubernetes.workload import Workload
from readycheck.model import Fix, Resource, Severity, Verdict
from readycheck.rule import apart, rule


@rule("PodDisruptionBudget", severity=Severity.HIGH)
def drainable(budget: Resource, inventory: Inventory) -> Iterator[Verdict]:
    selector = inventory.budget_selector(budget)
    selected = inventory.selected_by(selector, budget)
    status = BudgetStatus.of(budget) if inventory.live else None
    # A Deployment whose template a Rollout runs has no pods of its own.
    workloads = [each for each in selected if inventory.run_by(each) is None and not each.ended]
    counted = [workload for workload in workloads if qualified_kind(workload) in REPLICATED]
    bare = [workload for workload in workloads if _bare(workload, inventory)]
    others = [each for each in workloads if qualified_kind(each) not in REPLICATED and not _bare(each, inventory)]
    if not workloads and not (status and status.expected):
        yield _selects_nothing(budget, selector, status, inventory)
    elif workloads and not counted and not bare and not any(map(_operated, others)):
        kinds = ", ".join(sorted({workload.kind for workload in others}))
        yield budget.not_applicable(f"selects pods of {kinds} only, which drains don't keep available")
    elif counted and not bare and not others and all(_parked(workload, inventory) for workload in counted):
        yield budget.not_applicable("parked: what it selects runs 0 replicas")
    else:
        evictions = _evictions(budget, status, counted, bare, others, inventory)
        yield from apart(budget, evictions, _unhealthy(budget))


def _bare(workload: Workload, inventory: Inventory) -> bool:
    """Whether it is a pod that nothing controls: it counts for itself, and for no scale."""
    owned = workload.kind != "Pod" or workload.get("metadata.ownerReferences")
    left_out = not inventory.live and lineage_of(workload)
    return not owned and not left_out and not workload.helm_hook


def _operated(workload: Workload) -> bool:
    """Whether an operator runs its pods: it is a custom resource, or a pod that one owns."""
    alike = workload.twins
    return workload.custom or (alike is not None and alike[1] != "Node")


def _parked(workload: Workload, inventory: Inventory) -> bool:
    return inventory.declared_zero(workload) and inventory.replica_floor(workload).autoscaler is None


def _evictions(
    budget: Resource,
    status: BudgetStatus | None,
    counted: Sequence[Workload],
    bare: Sequence[Workload],
    others: Sequence[Workload],
    inventory: Inventory,
) -> Iterator[Verdict]:
    demand = Budget.of(budget)
    floors = [inventory.replica_floor(workload) for workload in counted]
    pods = sum(floor.count for floor in floors) + (len(bare) if demand.counts_pods else 0)
    told = not others or inventory.live
    if inventory.live:
        # How many pods run of what has no scale is to be seen, of what could not be read the status tells.
        pods += sum(len(inventory.running_pods(each)) for each in others)
        pods = max(pods, status.expected) if status is not None and inventory.not_at_hand else pods
    places = [*(floor.place for floor in floors), *(pod.at("kind") for pod in bare)]
    scaleless = next((workload for workload in others if workload.kind in UNSCALED and not workload.helm_hook), None)
    if bare and not counted and not others and not demand.counts_pods:
        yield budget.finding(
            f"never allows an eviction: {demand} is reckoned from the scale of what it selects,"
            f" and Pod {bare[0].name} has no controller",
            at=demand.place,
            also=places,
        )
    elif scaleless and not demand.counts_pods:
        yield budget.finding(
            f"never allows an eviction: {demand} is reckoned from the scale of all that it selects,"
            f" and {scaleless.kind} {scaleless.name} has none",
            at=demand.place,
            also=[scaleless.at("kind")],
        )
    elif not told and not demand.never_allows:
        if demand.disruptions(pods) <= 0:
            yield budget.unknown(f"how many pods {others[0].kind} {others[0].name} runs cannot be told")
    elif demand.never_allows or (pods and demand.disruptions(pods) <= 0):
        yield budget.finding(
            f"never allows an eviction: {demand}" + (f" of {pods} pods at the floor" if pods else ""),
            at=demand.place,
            also=places,
            fix=_relaxed(budget, demand, pods),
        )
    elif status is not None and status.expected and not status.allowed and (status.healthy or not _spares(budget)):
        yield budget.finding(
            f"allows no eviction now: {status.healthy} of {status.expected} pods are healthy,"
            f" and {demand} wants {status.desired} to be",
            at="status.disruptionsAllowed",
            also=(demand.place,),
        )
    elif pods > 1 and demand.disruptions(pods) >= pods:
        yield budget.note(f"protects nothing: {demand} lets all {pods} pods go at once", at=demand.place)


def _relaxed(budget: Resource, demand: Budget, pods: int) -> Fix | None:
    """The fix that lets one pod go; None where there is only one, which no budget can keep available."""
    if pods <= 1:
        return None
    if demand.field == "minAvailable" and demand.value is not None:
        return budget.set(demand.place, pods - 1, safe=True)
    return budget.set("spec.maxUnavailable", 1, safe=True)


def _spares(budget: Resource) -> bool:
    """Whether it lets every pod go that is not healthy."""
    return bool(budget.get("spec.unhealthyPodEvictionPolicy") == "AlwaysAllow")


def _unhealthy(budget: Resource) -> Iterator[Verdict]:
    if not _spares(budget):
        yield budget.finding(
            "lets a pod that never gets ready block a drain: unhealthyPodEvictionPolicy is not AlwaysAllow",
            at="spec.unhealthyPodEvictionPolicy",
            severity=Severity.LOW,
            fix=budget.set("spec.unhealthyPodEvictionPolicy", "AlwaysAllow", safe=True),
        )


def _selects_nothing(
    budget: Resource, selector: Selector, status: BudgetStatus | None, inventory: Inventory
) -> Verdict:
    if status is not None:
        return budget.finding(
            f"selects no pods ({selector})",
            at="spec.selector",
            also=[budget.at("status.expectedPods")],
            severity=Severity.LOW,
        )
    unlabelled = inventory.unlabelled(budget)
    if unlabelled is not None and selector.requirements is not None:
        return budget.unknown(
            f"selects nothing here ({selector}); {unlabelled.kind} {unlabelled.name} may run it",
            at="spec.selector",
            also=(unlabelled.at("kind"),),
        )
    operated = inventory.operated_for(selector, budget) if not inventory.live else None
    if operated is not None:
        return budget.unknown(
            f"selects nothing here ({selector}); the operator of {operated.kind} {operated.name} may run it",
            at="spec.selector",
            also=(operated.at("kind"),),
        )
    elsewhere = inventory.may_come_from(budget.scope, budget)
    if elsewhere is not None:
        may_bring = elsewhere.reason if inventory.live else f"{elsewhere.named} may bring it"
        return budget.unknown(f"selects nothing here ({selector}); {may_bring}", at="spec.selector")
    return budget.finding(f"selects no pods ({selector})", at="spec.selector", severity=Severity.LOW)
