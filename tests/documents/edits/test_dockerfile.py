"""Edits of Dockerfiles."""

from __future__ import annotations

import pytest

from readycheck.documents.edits import Change, Refused
from readycheck.documents.edits.dockerfile import revise

TEXT = 'FROM golang:1.25 AS build\nRUN go build\n\n# what runs\nFROM scratch\nUSER 0\nCMD ["/app"] \n'
USER = {"instruction": "USER", "words": ["65532"]}


def test_an_instruction_is_put_at_the_end_of_its_stage() -> None:
    assert revise(TEXT, [Change(0, ("stages", 1, "instructions", 2), USER)]) == TEXT + "USER 65532\n"
    first = revise(TEXT, [Change(0, ("stages", 0, "instructions", 1), USER)])
    assert first == TEXT.replace("RUN go build\n", "RUN go build\nUSER 65532\n")


def test_a_word_is_replaced() -> None:
    assert revise(TEXT, [Change(0, ("stages", 1, "instructions", 0, "words", 0), "1000")]) == (
        TEXT.replace("USER 0", "USER 1000")
    )


def test_what_has_no_form_of_its_own_is_left_to_people() -> None:
    with pytest.raises(Refused, match="by hand"):
        revise(TEXT, [Change(0, ("stages", 1, "instructions", 0), USER)])
