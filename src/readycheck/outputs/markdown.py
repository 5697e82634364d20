"""The report as Markdown for the comment on a pull request, which a later run finds again by its marker and updates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from readycheck.model import Location, Severity, Status
from readycheck.outputs.anchors import Anchor, Anchors
from readycheck.outputs.formats import Options, Rendered
from readycheck.outputs.page.layout import place, plural, printable, thing
from readycheck.outputs.page.summary import judged
from readycheck.outputs.results import Result, gaps, results
from readycheck.report import ExemptionStatus, ExitCode, Report

LONGEST_COMMENT = 65_536
"""What GitHub takes as one comment, in characters; counted here in bytes, which are never fewer."""
_MOST_LISTED = 50
_LONGEST_CELL = 300
_CUT = b"\n\n_Cut here: no more is taken in this place._\n"
_CLOSED = b"\n</details>"
_SPECIAL = re.compile(r"([\\`*_\[\]|~$])")
_REFERENCE = re.compile(r"([@#!](?=\w)|\bwww(?=\.)|:(?=//))")


def marker(reports: Sequence[Report]) -> str:
    """The invisible line that a comment begins with: the same for each run over the same environments."""
    names = ",".join(re.sub(r"[^\w.,-]|--", "_", report.environment) for report in reports)
    return f"<!-- readycheck:{names} -->"


def render_all(reports: Sequence[Report], options: Options) -> Rendered:
    """One comment for all reports, no longer than GitHub takes it."""
    del options
    content = f"{marker(reports)}\n".encode() + body(reports, _MOST_LISTED)
    if len(content) <= LONGEST_COMMENT:
        return Rendered(content)
    return Rendered(cut(content, LONGEST_COMMENT), (f"markdown: cut at the {LONGEST_COMMENT} bytes of a comment",))


def body(reports: Sequence[Report], most: int) -> bytes:
    """What the comment says, without the marker.

    Args:
        reports: what to tell.
        most: how many entries each list has at most.
    """
    text = "\n".join(line for report in reports for line in _section(report, most))
    return f"{text}\n".encode("utf-8", "backslashreplace")


def cut(content: bytes, most: int) -> bytes:
    """As many whole lines of a text as fit, with a word on that.

    Args:
        content: the text.
        most: the bytes that it may have; it stays as it is where it has no more.
    """
    if len(content) <= most:
        return content
    kept = content[: max(most - len(_CUT) - len(_CLOSED), 0)].rpartition(b"\n")[0]
    if not kept:
        return b""
    return kept + (_CLOSED if kept.count(b"<details") > kept.count(_CLOSED) else b"") + _CUT


def _section(report: Report, most: int) -> Iterator[str]:
    anchors = Anchors(report)
    found = results(report, anchors)
    counted = [result for result in found if not result.tolerated]
    sign = "✅" if report.gate.exit_code is ExitCode.READY else "❌"
    yield f"### {sign} readycheck{f': {code(report.environment)}' if report.environment else ''}"
    yield ""
    yield f"**{escape(judged(report))}**"
    yield ""
    yield from _counts(report, len(found) - len(counted))
    yield from _findings(counted, "Findings", most, opened=True)
    yield from _findings(found[len(counted) :], "Findings that do not count here", most, opened=False)
    yield from _gaps(report, anchors, most)
    yield from _exemptions(report, most)


def _counts(report: Report, tolerated: int) -> Iterator[str]:
    severities = ", ".join(
        f"{report.severities[severity]} {severity.value}" for severity in Severity if report.severities.get(severity)
    )
    unasked = sum(outcome.lacks_source for outcome in report.by_status[Status.UNKNOWN])
    problems = sum(len(source.problems) for source in report.sources)
    yield "| findings | not counted | unknown | not asked for | broken | unread | exempt | passed | score |"
    yield "|---|---|---|---|---|---|---|---|---|"
    cells = (
        severities or "none",
        tolerated,
        report.counts[Status.UNKNOWN] - unasked,
        unasked,
        report.counts[Status.ERROR],
        problems,
        report.counts[Status.EXEMPT],
        report.counts[Status.PASS],
        "" if report.score is None else f"{report.score:g}",
    )
    yield f"| {' | '.join(map(str, cells))} |"
    yield ""


def _findings(found: Sequence[Result], title: str, most: int, *, opened: bool) -> Iterator[str]:
    if not found:
        return
    yield f"<details{' open' if opened else ''}><summary>{title} ({len(found)})</summary>"
    yield ""
    yield "| severity | what | where | rule |"
    yield "|---|---|---|---|"
    for result in found[:most]:
        said = f"{code(thing(result.finding.resource, container=True))} {escape(result.finding.message)}"
        said += f" ({escape(result.tolerated)})" if result.tolerated else ""
        where = code(_where(result.anchor))
        yield f"| {result.severity.value} | {said} | {where} | {code(result.outcome.rule)} |"
    yield ""
    if len(found) > most:
        yield f"and {plural(len(found) - most, 'more finding')}: the other formats have them all"
        yield ""
    yield "</details>"
    yield ""


def _gaps(report: Report, anchors: Anchors, most: int) -> Iterator[str]:
    missed = gaps(report, anchors)
    if not missed:
        return
    yield f"<details><summary>Not judged: never counted as passed ({len(missed)})</summary>"
    yield ""
    for gap in missed[:most]:
        yield f"- {code(gap.rule)} {escape(gap.message)} ({code(_where(gap.anchor))})"
    if len(missed) > most:
        yield f"- and {len(missed) - most} more: the other formats have them all"
    yield ""
    yield "</details>"
    yield ""


def _exemptions(report: Report, most: int) -> Iterator[str]:
    told = [each for each in report.exemptions if each.status is not ExemptionStatus.ACTIVE or each.ends_soon]
    if not told:
        return
    yield f"<details><summary>Exemptions to look at ({len(told)})</summary>"
    yield ""
    for each in told[:most]:
        rules = code(", ".join(each.rules))
        yield f"- {each.word}: {rules} at {code(each.where)}: {escape(each.problem or f'{each.reason}, {each.until}')}"
    if len(told) > most:
        yield f"- and {len(told) - most} more"
    yield ""
    yield "</details>"
    yield ""


def _where(anchor: Anchor) -> str:
    return place(Location(anchor.uri, anchor.line))


def escape(text: str) -> str:
    """Text of the scanned tree that stays text: no markup, no mention, no link, no second line."""
    shown = _shortened(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    shown = _SPECIAL.sub(r"\\\1", shown)
    # Hosts look for these in the text that is left after the markup, where no escape is seen any more.
    return _REFERENCE.sub(r"\1<!-- -->", shown)


def code(text: str) -> str:
    """The same in the type of code."""
    shown = _shortened(text)
    if not shown:
        return ""
    # No fence is longer than what it holds, and in a table a bar ends the cell even in code.
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    space = " " if "`" in shown else ""
    return f"{fence}{space}{shown}{space}{fence}".replace("|", "\\|")


def _shortened(text: str) -> str:
    shown = printable(text)
    return shown if len(shown) <= _LONGEST_CELL else shown[:_LONGEST_CELL] + "…"
