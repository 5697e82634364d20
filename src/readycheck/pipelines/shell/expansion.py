"""Words of a shell with the variables put in that are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from readycheck.documents.statements import Part, Word

_LONGEST = 10_000
"""Characters of a value; variables that hold each other twice double each time."""


def text_of(word: Word, variables: Mapping[str, str]) -> str:
    """A word as one text; what is not known stays as it is written.

    Args:
        word: the word.
        variables: the variables that are known.
    """
    return "".join(_value(part, variables) for part in word.parts)[:_LONGEST]


def words_of(words: Iterable[Word], variables: Mapping[str, str]) -> Iterator[str]:
    """The words that a shell hands to a program: a value that is in no quotes is parted at its spaces.

    Args:
        words: the words as they are written.
        variables: the variables that are known.
    """
    for word in words:
        made: list[str] = []
        for part in word.parts:
            value = _value(part, variables)
            pieces = value.split() if _is_parted(part, value) else [value]
            if made and pieces:
                made[-1] += pieces[0]
                made += pieces[1:]
            else:
                made += pieces
        yield from made


def _value(part: Part, variables: Mapping[str, str]) -> str:
    if not part.variable or not part.plain:
        return part.text
    value = variables.get(part.variable)
    if value is None:
        return part.text
    return value or part.default or ""


def _is_parted(part: Part, value: str) -> bool:
    return bool(part.variable) and not part.quoted and value != part.text and "$(" not in value and "${{" not in value
