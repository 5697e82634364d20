"""What is known of a pipeline's variables before it runs, and what comparisons of them come to.

A condition holds, does not hold, or cannot be told: True, False, None.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

MAIN_BRANCHES = ("main", "master", "trunk")
"""What the main branch may be called."""


class Some(Struct, frozen=True):
    """A text of which not more is known than what it may be like.

    Args:
        like: typical values: what is so for one of them is so.
        never: what it surely is not.
        only: whether it is one of the typical values and nothing else.
        begins: what it surely begins with.
        numbered: whether it surely has a digit in it.
    """

    like: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    only: bool = False
    begins: str = ""
    numbered: bool = False

    def of_kind(self, kind: str) -> Some:
        """The same with a kind in front of each name: `refs/heads/`."""
        like, never = (tuple(kind + name for name in names) for names in (self.like, self.never))
        return replace(self, like=like, never=never, begins=kind)


class Own(Struct, frozen=True):
    """What is the project's own, its path or its host: whatever a condition compares it with is that."""


class Unset(Struct, frozen=True):
    """Something that no file gives a value: settings or whoever starts the pipeline may."""


Value: TypeAlias = str | Some | Own | Unset | None
"""A text, what is known of one, or None for what surely has no value."""

MAIN_BRANCH = Some(MAIN_BRANCHES, only=True)
OTHER_BRANCH = Some(("add-some-feature",), never=MAIN_BRANCHES)
RELEASE_TAG = Some(("v1.2.3", "1.2.3"), never=MAIN_BRANCHES, numbered=True)
_LONGEST_PATTERN = 500
_LONGEST_SEARCHED = 20
"""Characters of a text that is searched: a hostile pattern takes time that doubles with each of them."""


def is_set(value: Value) -> bool | None:
    """Whether there is a text, and not an empty one."""
    if isinstance(value, Unset):
        return None
    return bool(value)


def equal(left: Value, right: Value) -> bool | None:
    """Whether two values are the same; None where that depends on which they are."""
    if isinstance(left, Unset) or isinstance(right, Unset):
        return None
    if isinstance(left, Own) or isinstance(right, Own):
        return left is not None and right is not None
    if isinstance(left, Some):
        return _both(left, right) if isinstance(right, Some) else _is_like(left, right)
    if isinstance(right, Some):
        return _is_like(right, left)
    return left == right


def _both(left: Some, right: Some) -> bool | None:
    if left == right:
        return True
    apart = any(one.only and set(one.like) <= set(other.never) for one, other in ((left, right), (right, left)))
    return False if apart else None


def _is_like(some: Some, text: str | None) -> bool | None:
    if text in some.like:
        return True
    if text is None or some.only or text in some.never:
        return False
    possible = text.startswith(some.begins) and (not some.numbered or any(map(str.isdigit, text)))
    return None if possible else False


def differ(left: Value, right: Value) -> bool | None:
    """Whether two values are not the same. What is not the typical one differs, though it could be the very one."""
    same = equal(left, right)
    if same is None and isinstance(left, Some | str) and isinstance(right, Some | str):
        return True
    return None if same is None else not same


def matches(value: Value, pattern: str, *, ignore_case: bool = False) -> bool | None:
    """Whether a regular expression is found in a value; None where that depends on what it is."""
    if isinstance(value, Own):
        return True
    if value is None:
        return False
    names = () if ignore_case else _names_in(pattern)
    if names:
        return any_of(*(equal(value, name) for name in names))
    expression = _compiled(pattern, ignore_case=ignore_case)
    return None if isinstance(value, Unset) or expression is None else _searched(expression, value)


def _searched(expression: re.Pattern[str], value: str | Some) -> bool | None:
    if isinstance(value, str):
        return bool(expression.search(value)) if len(value) <= _LONGEST_SEARCHED else None
    if any(expression.search(like) for like in value.like):
        return True
    return False if value.only else None


def starts_with(value: Value, prefix: str) -> bool | None:
    """Whether a value begins with a text; None where that depends on what it is."""
    if isinstance(value, Some):
        if any(like.startswith(prefix) for like in value.like):
            return True
        apart = not (prefix.startswith(value.begins) or value.begins.startswith(prefix))
        return False if value.only or apart else None
    if isinstance(value, Unset):
        return None
    return isinstance(value, Own) or (value is not None and value.startswith(prefix))


def mismatches(value: Value, pattern: str, *, ignore_case: bool = False) -> bool | None:
    """Whether a regular expression is not found in a value. What is typical is taken to be so."""
    found = matches(value, pattern, ignore_case=ignore_case)
    if found is None and isinstance(value, Some):
        return True
    return None if found is None else not found


@lru_cache(maxsize=1024)
def _names_in(pattern: str) -> tuple[str, ...]:
    """The names that a pattern is nothing but a list of: `^(main|master)$`."""
    listed = _LIST_OF_NAMES.fullmatch(pattern)
    return tuple(name.replace("\\", "") for name in (listed[1] or listed[2]).split("|")) if listed else ()


_NAME = r"(?:[\w/-]|\\[./_-])+"
_LIST_OF_NAMES = re.compile(rf"(?:\^|\\A)(?:({_NAME})|\((?:\?:)?({_NAME}(?:\|{_NAME})*)\))(?:\$|\\[Zz])")


@lru_cache(maxsize=1024)
def _compiled(pattern: str, *, ignore_case: bool) -> re.Pattern[str] | None:
    """A pattern of RE2 or Ruby; None where Python cannot read it, or it is longer than any branch's name deserves."""
    if len(pattern) > _LONGEST_PATTERN:
        return None
    pattern = pattern.replace(r"\A", "^").replace(r"\z", r"\Z").replace(r"\h", "[0-9a-fA-F]")
    try:
        return re.compile(pattern, re.IGNORECASE if ignore_case else 0)
    except (re.error, OverflowError, RecursionError):
        return None


def all_of(*answers: bool | None) -> bool | None:
    """Whether all hold."""
    if False in answers:
        return False
    return None if None in answers else True


def any_of(*answers: bool | None) -> bool | None:
    """Whether one holds."""
    if True in answers:
        return True
    return None if None in answers else False


def negated(answer: bool | None) -> bool | None:  # noqa: FBT001 - three answers, not a switch
    """The opposite; what cannot be told stays so."""
    return None if answer is None else not answer
