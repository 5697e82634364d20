"""How an environment did week by week."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from msgspec import Struct


class ScanRow(Struct, frozen=True):
    """A kept scan, without its findings.

    Args:
        id: its number in the history.
        environment: "" where none was named.
        narrowed_to: the paths that the command line narrowed it to; "" for the whole environment.
        taken_at: when, as an RFC 3339 UTC time.
        version: readycheck's own.
        commit: the git commit of the tree; "" where it is not known.
        ruleset: changes when a rule comes, goes, or is another one, with its options and severity.
        exit_code: of the gate.
        score: in percent; None where nothing was judged.
        severities: how many findings there are of each severity, the most severe first.
    """

    id: int
    environment: str
    narrowed_to: str
    taken_at: str
    version: str
    commit: str
    ruleset: str
    exit_code: int
    score: float | None
    severities: Mapping[str, int]

    @property
    def title(self) -> str:
        """What it is called in sentences: `scan 12 of prod, taken at 2026-11-23T07:00:00Z`."""
        of = f" of {self.environment}" if self.environment else ""
        only = f" (only {self.narrowed_to})" if self.narrowed_to else ""
        return f"scan {self.id}{of}{only}, taken at {self.taken_at}"


class TrendPoint(Struct, frozen=True):
    """The last scan of one week.

    Args:
        scan: the scan.
        week: the Monday that the week begins with, `2026-11-23`, in UTC.
        areas: how many outcomes of each status each area has.
        bar_moved: whether the rules are others than at the point before it: a jump may come from that.
    """

    scan: ScanRow
    week: str
    areas: Mapping[str, Mapping[str, int]]
    bar_moved: bool


def week_of(taken_at: str) -> str:
    """The Monday of the week of a moment."""
    moment = datetime.fromisoformat(taken_at).astimezone(UTC)
    return (moment - timedelta(days=moment.weekday())).date().isoformat()


def earlier(taken_at: str, **span: float) -> str:
    """The moment that lies a time span before another one, as `timedelta` names spans."""
    moment = datetime.fromisoformat(taken_at).astimezone(UTC) - timedelta(**span)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def last_of_each_week(scans: Iterable[ScanRow]) -> Iterator[tuple[str, ScanRow]]:
    """The last scan of each week, with its week, from the first on.

    Args:
        scans: in the order of their times.
    """
    yield from {week_of(scan.taken_at): scan for scan in scans}.items()
