"""How new values are written in YAML, in the style of what stands around them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from readycheck.documents.edits import Code, Refused
from readycheck.documents.scalars import resolve

_WORD = r"[A-Za-z0-9_./@+%()<>=*~^$-](?:[A-Za-z0-9_./@+%()<>=*~^$-]|:(?=[^\s]))*"
_PLAIN = re.compile(rf"(?=[A-Za-z0-9_./]){_WORD}(?: {_WORD})*\Z")
_UNPRINTABLE = re.compile("[^\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_WORDS_OF_OTHERS = re.compile(
    r"(?:[0-9]+(?::[0-9]+)+(?:\.[0-9]*)?|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*|[-+]?[0-9._]+|0o[0-7]+|=)\Z"
)


class Style(Struct, frozen=True):
    """How a document is indented.

    Args:
        step: the columns from a key to the keys below it.
        dash: the columns from a key to the dashes of a list below it.
    """

    step: int = 2
    dash: int = 2


def scalar(value: Any, quote: str = "") -> str:
    """A scalar on one line, which reads as itself in YAML 1.1 and 1.2 alike.

    Args:
        value: None, a boolean, a number or a string.
        quote: the quotes to write a string in; "" for none where that is possible.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return json.dumps(value) if value == value and abs(value) != float("inf") else _special(value)  # noqa: PLR0124 - NaN
    text = str.__str__(value)
    if not quote and _PLAIN.match(text) and resolve(text) == text and not _WORDS_OF_OTHERS.match(text):
        return text
    if quote == "'" and not _UNPRINTABLE.search(text):
        return "'" + text.replace("'", "''") + "'"
    written = json.dumps(text, ensure_ascii=False).replace("\x7f", "\\x7f")
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", written)


def _special(value: float) -> str:
    return ".nan" if value != value else ".inf" if value > 0 else "-.inf"  # noqa: PLR0124 - NaN


def inline(value: Any) -> str:
    """A value on one line, in flow style where it is a collection."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)}: {inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return scalar(value)


def entry(key: str, value: Any, column: int, style: Style) -> Iterator[str]:
    """The lines of a key and its value in a block mapping.

    Args:
        key: the key.
        value: its value.
        column: where the key stands.
        style: how the document is indented.
    """
    start = " " * column + _key(key) + ":"
    if isinstance(value, dict) and value:
        yield start
        yield from entries(value, column + style.step, style)
    elif isinstance(value, list) and value:
        yield start
        yield from items(value, column + style.dash, style)
    else:
        yield f"{start} {inline(value)}"


def entries(mapping: dict[str, Any], column: int, style: Style) -> Iterator[str]:
    """The lines of a block mapping."""
    for key, value in mapping.items():
        yield from entry(key, value, column, style)


def items(values: list[Any], column: int, style: Style) -> Iterator[str]:
    """The lines of a block list whose dashes stand at a column."""
    for value in values:
        if isinstance(value, dict) and value:
            lines = entries(value, column + 2, style)
        elif isinstance(value, list) and value:
            lines = items(value, column + 2, style)
        else:
            lines = iter([" " * (column + 2) + inline(value)])
        first = next(lines)
        yield " " * column + "- " + first[column + 2 :]
        yield from lines


def _key(key: str) -> str:
    if not isinstance(key, str):
        raise Refused(Code.LAYOUT, "would get a key that is no string")
    return scalar(key)
