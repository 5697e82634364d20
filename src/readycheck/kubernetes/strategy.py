"""How a workload's pods are replaced by new ones (Kubernetes API, DeploymentStrategy and siblings; Argo Rollouts)."""

from __future__ import annotations

from dataclasses import dataclass

from readycheck.kubernetes.quantity import percentage
from readycheck.kubernetes.workload import Workload
from readycheck.model import Place, Unjudged

_DEFAULT_UNAVAILABLE = "25%"


@dataclass(frozen=True, slots=True, eq=False)
class Strategy:
    """The type of a strategy, and where it stands."""

    type: str
    place: Place


def strategy_of(workload: Workload) -> Strategy:
    """The strategy of a Deployment, StatefulSet or Rollout; RollingUpdate where none is given."""
    field = "spec.updateStrategy" if workload.kind == "StatefulSet" else "spec.strategy"
    if workload.kind == "Rollout":
        for name in ("canary", "blueGreen"):
            if workload.get(f"{field}.{name}") is not None or name in workload.mapping(field):
                return Strategy(name, workload.at(f"{field}.{name}"))
        return Strategy("canary", workload.at(field))
    return Strategy(workload.string(f"{field}.type", "RollingUpdate"), workload.at(f"{field}.type"))


def rolling_unavailable(workload: Workload, replicas: int) -> tuple[int, Place]:
    """How many of so many replicas a rolling update may take away at once, and where that is said.

    A Deployment's share is rounded down, a StatefulSet takes one at a time unless it says otherwise.

    Raises:
        Unjudged: the value is no number or share.
    """
    stateful = workload.kind == "StatefulSet"
    field = "spec.updateStrategy" if stateful else "spec.strategy"
    place = workload.at(f"{field}.rollingUpdate.maxUnavailable")
    value = workload.get(place.path)
    if value is None:
        value = 1 if stateful else _DEFAULT_UNAVAILABLE
    share = percentage(value)
    if share is not None:
        return int(share * replicas), place
    if isinstance(value, int):
        return value, place
    raise Unjudged(f"{place.field}: {value} is neither a number nor a percentage", place)
