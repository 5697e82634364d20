"""The questions that a shell asks by `test` and `[[ ]]`, answered by words and by the names of the tree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from msgspec import Struct

from readycheck.documents.shell import parse
from readycheck.documents.statements import Simple, Test, Word
from readycheck.model import Listing
from readycheck.pipelines.acts.doing import from_root

_TEST = re.compile(r"\[\[?\s(?P<inner>.*?)\s\]\]?", re.DOTALL)
_OPERATOR = re.compile(r"\s(==?|!=|=~)\s")
_OPERATORS = {"=": "-is", "==": "-is", "!=": "-is-not", "=~": "-matches"}


class Condition(Struct, frozen=True, eq=False):
    """What a `[[ ]]` asks.

    Args:
        words: the operands and the operator, in their order.
        turned: whether a `!` stands before all of it.
    """

    words: Sequence[Word]
    turned: bool


def condition_of(test: Test) -> Condition | None:
    """What a test asks; None where that cannot be read.

    Args:
        test: the test.
    """
    found = _TEST.fullmatch(test.text.strip())
    if found is None:
        return None
    # Operators are no words to the parser: they stand under names of their own.
    text = _OPERATOR.sub(lambda match: f" {_OPERATORS[match[1]]} ", found["inner"].removeprefix("! "))
    inner = parse(f"x {text}")[0]
    words = inner[0].words[1:] if inner and isinstance(inner[0], Simple) else ()
    return Condition(words, turned=found["inner"].startswith("! "))


def answer(listing: Listing, words: list[str], folder: str) -> bool | None:
    """Whether a condition holds; None where that cannot be told.

    Args:
        listing: the names of the tree.
        words: the operands and the operator, variables put in.
        folder: the folder that the shell is in.
    """
    turned = words[:1] == ["!"]
    if turned:
        words = words[1:]
    holds: bool | None = None
    if any("$" in word for word in words):
        pass
    elif len(words) == 3:  # noqa: PLR2004 - left, operator, right
        holds = _compare(*words)
    elif len(words) == 2:  # noqa: PLR2004 - operator and operand
        holds = _asks_of_file(listing, words[0], words[1], folder)
    return None if holds is None else holds is not turned


def _asks_of_file(listing: Listing, operator: str, word: str, folder: str) -> bool | None:
    path = from_root(word, folder)
    if operator in ("-z", "-n"):
        return (not word) is (operator == "-z")
    if operator == "-d":
        return path in listing.folders
    if operator in ("-f", "-e"):
        return path in listing.entries or (operator == "-e" and path in listing.folders)
    return path in listing.entries if operator in ("-L", "-h") else None


def _compare(left: str, operator: str, right: str) -> bool | None:
    if operator in ("=", "==", "!=", "-is", "-is-not"):
        return fnmatchcase(left, right) is (operator not in ("!=", "-is-not"))
    if operator == "-matches":
        try:
            return re.search(right, left) is not None
        except re.error:
            return None
    return None
