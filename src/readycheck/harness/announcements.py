"""What a case announces: the comments in its files, and its `expect.yaml`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from readycheck.documents.text import LARGEST_FILE, Unreadable, read_text
from readycheck.documents.yaml import parse
from readycheck.model import Status
from readycheck.rule import Rule
from readycheck.section import nearest

KINDS = {
    "ok": Status.PASS,
    "fail": Status.FAIL,
    "unknown": Status.UNKNOWN,
    "not-applicable": Status.NOT_APPLICABLE,
}
"""What a case's name, or `outcome` in its `expect.yaml`, says the rule makes of it."""

EXPECT_FILE = "expect.yaml"
NO_LINE = ("", 0)
"""Where what is said of the environment as a whole stands."""

_EXPECT = re.compile(r"#\s*expect:\s*(.+?)\s*(?:\*/\}\})?$")
_EXPECT_ENVIRONMENT = re.compile(r"#\s*expect-environment:\s*(.+?)\s*$")
_CLOCK = re.compile(r"^#\s*clock:\s*(\S+)\s*$", re.MULTILINE)
_SETTINGS = re.compile(r"^#\s*(options|set):\s*(\{.*\})\s*$", re.MULTILINE)


class WrongAnnouncement(Exception):  # noqa: N818 - the case is wrong, not the program
    """A case says something of itself that cannot be."""


class Entry(Struct, frozen=True):
    """What an `expect.yaml` announces.

    Args:
        message: the message; "" where `outcome` alone is announced.
        file: the file that it is said of; "" for every recording.
        line: the line in it; None where it does not matter.
        outcome: what the rule makes of that recording, where the case's name does not tell.
    """

    message: str
    file: str = ""
    line: int | None = None
    outcome: Status | None = None


class Announcements(Struct, frozen=True):
    """What a case announces.

    Args:
        messages: what is said of files and clusters, by file and line.
        entries: what is said of recordings.
        options: the options that the rule is run with.
        values: what a person gives to fixes that ask for it.
        now: the moment that the case is judged at, in seconds since the epoch.
    """

    messages: Counter[tuple[str, int, str]]
    entries: Sequence[Entry]
    options: Mapping[str, Any]
    values: Mapping[str, Any]
    now: float


def read(case: Path, recordings: Sequence[str]) -> Announcements:
    """What a case announces.

    Args:
        case: a file, or a folder.
        recordings: the names of its files that are recordings and carry no comments.

    Raises:
        WrongAnnouncement: it says something that cannot be.
    """
    messages: Counter[tuple[str, int, str]] = Counter()
    entries: list[Entry] = []
    settings: dict[str, Any] = {}
    for file in sorted(case.rglob("*")) if case.is_dir() else [case]:
        try:
            text = read_text(file, LARGEST_FILE) if file.is_file() else ""
        except Unreadable:
            continue
        uri = file.relative_to(case).as_posix() if case.is_dir() else file.name
        if file.name != EXPECT_FILE:
            messages.update(_of_comments(uri, text))
            settings |= _settings_of(text)
            continue
        listed, more = _of_expect_file(text)
        settings |= more
        for entry in listed:
            if not entry.file or entry.file in recordings:
                entries.append(entry)
            else:
                messages[entry.file, entry.line or 0, entry.message] += 1
    now = _moment(str(settings["clock"])) if "clock" in settings else 0.0
    return Announcements(messages, entries, settings.get("options", {}), settings.get("set", {}), now)


def _of_comments(uri: str, text: str) -> Iterator[tuple[str, int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _EXPECT.search(line):
            yield uri, number, match[1]
        elif match := _EXPECT_ENVIRONMENT.search(line):
            yield *NO_LINE, match[1]


def _settings_of(text: str) -> Mapping[str, Any]:
    found = {match[1]: _mapping(match[2], match[1]) for match in _SETTINGS.finditer(text)}
    clock = _CLOCK.search(text)
    return {**found, **({"clock": clock[1]} if clock else {})}


def _of_expect_file(text: str) -> tuple[Sequence[Entry], Mapping[str, Any]]:
    documents, faults = parse(text)
    body = documents[0].body if documents and not faults else None
    settings = body if isinstance(body, Mapping) else {"expect": body or []}
    wrong = sorted(settings.keys() - {"clock", "options", "set", "expect"})
    if faults or wrong:
        raise WrongAnnouncement(f"{EXPECT_FILE}: {faults[0].reason if faults else f'`{wrong[0]}` means nothing here'}")
    return list(map(_entry, settings.get("expect", ()))), settings


def _entry(written: object) -> Entry:
    if not isinstance(written, Mapping) or not ({"message", "outcome"} & written.keys()):
        raise WrongAnnouncement(f"{EXPECT_FILE}: an entry names neither `message` nor `outcome`")
    outcome = written.get("outcome")
    if outcome is not None and outcome not in KINDS:
        raise WrongAnnouncement(f"{EXPECT_FILE}: `outcome: {outcome}` is none of {', '.join(KINDS)}")
    return Entry(
        str(written.get("message", "")),
        str(written.get("file", "")),
        int(written["line"]) if "line" in written else None,
        KINDS[outcome] if outcome else None,
    )


def _mapping(text: str, name: str) -> Mapping[str, Any]:
    documents, faults = parse(text)
    if faults or not isinstance(documents[0].body, Mapping):
        raise WrongAnnouncement(f"`# {name}:` is no YAML mapping")
    return documents[0].body


def _moment(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise WrongAnnouncement(f"`# clock: {text}` is no moment like 2026-11-25T12:00:00Z") from None


def options_of(rule: Rule, given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The options that a case sets, as the rule's function takes them.

    Args:
        rule: the rule.
        given: what the case says.

    Raises:
        WrongAnnouncement: the rule has no such option, or it is of another type.
    """
    known = {option.name: option for option in rule.options}
    for name, value in given.items():
        if name not in known:
            raise WrongAnnouncement(
                f"`# options:` sets `{name}`, which is no option of {rule.id}{nearest(name, known)}"
            )
        if not known[name].accepts(value):
            raise WrongAnnouncement(f"`# options:` sets `{name}` to what is no {known[name].type_name}")
        yield name, known[name].convert(value)
