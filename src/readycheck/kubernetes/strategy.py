"""How a workload's pods are replaced by new ones (Kubernetes API, DeploymentStrategy and siblings; Argo Rollouts)."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR

from msgspec import Struct

from readycheck.kubernetes.quantity import percentage
from readycheck.kubernetes.workload import Workload
from readycheck.model import Place, Unjudged

_DEFAULT_SHARE = "25%"
_TYPES = {"Deployment": ("RollingUpdate", "Recreate"), "StatefulSet": ("RollingUpdate", "OnDelete")}


class Strategy(Struct, frozen=True, eq=False):
    """The type of a strategy, and where it stands."""

    type: str
    place: Place


def strategy_of(workload: Workload) -> Strategy:
    """The strategy of a Deployment, StatefulSet or Rollout; RollingUpdate where none is given.

    Raises:
        Unjudged: there is no such strategy, or a Rollout names none.
    """
    field = "spec.updateStrategy" if workload.kind == "StatefulSet" else "spec.strategy"
    if workload.kind == "Rollout":
        for name in ("canary", "blueGreen"):
            if workload.get(f"{field}.{name}") is not None or name in workload.mapping(field):
                return Strategy(name, workload.at(f"{field}.{name}"))
        raise Unjudged(f"{field} is neither canary nor blueGreen", workload.at(field))
    place = workload.at(f"{field}.type")
    strategy = workload.string(place.path, "RollingUpdate")
    if strategy not in _TYPES.get(workload.kind, (strategy,)):
        raise Unjudged(f"{place.field}: {strategy} is no strategy of a {workload.kind}", place)
    return Strategy(strategy, place)


def rolling_unavailable(workload: Workload, replicas: int) -> tuple[int, Place]:
    """How many of so many replicas a rolling update may take away at once, and where that is said.

    A Deployment's share is rounded down; where it may start no pod more either, it takes one away all the same. A
    StatefulSet takes one at a time unless it says otherwise, and never fewer (the controllers' own arithmetic).

    Raises:
        Unjudged: a value is no number or share.
    """
    if workload.kind == "StatefulSet":
        place = workload.at("spec.updateStrategy.rollingUpdate.maxUnavailable")
        return max(1, _part(place, 1, replicas, ROUND_FLOOR)), place
    place = workload.at("spec.strategy.rollingUpdate.maxUnavailable")
    unavailable = _part(place, _DEFAULT_SHARE, replicas, ROUND_FLOOR)
    surge = workload.at("spec.strategy.rollingUpdate.maxSurge")
    if unavailable == 0 and _part(surge, _DEFAULT_SHARE, replicas, ROUND_CEILING) == 0:
        return 1, surge
    return unavailable, place


def untouched_below(workload: Workload) -> Place | None:
    """The ordinal below which a StatefulSet's pods are left as they are; None where all are updated.

    Raises:
        Unjudged: it is not decided yet.
    """
    if workload.kind != "StatefulSet":
        return None
    place = workload.at("spec.updateStrategy.rollingUpdate.partition")
    return place if workload.integer(place.path, 0) > 0 else None


def _part(place: Place, default: int | str, replicas: int, rounding: str) -> int:
    value = place.resource.get(place.path)
    value = default if value is None else value
    share = percentage(value)
    if share is not None:
        return int((share * replicas).to_integral_value(rounding))
    if isinstance(value, int) and not isinstance(value, bool):
        if value < 0:
            raise Unjudged(f"{place.field}: {value} is no number of pods", place)
        return value
    raise Unjudged(f"{place.field}: {value} is neither a number nor a percentage", place)
