"""What a VerticalPodAutoscaler recommends (Kubernetes autoscaler; Goldilocks reads the same objects)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from readycheck.kubernetes.resources import CPU, MEMORY
from readycheck.model import Path, Place, Resource

_CONTAINERS = "status.recommendation.containerRecommendations"
_YOUNGEST_SECONDS = 24 * 3600
"""The recommender widens its bounds until it has seen a day."""


@dataclass(frozen=True, slots=True, eq=False)
class Recommendation:
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


def recommendation_for(recommender: Resource, container: str) -> Recommendation | None:
    """What is recommended for a container; None where nothing is."""
    for index, entry in enumerate(recommender.mappings(_CONTAINERS)):
        if entry.get("containerName") == container:
            return Recommendation(recommender, ("status", "recommendation", "containerRecommendations", index))
    return None


def why_not(recommender: Resource, now: float) -> str | None:
    """Why a recommender's figures cannot be trusted yet, to follow its name; None where they can."""
    if not recommender.mappings(_CONTAINERS):
        return "has no recommendation yet"
    for condition in recommender.mappings("status.conditions"):
        if condition.get("type") == "LowConfidence" and str(condition.get("status")) == "True":
            return "has low confidence in what it recommends"
    created = recommender.string("metadata.creationTimestamp")
    if created and now - _seconds(created) < _YOUNGEST_SECONDS:
        return "has watched for less than a day"
    return None


def _seconds(timestamp: str) -> float:
    try:
        return datetime.fromisoformat(timestamp).timestamp()
    except ValueError:
        return 0.0
