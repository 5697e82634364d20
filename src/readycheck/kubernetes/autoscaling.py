"""Autoscalers and the number of replicas that they never go below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from readycheck.kubernetes.workload import Container
from readycheck.model import Edit, Fix, Place, Resource, Unjudged, Unresolved

_PAUSED = "autoscaling.keda.sh/paused"
_PAUSED_REPLICAS = "autoscaling.keda.sh/paused-replicas"
_TAKES_OVER = "scaledobject.keda.sh/transfer-hpa-ownership"
_METRICS_OF_VERSION_1 = "autoscaling.alpha.kubernetes.io/metrics"
_KEDA_CEILING = 100
_CEILING_OF_FLOOR = {"minReplicas": "maxReplicas", "minReplicaCount": "maxReplicaCount"}
_GROUP_OF_KIND = {"Deployment": "apps", "StatefulSet": "apps", "ReplicaSet": "apps", "Rollout": "argoproj.io"}


class ReplicaFloor(Struct, frozen=True, eq=False):
    """The fewest replicas that a workload can run, and what says so."""

    count: int
    place: Place
    autoscaler: Resource | None = None

    @property
    def by(self) -> str:
        """Who says so, to follow a number in a message; "" for the workload itself."""
        return f", by {self.autoscaler.kind} {self.autoscaler.name}" if self.autoscaler else ""

    def raised_to(self, count: int, *, safe: bool) -> Fix | None:
        """The fix that lets no fewer than `count` replicas run; None where a person has to say how.

        KEDA takes no idle count but 0, and whoever paused it meant to: neither number is for a fix to raise.

        Args:
            count: the fewest that may run.
            safe: whether there is nothing to decide about it.
        """
        if self.autoscaler is None:
            return self.place.resource.set(self.place, count, safe=safe)
        ceiling = _CEILING_OF_FLOOR.get(str(self.place.path[-1]))
        if ceiling is None:
            return None
        edits = [Edit(self.place, count)]
        try:
            cramped = ceiling_of(self.autoscaler) < count
        except Unjudged:
            return None
        if cramped:
            edits.append(Edit(self.autoscaler.at(("spec", ceiling)), count))
        return Fix(f"set {self.place.field} to {count}", tuple(edits), safe and not cramped)


class ScaleTarget(Struct, frozen=True):
    """What an autoscaler scales."""

    kind: str
    name: str
    group: str | None
    """None where the autoscaler does not say."""
    undecided: str = ""
    """Why the name is not decided yet; "" where it is."""

    @classmethod
    def of(cls, autoscaler: Resource) -> ScaleTarget:
        """The target of a HorizontalPodAutoscaler, ScaledObject (KEDA) or VerticalPodAutoscaler.

        Raises:
            Unjudged: it is missing, or cannot be told.
        """
        field = "spec.targetRef" if autoscaler.kind == "VerticalPodAutoscaler" else "spec.scaleTargetRef"
        given = autoscaler.mapping(field).get("name")
        # `${NAME}` here is `${NAME}` there, whatever it will be.
        undecided = f"`{given!s}` {given.reason}" if isinstance(given, Unresolved) and given.same else ""
        name = str(given) if undecided else autoscaler.string(f"{field}.name")
        if not name:
            raise Unjudged(f"{field}.name is missing", autoscaler.at(field))
        default = "Deployment" if autoscaler.kind == "ScaledObject" else ""
        kind = autoscaler.string(f"{field}.kind", default)
        api_version = autoscaler.string(f"{field}.apiVersion")
        group = api_version.rpartition("/")[0] if api_version else _GROUP_OF_KIND.get(kind)
        return cls(kind, name, group, undecided)

    @property
    def custom(self) -> bool:
        """Whether it is of a kind that something outside Kubernetes and Argo Rollouts defines, and may make itself."""
        own = _GROUP_OF_KIND.get(self.kind)
        return own is None if self.group is None else "." in self.group and self.group != own

    def is_group_of(self, resource: Resource) -> bool:
        """Whether a resource of the right kind and name is of the right group; versions do not matter."""
        return self.group is None or not resource.api_version or self.group == resource.group


def declared_count(resource: Resource, path: str, default: int) -> int:
    """A number of replicas.

    Raises:
        Unjudged: it is not decided yet, or none.
    """
    count = resource.integer(path, default)
    if count < 0:
        raise Unjudged(f"{path} is {count}, which is no number of replicas", resource.at(path))
    return count


def paused(autoscaler: Resource) -> bool:
    """Whether it is a ScaledObject that leaves the number of replicas as it is (KEDA, pausing autoscaling)."""
    if autoscaler.kind != "ScaledObject":
        return False
    annotations = autoscaler.annotations
    return annotations.get(_PAUSED) == "true" and annotations.get(_PAUSED_REPLICAS) is None


def takes_over(autoscaler: Resource) -> bool:
    """Whether a ScaledObject takes over a HorizontalPodAutoscaler that stands there already."""
    return autoscaler.kind == "ScaledObject" and autoscaler.annotations.get(_TAKES_OVER) == "true"


def made_by_keda(autoscaler: Resource) -> bool:
    """Whether a ScaledObject made a HorizontalPodAutoscaler and is what says how it scales."""
    return any(owner.get("kind") == "ScaledObject" for owner in autoscaler.mappings("metadata.ownerReferences"))


def floor_of(autoscaler: Resource) -> ReplicaFloor:
    """The fewest replicas that an autoscaler keeps (HorizontalPodAutoscaler v2: 1 by default; KEDA: 0).

    Raises:
        Unjudged: the number is not decided yet.
    """
    if autoscaler.kind == "HorizontalPodAutoscaler":
        count = declared_count(autoscaler, "spec.minReplicas", 1)
        return ReplicaFloor(count, autoscaler.at("spec.minReplicas"), autoscaler)
    paused = autoscaler.annotations.get(_PAUSED_REPLICAS)
    if isinstance(paused, str) and paused.isdigit():
        return ReplicaFloor(int(paused), autoscaler.at(("metadata", "annotations", _PAUSED_REPLICAS)), autoscaler)
    field = "spec.idleReplicaCount" if autoscaler.get("spec.idleReplicaCount") is not None else "spec.minReplicaCount"
    return ReplicaFloor(declared_count(autoscaler, field, 0), autoscaler.at(field), autoscaler)


def ceiling_of(autoscaler: Resource) -> int:
    """The most replicas that an autoscaler makes (KEDA: 100 by default).

    Raises:
        Unjudged: the number is not decided yet.
    """
    if autoscaler.kind == "HorizontalPodAutoscaler":
        return autoscaler.integer("spec.maxReplicas", 1)
    return autoscaler.integer("spec.maxReplicaCount", _KEDA_CEILING)


class Reached(Struct, frozen=True, eq=False):
    """Whether a controller found what its autoscaler scales, and what says so."""

    holds: bool
    place: Place


def target_reached(autoscaler: Resource) -> Reached | None:
    """Whether a live HorizontalPodAutoscaler's controller could get the scale of its target; None where none says so.

    The condition AbleToScale fails for other reasons too, once the target is found (Kubernetes API,
    HorizontalPodAutoscalerCondition).
    """
    for index, condition in enumerate(autoscaler.mappings("status.conditions")):
        if condition.get("type") == "AbleToScale":
            place = autoscaler.at(("status", "conditions", index, "reason"))
            return Reached(condition.get("reason") != "FailedGetScale", place)
    return None


class UtilizationMetric(Struct, frozen=True, eq=False):
    """A metric that is a share of a request: which resource, of which container ("" for the whole pod)."""

    resource: str
    container: str
    place: Place

    def measures(self, container: Container) -> bool:
        """Whether a container's use counts: of all that run as long as the pod, or of the one that is named.

        An injected container's requests are set by what injects it.
        """
        return self.container in ("", container.name) and not container.injected


def utilized(autoscaler: Resource) -> Iterator[UtilizationMetric]:
    """The metrics of an autoscaler that divide by a request (HorizontalPodAutoscaler v1 and v2, KEDA triggers).

    A HorizontalPodAutoscaler that names none aims at 80 % of the CPU request (Kubernetes API,
    HorizontalPodAutoscalerSpec v2).
    """
    if autoscaler.kind == "ScaledObject":
        yield from _utilized_by_keda(autoscaler)
        return
    if autoscaler.get("spec.targetCPUUtilizationPercentage") is not None:
        yield UtilizationMetric("cpu", "", autoscaler.at("spec.targetCPUUtilizationPercentage"))
    elif not autoscaler.mappings("spec.metrics") and _METRICS_OF_VERSION_1 not in autoscaler.annotations:
        yield UtilizationMetric("cpu", "", autoscaler.at("spec.metrics"))
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
