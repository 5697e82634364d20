"""Edits of Dockerfiles: another word of an instruction, or an instruction at the end of a stage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from readycheck.documents.dockerfile import parse_dockerfile
from readycheck.documents.edits import Change, Code, Refused, TextEdit, line_break_near
from readycheck.documents.edits.bodies import same
from readycheck.documents.edits.proven import revised
from readycheck.documents.yaml import Document, locate
from readycheck.model import Path, look


def revise(text: str, changes: Sequence[Change]) -> str:
    """The text with words replaced and instructions appended to stages.

    Raises:
        Refused: a change cannot be made without touching anything else; nothing is changed then.
    """
    for change in changes:
        text = revised(text, [change], parse_dockerfile, partial(_edits, text, change))
    return text


def _edits(text: str, change: Change, documents: Sequence[Document], wanted: Sequence[Any]) -> Iterator[TextEdit]:
    (document,), (after,) = documents, wanted
    if not same(document.body, after):
        yield _edit(text, document.body, change.path, change.value)


def _edit(text: str, body: Any, path: Path, value: Any) -> TextEdit:
    old = look(body, path)
    if isinstance(old, str) and isinstance(value, str) and path[-2:-1] == ("words",):
        start = locate(body, path, 0)
        if not text.startswith(str.__str__(old), start):
            raise Refused(Code.LAYOUT, "has a word in quotes or with escapes that would be replaced")
        return TextEdit(start, start + len(old), value)
    if old is None and path[-2:-1] == ("instructions",) and isinstance(value, dict):
        return _append(text, body, path, value)
    raise Refused(Code.LAYOUT, "holds what is only changed by hand: words are replaced, instructions appended")


def _append(text: str, body: Any, path: Path, instruction: dict[str, Any]) -> TextEdit:
    """The edit that puts an instruction behind the last one of a stage."""
    written = " ".join([instruction["instruction"], *instruction.get("words", [])])
    stages = body["stages"]
    number = int(path[1])
    end = stages.marks[number + 1] if number + 1 < len(stages) else len(text)
    # Comments and empty lines above the next stage are its own.
    lines = text[:end].splitlines(keepends=True)
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    at = sum(map(len, lines))
    ending = line_break_near(text, at)
    return TextEdit(at, at, f"{written}{ending}" if text[:at].endswith("\n") else f"{ending}{written}{ending}")
