"""The sum: verdicts by rule, what was read, the score, and the gate as the last line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from readycheck.model import Collected, Severity, Status
from readycheck.outputs.page.layout import Layout, Line, plural, printable
from readycheck.report import ExitCode, Report

_SOURCES = ("files", "cluster", "aws", "terraform")
_COLUMNS = {
    Status.FAIL: ("fail", "bad"),
    Status.UNKNOWN: ("unknown", "medium"),
    Status.PASS: ("pass", "good"),
    Status.EXEMPT: ("exempt", ""),
    Status.NOT_APPLICABLE: ("n/a", ""),
    Status.ERROR: ("error", "bad"),
}
"""The statuses in the order of the table: how each is headed, and how its numbers look."""
_VERDICTS = {ExitCode.READY: "Ready", ExitCode.INCOMPLETE: "Incomplete"}


def summary(report: Report, layout: Layout) -> Iterator[Line]:
    """The table, the coverage, the score and the verdict."""
    yield from layout.heading(f"Summary of {report.environment}" if report.environment else "Summary")
    yield from _table(report, layout)
    yield ()
    unasked = {outcome.rule for outcome in report.by_status[Status.UNKNOWN] if outcome.lacks_source}
    yield from _coverage(report, len(unasked), layout)
    yield from _score(report, layout)
    severities = [
        f"{report.severities[severity]} {severity.value}" for severity in Severity if report.severities.get(severity)
    ]
    yield from _labelled("findings", ", ".join(severities) or "none", layout)
    yield ()
    yield from verdict(report)


def verdict(report: Report, *, head: str = "") -> Iterator[Line]:
    """Whether the build may go on, with every reason.

    Args:
        report: what to sum up.
        head: what the line begins with.
    """
    style = "good" if report.gate.exit_code is ExitCode.READY else "bad"
    # In one line, however long: logs are cut to their last one.
    yield ((printable(f"{head}{judged(report)}"), style),)


def judged(report: Report) -> str:
    """The verdict in a sentence, with every reason."""
    gate = report.gate
    said = _VERDICTS.get(gate.exit_code, "Not ready")
    gaps = sum(not outcome.lacks_source for outcome in report.by_status[Status.UNKNOWN])
    if gate.exit_code is ExitCode.READY and gaps:
        said += f" as far as could be judged ({plural(gaps, 'verdict')} unknown)"
    code = int(gate.exit_code)
    ending = f"0 for --exit-zero, else {code}" if gate.lenient and code else str(code)
    return f"{said}: {'; '.join(gate.reasons)}. Exit code {ending}."


def _table(report: Report, layout: Layout) -> Iterator[Line]:
    counts: dict[str, dict[Status, int]] = defaultdict(dict)
    for (rule, status, _), number in report.tally.items():
        counts[rule][status] = counts[rule].get(status, 0) + number
    columns = [status for status in _COLUMNS if any(status in count for count in counts.values())]
    if not columns:
        yield from layout.paragraph("nothing was judged")
        return
    # Each column is as wide as its widest number, two apart from the one before.
    widths = {
        status: 2 + max(len(_COLUMNS[status][0]), *(len(str(count.get(status, 0))) for count in counts.values()))
        for status in columns
    }
    name_width = max(map(len, counts))
    if 2 + name_width + sum(widths.values()) > layout.width:
        yield from _table_as_prose(counts, columns, layout)
        return
    heads = "".join(f"{_COLUMNS[status][0]:>{widths[status]}}" for status in columns)
    yield ((f"  {'rule':{name_width}}{heads}", "quiet"),)
    for rule, count in sorted(counts.items()):
        cells = [
            (f"{count.get(status, '.'):>{widths[status]}}", _COLUMNS[status][1] if status in count else "quiet")
            for status in columns
        ]
        yield ((f"  {rule:{name_width}}", ""), *cells)


def _table_as_prose(
    counts: Mapping[str, Mapping[Status, int]], columns: list[Status], layout: Layout
) -> Iterator[Line]:
    for rule, count in sorted(counts.items()):
        yield ((f"  {rule}", "rule"),)
        told = ", ".join(f"{count[status]} {_COLUMNS[status][0]}" for status in columns if status in count)
        yield from layout.paragraph(told, indent=4)


def _coverage(report: Report, unasked: int, layout: Layout) -> Iterator[Line]:
    for source in report.sources:
        parts = [f"{plural(len(source.resources), 'object')} from {_places(source)}"]
        if source.problems:
            parts.append(plural(len(source.problems), "problem"))
        if source.skipped:
            parts.append("skipped: " + ", ".join(f"{count} {why}" for why, count in sorted(source.skipped.items())))
        yield from _labelled("read", "; ".join(parts), layout)
    read = {source.source for source in report.sources}
    absent = [source for source in _SOURCES if source not in read]
    if absent:
        why = f" ({plural(unasked, 'rule')} unknown for that)" if unasked else ""
        yield from _labelled("not asked", f"{', '.join(absent)}{why}", layout)


def _places(source: Collected) -> str:
    files = {resource.origin.file for resource in source.resources} - {""}
    return plural(len(files), "file") if files else source.source


def _score(report: Report, layout: Layout) -> Iterator[Line]:
    if report.score is None:
        return
    weights = ", ".join(f"{severity.value} {severity.weight}" for severity in Severity if severity.weight)
    formula = f"of what passed or failed, the share that passed, by weight ({weights})"
    yield from _labelled("score", f"{report.score:g} of 100: {formula}", layout)


def _labelled(label: str, text: str, layout: Layout) -> Iterator[Line]:
    yield from layout.paragraph(text, indent=13, head=((f"  {label:11}", "quiet"),))
