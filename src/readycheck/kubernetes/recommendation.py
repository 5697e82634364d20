"""What a VerticalPodAutoscaler recommends (Kubernetes autoscaler; Goldilocks reads the same objects)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from readycheck.kubernetes.condition import is_younger
from readycheck.kubernetes.resources import CPU, MEMORY
from readycheck.kubernetes.workload import Container
from readycheck.model import Edit, Fix, Needed, Path, Place, Resource, Unjudged

_CONTAINERS = "status.recommendation.containerRecommendations"
# A bare `Off` is read as false.
_OFF = ("Off", False)
_MODE = "spec.updatePolicy.updateMode"
_DOUBTS = {
    "LowConfidence": "has low confidence in what it recommends",
    "NoPodsMatched": "matches no pods",
    "ConfigUnsupported": "has a configuration that its recommender does not support",
}
_YOUNGEST_SECONDS = 24 * 3600
"""The recommender widens its bounds until it has seen a day."""


class Recommendation(Struct, frozen=True, eq=False):
    """The figures for one container."""

    recommender: Resource
    path: Path

    def targets(self) -> Iterator[tuple[str, Place]]:
        """The resources that have a target, and where it stands."""
        for resource in (CPU, MEMORY):
            place = self.recommender.at((*self.path, "target", resource))
            if place.seen is not None:
                yield resource, place

    def bounds(self, resource: str) -> list[Place]:
        """The bounds that were measured around a target."""
        places = [self.recommender.at((*self.path, bound, resource)) for bound in ("lowerBound", "upperBound")]
        return [place for place in places if place.seen is not None]


def recommends(recommender: Resource) -> bool:
    """Whether a recommender says what it recommends, be it in a shape that cannot be read."""
    try:
        return bool(recommender.mappings(_CONTAINERS))
    except Unjudged:
        return True


def recommendation_for(recommender: Resource, container: str) -> Recommendation | None:
    """What is recommended for a container; None where nothing is, or the recommender is told to leave it out."""
    if left_out(recommender, container):
        return None
    for index, entry in enumerate(recommender.mappings(_CONTAINERS)):
        if entry.get("containerName") == container:
            return Recommendation(recommender, ("status", "recommendation", "containerRecommendations", index))
    return None


def left_out(recommender: Resource, container: str) -> bool:
    """Whether a recommender's resource policy has it leave a container alone (`mode: "Off"`)."""
    return _policy(recommender, container).get("mode") in _OFF


def changes(recommender: Resource, container: str, resource: str) -> bool:
    """Whether a recommender sets a container's request of a resource anew while the workload runs.

    By default it does (VerticalPodAutoscaler, `updateMode` and `controlledResources`).
    """
    return recommender.get(_MODE) != "Initial" and sets(recommender, container, resource)


def sets(recommender: Resource, container: str, resource: str) -> bool:
    """Whether a recommender sets a container's request of a resource, at least in pods that are new."""
    if recommender.get(_MODE) in _OFF or left_out(recommender, container):
        return False
    controlled = _policy(recommender, container).get("controlledResources")
    return controlled is None or resource in controlled


def _policy(recommender: Resource, container: str) -> Mapping[str, Any]:
    """What a resource policy says of a container: by name, else of all (`*`)."""
    policies = {
        str(policy.get("containerName")): policy
        for policy in recommender.mappings("spec.resourcePolicy.containerPolicies")
    }
    return policies.get(container, policies.get("*", {}))


def why_not(recommender: Resource, now: float) -> str | None:
    """Why a recommender's figures cannot be trusted yet, to follow its name; None where they can."""
    if not recommends(recommender):
        return "has no recommendation yet"
    for condition in recommender.mappings("status.conditions"):
        doubt = _DOUBTS.get(str(condition.get("type")))
        if doubt and str(condition.get("status")) == "True":
            return doubt
    if is_younger(recommender, _YOUNGEST_SECONDS, now):
        return "has watched for less than a day"
    return None


def measured_fix(
    container: Container, recommendation: Recommendation | None, field: str, missing: Sequence[str], *, safe: bool
) -> Fix:
    """The fix that fills in what a container lacks: with the recommended targets, else with what a person gives.

    Args:
        container: what lacks something.
        recommendation: what is recommended for it.
        field: `requests` or `limits`.
        missing: the resources that are not said there.
        safe: whether there is nothing to decide about what was measured.
    """
    targets = dict(recommendation.targets()) if recommendation else {}
    measured = [resource for resource in missing if resource in targets]
    edits = tuple(
        Edit(
            container.at(("resources", field, resource)),
            targets[resource].seen
            if resource in targets
            else Needed(f"{field}.{resource}", f"how much {resource} container {container.name} needs"),
        )
        for resource in missing
    )
    if recommendation is None or len(measured) < len(missing):
        return Fix(f"set {field} of {' and '.join(missing)}", edits, safe=False)
    return Fix(f"set the recommended {field}", edits, safe, note=figures_of(recommendation, measured))


def figures_of(recommendation: Recommendation, resources: Sequence[str]) -> str:
    """What a fix rests on, in words: each target with the bounds that were measured around it."""
    targets = dict(recommendation.targets())
    figures = []
    for resource in resources:
        bounds = [str(bound.seen) for bound in recommendation.bounds(resource)]
        around = f" ({' to '.join(bounds)})" if len(bounds) > 1 else ""
        figures.append(f"{resource} {targets[resource].seen}{around}")
    recommender = recommendation.recommender
    return f"{recommender.kind} {recommender.name} recommends {', '.join(figures)}"
