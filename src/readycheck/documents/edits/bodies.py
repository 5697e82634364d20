"""What a document should hold once changes are made, as data."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from readycheck.documents.edits import Change, Code, Refused
from readycheck.model import Unresolved, format_path


def changed(body: Any, changes: Iterable[Change]) -> Any:
    """A body with changes made, sharing what stays with the body itself, which is left alone.

    Raises:
        Refused: a path leads through something that is neither a mapping nor a list, or far behind a list's end.
    """
    for change in changes:
        body = _put(body, change, 0)
    return body


def _put(body: Any, change: Change, depth: int) -> Any:
    if depth == len(change.path):
        return change.value
    step = change.path[depth]
    if isinstance(step, str) and (body is None or isinstance(body, dict)):
        return {**(body or {}), step: _put((body or {}).get(step), change, depth + 1)}
    if isinstance(step, int) and (body is None or isinstance(body, list)) and step <= len(body or []):
        items = list(body or [])
        items[step:] = [_put(items[step] if step < len(items) else None, change, depth + 1), *items[step + 1 :]]
        return items
    where = format_path(change.path[:depth]) or "the document"
    raise Refused(Code.MISSING, f"holds something at {where} that {format_path(change.path)} does not lead through")


def same(one: Any, other: Any) -> bool:
    """Whether two bodies say the same: of the same types, and with the same text where it is not decided yet."""
    if one is other:
        return True
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and len(one) == len(other)
            and all(key in other and same(value, other[key]) for key, value in one.items())
        )
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, str):
        return isinstance(other, str) and str.__eq__(one, other)
    if isinstance(one, float) and math.isnan(one):
        return isinstance(other, float) and math.isnan(other)
    return type(one) is type(other) and not isinstance(other, Unresolved) and bool(one == other)
