"""What controllers say of live objects in their status (Kubernetes API conventions: conditions, times)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from readycheck.model import Path, Resource, Unjudged

_LONGEST_MESSAGE = 200
_CONDITIONS: Path = ("status", "conditions")


def condition_of(resource: Resource, kind: str, at: Path = _CONDITIONS) -> Mapping[str, Any] | None:
    """The condition of one type in a thing's status; None where there is none.

    Args:
        resource: the thing.
        kind: the type of the condition.
        at: where the conditions stand.

    Raises:
        Unjudged: its conditions are no list of mappings.
    """
    for each in resource.mappings(at):
        if each.get("type") == kind:
            return each
    return None


def is_ready(resource: Resource) -> bool:
    """Whether a thing's condition Ready says that it is.

    Raises:
        Unjudged: its conditions are no list of mappings.
    """
    condition = condition_of(resource, "Ready")
    return condition is not None and condition.get("status") == "True"


def said(condition: Mapping[str, Any]) -> str:
    """The reason and the message of a condition, in one line that is not too long."""
    reason, message = str(condition.get("reason") or ""), str(condition.get("message") or "")
    return f"{reason}{after(message)}" if reason else _shortened(message)


def why(condition: Mapping[str, Any] | None) -> str:
    """What a condition says, to follow something that was said; "" where it says nothing or is not there."""
    words = said(condition) if condition is not None else ""
    return f": {words}" if words else ""


def after(message: str) -> str:
    """A controller's message to follow something that was said; "" where there is none."""
    return f": {_shortened(message)}" if message else ""


def _shortened(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= _LONGEST_MESSAGE else f"{line[:_LONGEST_MESSAGE]}..."


def moment_of(resource: Resource, path: str | Path) -> float | None:
    """A time that the API wrote into a thing, in seconds since the epoch; None where none stands there.

    Raises:
        Unjudged: what stands there is no time.
    """
    text = resource.string(path)
    if not text:
        return None
    moment = _moment(text)
    if moment is None:
        place = resource.at(path)
        raise Unjudged(f"{place.field} is no time", place)
    return moment


def age_of(moment: str, now: float) -> float | None:
    """How many seconds ago a time of the API was; None where it is none.

    Args:
        moment: as the API writes times: `2026-11-25T12:00:00Z`.
        now: the moment to count to, in seconds since the epoch.
    """
    then = _moment(moment)
    return now - then if then is not None else None


def is_younger(resource: Resource, seconds: float, now: float) -> bool:
    """Whether a thing was made less than so many seconds ago; what does not tell when is not young.

    Raises:
        Unjudged: what stands in place of the time is no string.
    """
    age = age_of(resource.string("metadata.creationTimestamp"), now)
    return age is not None and age < seconds


def _moment(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None
