"""Files as text: read within bounds, and known by line."""

from __future__ import annotations

import codecs
import os
import re
import stat
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from readycheck.model import Ignore, Location

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LARGEST_FILE = 32 * 1024 * 1024
"""Bytes. Manifests, states and reports of real repositories stay far below it."""

_LINE_BREAK = re.compile(r"\r\n?|\n")
_IGNORE = re.compile(r"(?<![^\s])#[ \t]*readycheck:[ \t]*(ignore\b[^\r\n]*)")
_MARKED_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Unreadable(Exception):  # noqa: N818 - a fault of what is read, not of the program
    """A file cannot be read as text.

    Args:
        reason: why, for people; continues a sentence that starts with the file's name.
        line: the line where reading failed, when there is one.
    """

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


def read_text(path: Path | str, limit: int = LARGEST_FILE) -> str:
    """The text of a file, without its byte-order mark and with its line breaks as they are.

    The encoding is what the byte-order mark says (UTF-8, UTF-16), else UTF-8.

    Args:
        path: a regular file, or a link to one; nothing else is opened.
        limit: the most bytes that are read.

    Raises:
        Unreadable: it is no regular file, too large, may not be read, or is not in one of these encodings.
    """
    return read_marked(path, limit).text


class MarkedText(NamedTuple):
    """A file's text, and how it is written as bytes."""

    text: str
    mark: bytes
    encoding: str

    def bytes_of(self, text: str) -> bytes:
        """Another text as the bytes that the file would have."""
        return self.mark + text.encode(self.encoding)


def read_marked(path: Path | str, limit: int = LARGEST_FILE) -> MarkedText:
    """The text of a file as read_text gives it, with its byte-order mark and encoding.

    Raises:
        Unreadable: as for read_text.
    """
    data = _read(path, limit)
    for mark, encoding in _MARKED_ENCODINGS:
        if data.startswith(mark):
            return MarkedText(_decode(data[len(mark) :], encoding), mark, encoding)
    return MarkedText(_decode(data, "utf-8"), b"", "utf-8")


def read_start(path: Path | str, count: int) -> bytes:
    """The first bytes of a file, for telling what it is; none where it is no regular file or may not be read.

    Args:
        path: any path; nothing but a regular file is opened.
        count: how many bytes.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - as below
            return b""
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        try:
            return os.read(descriptor, count)
        finally:
            os.close(descriptor)
    except OSError:
        return b""


def _read(path: Path | str, limit: int) -> bytes:
    try:
        # A look before opening, since opening a device can act on it; non-blocking, since a pipe may have taken the
        # file's place in between.
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - asked for by the thousand
            raise Unreadable("is not a regular file")
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        try:
            return _read_open(descriptor, limit)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror or error}") from error


def _read_open(descriptor: int, limit: int) -> bytes:
    size = os.fstat(descriptor).st_size
    data = b""
    # A file can grow while it is read, and some give no size.
    while size <= limit and len(data) <= limit:
        chunk = os.read(descriptor, max(size - len(data) + 1, 4096))
        if not chunk:
            return data
        data = data + chunk if data else chunk
        if len(data) == size:
            return data
    raise Unreadable(f"is larger than {limit / 1024 / 1024:.3g} MiB, the most that is read of one file")


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding)
        reason = f"is not {encoding[:6].upper()} text: byte 0x{data[error.start]:02X} does not belong there"
        raise Unreadable(reason, line_of(before, len(before))) from error


def line_of(text: str, offset: int) -> int:
    """The line, counted from 1, of an offset in a text.

    Breaks are those that editors and code hosts count; U+0085 and U+2028, which YAML 1.1 counts too, are not.
    """
    return LineCounter(text).line(offset)


class LineCounter:
    """Tells the lines of offsets that come in ascending order: each break is counted once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._offset = 0
        self._line = 1

    def line(self, offset: int) -> int:
        """The line, counted from 1, of an offset that is not before the last one."""
        text, start = self._text, self._offset
        self._line += text.count("\n", start, offset)
        if carriage_returns := text.count("\r", start, offset):
            self._line += carriage_returns - text.count("\r\n", start, offset)
        self._offset = offset
        return self._line


class SourceText:
    """The text of one file, as findings point into it.

    Args:
        uri: how reports name the file.
        text: what stands in it, without byte-order mark.
    """

    def __init__(self, uri: str, text: str) -> None:
        self.uri = uri
        self.text = text

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_BREAK.finditer(self.text))]

    def line_column(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def location(self, offset: int, path: str = "") -> Location:
        """The location of an offset."""
        line, column = self.line_column(offset)
        return Location(self.uri, line, column, path)

    def line(self, number: int) -> str:
        """What stands on a line, without its break; "" where the text has no such line."""
        if not 1 <= number <= len(self._starts):
            return ""
        start = self._starts[number - 1]
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def lines(self, first: int, last: int) -> list[tuple[int, str]]:
        """The lines from `first` to `last`, as far as they exist, each with its number."""
        last = min(last, len(self._starts))
        return [(number, self.line(number)) for number in range(max(first, 1), last + 1)]

    def all_ignores(self) -> Sequence[Ignore]:
        """Every ignore comment of the text."""
        return list(self._ignores.values()) if self.has_ignores else []

    @cached_property
    def has_ignores(self) -> bool:
        """Whether any ignore comment stands in the text."""
        return "readycheck:" in self.text and bool(self._ignores)

    def ignores_at(self, line: int) -> Sequence[Ignore]:
        """The ignore comments for a line: the one on it, and those alone on the lines right above it."""
        if not self.has_ignores:
            return ()
        found = [self._ignores[line]] if line in self._ignores else []
        above = line - 1
        while above in self._ignores and self.line(above).lstrip().startswith("#"):
            found.append(self._ignores[above])
            above -= 1
        return found

    @cached_property
    def _ignores(self) -> Mapping[int, Ignore]:
        comments = ((self.location(match.start()), match[1].rstrip()) for match in _IGNORE.finditer(self.text))
        return {place.line: Ignore(text, place) for place, text in comments if place.line is not None}
