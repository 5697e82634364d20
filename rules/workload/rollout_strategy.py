"""Replace pods a few at a time.

A rollout that takes all replicas away at once is an outage that the team schedules itself: Recreate, OnDelete that
leaves it to whoever deletes pods, or a rolling update whose maxUnavailable covers every replica.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes.kinds import SERVICES
from readycheck.kubernetes.storage import exclusive_claim
from readycheck.kubernetes.strategy import rolling_unavailable, strategy_of
from readycheck.kubernetes.workload import Workload
from readycheck.model import Severity, Verdict
from readycheck.rule import rule
from readycheck.scope import parked


@rule(*SERVICES, severity=Severity.MEDIUM, unless=parked)
def rollout_strategy(workload: Workload, inventory: Inventory) -> Iterator[Verdict]:
    strategy = strategy_of(workload)
    if strategy.type == "Recreate":
        claim = exclusive_claim(workload, inventory.claim)
        if claim is not None:
            yield workload.not_applicable("Recreate, since its ReadWriteOnce claim can't be mounted twice")
        else:
            yield workload.finding(
                "is replaced all at once (Recreate) where RollingUpdate is wanted",
                at=strategy.place,
                fix=workload.set(strategy.place, "RollingUpdate", safe=True),
            )
    elif strategy.type == "OnDelete":
        yield workload.finding(
            "is updated only when somebody deletes its pods (OnDelete) where RollingUpdate is wanted",
            at=strategy.place,
            severity=Severity.LOW,
            fix=workload.set(strategy.place, "RollingUpdate", safe=True),
        )
    elif strategy.type == "RollingUpdate":
        floor = inventory.replica_floor(workload)
        unavailable, place = rolling_unavailable(workload, floor.count)
        if floor.count > 1 and unavailable >= floor.count:
            yield workload.finding(
                f"a rollout may take {place.seen} of its {floor.count} replicas away at once: all of them",
                at=place,
                also=(floor.place,),
                fix=workload.set(place, 1, safe=True),
            )
