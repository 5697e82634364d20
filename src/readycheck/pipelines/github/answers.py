"""What GitHub's expressions come to, and what its operators and functions make of that."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct

from readycheck.pipelines.values import Own, Some, Unset, Value, equal

OPEN = Unset()


class Maybe(Struct, frozen=True):
    """What cannot be told, but is typically so."""

    typically: bool


Result: TypeAlias = "Value | bool | Maybe | tuple[str, ...]"
"""What an expression comes to; Unset where that cannot be told at all."""


class Status(Struct, frozen=True):
    """What `success()` and its like say.

    Args:
        failed: whether something before has failed.
    """

    failed: bool = False


def truth_of(value: Result) -> Result:
    """True, False, Maybe or Unset: what a value is where a condition is wanted."""
    if isinstance(value, bool | Maybe | Unset):
        return value
    if isinstance(value, str):
        return value not in ("", "0")
    return value is not None


def negated(truth: Result) -> Result:
    """The opposite of what truth_of gives."""
    if isinstance(truth, Maybe):
        return Maybe(not truth.typically)
    return truth if isinstance(truth, Unset) else not truth


def all_of(*truths: Result) -> Result:
    """Whether all hold."""
    if False in truths:
        return False
    if Maybe(typically=False) in truths:
        return Maybe(typically=False)
    if any(isinstance(truth, Unset) for truth in truths):
        return OPEN
    return Maybe(typically=True) if Maybe(typically=True) in truths else True


def same(left: Result, right: Result) -> Result:
    """Whether two values are equal, as GitHub compares: the case of letters does not matter."""
    if isinstance(left, Maybe) or isinstance(right, Maybe):
        return _same_truth(left, right)
    if isinstance(left, Unset | tuple) or isinstance(right, Unset | tuple):
        return OPEN
    if isinstance(left, bool) or isinstance(right, bool):
        return _as_bool(left) == _as_bool(right)
    if isinstance(left, str | None) and isinstance(right, str | None):
        return (left or "").lower() == (right or "").lower()
    if _cannot_start(left, right) or _cannot_start(right, left):
        return False
    answer = equal(left, right)
    return Maybe(typically=False) if answer is None else answer


def _same_truth(left: Result, right: Result) -> Result:
    """Whether two values are equal of which one is only typically so."""
    maybe, other = (left, right) if isinstance(left, Maybe) else (right, left)
    return Maybe(maybe.typically is other) if isinstance(maybe, Maybe) and isinstance(other, bool) else OPEN


def _as_bool(value: Result) -> bool | str:
    """A boolean to compare: inputs hold it as a text."""
    text = value if isinstance(value, str) else ""
    return value if isinstance(value, bool) else {"true": True, "1": True, "false": False, "0": False}.get(text, text)


_REF = re.compile(r"refs/\w+/")


def _cannot_start(value: Result, text: Result) -> bool:
    """Whether a ref is of another kind than a text says: a tag is no branch, whatever its name."""
    if not isinstance(value, Some) or not isinstance(text, str) or not value.like:
        return False
    kind, wanted = _REF.match(value.like[0]), _REF.match(text)
    return kind is not None and wanted is not None and kind[0] != wanted[0]


def _like(where: Result, sought: Result, test: Callable[[str, str], bool]) -> Result:
    """Whether a text is like another one, the case of letters left aside."""
    if not isinstance(sought, str):
        return OPEN
    if isinstance(where, str):
        return test(where.lower(), sought.lower())
    if isinstance(where, Own):
        return True
    if isinstance(where, Some):
        found = any(test(text.lower(), sought.lower()) for text in where.like)
        return found if found or where.only else Maybe(typically=False)
    return False if where is None else OPEN


def _from_json(text: Result) -> Result:
    if not isinstance(text, str):
        return OPEN
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return OPEN
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    return value if isinstance(value, str | bool) or value is None else OPEN


# Functions -----------------------------------------------------------------------------------------------------


def call(name: str, arguments: Sequence[Result], status: Status) -> Result:
    """What a function comes to.

    Args:
        name: its name in lower case.
        arguments: what it is given.
        status: what has happened before.
    """
    if not arguments:
        return {"always": True, "success": not status.failed, "failure": status.failed, "cancelled": False}.get(
            name, OPEN
        )
    function = _FUNCTIONS.get(name)
    return function(*arguments) if function is not None and len(arguments) == _TAKES.get(name, len(arguments)) else OPEN


def _contains(where: Result, sought: Result) -> Result:
    if isinstance(where, tuple):
        found = [same(item, sought) for item in where]
        return True if True in found else False if all(one is False for one in found) else OPEN
    return _like(where, sought, lambda text, wanted: wanted in text)


def _starts_with(where: Result, sought: Result) -> Result:
    return False if _cannot_start(where, sought) else _like(where, sought, str.startswith)


def _ends_with(where: Result, sought: Result) -> Result:
    return _like(where, sought, str.endswith)


def _format(text: Result, *values: Result) -> Result:
    if not isinstance(text, str) or not all(isinstance(value, str) for value in values):
        return OPEN
    known = dict(enumerate(map(str, values)))
    return re.sub(r"\{(\d+)\}", lambda match: known.get(int(match[1]), ""), text)


_FUNCTIONS: Mapping[str, Callable[..., Result]] = {
    "contains": _contains,
    "startswith": _starts_with,
    "endswith": _ends_with,
    "format": _format,
    "fromjson": _from_json,
}
_TAKES = {"contains": 2, "startswith": 2, "endswith": 2, "fromjson": 1}
