"""How containers end (Kubernetes, Container Lifecycle Hooks and Pod Lifecycle)."""

from __future__ import annotations

import shlex

from readycheck.kubernetes.workload import Container, Workload
from readycheck.model import Place

_DEFAULT_GRACE = 30
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SHELLS = ("sh", "bash", "ash", "dash")


def grace_period(workload: Workload) -> tuple[int, Place]:
    """Seconds between the order to end and the kill, and where that is said."""
    place = workload.pod.at("terminationGracePeriodSeconds")
    return workload.pod.integer("terminationGracePeriodSeconds", _DEFAULT_GRACE), place


def pre_stop_seconds(container: Container) -> float | None:
    """How long a container's preStop hook waits; None where that cannot be told."""
    if container.get("lifecycle.preStop.sleep") is not None:
        return container.integer("lifecycle.preStop.sleep.seconds", 0)
    command = container.get("lifecycle.preStop.exec.command")
    if not isinstance(command, list):
        return None
    words = [str(word) for word in command]
    if len(words) >= 3 and words[0].rpartition("/")[2] in _SHELLS and words[1].endswith("c"):  # noqa: PLR2004
        return _slept(_split(words[2]))
    return _slept(words)


def _split(script: str) -> list[str]:
    lexer = shlex.shlex(script, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        return list(lexer)
    except ValueError:
        return []


def _slept(words: list[str]) -> float | None:
    """The sum of the `sleep N` in the words of a command."""
    total = None
    for index, word in enumerate(words):
        if word.rpartition("/")[2] != "sleep" or index + 1 == len(words):
            continue
        number = words[index + 1]
        unit = _UNITS.get(number[-1:], 0)
        text = number[:-1] if unit else number
        if text.replace(".", "", 1).isdigit():
            total = (total or 0.0) + float(text) * (unit or 1)
    return total
