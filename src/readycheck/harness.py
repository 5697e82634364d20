"""Testing rules against fixtures: the examples are the contract.

`fixtures/rules/<area>/<name>/` holds the cases of the rule `<area>/<name>`. A case is a file, or a folder that is
scanned as a whole, and its name says what the rule makes of it:

- `fail-*`: the findings are exactly those that comments announce: `# expect: MESSAGE`, on the line that the finding
  points at;
- `ok-*`: no finding, and nothing unknown; an announced note must be there;
- `unknown-*`, `not-applicable-*`: no finding, and the announced reasons are exactly those given;
- `# expect-environment: REASON` announces what is said of the environment as a whole, which stands on no line;
- `# clock: 2026-11-25T12:00:00Z` is the moment that the case is judged at, where its rule asks for ages;
- `# options: {minimum: 3}` sets the rule's options for the case;
- what cannot carry comments (JSON) has an `expect.yaml` in its folder: a list of `{file, line, message}`.

A case `fail-x.cluster.yaml`, or a file `cluster.yaml` in a case's folder, is no manifest: its documents are what the
API server of a live cluster answers with, and are judged as that. `# unread: PodDisruptionBudget: REASON` in it says
that the things of a kind could not be read.

Lines are those of the files; only the rule under test runs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from readycheck.documents.text import LARGEST_FILE, Unreadable, read_text
from readycheck.documents.yaml import parse
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.model import Collected, Evidence, Outcome, Resource, Status
from readycheck.rule import Rule
from readycheck.section import nearest
from readycheck.sources import recorded
from readycheck.sources.files import FilesRequest, collect

KINDS = {
    "ok": Status.PASS,
    "fail": Status.FAIL,
    "unknown": Status.UNKNOWN,
    "not-applicable": Status.NOT_APPLICABLE,
}
_EXPECT = re.compile(r"#\s*expect:\s*(.+?)\s*(?:\*/\}\})?$")
_EXPECT_ENVIRONMENT = re.compile(r"#\s*expect-environment:\s*(.+?)\s*$")
_CLOCK = re.compile(r"^#\s*clock:\s*(\S+)\s*$", re.MULTILINE)
_OPTIONS = re.compile(r"^#\s*options:\s*(\{.*\})\s*$", re.MULTILINE)
_EXPECT_FILE = "expect.yaml"
_NO_LINE = ("", 0)


@dataclass(slots=True)
class Result:
    """What came of one case, or of one rule's or folder's bookkeeping."""

    name: str
    complaints: list[str] = field(default_factory=list)


class Expected(Struct, frozen=True):
    """What a case announces: messages by file and line."""

    messages: Counter[tuple[str, int, str]]
    options: Mapping[str, Any]
    now: float


class _WrongAnnouncement(Exception):  # noqa: N818 - the case is wrong, not the program
    """A case says something of itself that cannot be."""


def run(fixtures: Path, rules: Sequence[Rule]) -> Iterator[Result]:
    """Test every case, and that each rule has cases and each case a rule."""
    by_id = {rule.id: rule for rule in rules}
    for rule in rules:
        folder = fixtures / rule.id
        kinds = {kind for case in cases(folder) if (kind := kind_of(case))}
        missing = [f"{kind}-*" for kind in ("ok", "fail") if kind not in kinds]
        yield Result(rule.id, [f"has no {' and no '.join(missing)} case in {folder}"] if missing else [])
    for folder in sorted(path for path in fixtures.glob("*/*") if path.is_dir()):
        rule_id = folder.relative_to(fixtures).as_posix()
        if rule_id not in by_id:
            yield Result(str(folder), [f"no rule {rule_id} exists"])
            continue
        for case in cases(folder):
            yield run_case(case, by_id[rule_id])


def cases(folder: Path) -> list[Path]:
    """The cases in a rule's folder."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if ".fixed." not in path.name and not path.name.startswith("."))


def kind_of(case: Path) -> str | None:
    """What a case's name says the rule makes of it."""
    return next((kind for kind in KINDS if case.name.startswith(f"{kind}-")), None)


def run_case(case: Path, rule: Rule) -> Result:
    """Test one case."""
    result = Result(str(case))
    kind = kind_of(case)
    if kind is None:
        result.complaints.append(f"its name starts with none of {', '.join(f'{kind}-' for kind in KINDS)}")
        return result
    try:
        expected = _expectations(case)
        options = _options(rule, expected.options)
    except _WrongAnnouncement as wrong:
        result.complaints.append(str(wrong))
        return result
    sources = list(_sources(case))
    selection = Selection(rule, rule.declaration.severity, options)
    outcomes = judge((selection,), *Inventory.sides(sources, now=expected.now))
    for problem in (problem for source in sources for problem in source.problems):
        result.complaints.append(f"{problem.uri}:{problem.line}: {problem.reason}")
    result.complaints += _compare(KINDS[kind], outcomes, expected)
    return result


