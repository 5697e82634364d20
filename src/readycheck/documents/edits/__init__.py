"""Edits of a text at the positions that its parser gives: what is not meant keeps every byte.

Nothing is ever dumped anew. Each format has a module whose `revise` takes the text and what should stand where, and
gives the new text only after reading it again and finding just that in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

from msgspec import Struct

from readycheck.model import Path


class Code(Enum):
    """Why an edit is refused."""

    ALIASED = "aliased"
    """The place is shared with others by an anchor, or the edit would have to stand behind an alias."""
    MERGED = "merged"
    """The value comes from another mapping by `<<`."""
    DUPLICATE_KEY = "duplicate-key"
    TEMPLATED = "templated"
    BLOCK_SCALAR = "block-scalar"
    """The edit would change a block scalar: one that ends the file without a line break, or the one to replace."""
    ENCRYPTED = "encrypted"
    """SOPS' checksum covers the values of the document."""
    GENERATED = "generated"
    UNPARSABLE = "unparsable"
    COMMENTS = "comments"
    """A comment would be lost."""
    EXPRESSION = "expression"
    """What stands there is computed, or decided somewhere else."""
    LAYOUT = "layout"
    """The text is written in a way that no edit at this place is known for."""
    MISSING = "missing"
    """The place does not lead into the text."""
    SHARED = "shared"
    """Other environments are made of it too."""
    UNPROVEN = "unproven"
    """The new text, read again, does not say what was meant."""


class Refused(Exception):  # noqa: N818 - an answer, no fault of the program
    """An edit is not made.

    Args:
        code: why, for programs.
        reason: why, for people; continues a sentence that starts with the file's name.
    """

    def __init__(self, code: Code, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Change(Struct, frozen=True, eq=False):
    """What should stand at a place of a text.

    Args:
        document: the number of the document, among those that hold something.
        path: the way into it; an index right behind the last item of a list appends to it.
        value: what should stand there: scalars, mappings and lists.
    """

    document: int
    path: Path
    value: Any


class TextEdit(Struct, frozen=True):
    """The characters of a text between two offsets, and what should stand there instead.

    Args:
        start: the offset of the first character.
        end: the offset behind the last one; the start for an insertion.
        text: what should stand there.
        depth: how far an inserted line is indented: of several at one offset, the deepest comes first.
    """

    start: int
    end: int
    text: str
    depth: int = 0


def apply(text: str, edits: Iterable[TextEdit]) -> str:
    """The text with all edits made, whose offsets are those of the text as it was.

    Raises:
        Refused: two edits overlap.
    """
    parts: list[str] = []
    done = 0
    for edit in sorted(edits, key=lambda each: (each.start, each.end, -each.depth)):
        if edit.start < done:
            raise Refused(Code.LAYOUT, "would be changed twice at one place")
        parts += text[done : edit.start], edit.text
        done = edit.end
    return "".join([*parts, text[done:]])


def line_break_near(text: str, offset: int) -> str:
    """The line break that the lines around an offset end with."""
    end = text.rfind("\n", 0, offset)
    if end < 0:
        end = text.find("\n", offset)
    return "\r\n" if end > 0 and text[end - 1] == "\r" else "\n"
