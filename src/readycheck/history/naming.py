"""How people name a scan or a moment: by number, by day, `last`, `7d`."""

from __future__ import annotations

import re
from datetime import date, timedelta

from readycheck.history.snapshot import HistoryError
from readycheck.history.store import History
from readycheck.history.trend import ScanRow, earlier

_DAYS = re.compile(r"(\d{1,5})d")


def moment_of(given: str, now: str) -> str:
    """The moment that is meant, as an RFC 3339 UTC time.

    Args:
        given: a day, for its beginning, or `7d` for that many days ago.
        now: the moment that days are counted back from.

    Raises:
        HistoryError: it is neither.
    """
    days = _DAYS.fullmatch(given)
    return earlier(now, days=int(days[1])) if days else f"{_day(given).isoformat()}T00:00:00Z"


def pick(history: History, name: str, environment: str | None = None, *, before: ScanRow | None = None) -> ScanRow:
    """The scan that is meant.

    Args:
        history: where to look.
        name: a number; `last`; `previous`, for the last one that is comparable with `before`; or a day, for the last
            scan up to its end.
        environment: look at this environment alone.
        before: what `previous` comes before.

    Raises:
        HistoryError: there is none, or the name cannot be understood.
    """
    if name.isdecimal() and len(name) < 19:  # noqa: PLR2004 - what a database can number
        return history.find(int(name))
    scans = history.scans(environment, narrowed_to=None)
    if name == "previous" and before is not None:
        series = (before.environment, before.narrowed_to)
        scans = [scan for scan in scans if (scan.environment, scan.narrowed_to) == series and _is_before(scan, before)]
    elif name != "last":
        end = f"{(_day(name) + timedelta(days=1)).isoformat()}T00:00:00Z"
        scans = [scan for scan in scans if scan.taken_at < end]
    if not scans:
        of = f" of the environment {environment}" if environment else ""
        raise HistoryError(
            f"{history.where}: no scan{of} is kept that `{name}` could mean: `readycheck history` lists them"
        )
    return scans[-1]


def _is_before(scan: ScanRow, other: ScanRow) -> bool:
    return (scan.taken_at, scan.id) < (other.taken_at, other.id)


def _day(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise HistoryError(
            f"`{given}` names no scan and no moment: the number of a scan, `last`, a day as 2026-11-23, or 7d for days"
            " ago"
        ) from None
