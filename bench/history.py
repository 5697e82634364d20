"""What a year of history costs: 52 weekly scans of 5,000 findings, on SQLite and on a PostgreSQL server.

The weekly report over all of them may take three times as long as that over the first week.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from run import READYCHECK, Table, seconds, whole

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
from readycheck.provenance import project_of
from tests.history.servers import postgresql, programs

WEEKS, FINDINGS, RULES, CHANGED = 52, 5000, 120, 100
CONFIG = "readycheck.yaml"
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


def report(url: str, folder: Path) -> float:
    """Seconds that the weekly report takes, as its reader waits for it."""
    file = folder / "weekly.html"
    command = [*READYCHECK, "report", "--env", "prod", "--history", url, "--config", str(folder / CONFIG)]
    return statistics.median(seconds(partial(whole, [*command, "-o", f"html={file}"])) for _ in range(5))


def measure(url: str, name: str, table: Table, folder: Path) -> None:
    """Fill a database, and hold the report over a year against that over a week."""
    writing = []
    week = 0.0
    with History.open(url, project_of(folder / CONFIG)) as history:
        for number, scan in enumerate(scans()):
            writing.append(seconds(partial(history.record, scan)))
            # A week's report needs two scans: this one, and the one before.
            if number == 1:
                week = report(url, folder)
    table.ratio(f"{name}: keeping a scan of {FINDINGS} findings, s", statistics.median(writing), 1.0)
    table.ratio(f"{name}: report over {WEEKS} weeks / over one ({week:.2f} s)", report(url, folder) / week, 3.0)


def main() -> int:
    """Measure, print a table, and fail where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgresql", action="store_true", help="also on a server, which this starts")
    asked = parser.parse_args()
    table = Table()
    with tempfile.TemporaryDirectory(prefix="readycheck-bench-") as name:
        folder = Path(name)
        (folder / CONFIG).write_text("environments: {prod: {}}\n", encoding="utf-8")
        file = folder / "history.db"
        measure(str(file), "SQLite", table, folder)
        table.ratio(f"SQLite: MB of {WEEKS} scans", file.stat().st_size / 1e6, 20.0)
        if asked.postgresql:
            server = programs()
            if server is None:
                raise SystemExit("PostgreSQL's server is not installed: make tools-postgres")
            with postgresql(server) as url:
                measure(url.format(name="postgres"), "PostgreSQL", table, folder)
    print(table)
    return 1 if table.broken else 0


if __name__ == "__main__":
    sys.exit(main())
