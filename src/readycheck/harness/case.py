"""Judging one case, and comparing what is said with what it announces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from readycheck.engine import Selection, judge, judge_side
from readycheck.harness import announcements
from readycheck.harness.announcements import EXPECT_FILE, NO_LINE, Announcements, Entry
from readycheck.harness.mending import complaints_about_fixes
from readycheck.inventory import Inventory
from readycheck.model import Collected, Evidence, Outcome, Resource, Status
from readycheck.rule import Rule
from readycheck.sources import recorded
from readycheck.sources.files import FilesRequest, collect

_WITH_COMMENTS = ("files", "cluster")
"""The sources of what announces in comments of its own."""


class _Side(Struct, frozen=True, eq=False):
    """What one source shows of a case.

    Args:
        collected: what it read.
        recording: the name of the recording; "" for the files.
    """

    collected: Collected
    recording: str = ""

    @property
    def announces_itself(self) -> bool:
        return self.collected.source in _WITH_COMMENTS


def complaints_about(case: Path, rule: Rule, wanted: Status) -> Iterator[str]:
    """What differs between what a case announces and what the rule says of it.

    Args:
        case: a file, or a folder.
        rule: the rule.
        wanted: what the case's name says the rule makes of it.

    Raises:
        WrongAnnouncement: the case says something of itself that cannot be.
    """
    sides = list(_sides(case))
    silent = [side.recording for side in sides if not side.announces_itself]
    announced = announcements.read(case, silent)
    options = dict(announcements.options_of(rule, announced.options))
    for problem in (problem for side in sides for problem in side.collected.problems):
        yield f"{problem.uri}:{problem.line}: {problem.reason}"
    selection = Selection(rule, rule.declaration.severity, options)
    inventories = Inventory.sides([side.collected for side in sides], now=announced.now)
    asked = frozenset(side.collected.source for side in sides)
    plain: list[Outcome] = []
    apart: dict[str, list[Outcome]] = {}
    for side, inventory in zip(sides, inventories, strict=True):
        if side.collected.source in rule.sources:
            outcomes = list(judge_side(selection, inventory, asked))
            # What a rule leaves to the other sides it says nothing of.
            if side.announces_itself or not outcomes:
                plain += outcomes
            else:
                apart.setdefault(side.recording, []).extend(outcomes)
    if not plain and not apart:
        plain = judge((selection,), *inventories)
    yield from _compare(wanted, plain, announced, alone=not apart)
    yield from complaints_about_fixes(case, selection, announced)
    for name, outcomes_apart in apart.items():
        entries = [entry for entry in announced.entries if entry.file in ("", name)]
        yield from (f"{name}: {complaint}" for complaint in _compare_recording(wanted, outcomes_apart, entries))


def _sides(case: Path) -> Iterator[_Side]:
    """What a case consists of: files, what a cluster or an account answers, what Terraform recorded and planned."""
    recordings = recorded.recordings_in(case)
    others = {file for file in case.iterdir() if file.name != EXPECT_FILE} if case.is_dir() else {case}
    if others - recordings.keys() or not recordings:
        # A case stands for a repository of its own, whatever repository it is kept in.
        repository = case if case.is_dir() else case.parent
        exclude = tuple(f"/{file.name}" for file in recordings)
        request = FilesRequest(paths=(case,), repository=repository, exclude=exclude, exclude_base=repository)
        yield _Side(collect(request))
    for file, read in recordings.items():
        yield _Side(read(file), file.name)


def _compare(wanted: Status, outcomes: Sequence[Outcome], announced: Announcements, *, alone: bool) -> Iterator[str]:
    """Compare what is said of files and clusters.

    Args:
        wanted: what the case's name says.
        outcomes: what is said.
        announced: what the case announces.
        alone: whether nothing else of the case was judged, so that its name speaks of this.
    """
    yield from _broken(outcomes, {wanted})
    said = Counter(message for status, message in _said(outcomes) if status in (wanted, Status.FAIL))
    demanded = {Status.FAIL, wanted} - {Status.PASS}
    for message, count in (said - announced.messages).items():
        if any(status in demanded and text == message for status, text in _said(outcomes)):
            yield f"not announced ({count}): {_in_words(message)}"
    for message in (announced.messages - said).elements():
        yield f"announced, but not said: {_in_words(message)}"
    if alone and wanted not in {outcome.status for outcome in outcomes}:
        yield _none_is(wanted, outcomes)


def _compare_recording(wanted: Status, outcomes: Sequence[Outcome], entries: Sequence[Entry]) -> Iterator[str]:
    """Compare what is said of a recording, whose things may stand on no line."""
    statuses = {entry.outcome for entry in entries if entry.outcome is not None} or {wanted}
    yield from _broken(outcomes, statuses)
    said = [(status, line, text) for status, (_, line, text) in _said(outcomes)]
    for status, line, text in said:
        if status in (statuses | {Status.FAIL}) - {Status.PASS} and not any(
            _says(each, line, text) for each in entries
        ):
            yield f"not announced: {text}"
    heard = [(line, text) for status, line, text in said if status in statuses | {Status.FAIL}]
    for entry in entries:
        if entry.message and not any(_says(entry, *each) for each in heard):
            yield f"announced, but not said: {entry.message}" + (f" (line {entry.line})" if entry.line else "")
    for status in statuses:
        if status not in {outcome.status for outcome in outcomes}:
            yield _none_is(status, outcomes)


def _says(entry: Entry, line: int, text: str) -> bool:
    return entry.message == text and entry.line in (None, line)


def _broken(outcomes: Sequence[Outcome], wanted: Collection[Status]) -> Iterator[str]:
    """What never is as announced: a rule that broke; what is unknown where the case says that all is known."""
    for outcome in outcomes:
        name = f"{outcome.resource.kind} {outcome.resource.name}"
        if outcome.status is Status.ERROR:
            yield f"{name}: {outcome.reason}"
        elif outcome.status is Status.UNKNOWN and not {Status.UNKNOWN, Status.FAIL} & set(wanted):
            yield f"{name}: unknown: {outcome.reason}"


def _none_is(wanted: Status, outcomes: Sequence[Outcome]) -> str:
    return f"no outcome is {wanted.value}: {', '.join(sorted({outcome.status.value for outcome in outcomes}))}"


def _said(outcomes: Sequence[Outcome]) -> Iterator[tuple[Status, tuple[str, int, str]]]:
    for outcome in outcomes:
        if outcome.status is Status.FAIL:
            for finding in outcome.findings:
                yield Status.FAIL, (*_line(finding.evidence, finding.resource), finding.message)
        elif outcome.reason:
            yield outcome.status, (*_line(outcome.evidence, outcome.resource), outcome.reason)


def _line(evidence: Sequence[Evidence], resource: Resource) -> tuple[str, int]:
    location = evidence[0].place.location if evidence else resource.locate()
    return (location.uri, location.line or 0) if location.uri else NO_LINE


def _in_words(message: tuple[str, int, str]) -> str:
    uri, line, text = message
    return f"{uri}:{line}: {text}" if uri else f"environment: {text}"
