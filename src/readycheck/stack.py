"""The verdict that the rules on the parts of the observability stack share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from readycheck.inventory import Inventory
from readycheck.model import NO_SOURCE, Resource, Verdict
from readycheck.observability.managed import telling_of
from readycheck.observability.programs import Signal
from readycheck.observability.sightings import Sighting, Standing

_SHOWN = 3


def judge_part(environment: Resource, inventory: Inventory, signal: Signal) -> Iterator[Verdict]:
    """Weigh what was seen of the part of the stack that keeps or shows something.

    What is declared holds; what is not may stand elsewhere. Only what is declared so that it cannot work fails. In a
    live cluster it has to run, and what is not there is missing.

    Args:
        environment: what is judged.
        inventory: what was read.
        signal: what the part keeps or shows.
    """
    seen = inventory.sightings(signal)
    counting = [sighting for sighting in seen if sighting.counts]
    broken = [sighting for sighting in seen if sighting.standing is Standing.BROKEN]
    doubtful = [sighting for sighting in seen if sighting.standing is Standing.OPEN]
    if counting:
        shown = sorted(counting, key=lambda sighting: sighting.standing is not Standing.RUNS)
        yield environment.note(_listed(shown), at=shown[0].place, also=[each.place for each in shown[1:_SHOWN]])
        for each in shown:
            if each.note:
                yield environment.note(each.note, at=each.place)
    elif broken and not doubtful:
        for each in broken:
            other = "no other runs" if inventory.live else f"no {signal.wanted} is declared"
            yield environment.finding(f"{each.where} {each.why}, and {other}", at=each.place)
    elif doubtful:
        yield environment.unknown(f"{doubtful[0].where} {doubtful[0].why}", at=doubtful[0].place)
    elif inventory.live:
        yield _missing(environment, inventory, signal)
    else:
        off = [sighting for sighting in seen if sighting.standing is Standing.OFF]
        also = f"; {off[0].where} {off[0].why}" if off else ""
        yield environment.unknown(
            f"no {signal.wanted} is declared here{also}: a workload, a custom resource or a chart of it would count, "
            f"or a collector that sends {_SENT[signal]} to another host",
            at=off[0].place if off else (),
        )


def not_in_account(signal: Signal) -> Callable[[Inventory], str | None]:
    """What a rule lacks on the side of an account that has no platform of its own: what runs in clusters is seen there.

    Args:
        signal: what the platform would keep or show.
    """

    def lack(inventory: Inventory) -> str | None:
        if inventory.is_tree or inventory.in_cluster or inventory.seen_keeping(signal):
            return None
        refused = (inventory.unread[kind] for kind in telling_of(signal) if kind in inventory.unread)
        return next(refused, f"{NO_SOURCE}cluster")

    return lack


def _missing(environment: Resource, inventory: Inventory, signal: Signal) -> Verdict:
    """What is said of a live cluster in which nothing was seen of a part of the stack."""
    if refused := next(iter(inventory.unread_workloads.values()), ""):
        return environment.unknown(refused)
    return environment.finding(
        f"no {signal.wanted} runs in the cluster, and nothing seen there sends {_SENT[signal]} to another host"
    )


_SENT = {
    Signal.METRICS: "metrics",
    Signal.LOGS: "logs",
    Signal.TRACES: "traces",
    Signal.DASHBOARDS: "metrics",
}


def _listed(sightings: Sequence[Sighting]) -> str:
    shown = [f"{each.what}: {each.where}" for each in sightings[:_SHOWN]]
    more = len(sightings) - len(shown)
    return "; ".join([*shown, *([f"and {more} more"] if more else [])])
