"""Writing scans to a database and letting go of old ones, each within a transaction of the caller's."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import chain
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from readycheck.history.database import Database
from readycheck.history.snapshot import FindingRecord, OutcomeRecord, Snapshot
from readycheck.model import Severity

# Verdicts are much alike: little effort makes a tenth of them.
_LEVEL = 1
_BETWEEN = b'],"outcomes":['


class Telling(Struct, frozen=True):
    """All that a scan tells one by one, ready to be written.

    Args:
        text: the findings and outcomes as JSON, compressed.
        fingerprints: of the findings.
    """

    text: bytes
    fingerprints: Sequence[str]

    @classmethod
    def of(cls, told: Iterable[tuple[str, bytes]]) -> Telling:
        """Take in what is told, bit by bit: together, the findings of a large scan take more room than the scan.

        Args:
            told: each finding as JSON with its fingerprint, then each outcome with "".
        """
        fingerprints: dict[str, None] = {}
        press = zlib.compressobj(_LEVEL)
        parts = [press.compress(b'{"findings":[')]
        before = b""
        findings = True
        for fingerprint, text in told:
            if fingerprint:
                fingerprints[fingerprint] = None
            elif findings:
                findings, before = False, _BETWEEN
            parts.append(press.compress(before + text))
            before = b","
        parts.append(press.compress((_BETWEEN if findings else b"") + b"]}"))
        parts.append(press.flush())
        return cls(b"".join(parts), tuple(fingerprints))


class Told(Struct):
    """What a telling holds."""

    findings: tuple[FindingRecord, ...]
    outcomes: tuple[OutcomeRecord, ...]

    @classmethod
    def read(cls, text: bytes) -> Told:
        """Take a telling's text apart."""
        return msgspec.json.decode(zlib.decompress(text), type=cls)


def telling_of(snapshot: Snapshot) -> Telling:
    """All that a scan tells one by one, ready to be written."""
    findings = ((finding.fingerprint, msgspec.json.encode(finding)) for finding in snapshot.findings)
    return Telling.of(chain(findings, (("", msgspec.json.encode(outcome)) for outcome in snapshot.outcomes)))


def write_scan(database: Database, series: int, snapshot: Snapshot, telling: Telling) -> int:
    """Write a scan, and give its number.

    Args:
        database: where.
        series: the number of the series that it belongs to.
        snapshot: the scan; what it tells one by one does not count.
        telling: what it tells one by one.
    """
    scan = _write_head(database, series, snapshot)
    database.execute("INSERT INTO telling (scan, told) VALUES (:scan, :told)", {"scan": scan, "told": telling.text})
    database.execute_many(
        "INSERT INTO tally (scan, rule, status, severity, outcomes)"
        " VALUES (:scan, :rule, :status, :severity, :outcomes)",
        [
            {"scan": scan, "rule": each.rule, "status": each.status, "severity": each.severity, "outcomes": each.count}
            for each in snapshot.tallies
        ],
    )
    # Scans may come in any order: what is first or last is so by the clock of the scans.
    database.execute_many(
        "INSERT INTO sighting (series, fingerprint, first_seen, last_seen)"
        " VALUES (:series, :fingerprint, :moment, :moment)"
        " ON CONFLICT (series, fingerprint) DO UPDATE SET"
        " first_seen = CASE WHEN excluded.first_seen < sighting.first_seen"
        " THEN excluded.first_seen ELSE sighting.first_seen END,"
        " last_seen = CASE WHEN excluded.last_seen > sighting.last_seen"
        " THEN excluded.last_seen ELSE sighting.last_seen END",
        [
            {"series": series, "fingerprint": fingerprint, "moment": snapshot.taken_at}
            for fingerprint in telling.fingerprints
        ],
    )
    return scan


def write_series(database: Database, key: tuple[str, str, str]) -> int:
    """The number of a series, which is new where it was not there: of a project, an environment, and some paths."""
    named = dict(zip(("project", "environment", "narrowed_to"), key, strict=True))
    database.execute(
        "INSERT INTO series (project, environment, narrowed_to) VALUES (:project, :environment, :narrowed_to)"
        " ON CONFLICT DO NOTHING",
        named,
    )
    rows = database.execute(
        "SELECT id FROM series WHERE project = :project AND environment = :environment AND narrowed_to = :narrowed_to",
        named,
    )
    return int(rows[0][0])


def _write_head(database: Database, series: int, snapshot: Snapshot) -> int:
    rules = _text(snapshot.rules)
    ruleset = _hash(rules)
    database.execute(
        "INSERT INTO ruleset (hash, rules) VALUES (:hash, :rules) ON CONFLICT DO NOTHING",
        {"hash": ruleset, "rules": rules},
    )
    row: Mapping[str, Any] = {
        "series": series,
        "taken_at": snapshot.taken_at,
        "version": snapshot.version,
        "revision": snapshot.commit,
        "ruleset": ruleset,
        "exit_code": snapshot.gate.exit_code,
        "score": snapshot.score,
        **{severity.value: snapshot.severities.get(severity.value, 0) for severity in Severity},
        "body": _text(replace(snapshot, rules={}, tallies=(), findings=(), outcomes=())),
    }
    columns, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    database.execute(f"INSERT INTO scan ({columns}) VALUES ({values})", row)  # noqa: S608 - names that stand above
    # Numbers only grow, and nobody else writes meanwhile. (RETURNING would need an SQLite that not everybody has.)
    return int(database.execute("SELECT max(id) FROM scan")[0][0])


def let_go(database: Database, series: int, before: str) -> int:
    """Take out the scans of a series that were taken before a moment, but for its last one; gives their number."""
    meant = (
        "FROM scan WHERE series = :series AND taken_at < :before AND id <>"
        " (SELECT id FROM scan WHERE series = :series ORDER BY taken_at DESC, id DESC LIMIT 1)"
    )
    wanted = {"series": series, "before": before}
    number = int(database.execute(f"SELECT count(*) {meant}", wanted)[0][0])
    if number:
        database.execute(f"DELETE {meant}", wanted)
    return number


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]
