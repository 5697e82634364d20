"""Cover each service with exactly one PodDisruptionBudget.

Without a budget a node drain or a spot interruption may evict all replicas at once. With two budgets on one pod the
eviction API refuses with an error, and the node never drains.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes.kinds import SERVICES
from readycheck.kubernetes.selector import own_selector
from readycheck.kubernetes.workload import Workload
from readycheck.model import Fix, NewObject, Severity, Verdict
from readycheck.rule import rule
from readycheck.scope import single


@rule(*SERVICES, severity=Severity.HIGH, unless=single)
def disruption_budget(workload: Workload, inventory: Inventory) -> Iterator[Verdict]:
    budgets = inventory.budgets_of(workload)
    template = (*workload.template, "metadata", "labels")
    if len(budgets) > 1:
        names = ", ".join(sorted(budget.name for budget in budgets))
        yield workload.finding(
            f"is selected by {len(budgets)} PodDisruptionBudgets ({names}): evictions of its pods fail",
            at=template,
            also=(budget.at("spec.selector") for budget in budgets),
        )
    if budgets:
        return
    hidden = inventory.unbuilt(workload)
    if hidden is not None:
        yield workload.unknown(f"no PodDisruptionBudget selects its pods; {hidden.named} may hold one")
        return
    astray = inventory.budget_elsewhere(workload)
    also = f": {astray.name} would, in namespace {astray.scope or 'of its release'}" if astray else ""
    yield workload.finding(
        f"no PodDisruptionBudget selects its pods{also}",
        at=template,
        also=[astray.at("metadata.namespace")] if astray else (),
        fix=None if astray else _covered(workload),
    )


def _covered(workload: Workload) -> Fix | None:
    """A budget of its own, which lets one pod be evicted at a time however many there are."""
    selector = own_selector(workload)
    if selector is None or workload.group not in ("apps", "argoproj.io"):
        return None
    scope = {"namespace": workload.scope} if workload.get("metadata.namespace") else {}
    budget = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": workload.name, **scope},
        "spec": {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow", "selector": selector},
    }
    return Fix("add a PodDisruptionBudget", (), safe=True, objects=(NewObject(workload, budget),))
