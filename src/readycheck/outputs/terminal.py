"""The report for people at a terminal: what is wrong with each thing, where, and what is left to know.

The page is made as lines of styled words. With colours rich draws them; in a pipe, with NO_COLOR or on a dumb terminal
they are written as they are, and rich isn't even loaded.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from readycheck.model import Finding, Outcome, Resource, Severity, Status
from readycheck.outputs.json import shorten
from readycheck.report import ExemptionStatus, Report, container_name

Line = Sequence[tuple[str, str]]
"""Words, each with the name of a style; "" for none."""

_ICONS = {
    Severity.CRITICAL: ("✖", "!!"),
    Severity.HIGH: ("✖", "!"),
    Severity.MEDIUM: ("▲", "^"),
    Severity.LOW: ("●", "*"),
    Severity.INFO: ("·", "-"),
}
_STYLES = {
    "critical": "bold white on red",
    "high": "bold red",
    "medium": "yellow",
    "low": "cyan",
    "info": "dim",
    "thing": "bold",
    "place": "blue",
    "quiet": "dim",
    "marked": "bold",
    "good": "bold green",
    "bad": "bold red",
    "heading": "bold underline",
}
_SYSTEM_NAMESPACES = frozenset({"kube-system", "kube-public", "kube-node-lease"})
_MOST_DETAILED = 40
"""Findings shown with their source; the others get a line each."""
_MOST_LISTED = 100
_WIDEST, _NARROWEST = 120, 40
_COLUMNS = (
    (Status.FAIL, "fail"),
    (Status.UNKNOWN, "unknown"),
    (Status.PASS, "pass"),
    (Status.EXEMPT, "exempt"),
    (Status.NOT_APPLICABLE, "n/a"),
    (Status.ERROR, "error"),
)


def print_report(report: Report, *, verbose: bool) -> None:
    """Write the report to standard output, with colours where they are wanted."""
    width = max(_NARROWEST, min(shutil.get_terminal_size((100, 0)).columns, _WIDEST))
    page = _Page(report, width, verbose=verbose, unicode=_takes_unicode()).lines()
    try:
        if _wants_colour():
            _print_coloured(page, width)
        else:
            encoding = sys.stdout.encoding or "utf-8"
            for line in page:
                text = "".join(words for words, _ in line).rstrip() + "\n"
                sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough; nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def render_plain(report: Report, *, verbose: bool) -> str:
    """The report as plain text, for a file."""
    page = _Page(report, _WIDEST, verbose=verbose, unicode=True).lines()
    return "".join("".join(words for words, _ in line).rstrip() + "\n" for line in page)


def _wants_colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _takes_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")


def _print_coloured(page: Iterable[Line], width: int) -> None:
    from rich.console import Console  # noqa: PLC0415 - slow to import, and of no use in a pipe
    from rich.text import Text  # noqa: PLC0415

    console = Console(width=width, highlight=False, markup=False, soft_wrap=True)
    for line in page:
        console.print(Text.assemble(*((words, _STYLES.get(style, "")) for words, style in line)))


class _Page:
    def __init__(self, report: Report, width: int, *, verbose: bool, unicode: bool) -> None:
        self._report = report
        self._width = width
        self._verbose = verbose
        self._unicode = unicode
        self._explained: set[str] = set()

    def lines(self) -> Iterator[Line]:
        yield from self._findings()
        yield from self._unknown()
        yield from self._broken()
        yield from self._problems()
        yield from self._exemptions()
        yield from self._summary()

    # What is wrong ---------------------------------------------------------------------------------------------

    def _findings(self) -> Iterator[Line]:
        shown = self._report.findings[:_MOST_DETAILED]
        things: dict[int, list[tuple[Outcome, Finding]]] = defaultdict(list)
        for outcome, finding in shown:
            things[id(finding.resource.root)].append((outcome, finding))
        groups = sorted(things.values(), key=lambda group: _is_system(group[0][1].resource))
        apart = False
        for group in groups:
            if _is_system(group[0][1].resource) and not apart:
                apart = True
                yield ()
                yield (("In the system's own namespaces", "heading"),)
            yield from self._thing(group)
        yield from self._rest(self._report.findings[_MOST_DETAILED:])

    def _thing(self, group: Sequence[tuple[Outcome, Finding]]) -> Iterator[Line]:
        root = group[0][1].resource.root
        location = root.locate()
        where = f"{location.uri}:{location.line}" if location.line else location.uri
        yield ()
        yield (_words(_title(root), "thing"), ("  ", ""), _words(where, "place"))
        if root.origin.world:
            yield (_words(f"  rendered from {root.origin.world}", "quiet"),)
        for outcome, finding in group:
            yield from self._finding(outcome, finding)

    def _finding(self, outcome: Outcome, finding: Finding) -> Iterator[Line]:
        severity = finding.severity or outcome.severity
        container = container_name(finding.resource)
        subject = f"{container}: " if container else ""
        message = _wrapped(f"{subject}{finding.message}", self._width - 13)
        head = f"  {_ICONS[severity][not self._unicode]} {severity.value:8} "
        named = len(message) == 1 and len(message[0]) + len(outcome.rule) + 15 <= self._width
        yield ((head, severity.value), _words(message[0], ""), (f"  {outcome.rule}" if named else "", "quiet"))
        for more in message[1:]:
            yield (("             ", ""), _words(more, ""))
        if not named:
            yield (("             ", ""), (outcome.rule, "quiet"))
        yield from self._excerpt(finding)
        seen = self._seen(finding)
        for line in _wrapped(seen, self._width - 13) if seen else ():
            yield (("             ", ""), _words(line, "quiet"))
        yield from self._why(outcome.rule)

    def _excerpt(self, finding: Finding) -> Iterator[Line]:
        place = finding.place
        location = place.location
        if location.line is None:
            return
        excerpt = place.resource.root.origin.excerpt(place.resource.root.body, place.resource.path + place.path, 1)
        if location.uri != finding.resource.root.locate().uri:
            yield (("             ", ""), _words(f"{location.uri}:{location.line}", "place"))
        bar = "│" if self._unicode else "|"
        for number, text in excerpt:
            marked = number == location.line
            line = _cut(f"{number:>9} {'>' if marked else ' '}{bar} {text}", self._width)
            yield (_words(line, "marked" if marked else "quiet"),)
        if location.values_key:
            yield (("             ", ""), _words(f"decided by the values key {location.values_key}", "quiet"))

    @staticmethod
    def _seen(finding: Finding) -> str:
        pieces = []
        for piece in finding.evidence:
            if piece.place.path == ():
                continue
            elsewhere = piece.place.resource.root is not finding.resource.root
            holder = f"{_title(piece.place.resource.root)}: " if elsewhere else ""
            if piece.seen is None:
                pieces.append(f"{holder}{piece.place.field} is absent")
            elif not isinstance(piece.seen, (dict, list)):
                pieces.append(f"{holder}{piece.place.field} is {shorten(piece.seen)}")
        return "seen: " + "; ".join(pieces) if pieces else ""

    def _why(self, rule: str) -> Iterator[Line]:
        if rule in self._explained:
            return
        self._explained.add(rule)
        first = " ".join(self._report.rules[rule][1].split()).partition(". ")[0].rstrip(".")
        for line in _wrapped(f"why: {first}.", self._width - 13) if first else ():
            yield (("             ", ""), _words(line, "quiet"))

    def _rest(self, rest: Sequence[tuple[Outcome, Finding]]) -> Iterator[Line]:
        if not rest:
            return
        yield ()
        yield ((f"And {len(rest)} more", "heading"),)
        for outcome, finding in rest[:_MOST_LISTED]:
            severity = finding.severity or outcome.severity
            location = finding.place.location
            container = container_name(finding.resource)
            subject = f"{_title(finding.resource.root)}{f' {container}' if container else ''}"
            head = f"  {_ICONS[severity][not self._unicode]} {severity.value:8} "
            yield ((head, severity.value), _words(_cut(f"{subject} {finding.message}", self._width - 13), ""))
            place = f"{location.uri}:{location.line}  {outcome.rule}"
            yield (("             ", ""), _words(_cut(place, self._width - 13), "quiet"))
        if len(rest) > _MOST_LISTED:
            yield ((f"  ... {len(rest) - _MOST_LISTED} more: -o json=FILE has them all", "quiet"),)

    # What is not known -----------------------------------------------------------------------------------------

    def _unknown(self) -> Iterator[Line]:
        unknown = [outcome for outcome in self._report.outcomes if outcome.status is Status.UNKNOWN]
        if not unknown:
            return
        yield ()
        yield ((f"Unknown ({len(unknown)}): never counted as passed", "heading"),)
        if self._verbose:
            for outcome in unknown:
                container = container_name(outcome.resource)
                thing = f"{_title(outcome.resource.root)}{f' {container}' if container else ''}"
                yield (_words(_cut(f"  ? {outcome.rule}  {thing}: {outcome.reason}", self._width), ""),)
            return
        reasons = Counter((outcome.reason or "", _title(outcome.resource.root)) for outcome in unknown)
        by_reason: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for (reason, thing), count in reasons.items():
            by_reason[reason].append((thing, count))
        for reason, things in sorted(by_reason.items(), key=lambda item: -sum(count for _, count in item[1])):
            total = sum(count for _, count in things)
            whose = things[0][0] if len(things) == 1 else f"{things[0][0]} and {len(things) - 1} more"
            for index, line in enumerate(_wrapped(f"{whose}: {reason}", self._width - 8)):
                yield ((f"  {total:>4}  " if index == 0 else "        ", "quiet"), _words(line, ""))

    def _broken(self) -> Iterator[Line]:
        if not self._report.counts.get(Status.ERROR):
            return
        broken = [outcome for outcome in self._report.outcomes if outcome.status is Status.ERROR]
        yield ()
        yield ((f"Rules that broke ({len(broken)})", "heading"),)
        for reason, count in Counter(f"{outcome.rule}: {outcome.reason}" for outcome in broken).items():
            for line in _wrapped(f"{count} x {reason}", self._width - 2):
                yield (_words(f"  {line}", "bad"),)

    def _problems(self) -> Iterator[Line]:
        problems = [problem for source in self._report.sources for problem in source.problems]
        if problems:
            yield ()
            yield ((f"Could not be read or rendered ({len(problems)})", "heading"),)
        for problem in problems[:_MOST_LISTED]:
            where = f"{problem.uri}:{problem.line}" if problem.line else problem.uri
            yield (("  ", ""), _words(where, "place"))
            for line in _wrapped(problem.reason, self._width - 6):
                yield (_words(f"      {line}", ""),)
        if len(problems) > _MOST_LISTED:
            yield ((f"  ... {len(problems) - _MOST_LISTED} more: -o json=FILE has them all", "quiet"),)

    def _exemptions(self) -> Iterator[Line]:
        exemptions = self._report.exemptions
        if not exemptions:
            return
        active = sum(exemption.status is ExemptionStatus.ACTIVE for exemption in exemptions)
        yield ()
        yield ((f"Exemptions ({active} in force)", "heading"),)
        for exemption in exemptions:
            if exemption.status is ExemptionStatus.ACTIVE and not self._verbose:
                continue
            said = exemption.problem or exemption.reason
            style = "bad" if exemption.problem else "quiet"
            yield ((f"  {exemption.status.name.lower():8} ", style), _words(exemption.where, "place"))
            for line in _wrapped(f"{', '.join(exemption.rules)}: {said}", self._width - 11):
                yield (_words(f"           {line}", ""),)

    # The sum ---------------------------------------------------------------------------------------------------

    def _summary(self) -> Iterator[Line]:
        yield ()
        yield (("Summary", "heading"),)
        yield from self._table()
        yield ()
        for source in self._report.sources:
            skipped = ", ".join(f"{count} {reason}" for reason, count in sorted(source.skipped.items()))
            read = f"  {source.source}: {len(source.resources)} objects read"
            read += (
                f", {len(source.problems)} problem{'' if len(source.problems) == 1 else 's'}" if source.problems else ""
            )
            yield (_words(_cut(read + (f"; skipped: {skipped}" if skipped else ""), self._width), ""),)
        absent = [name for name in ("cluster", "aws", "terraform") if name not in self._asked()]
        yield (_words(f"  not asked: {', '.join(absent)}" if absent else "", "quiet"),)
        if self._report.score is not None:
            score = f"  score {self._report.score:g} of 100: passed of passed and failed, weighted by severity"
            for line in _wrapped(score, self._width - 2):
                yield (_words(f"  {line.strip()}", ""),)
        severities = ", ".join(
            f"{self._report.severities[severity]} {severity.value}"
            for severity in Severity
            if self._report.severities.get(severity)
        )
        yield (_words(f"  findings: {severities or 'none'}", ""),)
        gate = self._report.gate
        verdict = "Ready" if gate.exit_code == 0 else "Not ready" if gate.exit_code == 1 else "Incomplete"
        verdict = "An exemption is out" if gate.exit_code == 4 else verdict  # noqa: PLR2004 - ExitCode.EXPIRED_EXEMPTION
        yield ()
        text = f"{verdict}: {'; '.join(gate.reasons)}. Exit code {int(gate.exit_code)}."
        for line in _wrapped(text, self._width):
            yield (_words(line, "good" if gate.exit_code == 0 else "bad"),)

    def _asked(self) -> set[str]:
        return {source.source for source in self._report.sources}

    def _table(self) -> Iterator[Line]:
        counts: dict[str, Counter[Status]] = defaultdict(Counter)
        for (rule, status), number in Counter((each.rule, each.status) for each in self._report.outcomes).items():
            counts[rule][status] = number
        columns = [column for column in _COLUMNS if any(count[column[0]] for count in counts.values())]
        name_width = max(map(len, counts), default=4)
        if name_width + 9 * len(columns) > self._width:
            for rule, count in sorted(counts.items()):
                told = ", ".join(f"{count[status]} {name}" for status, name in columns if count[status])
                for index, line in enumerate(_wrapped(f"{rule}: {told}", self._width - 4)):
                    yield (_words(f"{'  ' if index == 0 else '    '}{line}", ""),)
            return
        yield ((f"  {'rule':{name_width}}" + "".join(f"{name:>9}" for _, name in columns), "quiet"),)
        for rule, count in sorted(counts.items()):
            cells = [(f"{count[status] or '.':>9}", _cell(status, count[status])) for status, _ in columns]
            yield ((f"  {rule:{name_width}}", ""), *cells)


def _cell(status: Status, count: int) -> str:
    if not count:
        return "quiet"
    return {Status.FAIL: "bad", Status.ERROR: "bad", Status.PASS: "good", Status.UNKNOWN: "medium"}.get(status, "")


def _title(root: Resource) -> str:
    if root.kind == "Environment":
        return f"environment {root.name}".strip()
    return f"{f'{root.scope}/' if root.scope else ''}{root.kind}/{root.name}"


def _is_system(resource: Resource) -> bool:
    return resource.root.scope in _SYSTEM_NAMESPACES


def _words(text: str, style: str) -> tuple[str, str]:
    """Text of the scanned tree, without anything that a terminal would obey."""
    if text.isprintable():
        return text, style
    shown = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )
    return shown, style


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(_words(text, "")[0], max(width, 20), break_on_hyphens=False) or [""]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."
