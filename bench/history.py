"""What a year of history costs: 52 weekly scans of 5,000 findings, on SQLite and on a PostgreSQL server.

What the weekly report asks (the last scan, what changed in a week, the trend, since when) is timed over one week and
over all of them, and the longer may take three times as long as the shorter. `--postgresql` starts a server for it.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from readycheck.history import (
    FindingRecord,
    GateRecord,
    History,
    Piece,
    Remedy,
    RuleRecord,
    Snapshot,
    SourceRecord,
    Spot,
    Tally,
    Thing,
)
from tests.history.servers import postgresql, programs

WEEKS, FINDINGS, RULES, CHANGED = 52, 5000, 120, 100
MOST = 3.0
_BEGIN = datetime(2025, 12, 1, 7, tzinfo=UTC)
_SEVERITIES = ("critical", "high", "medium", "low")


def scans() -> Iterator[Snapshot]:
    """A year of scans: each week a hundred findings are mended, a hundred come, and a tenth moves to other lines."""
    names = list(range(FINDINGS))
    for week in range(WEEKS):
        names = [*names[CHANGED:], *range(FINDINGS + week * CHANGED, FINDINGS + (week + 1) * CHANGED)]
        findings = tuple(_finding(name, week) for name in names)
        counted = Counter((finding.rule, "fail", finding.severity) for finding in findings)
        counted.update({(f"area{rule % 12}/rule-{rule}", "pass", "medium"): 400 for rule in range(RULES)})
        yield Snapshot(
            version="0.1.0",
            environment="prod",
            taken_at=(_BEGIN + timedelta(weeks=week)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            gate=GateRecord(1, ("5,000 violations",)),
            score=61.5,
            sources=(SourceRecord("files", "ok", 9000),),
            rules={f"area{rule % 12}/rule-{rule}": RuleRecord("1", "A title.", "A why.") for rule in range(RULES)},
            severities=dict(Counter(finding.severity for finding in findings)),
            tallies=tuple(sorted(Tally(*key, count) for key, count in counted.items())),
            findings=findings,
        )


def _finding(number: int, week: int) -> FindingRecord:
    rule = number % RULES
    moved = week if number % 10 == 0 else 0
    return FindingRecord(
        rule=f"area{rule % 12}/rule-{rule}",
        severity=_SEVERITIES[number % 4],
        resource=Thing("Deployment", f"service-{number}", "shop", "files", container="app"),
        message=f"can run with 1 of at least 2 replicas, says the autoscaler of service-{number}",
        fingerprint=f"{number:032x}",
        location=Spot(f"deploy/overlays/prod/service-{number}/deployment.yaml", 10 + moved, 3, "spec.replicas"),
        evidence=(Piece("spec.replicas", 1), Piece("spec.template.metadata.labels", {"app": f"service-{number}"})),
        fix=Remedy("set spec.replicas to 2", safe=True),
    )


def questions(history: History) -> int:
    """What a weekly report asks of the history; gives the number of findings that it would show."""
    after = history.latest("prod")
    if after is None:
        return 0
    before = history.latest("prod", before=after.taken_at)
    delta = history.delta(before.id if before else after.id, after.id)
    history.trend("prod")
    return len(history.snapshot(after.id).findings) + len(delta.fixed)


def _seconds(history: History) -> float:
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        questions(history)
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def measure(url: str, name: str) -> bool:
    """Fill a database and ask it; whether the year stays within its bound."""
    writing = []
    one = 0.0
    with History.open(url, "bench") as history:
        for week, scan in enumerate(scans()):
            begun = time.perf_counter()
            history.record(scan)
            writing.append(time.perf_counter() - begun)
            # A week's report needs two scans: this one, and the one before.
            if week == 1:
                one = _seconds(history)
        year = _seconds(history)
    print(
        f"{name}: record {statistics.median(writing):.3f} s (most {max(writing):.3f} s), questions of a report: one"
        f" week {one:.3f} s, {WEEKS} weeks {year:.3f} s: {year / one:.2f} times (at most {MOST:g})"
    )
    return year / one < MOST


def main() -> int:
    """Measure, and say by the exit code whether the bounds hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgresql", action="store_true", help="also on a server, which this starts")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "history.db"
        held = measure(str(file), "SQLite")
        print(f"SQLite: {file.stat().st_size / 1e6:.1f} MB")
    if asked.postgresql:
        folder_of_server = programs()
        if folder_of_server is None:
            raise SystemExit("PostgreSQL's server is not installed: make tools-postgres")
        with postgresql(folder_of_server) as url:
            held &= measure(url.format(name="postgres"), "PostgreSQL")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
