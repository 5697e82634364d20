"""Values that are set one by one, in the syntax of `helm install --set` (Helm documentation, "Using Helm")."""

from __future__ import annotations

import re
from typing import Any

from readycheck.charts.values import Layer
from readycheck.model import Path, Place, Unresolved

_STEP = re.compile(r"((?:[^.\[\]\\]|\\.)+)|\[(\d+)\]|\.")
_ESCAPE = re.compile(r"\\(.)")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)\Z")
_WORDS = {"true": True, "false": False, "null": None}


def parameter(name: str, value: Any, place: Place, *, literal: bool = False) -> Layer:
    """The layer of one value that is set by its key.

    Args:
        name: the key; a dot behind a backslash is a part of a name.
        value: what it is set to.
        place: where that stands.
        literal: whether it stays the text that it is.
    """
    if isinstance(name, Unresolved):
        return Layer(place, hidden=f"`{name!s}` {name.reason}")
    steps = key_of(name)
    if any(isinstance(step, int) for step in steps):
        # An item put into a list of the chart's own.
        prefix = tuple(step for step in steps[: next(i for i, step in enumerate(steps) if isinstance(step, int))])
        return Layer(place, prefix=prefix, hidden=f"{name} changes one item of a list, which is not followed here")
    return Layer(place, value if literal else typed(value), steps)


def key_of(name: str) -> Path:
    """The steps of a key."""
    return tuple(
        int(match[2]) if match[2] else _ESCAPE.sub(r"\1", match[1])
        for match in _STEP.finditer(name)
        if match[1] or match[2]
    )


def typed(value: Any) -> Any:
    """What Helm takes a text for: a number, a truth value, null, a list in braces, or the text itself."""
    if not isinstance(value, str) or isinstance(value, Unresolved):
        return value
    if value in _WORDS:
        return _WORDS[value]
    if _NUMBER.match(value):
        return int(value)
    if value.startswith("{") and value.endswith("}"):
        return [typed(item.strip()) for item in value[1:-1].split(",") if item.strip()]
    return _ESCAPE.sub(r"\1", value)
