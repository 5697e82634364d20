"""What became of one finding: since when it is known, when it was fixed, and when it came back."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from readycheck.history.delta import Delta, compare
from readycheck.history.snapshot import FindingRecord, HistoryError, Snapshot
from readycheck.history.store import History
from readycheck.history.trend import ScanRow

_GONE = {"fixed": "fixed", "newly_exempt": "exempt", "no_longer_judged": "not judged"}


class Event(Struct, frozen=True, omit_defaults=True):
    """A turn in the life of a finding.

    Args:
        what: first seen, fixed, exempt, not judged (it may be there all the same), or seen again.
        taken_at: the time of the scan that shows it.
        scan: its number; None where it is not kept any more.
        reason: why, where not by a change of what was judged.
    """

    what: str
    taken_at: str
    scan: int | None = None
    reason: str = ""


class Life(Struct, frozen=True):
    """A finding, as the last scan that saw it has it, and the turns of its life in the order of the scans' times."""

    finding: FindingRecord
    environment: str
    events: tuple[Event, ...]


def life_of(history: History, fingerprint: str, environment: str | None = None) -> Life:
    """What became of a finding.

    Args:
        history: where to look.
        fingerprint: its fingerprint, or the beginning of it that no other one shares.
        environment: look at this environment alone.

    Raises:
        HistoryError: there is no such finding, or several.
    """
    sightings = history.sightings(fingerprint, environment)
    if len(sightings) != 1:
        where = ", ".join(f"{each.fingerprint[:12]} in {each.environment or '-'}" for each in sightings[:5])
        found = f"several are kept: {where}: name more of it, or --env" if sightings else "none is kept"
        raise HistoryError(f"{history.where}: a finding of the fingerprint {fingerprint}: {found}")
    (sighting,) = sightings
    scans = history.scans(sighting.environment, sighting.first_seen, narrowed_to=sighting.narrowed_to)
    last: FindingRecord | None = None
    events: list[Event] = []
    for finding, event in _turns(history, scans, sighting.fingerprint):
        last = finding
        events.append(event)
    if last is None:
        raise HistoryError(f"{history.where}: no scan that saw {sighting.fingerprint} is kept any more")
    if events[0].taken_at != sighting.first_seen:
        events[0] = Event("seen again", events[0].taken_at, events[0].scan)
        events.insert(0, Event("first seen", sighting.first_seen))
    return Life(last, sighting.environment, tuple(events))


def _turns(history: History, scans: list[ScanRow], fingerprint: str) -> Iterator[tuple[FindingRecord, Event]]:
    seen: tuple[Snapshot, FindingRecord] | None = None
    state = ""
    for scan in scans:
        snapshot = history.snapshot(scan.id)
        finding = next((each for each in snapshot.findings if each.fingerprint == fingerprint), None)
        if finding is not None:
            seen = snapshot, finding
            now, reason = "seen", ""
        elif seen is not None:
            now, reason = _fate(compare(replace(seen[0], findings=(seen[1],)), snapshot))
        else:
            continue
        if now != state:
            what = ("seen again" if state else "first seen") if now == "seen" else now
            yield seen[1], Event(what, scan.taken_at, scan.id, reason)
        state = now


def _fate(delta: Delta) -> tuple[str, str]:
    """What became of the one finding of the earlier scan."""
    for name, what in _GONE.items():
        for change in getattr(delta, name):
            return what, change.reason
    raise AssertionError(delta)
