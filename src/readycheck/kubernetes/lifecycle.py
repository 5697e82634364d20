"""How containers end (Kubernetes, Container Lifecycle Hooks and Pod Lifecycle)."""

from __future__ import annotations

from math import inf

from msgspec import Struct

from readycheck.kubernetes.command import simple_commands
from readycheck.kubernetes.workload import Container, Workload
from readycheck.model import Place, Unjudged, Unresolved

_DEFAULT_GRACE = 30
_PERHAPS = frozenset({"||", "then", "else", "elif"})
_FOR_EVER = frozenset({"infinity", "inf"})
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def grace_period(workload: Workload) -> tuple[int, Place]:
    """Seconds between the order to end and the kill, and where that is said."""
    place = workload.pod.at("terminationGracePeriodSeconds")
    return workload.pod.integer("terminationGracePeriodSeconds", _DEFAULT_GRACE), place


class PreStop(Struct, frozen=True, eq=False):
    """What a container does before it is told to end."""

    place: Place
    handler: str
    """`sleep`, `exec` or `httpGet`."""
    seconds: float | None
    """How long it waits at least; None where that cannot be told."""


def pre_stop(container: Container) -> PreStop | None:
    """A container's preStop hook; None where it has none that runs (`tcpSocket` never did).

    Raises:
        Unjudged: it is not decided yet what the hook does.
    """
    hook = container.mapping("lifecycle.preStop")
    place = container.at("lifecycle.preStop")
    if hook.get("sleep") is not None:
        return PreStop(place, "sleep", container.integer("lifecycle.preStop.sleep.seconds", 0))
    if hook.get("exec") is not None:
        return PreStop(place, "exec", _slept(container.strings("lifecycle.preStop.exec.command"), place))
    return PreStop(place, "httpGet", None) if hook.get("httpGet") is not None else None


def _slept(command: list[str], place: Place) -> float | None:
    """The seconds of all `sleep N` that a command runs in any case."""
    total = None
    for operator, words in simple_commands(command):
        if words[:1] != ["sleep"] or operator in _PERHAPS:
            continue
        seconds = [_seconds(word) for word in words[1:]]
        if None in seconds and any(isinstance(word, Unresolved) for word in command):
            raise Unjudged(f"how long preStop waits is not decided: `{' '.join(words)}`", place)
        total = (total or 0.0) + sum(second for second in seconds if second is not None)
    return total


def _seconds(word: str) -> float | None:
    if word in _FOR_EVER:
        return inf
    unit = _UNITS.get(word[-1:])
    number = word[:-1] if unit else word
    return float(number) * (unit or 1) if number.replace(".", "", 1).isdecimal() else None
