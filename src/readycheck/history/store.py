"""The history of one project's scans: what `record` keeps, and what reports ask of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Self, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from readycheck.history.database import Database, connect, reading, writing
from readycheck.history.delta import Delta, compare
from readycheck.history.migrations import migrate, require
from readycheck.history.recording import Telling, Told, let_go, telling_of, write_scan, write_series
from readycheck.history.snapshot import (
    HistoryError,
    RuleRecord,
    Snapshot,
    Tally,
    areas_of,
)
from readycheck.history.trend import ScanRow, TrendPoint, earlier, last_of_each_week
from readycheck.model import Severity

_SEVERITIES = tuple(severity.value for severity in Severity)
_SCAN = """
    SELECT scan.id, environment, narrowed_to, taken_at, version, revision, ruleset, exit_code, score,
           critical, high, medium, low, info
    FROM scan JOIN series ON series.id = scan.series
    WHERE project = :project
"""
Kept = TypeVar("Kept")


class Sighting(Struct, frozen=True):
    """When a finding was first seen, in an environment or in what the command line narrowed it to."""

    fingerprint: str
    environment: str
    narrowed_to: str
    first_seen: str


class History:
    """The kept scans of one project. A context manager, which closes it.

    Args:
        database: where they are kept.
        project: what tells the project's scans from those of others in the same place.
    """

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    @classmethod
    def open(cls, url: str, project: str = "", *, read_only: bool = False) -> Self:
        """Open a history, and bring its tables to this version.

        Args:
            url: the path of a file, or `postgresql://user@host/database`.
            project: whose scans to keep and to show.
            read_only: nothing is going to be recorded; what is not there is an error then.

        Raises:
            HistoryError: it cannot be opened, or is of a newer readycheck.
        """
        database = connect(url, read_only=read_only)
        try:
            (require if read_only else migrate)(database)
        except BaseException:
            database.close()
            raise
        return cls(database, project)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    @property
    def where(self) -> str:
        """Where it is kept, for messages."""
        return self._database.where

    def record(
        self,
        snapshot: Snapshot,
        told: Iterable[tuple[str, bytes]] | None = None,
        *,
        narrowed_to: str = "",
        keep_days: int | None = None,
    ) -> int:
        """Keep a scan: whole, or not at all.

        Args:
            snapshot: the scan.
            told: what a large scan tells one by one, where the snapshot was made without it: each finding as JSON with
                its fingerprint, then each outcome with "".
            narrowed_to: the paths that the command line narrowed it to; such scans are compared with their like.
            keep_days: scans of the same series that are older than this, seen from the scan, are let go;
                None: none are.

        Returns:
            its number.

        Raises:
            HistoryError: it cannot be written; nothing has changed then.
        """
        # Whoever else writes waits no longer than it must.
        telling = telling_of(snapshot) if told is None else Telling.of(told)
        with writing(self._database):
            series = write_series(self._database, (self._project, snapshot.environment, narrowed_to))
            scan = write_scan(self._database, series, snapshot, telling)
            if keep_days is not None:
                let_go(self._database, series, earlier(snapshot.taken_at, days=keep_days))
        return scan

    def environments(self) -> list[str]:
        """The names of the environments that have been scanned as a whole."""
        rows = self._database.execute(
            "SELECT DISTINCT environment FROM series JOIN scan ON scan.series = series.id"
            " WHERE project = :project AND narrowed_to = '' ORDER BY environment",
            {"project": self._project},
        )
        return [row[0] for row in rows]

    def scans(self, environment: str | None = None, since: str = "", *, narrowed_to: str | None = "") -> list[ScanRow]:
        """The kept scans, in the order of their times.

        Args:
            environment: of this environment alone.
            since: an RFC 3339 UTC time; not the earlier ones.
            narrowed_to: those that the command line narrowed to these paths; None: all.
        """
        statement = _SCAN + " AND taken_at >= :since"
        if environment is not None:
            statement += " AND environment = :environment"
        if narrowed_to is not None:
            statement += " AND narrowed_to = :narrowed_to"
        wanted = {"project": self._project, "since": since, "environment": environment, "narrowed_to": narrowed_to}
        return [_row(row) for row in self._database.execute(f"{statement} ORDER BY taken_at, scan.id", wanted)]

    def find(self, scan: int) -> ScanRow:
        """One scan of the project, by its number.

        Raises:
            HistoryError: there is none.
        """
        rows = self._database.execute(_SCAN + " AND scan.id = :id", {"project": self._project, "id": scan})
        if not rows:
            raise HistoryError(f"{self.where}: this project has no scan {scan}: `readycheck history` lists them")
        return _row(rows[0])

    def latest(self, environment: str, before: str = "") -> ScanRow | None:
        """The last scan of a whole environment; None where there is none.

        Args:
            environment: its name.
            before: the last one that was taken before this RFC 3339 UTC time, where given.
        """
        rows = self._database.execute(
            _SCAN + " AND environment = :environment AND narrowed_to = '' AND (:before = '' OR taken_at < :before)"
            " ORDER BY taken_at DESC, scan.id DESC LIMIT 1",
            {"project": self._project, "environment": environment, "before": before},
        )
        return _row(rows[0]) if rows else None

    def snapshot(self, scan: int) -> Snapshot:
        """All that is kept of a scan.

        Raises:
            HistoryError: there is none of that number.
        """
        wanted = {"scan": self.find(scan).id}
        with reading(self._database):
            bodies = self._database.execute(
                "SELECT body, rules, told FROM scan JOIN ruleset ON ruleset.hash = ruleset"
                " JOIN telling ON telling.scan = scan.id WHERE scan.id = :scan",
                wanted,
            )
            if not bodies:
                raise HistoryError(f"{self.where}: scan {scan} has just been pruned")
            tallies = self._database.execute(
                "SELECT rule, status, severity, outcomes FROM tally WHERE scan = :scan",
                wanted,
            )
        body, rules, text = bodies[0]
        told = Told.read(text)
        return replace(
            _read(body, Snapshot),
            rules=_read(rules, dict[str, RuleRecord]),
            tallies=tuple(sorted(Tally(*row) for row in tallies)),
            findings=told.findings,
            outcomes=told.outcomes,
        )

    def first_seen(self, environment: str, *, narrowed_to: str = "") -> Mapping[str, str]:
        """When each finding of an environment was first seen, by fingerprint, as RFC 3339 UTC times."""
        rows = self._database.execute(
            "SELECT fingerprint, first_seen FROM sighting JOIN series ON series.id = series"
            " WHERE project = :project AND environment = :environment AND narrowed_to = :narrowed_to",
            {"project": self._project, "environment": environment, "narrowed_to": narrowed_to},
        )
        return {row[0]: row[1] for row in rows}

    def sightings(self, beginning: str, environment: str | None = None) -> list[Sighting]:
        """The findings whose fingerprints begin so, with the environments that they were seen in."""
        statement = (
            "SELECT fingerprint, environment, narrowed_to, first_seen FROM sighting JOIN series ON series.id = series"
            " WHERE project = :project AND substr(fingerprint, 1, :length) = :beginning"
        )
        if environment is not None:
            statement += " AND environment = :environment"
        wanted = {
            "project": self._project,
            "beginning": beginning,
            "length": len(beginning),
            "environment": environment,
        }
        rows = self._database.execute(f"{statement} ORDER BY fingerprint, environment, narrowed_to", wanted)
        return [Sighting(*row) for row in rows]

    def delta(self, before: int, after: int) -> Delta:
        """What changed from one scan to a later one, with the day on which each finding was first seen.

        Raises:
            HistoryError: there is no scan of one of the numbers.
        """
        series = self.find(after)
        first_seen = self.first_seen(series.environment, narrowed_to=series.narrowed_to)
        return compare(self.snapshot(before), self.snapshot(after), first_seen)

    def trend(self, environment: str, weeks: int = 12) -> list[TrendPoint]:
        """The last scan of each week of a whole environment, up to its latest one; weeks without one are left out.

        Args:
            environment: its name.
            weeks: how many weeks to go back, that of the latest scan among them.
        """
        latest = self.latest(environment)
        if latest is None:
            return []
        begin = earlier(latest.taken_at, weeks=weeks)
        picked = list(last_of_each_week(self.scans(environment, begin)))[-weeks:]
        tallies = self._tallies([scan.id for _, scan in picked])
        before = [picked[0][1], *(scan for _, scan in picked)]
        return [
            TrendPoint(scan, week, areas_of(tallies.get(scan.id, ())), bar_moved=scan.ruleset != earlier_one.ruleset)
            for earlier_one, (week, scan) in zip(before, picked, strict=False)
        ]

    def prune(self, before: str, environment: str | None = None) -> int:
        """Let go of scans, but for the last one of each series; gives their number.

        Args:
            before: an RFC 3339 UTC time: those that were taken before it.
            environment: of this environment alone.

        Raises:
            HistoryError: it cannot be written; nothing has changed then.
        """
        wanted = "SELECT id FROM series WHERE project = :project"
        if environment is not None:
            wanted += " AND environment = :environment"
        with writing(self._database):
            series = self._database.execute(wanted, {"project": self._project, "environment": environment})
            gone = sum(let_go(self._database, row[0], before) for row in series)
        if gone and self._database.words.shrink:
            # It takes room itself, and only gives room back.
            with suppress(HistoryError):
                self._database.execute(self._database.words.shrink)
        return gone

    def _tallies(self, scans: Sequence[int]) -> Mapping[int, tuple[Tally, ...]]:
        names = {f"scan{index}": scan for index, scan in enumerate(scans)}
        rows = self._database.execute(
            "SELECT scan, rule, status, severity, outcomes FROM tally"  # noqa: S608 - names of parameters
            f" WHERE scan IN ({', '.join(f':{name}' for name in names)})",
            names,
        )
        tallies: dict[int, list[Tally]] = {}
        for scan, *tally in rows:
            tallies.setdefault(scan, []).append(Tally(*tally))
        return {scan: tuple(sorted(items)) for scan, items in tallies.items()}


def _row(row: Sequence[Any]) -> ScanRow:
    plain = dict(zip(ScanRow.__struct_fields__, row[:9], strict=False))
    return ScanRow(**plain, severities=dict(zip(_SEVERITIES, row[9:], strict=True)))


def _read(text: str, kind: type[Kept]) -> Kept:
    return msgspec.json.decode(text, type=kind)
