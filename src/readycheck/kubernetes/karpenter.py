"""Karpenter's controller as a workload runs it (documentation of Karpenter: Settings, Interruption)."""

from __future__ import annotations

import re

from readycheck.kubernetes.workload import Container, Workload
from readycheck.model import Place, Unjudged

QUEUE_VARIABLE = "INTERRUPTION_QUEUE"
"""The variable that names the queue which tells Karpenter of interruptions; without one it hears of none."""

_QUEUE_FLAG = "--interruption-queue"
_CONTROLLER = ("karpenter/controller",)
# Before, a ConfigMap named the queue.
_SETTINGS_BY_VARIABLES_SINCE = 32
_VERSION = re.compile(r"v?0\.(\d+)\.")


def runs_karpenter(workload: Workload) -> bool:
    """Whether a workload runs Karpenter's controller.

    Args:
        workload: the workload.
    """
    try:
        return any(map(_is_controller, workload.containers))
    except Unjudged:
        return False


def _is_controller(container: Container) -> bool:
    return container.image.called(_CONTROLLER)


def deaf_controller(workload: Workload) -> Place | None:
    """What shows that a workload runs Karpenter and names no queue of interruptions; None where it may.

    Args:
        workload: the workload.
    """
    try:
        for container in filter(_is_controller, workload.containers):
            version = _VERSION.match(container.image.tag or "")
            if not (version and int(version[1]) < _SETTINGS_BY_VARIABLES_SINCE):
                told = str([container.get(part) for part in ("command", "args", "env", "envFrom")])
                named = _QUEUE_FLAG in told or QUEUE_VARIABLE in told or container.get("envFrom")
                return None if named else container.at("env")
    except Unjudged:
        return None
    return None
