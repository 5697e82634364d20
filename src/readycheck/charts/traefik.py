"""What releases of the chart traefik bring (its values.yaml, and the templates of its Deployment and autoscaler)."""

from __future__ import annotations

from readycheck.charts.release import ChartRelease
from readycheck.model import Place, Unjudged

_BY_DEFAULT = 1
"""The replicas of its Deployment in every version, where nothing else is given."""


def replicas_of(release: ChartRelease) -> tuple[int, Place] | None:
    """The fewest replicas that Traefik can run with, and what says so; None where it runs on each node.

    Raises:
        Unjudged: it cannot be told.
    """
    kind = release.given("deployment.kind")
    if kind is not None and kind.seen == "DaemonSet":
        return None
    scaled = release.given("autoscaling.enabled")
    path = "autoscaling.minReplicas" if scaled is not None and scaled.seen is True else "deployment.replicas"
    count = release.given(path)
    if count is None and scaled is not None and scaled.seen is True:
        raise Unjudged("the fewest replicas that its autoscaler keeps are not given", scaled.place)
    if count is None or count.seen is None:
        return _BY_DEFAULT, release.chart_place
    if not isinstance(count.seen, int) or isinstance(count.seen, bool):
        raise Unjudged(f"{path} is no integer", count.place)
    return count.seen, count.place
