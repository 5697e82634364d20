"""Replace pods a few at a time.

A rollout that takes all replicas away at once is an outage that the team schedules itself: Recreate, OnDelete that
leaves it to whoever deletes pods, or a rolling update whose maxUnavailable covers every replica.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes.kinds import SERVICES
from readycheck.kubernetes.storage import exclusive_claim, unread_claim
from readycheck.kubernetes.strategy import rolling_unavailable, strategy_of, untouched_below
from readycheck.kubernetes.workload import Workload
from readycheck.model import Edit, Fix, Place, Severity, Verdict
from readycheck.rule import rule
from readycheck.scope import parked


@rule(*SERVICES, severity=Severity.MEDIUM, unless=parked)
def rollout_strategy(workload: Workload, inventory: Inventory) -> Iterator[Verdict]:
    strategy = strategy_of(workload)
    if strategy.type == "Recreate":
        yield _takes_turns(workload, "Recreate", strategy.place, inventory) or workload.finding(
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
        yield from _rolled(workload, inventory)


def _takes_turns(workload: Workload, what: str, place: Place, inventory: Inventory) -> Verdict | None:
    """Why old pods have to go before new ones come: a claim that two of them cannot mount; None where none is."""
    if exclusive_claim(workload, inventory.claim) is not None:
        return workload.not_applicable(f"{what}, since its ReadWriteOnce claim can't be mounted twice")
    unread = unread_claim(workload, inventory.claim)
    if unread is None or inventory.live:
        return None
    return workload.unknown(f"{what}: whether its claim {unread.name} can be mounted twice cannot be told", at=place)


def _rolled(workload: Workload, inventory: Inventory) -> Iterator[Verdict]:
    kept = untouched_below(workload)
    if kept is not None:
        yield workload.note(f"a rollout leaves the pods below ordinal {kept.seen} as they are", at=kept)
        return
    floor = inventory.replica_floor(workload)
    unavailable, place = rolling_unavailable(workload, floor.count)
    if unavailable < floor.count or not floor.count:
        return
    what = f"{place.path[-1]} {place.seen}"
    if floor.count > 1:
        yield workload.finding(
            f"a rollout may take all {floor.count} replicas away at once, by {what}",
            at=place,
            also=(floor.place,),
            fix=workload.set(place, 1, safe=True),
        )
    elif workload.kind != "StatefulSet":
        # A StatefulSet's only pod has to go before the new one comes; workload/replicas judges that there is only one.
        yield _takes_turns(workload, what, place, inventory) or workload.finding(
            f"a rollout may take the only replica away before the new one is there, by {what}",
            at=place,
            also=(floor.place,),
            fix=_new_before_old(workload, inventory),
        )


def _new_before_old(workload: Workload, inventory: Inventory) -> Fix:
    rolling = ("spec", "strategy", "rollingUpdate")
    edits = (Edit(workload.at((*rolling, "maxUnavailable")), 0), Edit(workload.at((*rolling, "maxSurge")), 1))
    return Fix("let the new pod come before the old one goes", edits, inventory.takes_replicas(workload))
