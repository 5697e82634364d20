"""Environment files: `KEY=value` lines, with the place of every key.

What they mean differs between their readers; this is what Docker Compose, `source` and SOPS agree on. Format: the
documentation of Compose's `env_file` and of SOPS' dotenv store.
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING

from readycheck.documents.composer import MOST_NODES
from readycheck.documents.scalars import TEMPLATE_EXPRESSION
from readycheck.documents.text import LineCounter, line_of
from readycheck.documents.yaml import MOST_FAULTS, Document, Fault
from readycheck.model import Map, Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLE = "refers to another variable"

_BLANK = re.compile(r"[ \t]*(?:#[^\n]*)?\r?(?:\n|\Z)")
_KEY = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*(?:(=|:(?=[ \t]))[ \t]*|(?=\r?(?:\n|\Z)))")
# A value in quotes may run over several lines; anything but a comment behind it makes the quotes part of the value.
_QUOTED = re.compile(r"""(?:"((?:[^"\\]++|\\.)*)"|'([^']*+)'|`([^`]*+)`)[ \t]*(?:#[^\n]*)?\r?(?:\n|\Z)""", re.DOTALL)
_REST = re.compile(r"[^\n]*")
_COMMENT = re.compile(r"(?:^|[ \t])#.*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}
_REFERENCE = re.compile(r"(?<![\\$])\$(?:\{[A-Za-z_][^{}]*\}|\([^()]*\)|[A-Za-z_]\w*)")


def parse_dotenv(text: str) -> tuple[list[Document], list[Fault]]:
    """Read an environment file: one document that maps names to strings, none where no variable stands.

    A name without value is null: it is taken from the environment. Of a name that stands twice the later value counts.
    A value that refers to other variables is Unresolved. A line that sets nothing is a fault, and the rest is read.

    Args:
        text: the text, as read_text gives it.
    """
    variables: dict[str, tuple[str | None, int]] = {}
    broken: list[int] = []
    for key, value, offset in _lines(text):
        if not key:
            broken.append(offset)
        else:
            variables[key] = value, offset
    faults = [Fault(line_of(text, offset), "sets no variable: a line is NAME=value") for offset in broken[:MOST_FAULTS]]
    if not variables:
        return [], faults
    body = Map((key, value) for key, (value, _) in variables.items())
    body.marks = [offset for _, offset in variables.values()]
    first = min(body.marks)
    return [Document(body, first, LineCounter(text).line(first))], faults


def _lines(text: str) -> Iterator[tuple[str, str | None, int]]:
    """Each variable with its value and offset; an empty name for a line that sets none."""
    at = 0
    for read in count():
        if at >= len(text) or read > MOST_NODES:
            return
        if blank := _BLANK.match(text, at):
            at = blank.end()
            continue
        key = _KEY.match(text, at)
        if key is None:
            yield "", None, at
            at = _REST.match(text, at).end() + 1  # type: ignore[union-attr] # it matches anywhere
            continue
        if key[2] is None:
            yield key[1], None, key.start(1)
            at = key.end() + 1
            continue
        value, at = _value(text, key.end())
        yield key[1], value, key.start(1)


def _value(text: str, at: int) -> tuple[str, int]:
    """The value that starts at an offset, and where the next line does."""
    quoted = _QUOTED.match(text, at)
    if quoted is None:
        rest = _REST.match(text, at)
        raw = rest[0] if rest else ""
        return _decided(_COMMENT.sub("", raw).strip()), at + len(raw) + 1
    double, single, back = quoted.groups()
    if double is None:
        return single if single is not None else back, quoted.end()
    return _decided(_ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), double)), quoted.end()


def _decided(value: str) -> str:
    if "{{" in value and "}}" in value:
        return Unresolved(value, TEMPLATE_EXPRESSION)
    return Unresolved(value, VARIABLE) if "$" in value and _REFERENCE.search(value) else value
