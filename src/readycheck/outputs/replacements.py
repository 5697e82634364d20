"""A unified diff as the replacements that fixes in SARIF are made of: lines of a file, and what comes instead."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator

from msgspec import Struct

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_OCTAL = re.compile(r"\\(\d{3})")
_NO_NEWLINE = "\\ No newline at end of file"


class Replacement(Struct, frozen=True):
    """Lines that go, and the text that comes in their place.

    Args:
        first: the first line, counted from 1.
        count: how many lines go; 0 for an insertion before `first`.
        text: what comes, with its line breaks.
    """

    first: int
    count: int
    text: str


class FileChange(Struct, frozen=True):
    """What changes in one file.

    Args:
        path: the file, from the repository's top.
        replacements: from the top of the file to its end.
    """

    path: str
    replacements: tuple[Replacement, ...]


def changes_of(diff: str) -> list[FileChange]:
    """What a unified diff changes, file by file; files that it only removes are left out.

    Args:
        diff: the diff, as `git apply` takes it.
    """
    found: list[tuple[str, list[Replacement]]] = []
    waiting = deque(diff.split("\n"))
    while waiting:
        line = waiting.popleft()
        hunk = _HUNK.match(line)
        if line.startswith("+++ "):
            found.append((_path(line.removeprefix("+++ ")), []))
        elif hunk and found:
            gone, come = (1 if count is None else int(count) for count in (hunk[2], hunk[3]))
            # A hunk of no old lines counts the line that it stands behind.
            first = int(hunk[1]) + (0 if gone else 1)
            found[-1][1].extend(_replacements(_body(waiting, gone, come), first))
    return [FileChange(path, tuple(replacements)) for path, replacements in found if path and replacements]


def _path(name: str) -> str:
    """The path that a diff names, as git writes it; "" where the file goes."""
    name = name.partition("\t")[0]
    if name.startswith('"'):
        name = _OCTAL.sub(lambda byte: chr(int(byte[1], 8)), name[1:-1]).encode("latin-1").decode("utf-8", "replace")
    return "" if name == "/dev/null" else name.removeprefix("b/")


def _body(waiting: deque[str], gone: int, come: int) -> Iterator[tuple[str, str]]:
    """The lines of a hunk, taken from those that wait: each with its sign and its own ending."""
    while waiting and (gone or come):
        line = waiting.popleft()
        sign = line[:1]
        gone -= sign in {" ", "-"}
        come -= sign in {" ", "+"}
        ends = bool(waiting) and waiting[0] == _NO_NEWLINE
        if ends:
            waiting.popleft()
        yield sign, line[1:] if ends else line[1:] + "\n"


def _replacements(lines: Iterator[tuple[str, str]], first: int) -> Iterator[Replacement]:
    """The runs of a hunk in which lines go or come."""
    at, gone, come = first, 0, ""
    for sign, text in lines:
        if sign == "-":
            gone += 1
        elif sign == "+":
            come += text
        else:
            if gone or come:
                yield Replacement(at, gone, come)
            at, gone, come = at + gone + 1, 0, ""
    if gone or come:
        yield Replacement(at, gone, come)