def _sources(case: Path) -> Iterator[Collected]:
    """What a case consists of: files, what a cluster answers with, or both."""
    recording = recorded.recording_in(case)
    others = (
        [file for file in case.iterdir() if file != recording] if case.is_dir() else [case] if not recording else []
    )
    if others:
        # A case stands for a repository of its own, whatever repository it is kept in.
        repository = case if case.is_dir() else case.parent
        exclude = (f"/{recorded.CLUSTER_FILE}",) if recording else ()
        yield collect(FilesRequest(paths=(case,), repository=repository, exclude=exclude, exclude_base=repository))
    if recording:
        yield recorded.collect(recording, recording.name)


def _compare(wanted: Status, outcomes: Sequence[Outcome], expected: Expected) -> Iterator[str]:
    for outcome in outcomes:
        if outcome.status is Status.ERROR:
            yield f"{outcome.resource.kind} {outcome.resource.name}: {outcome.reason}"
        elif outcome.status is Status.UNKNOWN and wanted not in (Status.UNKNOWN, Status.FAIL):
            yield f"{outcome.resource.kind} {outcome.resource.name}: unknown: {outcome.reason}"
    said = Counter(message for status, message in _said(outcomes) if status in (wanted, Status.FAIL))
    demanded = {Status.FAIL, wanted} - {Status.PASS}
    for message, count in (said - expected.messages).items():
        if any(status in demanded and text == message for status, text in _said(outcomes)):
            yield f"not announced ({count}): {_in_words(message)}"
    for message in (expected.messages - said).elements():
        yield f"announced, but not said: {_in_words(message)}"
    if wanted not in {outcome.status for outcome in outcomes}:
        yield f"no outcome is {wanted.value}: {', '.join(sorted({outcome.status.value for outcome in outcomes}))}"


def _said(outcomes: Sequence[Outcome]) -> Iterator[tuple[Status, tuple[str, int, str]]]:
    for outcome in outcomes:
        if outcome.status is Status.FAIL:
            for finding in outcome.findings:
                yield Status.FAIL, (*_line(finding.evidence, finding.resource), finding.message)
        elif outcome.reason:
            yield outcome.status, (*_line(outcome.evidence, outcome.resource), outcome.reason)


def _line(evidence: Sequence[Evidence], resource: Resource) -> tuple[str, int]:
    location = evidence[0].place.location if evidence else resource.locate()
    return (location.uri, location.line or 0) if location.uri else _NO_LINE


def _in_words(message: tuple[str, int, str]) -> str:
    uri, line, text = message
    return f"{uri}:{line}: {text}" if uri else f"environment: {text}"


def _expectations(case: Path) -> Expected:
    messages: Counter[tuple[str, int, str]] = Counter()
    options: Mapping[str, Any] = {}
    now = 0.0
    for file in sorted(case.rglob("*")) if case.is_dir() else [case]:
        if not file.is_file():
            continue
        try:
            text = read_text(file, LARGEST_FILE)
        except Unreadable:
            continue
        uri = file.relative_to(case).as_posix() if case.is_dir() else file.name
        if file.name == _EXPECT_FILE:
            messages.update(_listed(text))
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            if match := _EXPECT.search(line):
                messages[uri, number, match[1]] += 1
            elif match := _EXPECT_ENVIRONMENT.search(line):
                messages[*_NO_LINE, match[1]] += 1
        if match := _OPTIONS.search(text):
            options = _mapping(match[1])
        if match := _CLOCK.search(text):
            now = _moment(match[1])
    return Expected(messages, options, now)


def _listed(text: str) -> Iterator[tuple[str, int, str]]:
    documents, _ = parse(text)
    for entry in documents[0].body if documents else ():
        yield str(entry["file"]), int(entry["line"]), str(entry["message"])


def _mapping(text: str) -> Mapping[str, Any]:
    documents, faults = parse(text)
    if faults or not isinstance(documents[0].body, Mapping):
        raise _WrongAnnouncement("`# options:` is no YAML mapping")
    return documents[0].body


def _moment(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise _WrongAnnouncement(f"`# clock: {text}` is no moment like 2026-11-25T12:00:00Z") from None


def _options(rule: Rule, given: Mapping[str, Any]) -> dict[str, Any]:
    known = {option.name: option for option in rule.options}
    for name, value in given.items():
        if name not in known:
            raise _WrongAnnouncement(
                f"`# options:` sets `{name}`, which is no option of {rule.id}{nearest(name, known)}"
            )
        if not known[name].accepts(value):
            raise _WrongAnnouncement(f"`# options:` sets `{name}` to what is no {known[name].type_name}")
    return {name: known[name].convert(value) for name, value in given.items()}
