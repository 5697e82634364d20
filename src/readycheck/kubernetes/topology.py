"""How pods are kept apart: spread constraints and anti-affinity (Kubernetes, Pod Topology Spread Constraints)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from readycheck.kubernetes.selector import Selector
from readycheck.kubernetes.workload import Workload
from readycheck.model import Path, Place

ZONE = "topology.kubernetes.io/zone"
HOSTNAME = "kubernetes.io/hostname"
# The label that zones had until Kubernetes 1.17; nodes of clouds still carry it.
_ALIASES = {"failure-domain.beta.kubernetes.io/zone": ZONE}
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


@dataclass(frozen=True, slots=True, eq=False)
class Spreading:
    """Something in a pod's spec that keeps its own kind apart, or means to.

    Args:
        key: the node label whose values it tells apart.
        place: where it stands.
        required: whether a pod rather waits than breaks it.
        applies: whether it selects the pods themselves.
        words: what it is, for messages.
        exclusive: whether no two pods may share a value of the key, rather than about as many on each.
    """

    key: str
    place: Place
    required: bool
    applies: bool
    words: str
    exclusive: bool = False


def spreadings(workload: Workload) -> Iterator[Spreading]:
    """Everything that spreads a workload's pods, or means to."""
    pod, labels = workload.pod, workload.pod_labels
    for index, constraint in enumerate(pod.mappings("topologySpreadConstraints")):
        yield Spreading(
            _key(constraint),
            pod.at(("topologySpreadConstraints", index)),
            required=constraint.get("whenUnsatisfiable", "DoNotSchedule") == "DoNotSchedule",
            applies=Selector.of(constraint.get("labelSelector")).matches(labels),
            words="the topologySpreadConstraint",
        )
    for path, term, required in _anti_affinity(workload):
        yield Spreading(
            _key(term),
            pod.at(path),
            required=required,
            applies=_own_namespace(workload, term) and Selector.of(term.get("labelSelector")).matches(labels),
            words="the podAntiAffinity",
            exclusive=True,
        )


def _key(term: Mapping[str, Any]) -> str:
    key = str(term.get("topologyKey", ""))
    return _ALIASES.get(key, key)


def _anti_affinity(workload: Workload) -> Iterator[tuple[Path, Mapping[str, Any], bool]]:
    base = ("affinity", "podAntiAffinity")
    for index, required in enumerate(workload.pod.mappings((*base, _REQUIRED))):
        yield (*base, _REQUIRED, index), required, True
    for index, weighted in enumerate(workload.pod.mappings((*base, _PREFERRED))):
        term = weighted.get("podAffinityTerm")
        if isinstance(term, Mapping):
            yield (*base, _PREFERRED, index, "podAffinityTerm"), term, False


def _own_namespace(workload: Workload, term: Mapping[str, Any]) -> bool:
    """Whether a term looks at pods of the workload's own namespace: by default it looks nowhere else."""
    if term.get("namespaceSelector") is not None:
        # Namespaces' labels are rarely at hand; only the empty selector is sure, and others mean the own one mostly.
        return True
    namespaces = term.get("namespaces")
    return not namespaces or workload.scope in namespaces


def pinned_zone(workload: Workload) -> tuple[Place, str] | None:
    """The one zone that a workload's pods are confined to, and what confines them; None where nothing does."""
    pod = workload.pod
    for label in (ZONE, *_ALIASES):
        zone = pod.mapping("nodeSelector").get(label)
        if zone is not None:
            return pod.at(("nodeSelector", label)), str(zone)
    terms: Path = ("affinity", "nodeAffinity", _REQUIRED, "nodeSelectorTerms")
    allowed: set[str] = set()
    place = None
    for index, term in enumerate(pod.mappings(terms)):
        zones = [
            (position, expression.get("values") or [])
            for position, expression in enumerate(term.get("matchExpressions") or [])
            if expression.get("key") in (ZONE, *_ALIASES) and expression.get("operator") == "In"
        ]
        if not zones:
            return None
        position, values = zones[0]
        allowed.update(values)
        place = place or pod.at((*terms, index, "matchExpressions", position))
    return (place, allowed.pop()) if place is not None and len(allowed) == 1 else None
