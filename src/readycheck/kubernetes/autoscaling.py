"""Autoscalers and the number of replicas that they never go below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from readycheck.model import Place, Resource, Unjudged

_PAUSED_REPLICAS = "autoscaling.keda.sh/paused-replicas"
_KEDA_CEILING = 100
_GROUP_OF_KIND = {"Deployment": "apps", "StatefulSet": "apps", "ReplicaSet": "apps", "Rollout": "argoproj.io"}


@dataclass(frozen=True, slots=True, eq=False)
class ReplicaFloor:
    """The fewest replicas that a workload can run, and what says so."""

    count: int
    place: Place
    autoscaler: Resource | None = None

    @property
    def by(self) -> str:
        """Who says so, to follow a number in a message; "" for the workload itself."""
        return f", by {self.autoscaler.kind} {self.autoscaler.name}" if self.autoscaler else ""


@dataclass(frozen=True, slots=True)
class ScaleTarget:
    """What an autoscaler scales."""

    kind: str
    name: str
    group: str | None
    """None where the autoscaler does not say."""

    @classmethod
    def of(cls, autoscaler: Resource) -> ScaleTarget:
        """The target of a HorizontalPodAutoscaler, ScaledObject (KEDA) or VerticalPodAutoscaler.

        Raises:
            Unjudged: it is missing or not decided yet.
        """
        field = "spec.targetRef" if autoscaler.kind == "VerticalPodAutoscaler" else "spec.scaleTargetRef"
        name = autoscaler.string(f"{field}.name")
        if not name:
            raise Unjudged(f"{field}.name is missing", autoscaler.at(field))
        default = "Deployment" if autoscaler.kind == "ScaledObject" else ""
        kind = autoscaler.string(f"{field}.kind", default)
        api_version = autoscaler.string(f"{field}.apiVersion")
        group = api_version.rpartition("/")[0] if api_version else _GROUP_OF_KIND.get(kind)
        return cls(kind, name, group)

    def is_group_of(self, resource: Resource) -> bool:
        """Whether a resource of the right kind and name is of the right group; versions do not matter."""
        return self.group is None or not resource.api_version or self.group == resource.group


def floor_of(autoscaler: Resource) -> ReplicaFloor:
    """The fewest replicas that an autoscaler keeps (HorizontalPodAutoscaler v2: 1 by default; KEDA: 0).

    Raises:
        Unjudged: the number is not decided yet.
    """
    if autoscaler.kind == "HorizontalPodAutoscaler":
        return ReplicaFloor(autoscaler.integer("spec.minReplicas", 1), autoscaler.at("spec.minReplicas"), autoscaler)
    paused = autoscaler.annotations.get(_PAUSED_REPLICAS)
    if isinstance(paused, str) and paused.isdigit():
        return ReplicaFloor(int(paused), autoscaler.at(("metadata", "annotations", _PAUSED_REPLICAS)), autoscaler)
    field = "spec.idleReplicaCount" if autoscaler.get("spec.idleReplicaCount") is not None else "spec.minReplicaCount"
    return ReplicaFloor(autoscaler.integer(field, 0), autoscaler.at(field), autoscaler)


def ceiling_of(autoscaler: Resource) -> int:
    """The most replicas that an autoscaler makes (KEDA: 100 by default).

    Raises:
        Unjudged: the number is not decided yet.
    """
    if autoscaler.kind == "HorizontalPodAutoscaler":
        return autoscaler.integer("spec.maxReplicas", 1)
    return autoscaler.integer("spec.maxReplicaCount", _KEDA_CEILING)


@dataclass(frozen=True, slots=True, eq=False)
class UtilizationMetric:
    """A metric that is a share of a request: which resource, of which container ("" for the whole pod)."""

    resource: str
    container: str
    place: Place


def utilized(autoscaler: Resource) -> Iterator[UtilizationMetric]:
    """The metrics of an autoscaler that divide by a request (HorizontalPodAutoscaler v1 and v2, KEDA triggers)."""
    if autoscaler.kind == "ScaledObject":
        yield from _utilized_by_keda(autoscaler)
        return
    if autoscaler.get("spec.targetCPUUtilizationPercentage") is not None:
        yield UtilizationMetric("cpu", "", autoscaler.at("spec.targetCPUUtilizationPercentage"))
    for index, metric in enumerate(autoscaler.mappings("spec.metrics")):
        for field in ("resource", "containerResource"):
            source = metric.get(field)
            if not isinstance(source, Mapping):
                continue
            target = source.get("target")
            # v2beta1 wrote the share beside the name.
            share = source.get("targetAverageUtilization")
            if share is not None or (isinstance(target, Mapping) and target.get("type") == "Utilization"):
                name, container = str(source.get("name")), str(source.get("container") or "")
                yield UtilizationMetric(name, container, autoscaler.at(("spec", "metrics", index)))


def _utilized_by_keda(autoscaler: Resource) -> Iterator[UtilizationMetric]:
    for index, trigger in enumerate(autoscaler.mappings("spec.triggers")):
        kind = trigger.get("type")
        metadata = trigger.get("metadata")
        metadata = metadata if isinstance(metadata, Mapping) else {}
        how = trigger.get("metricType") or metadata.get("type") or "Utilization"
        if kind in ("cpu", "memory") and how == "Utilization":
            container = str(metadata.get("containerName") or "")
            yield UtilizationMetric(str(kind), container, autoscaler.at(("spec", "triggers", index)))
