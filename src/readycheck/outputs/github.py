"""The report for a step of GitHub Actions: annotations, and the step's summary (GitHub's "Workflow commands")."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from readycheck.model import Severity
from readycheck.outputs.anchors import Anchor, Anchors
from readycheck.outputs.formats import Options, Rendered
from readycheck.outputs.markdown import body, cut
from readycheck.outputs.page.layout import plural, printable
from readycheck.outputs.page.summary import judged
from readycheck.outputs.results import Result, gaps, results
from readycheck.report import ExitCode, Report

MOST_ANNOTATIONS = 10
"""The annotations of one step that GitHub shows."""
LARGEST_SUMMARY = 1024 * 1024
"""Bytes of a step's summary; a longer one is refused as a whole."""
_MOST_LISTED = 2_000
_COMMANDS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning"}


def render_all(reports: Sequence[Report], options: Options) -> Rendered:
    """The most severe findings that count as annotations, and as the last ones what each scan came to."""
    del options
    last = [_verdict(report) for report in reports[:MOST_ANNOTATIONS]]
    found = [result for report in reports for result in _counted(report)]
    found.sort(key=lambda result: result.severity.rank)
    room = MOST_ANNOTATIONS - len(last)
    lines = [
        _annotation(_COMMANDS.get(each.severity, "notice"), each.message, each.anchor, each.outcome.rule)
        for each in found[:room]
    ]
    if len(found) > room:
        last[-1] += f" {plural(len(found) - room, 'more finding')}: the summary of the step lists them."
    return Rendered("".join(f"{line}\n" for line in (*lines, *last)).encode("utf-8", "backslashreplace"))


def write_summary(reports: Sequence[Report], file: Path) -> None:
    """Add the reports to a step's summary, as far as there is room in it.

    Args:
        reports: at least one.
        file: what GITHUB_STEP_SUMMARY names; other commands of the step may have written to it.

    Raises:
        OSError: it cannot be written.
    """
    room = LARGEST_SUMMARY - (file.stat().st_size if file.exists() else 0)
    with file.open("ab") as summary:
        summary.write(cut(body(reports, _MOST_LISTED), room))


def _counted(report: Report) -> Iterator[Result]:
    return (result for result in results(report, Anchors(report)) if not result.tolerated)


def _verdict(report: Report) -> str:
    missed = len(gaps(report, Anchors(report)))
    said = judged(report) + (f" Not judged: {missed}." if missed else "")
    command = "notice" if report.gate.exit_code is ExitCode.READY else "error"
    name = f"readycheck {report.environment}".strip()
    return f"::{command} title={_property(name)}::{_data(said)}"


def _annotation(command: str, message: str, anchor: Anchor, title: str) -> str:
    properties = {
        "file": anchor.uri,
        "line": anchor.line,
        "endLine": anchor.line,
        "col": anchor.column,
        "endColumn": anchor.end_column,
        "title": title,
    }
    told = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{command} {told}::{_data(message)}"


def _data(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
