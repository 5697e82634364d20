"""What a release of Karpenter's chart is told of interruptions (the chart's values, before and after 0.32)."""

from __future__ import annotations

from readycheck.charts.release import ChartRelease
from readycheck.kubernetes.karpenter import QUEUE_VARIABLE
from readycheck.model import Place, Unjudged

CHART = "karpenter"

_QUEUE = ("settings.interruptionQueue", "settings.aws.interruptionQueueName")
_VARIABLES = "controller.env"


def deaf_release(release: ChartRelease) -> Place | None:
    """What shows that a release names no queue of interruptions, as none is by default; None where it may.

    Args:
        release: the release.
    """
    try:
        if any(given is not None and given.seen for given in map(release.given, _QUEUE)):
            return None
        variables = release.given(_VARIABLES)
        if variables is not None and QUEUE_VARIABLE in str(variables.seen):
            return None
    except Unjudged:
        return None
    return release.chart_place
