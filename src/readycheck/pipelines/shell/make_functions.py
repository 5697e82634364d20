"""What make's functions over lists of words give (GNU make manual, Functions for Transforming Text)."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping

Words = Iterable[str]


def substituted(word: str, pattern: str, replacement: str) -> str | None:
    """A word that a pattern with `%` fits, with the replacement in its place; None where it does not fit.

    Args:
        word: the word.
        pattern: `%` stands for any characters; without one, it is the whole word.
        replacement: `%` stands for what `%` stood for in the pattern.
    """
    before, percent, behind = pattern.partition("%")
    if not percent:
        return replacement if word == pattern else None
    if len(word) < len(before) + len(behind) or not (word.startswith(before) and word.endswith(behind)):
        return None
    return replacement.replace("%", word[len(before) : len(word) - len(behind)], 1)


def _fits(word: str, patterns: str) -> bool:
    return any(substituted(word, pattern, "") is not None for pattern in patterns.split())


def _patsubst(pattern: str, replacement: str, words: str) -> Iterator[str]:
    for word in words.split():
        fitting = substituted(word, pattern, replacement)
        yield word if fitting is None else fitting


FUNCTIONS: Mapping[tuple[str, int], Callable[..., Words]] = {
    ("addprefix", 2): lambda prefix, words: (prefix + word for word in words.split()),
    ("addsuffix", 2): lambda suffix, words: (word + suffix for word in words.split()),
    ("basename", 1): lambda words: (posixpath.splitext(word)[0] for word in words.split()),
    ("dir", 1): lambda words: (word[: word.rfind("/") + 1] or "./" for word in words.split()),
    ("filter", 2): lambda patterns, words: (word for word in words.split() if _fits(word, patterns)),
    ("filter-out", 2): lambda patterns, words: (word for word in words.split() if not _fits(word, patterns)),
    ("firstword", 1): lambda words: words.split()[:1],
    ("lastword", 1): lambda words: words.split()[-1:],
    ("notdir", 1): lambda words: (word.rpartition("/")[2] for word in words.split()),
    ("patsubst", 3): _patsubst,
    ("sort", 1): lambda words: sorted(set(words.split())),
    ("subst", 3): lambda old, new, text: (text.replace(old, new) if old else text,),
}
"""The functions that need nothing but their arguments, by name and number of arguments."""
