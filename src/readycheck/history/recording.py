"""Writing scans to a database and letting go of old ones, each within a transaction of the caller's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from readycheck.history.database import Database
from readycheck.history.snapshot import FindingRecord, OutcomeRecord, Snapshot

_ENCODER = msgspec.json.Encoder(order="deterministic")


class Pruned(Struct, frozen=True):
    """What was taken out of a history: how many scans, and how many verdicts that no other scan tells."""

    scans: int = 0
    records: int = 0


def write_scan(database: Database, project: str, narrowed_to: str, snapshot: Snapshot) -> tuple[int, int]:
    """Write a scan.

    Args:
        database: where.
        project: whose scan it is.
        narrowed_to: the paths that the command line narrowed it to.
        snapshot: the scan.

    Returns:
        the numbers of its series and its own.
    """
    series = _write_series(database, (project, snapshot.environment, narrowed_to))
    scan = _write_head(database, series, snapshot)
    database.execute_many(
        "INSERT INTO tally (scan, rule, status, severity, outcomes)"
        " VALUES (:scan, :rule, :status, :severity, :outcomes)",
        [
            {"scan": scan, "rule": each.rule, "status": each.status, "severity": each.severity, "outcomes": each.count}
            for each in snapshot.tallies
        ],
    )
    _write_records(database, scan, (*snapshot.findings, *snapshot.outcomes))
    _write_sightings(database, series, snapshot)
    return series, scan


def _write_series(database: Database, key: tuple[str, str, str]) -> int:
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
        **snapshot.severities,
        "body": _text(replace(snapshot, rules={}, tallies=(), findings=(), outcomes=())),
    }
    columns, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    inserted = database.execute(f"INSERT INTO scan ({columns}) VALUES ({values}) RETURNING id", row)  # noqa: S608 - own
    return int(inserted[0][0])


def _write_records(database: Database, scan: int, told: Iterable[FindingRecord | OutcomeRecord]) -> None:
    """What is told one by one; what an earlier scan told in the same words is there already."""
    rows = []
    for position, each in enumerate(told):
        body = _text(each)
        # What is no finding has no fingerprint.
        fingerprint = each.fingerprint if isinstance(each, FindingRecord) else ""
        rows.append({"position": position, "hash": _hash(body), "fingerprint": fingerprint, "body": body})
    database.execute_many(
        "INSERT INTO record (hash, fingerprint, body) VALUES (:hash, :fingerprint, :body) ON CONFLICT DO NOTHING", rows
    )
    database.execute_many(
        "INSERT INTO scan_record (scan, position, record) SELECT :scan, :position, id FROM record WHERE hash = :hash",
        [{"scan": scan, "position": row["position"], "hash": row["hash"]} for row in rows],
    )


def _write_sightings(database: Database, series: int, snapshot: Snapshot) -> None:
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
            for fingerprint in dict.fromkeys(finding.fingerprint for finding in snapshot.findings)
        ],
    )


def let_go(database: Database, series: int, before: str) -> Pruned:
    """Take out the scans of a series that were taken before a moment, but for its last one."""
    gone = database.execute(
        "DELETE FROM scan WHERE series = :series AND taken_at < :before AND id <>"
        " (SELECT id FROM scan WHERE series = :series ORDER BY taken_at DESC, id DESC LIMIT 1) RETURNING id",
        {"series": series, "before": before},
    )
    if not gone:
        return Pruned()
    unused = database.execute(
        "DELETE FROM record WHERE NOT EXISTS (SELECT 1 FROM scan_record WHERE scan_record.record = record.id)"
        " RETURNING id"
    )
    return Pruned(len(gone), len(unused))


def _text(value: Any) -> str:
    return _ENCODER.encode(value).decode()


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]
