"""The frame of every edit: read a text, change it in places, read it again, and find just what was meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from readycheck.documents.edits import Change, Code, Refused, TextEdit, apply
from readycheck.documents.edits.bodies import changed, same
from readycheck.documents.yaml import Document, Fault

Parse: TypeAlias = Callable[[str], tuple[Sequence[Document], Sequence[Fault]]]
Turn: TypeAlias = Callable[[Sequence[Document], Sequence[Any]], Iterable[TextEdit]]
"""Gives the edits that turn documents into others, given as their bodies: one that stays is the same object."""


def revised(text: str, changes: Sequence[Change], parse: Parse, turn: Turn) -> str:
    """A text with changes made.

    Args:
        text: the text, as read_text gives it.
        changes: what should stand where.
        parse: reads the text.
        turn: knows the places in it.

    Raises:
        Refused: a change cannot be made without touching anything else; nothing is changed then.
    """
    documents, faults = parse(text)
    if faults:
        raise Refused(Code.UNPARSABLE, f"has a fault in line {faults[0].line}: {faults[0].reason}")
    wanted = [document.body for document in documents]
    for change in changes:
        if change.document >= len(wanted):
            raise Refused(Code.MISSING, "has no such document")
        wanted[change.document] = changed(wanted[change.document], [change])
    after = apply(text, turn(documents, wanted))
    found, faults = parse(after)
    if faults or not same([document.body for document in found], wanted):
        raise Refused(Code.UNPROVEN, "would not read as meant after the edit")
    return after
