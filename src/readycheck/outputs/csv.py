"""The report as a table for spreadsheets: a row for each finding, and for all that is unknown, broken or exempt."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from readycheck.model import Location, Outcome, Resource, Status
from readycheck.outputs.formats import Options, Rendered
from readycheck.outputs.page.layout import printable
from readycheck.report import Report, container_name, fingerprint, sort_key

COLUMNS = (
    *("environment", "status", "severity", "rule", "source", "kind", "namespace", "name", "container"),
    *("file", "line", "message", "fix", "gate", "fingerprint"),
)
_FORMULA = ("=", "+", "-", "@")
"""What a cell begins with that a spreadsheet would compute (OWASP, CSV injection)."""


def render_all(reports: Sequence[Report], options: Options) -> Rendered:
    """One table for all reports, in UTF-8 with a line of headings (RFC 4180)."""
    del options
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for report in reports:
        writer.writerows({column: _cell(text) for column, text in row.items()} for row in _rows(report))
    return Rendered(table.getvalue().encode("utf-8", "backslashreplace"))


def _cell(value: object) -> str:
    text = printable(str(value))
    return f"'{text}" if text.startswith(_FORMULA) else text


def _rows(report: Report) -> Iterator[dict[str, object]]:
    for outcome in sorted(report.failed, key=sort_key):
        for finding in outcome.findings:
            yield {
                **_judged(report, outcome, report.location_of(finding)),
                **_thing(finding.resource),
                "severity": outcome.severity_of(finding).value,
                "message": finding.message,
                "fix": finding.fix.title if finding.fix else "",
                "gate": report.tolerated.get(id(finding), ""),
                "fingerprint": fingerprint(outcome.rule, report.environment, finding),
            }
    for status in (Status.UNKNOWN, Status.ERROR, Status.EXEMPT):
        for outcome in sorted(report.by_status[status], key=sort_key):
            yield _judged(report, outcome, outcome.resource.locate())
    for source in report.sources:
        for problem in source.problems:
            yield {
                "environment": report.environment,
                "status": "problem",
                "source": source.source,
                "file": problem.uri,
                "line": problem.line or "",
                "message": problem.reason,
            }


def _judged(report: Report, outcome: Outcome, location: Location) -> dict[str, object]:
    return {
        "environment": report.environment,
        "status": outcome.status.value,
        "severity": outcome.severity.value,
        "rule": outcome.rule,
        **_thing(outcome.resource),
        "file": location.uri,
        "line": location.line or "",
        "message": outcome.reason or "",
    }


def _thing(resource: Resource) -> dict[str, object]:
    root = resource.root
    return {
        "source": root.origin.source,
        "kind": root.kind,
        "namespace": root.scope,
        "name": root.name,
        "container": container_name(resource) or "",
    }
