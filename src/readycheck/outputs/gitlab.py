"""The report as the code quality artifact of GitLab (its documentation, "Code quality report format")."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson

from readycheck.model import Severity, Status
from readycheck.outputs.anchors import Anchor, Anchors
from readycheck.outputs.formats import Options, Rendered
from readycheck.outputs.page.layout import printable
from readycheck.outputs.results import gaps, results
from readycheck.report import Report

_SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.INFO: "info",
}


def render_all(reports: Sequence[Report], options: Options) -> Rendered:
    """One list with the findings of all reports, each name in it once; what was not judged stands among them."""
    del options
    entries = [entry for report in reports for entry in _entries(report)]
    return Rendered(orjson.dumps(entries, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _entries(report: Report) -> Iterator[dict[str, object]]:
    anchors = Anchors(report)
    where = f"{report.environment}: " if report.environment else ""
    for result in results(report, anchors):
        severity = "info" if result.tolerated else _SEVERITIES[result.severity]
        said = f"{where}{result.message}" + (f" ({result.tolerated})" if result.tolerated else "")
        yield _entry(result.outcome.rule, said, result.name, severity, result.anchor)
    for gap in gaps(report, anchors):
        severity = "major" if gap.status is Status.ERROR else "info"
        yield _entry(gap.rule, f"{where}{gap.message}", gap.name, severity, gap.anchor)


def _entry(rule: str, description: str, name: str, severity: str, anchor: Anchor) -> dict[str, object]:
    return {
        "description": printable(description),
        "check_name": rule,
        "fingerprint": name,
        "severity": severity,
        "location": {"path": anchor.uri, "lines": {"begin": anchor.line}},
    }
