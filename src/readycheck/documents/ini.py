"""INI files: sections of `key = value` lines, with the place of every section and key.

Read as SOPS does, with gopkg.in/ini.v1: what stands before the first section is in one called DEFAULT.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from readycheck.documents.text import LineCounter, line_of
from readycheck.documents.yaml import MOST_FAULTS, Document, Fault
from readycheck.model import Map

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEFAULT = "DEFAULT"
_LINE = re.compile(
    r"""(?P<blank>[ \t]*(?:[#;][^\n]*)?\r?(?:\n|\Z))
    | [ \t]*\[(?P<section>[^\]\n]+)\][^\n]*(?:\n|\Z)
    | [ \t]*(?P<key>[^=:\n\[ \t][^=:\n]*+)[=:][ \t]*
      (?: \"\"\"(?P<long>.*?)\"\"\"[^\n]* | `(?P<back>[^`]*)`[^\n]* | (?P<value>[^\n]*) ) (?:\n|\Z)
    | (?P<other>[^\n]*)(?:\n|\Z)""",
    re.VERBOSE | re.DOTALL,
)


def parse_ini(text: str) -> tuple[list[Document], list[Fault]]:
    """Read an INI file: one document that maps sections to mappings of strings, none where nothing stands.

    A section that stands twice is one; of a key that stands twice the later value counts. A line that is none of a
    comment, a section and a key is a fault, and the rest is read.

    Args:
        text: the text, as read_text gives it.
    """
    sections: dict[str, tuple[int, dict[str, tuple[str, int]]]] = {}
    faults: list[Fault] = []
    name = _DEFAULT
    for match in _lines(text):
        if match["section"] is not None:
            name = match["section"].strip()
            sections.setdefault(name, (match.start("section"), {}))
        elif match["key"] is not None:
            entries = sections.setdefault(name, (match.start("key"), {}))[1]
            value = next(filter(None, (match["long"], match["back"], match["value"])), "")
            entries[match["key"].strip()] = _unquoted(value), match.start("key")
        elif len(faults) < MOST_FAULTS:
            faults.append(Fault(line_of(text, match.start()), "is neither a section nor a key with a value"))
    if not sections:
        return [], faults
    body = Map((section, _mapping(entries)) for section, (_, entries) in sections.items())
    body.marks = [offset for offset, _ in sections.values()]
    return [Document(body, body.marks[0], LineCounter(text).line(body.marks[0]))], faults


def _lines(text: str) -> Iterator[re.Match[str]]:
    return (match for match in _LINE.finditer(text) if match["blank"] is None)


def _mapping(entries: dict[str, tuple[str, int]]) -> Map:
    mapping = Map((key, value) for key, (value, _) in entries.items())
    mapping.marks = [offset for _, offset in entries.values()]
    return mapping


def _unquoted(value: str) -> str:
    value = value.strip()
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value
