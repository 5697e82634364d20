"""Reasons why a rule has nothing to say, for `@rule(unless=...)` of a thing and `@rule(needs=...)` of everything."""

from __future__ import annotations

from readycheck.inventory import Inventory
from readycheck.kubernetes import autoscaling
from readycheck.kubernetes.recommendation import recommends
from readycheck.kubernetes.workload import Workload
from readycheck.model import Resource


def completing(workload: Workload, _inventory: Inventory) -> str | None:
    """Jobs, CronJobs and the pods of Helm hooks end by themselves."""
    if workload.runs_to_completion:
        return "a Helm hook ends by itself" if workload.helm_hook else f"a {workload.kind} ends by itself"
    return None


def helm_hook(workload: Workload, _inventory: Inventory) -> str | None:
    """What Helm runs at install, upgrade or test time is no part of what runs in production."""
    return "a Helm hook" if workload.helm_hook else None


def parked(workload: Workload, inventory: Inventory) -> str | None:
    """A workload that runs no replicas, on purpose, has no availability to judge."""
    rollout = inventory.run_by(workload)
    if rollout is not None:
        return f"Rollout {rollout.name} runs its pods"
    floor = inventory.replica_floor(workload)
    return "parked: runs 0 replicas" if floor.count == 0 and floor.autoscaler is None else None


def resting(workload: Workload, inventory: Inventory) -> str | None:
    """A workload that its autoscaler may take down to 0 replicas rests there on purpose."""
    floor = inventory.replica_floor(workload)
    if floor.count or floor.autoscaler is None:
        return None
    return f"{floor.autoscaler.kind} {floor.autoscaler.name} may scale it to 0"


def single(workload: Workload, inventory: Inventory) -> str | None:
    """With a floor of one replica there is nothing to spread or to keep available; workload/replicas says so."""
    reason = parked(workload, inventory) or resting(workload, inventory)
    if reason is None and inventory.replica_floor(workload).count < 2:  # noqa: PLR2004 - two is what "several" starts at
        return "can run with 1 replica: workload/replicas judges that"
    return reason


def keda_s_own(autoscaler: Resource, _inventory: Inventory) -> str | None:
    """What a ScaledObject made says nothing that the ScaledObject does not."""
    return "a ScaledObject owns it and is judged in its place" if autoscaling.made_by_keda(autoscaler) else None


def switched_off(autoscaler: Resource, inventory: Inventory) -> str | None:
    """A HorizontalPodAutoscaler rests as long as its target is declared with 0 replicas."""
    target = inventory.workload_of(autoscaler)
    if autoscaler.kind != "HorizontalPodAutoscaler" or target is None or not inventory.declared_zero(target):
        return None
    return f"parked: {target.kind} {target.name} runs 0 replicas"


def unmeasured(inventory: Inventory) -> str | None:
    """Where no recommender has said anything, no size can be compared with what is needed."""
    if any(recommends(recommender) for recommender in inventory.of("VerticalPodAutoscaler")):
        return None
    return (
        "nothing was measured: no VerticalPodAutoscaler with a recommendation was read (Goldilocks makes them; export "
        "them into the tree with `kubectl get vpa -A -o yaml`)"
    )
