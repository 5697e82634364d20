"""The flags of a command line, each value with its place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from readycheck.model import Place, Unresolved


def flags_in(
    words: Sequence[tuple[str, Place]], valued: Collection[str]
) -> tuple[Mapping[str, list[tuple[str, Place]]], str]:
    """The values of each flag, and why there may be more of them; "" where all can be told.

    A flag without a value has the value "". A value may be undecided while the flag's own name is not.

    Args:
        words: the words of the command line, each with its place.
        valued: the flags whose value may be the next word.
    """
    flags: defaultdict[str, list[tuple[str, Place]]] = defaultdict(list)
    unread = ""
    index = 0
    while index < len(words):
        word, place = words[index]
        index += 1
        text = str.__str__(word)
        name, equals, value = text.removeprefix("--").partition("=")
        if not text.startswith("--"):
            if isinstance(word, Unresolved):
                unread = f"`{text}` {word.reason}"
            continue
        reason = word.reason if isinstance(word, Unresolved) else ""
        if not equals and name in valued and index < len(words):
            following, place = words[index]
            index += 1
            value = str.__str__(following)
            reason = following.reason if isinstance(following, Unresolved) else ""
        elif not equals and name.startswith("no-"):
            continue
        flags[name].append((Unresolved(value, reason) if reason else value, place))
    return flags, unread
