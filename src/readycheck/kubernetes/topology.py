"""How pods are kept apart: spread constraints and anti-affinity (Kubernetes, Pod Topology Spread Constraints)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from msgspec import Struct

from readycheck.kubernetes.selector import Selector
from readycheck.kubernetes.workload import Workload
from readycheck.model import Path, Place, Resource, Unjudged

ZONE = "topology.kubernetes.io/zone"
HOSTNAME = "kubernetes.io/hostname"
DEPRECATED_ZONE = "failure-domain.beta.kubernetes.io/zone"
"""The label that zones had until Kubernetes 1.17; nodes of clouds still carry it."""

# The AWS cloud provider labels nodes with the zone's ID too, which names the same zone in every account.
_ALIASES = {DEPRECATED_ZONE: ZONE, "topology.k8s.aws/zone-id": ZONE}
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_CONFINING = {"affinity", "nodeName", "nodeSelector"}
_NAMESPACE_NAME = "kubernetes.io/metadata.name"
OTHER_PODS = "does not select the pods' own labels"

NamespaceLabels: TypeAlias = Callable[[Workload], Mapping[str, str] | None]
"""Tells the labels of a workload's namespace; None where it was not read."""


class Spreading(Struct, frozen=True, eq=False):
    """Something in a pod's spec that keeps its own kind apart, or means to.

    Args:
        label: the node label whose values it tells apart.
        place: where it stands.
        required: whether a pod rather waits than breaks it.
        flaw: why it spreads nothing, to follow its name; "" where it does.
        words: what it is, for messages.
        max_skew: how many more pods a value of the label may have than another one; None where no two pods may share
            a value.
    """

    label: str
    place: Place
    required: bool
    flaw: str
    words: str
    max_skew: int | None = None

    @property
    def key(self) -> str:
        """The label, as it is called today."""
        return _ALIASES.get(self.label, self.label)

    @property
    def exclusive(self) -> bool:
        """Whether no two pods may share a value of the label."""
        return self.required and self.max_skew is None

    def separates(self, replicas: int) -> bool:
        """Whether so many pods cannot all stand together."""
        return self.required and (self.max_skew is None or self.max_skew < replicas)


def spreadings(workload: Workload, namespace_labels: NamespaceLabels) -> Iterator[Spreading]:
    """Everything that spreads a workload's pods, or means to.

    Raises:
        Unjudged: what one of them spreads is not decided yet.
    """
    pod = workload.pod
    for index in range(len(pod.mappings("topologySpreadConstraints"))):
        path: Path = ("topologySpreadConstraints", index)
        yield _constraint(_part(pod, path), pod.at(path), workload.pod_labels)
    for path, required in _anti_affinity(pod):
        term = _part(pod, path)
        aims = _own_namespace(term, workload, namespace_labels) and _selects(term, workload.pod_labels)
        flaw = "" if aims else OTHER_PODS
        yield Spreading(term.string("topologyKey"), pod.at(path), required, flaw, "the podAntiAffinity")
    for container in workload.long_running:
        for index, port in enumerate(container.ports):
            if port.get("hostPort"):
                place = container.at(("ports", index, "hostPort"))
                yield Spreading(HOSTNAME, place, required=True, flaw="", words="the hostPort")


def _part(pod: Resource, path: Path) -> Resource:
    """A constraint or term of a pod's spec, to ask for its fields."""
    return Resource(pod.kind, pod.name, pod.scope, pod.mapping(path), pod.origin, pod.root, pod.path + path)


def _constraint(constraint: Resource, place: Place, labels: Mapping[str, str]) -> Spreading:
    required = constraint.string("whenUnsatisfiable", "DoNotSchedule") == "DoNotSchedule"
    flaw = "" if _selects(constraint, labels) else OTHER_PODS
    if not required and constraint.get("minDomains") is not None:
        flaw = "sets minDomains without DoNotSchedule, which the API server refuses"
    max_skew = constraint.integer("maxSkew", 1)
    return Spreading(constraint.string("topologyKey"), place, required, flaw, "the topologySpreadConstraint", max_skew)


def _anti_affinity(pod: Resource) -> Iterator[tuple[Path, bool]]:
    """The terms against other pods, and whether each is required."""
    if "affinity" not in pod.body:
        return
    base = ("affinity", "podAntiAffinity")
    for index in range(len(pod.mappings((*base, _REQUIRED)))):
        yield (*base, _REQUIRED, index), True
    for index in range(len(pod.mappings((*base, _PREFERRED)))):
        yield (*base, _PREFERRED, index, "podAffinityTerm"), False


def _selects(term: Resource, labels: Mapping[str, str]) -> bool:
    """Whether a constraint or a term selects the pods that carry it, by their labels."""
    # The other way round than `matchLabelKeys`: pods with the same value of such a label are left out.
    if any(key in labels for key in term.strings("mismatchLabelKeys")):
        return False
    return Selector.of(term.get("labelSelector")).matches(labels)


def _own_namespace(term: Resource, workload: Workload, namespace_labels: NamespaceLabels) -> bool:
    """Whether a term looks at pods of the workload's own namespace: by default it looks nowhere else."""
    namespaces = term.strings("namespaces")
    selector = term.get("namespaceSelector")
    if not namespaces and selector is None:
        return True
    if workload.scope and workload.scope in namespaces:
        return True
    if selector is not None and _selects_namespace(Selector.of(selector), workload, namespace_labels):
        return True
    if not workload.scope:
        raise Unjudged("whether the podAntiAffinity names its own namespace cannot be told: none is given")
    return False


def _selects_namespace(selector: Selector, workload: Workload, namespace_labels: NamespaceLabels) -> bool:
    known = {_NAMESPACE_NAME: workload.scope} if workload.scope else {}
    labels = namespace_labels(workload)
    for term in selector.requirements or ():
        if term.key not in known and labels is None:
            raise Unjudged(f"the namespaceSelector asks for the label {term.key} of its namespace, which was not read")
    return selector.matches({**(labels or {}), **known})


class Confinement(Struct, frozen=True, eq=False):
    """One zone or node that all pods of a workload must run on."""

    where: str
    """`zone` or `node`, and its name."""
    place: Place


def confinement(workload: Workload, key: str) -> Confinement | None:
    """What confines a workload's pods to one value of a node label, by whatever name; None where nothing does."""
    pod = workload.pod
    if not _CONFINING & pod.body.keys():
        return None
    labels = (key, *(alias for alias, meant in _ALIASES.items() if meant == key))
    what = "zone" if key == ZONE else "node"
    if key == HOSTNAME and pod.get("nodeName") is not None:
        return Confinement(f"{what} {pod.string('nodeName')}", pod.at("nodeName"))
    for label in labels:
        value = pod.mapping("nodeSelector").get(label)
        if value is not None:
            return Confinement(f"{what} {value!s}", pod.at(("nodeSelector", label)))
    # The terms are alternatives: pods are confined where each of them allows the same one value.
    terms: Path = ("affinity", "nodeAffinity", _REQUIRED, "nodeSelectorTerms")
    places: list[Place] = []
    allowed: set[str] = set()
    for index in range(len(pod.mappings(terms))):
        asked = _asked(workload, (*terms, index, "matchExpressions"), labels)
        if asked is None:
            return None
        places.append(asked[0])
        allowed.update(asked[1])
    return Confinement(f"{what} {allowed.pop()}", places[0]) if len(allowed) == 1 else None


def _asked(workload: Workload, path: Path, labels: tuple[str, ...]) -> tuple[Place, list[str]] | None:
    """The values of a label that a term of a node affinity allows."""
    expressions: list[Mapping[str, Any]] = workload.pod.mappings(path)
    for position, expression in enumerate(expressions):
        if expression.get("operator") == "In" and expression.get("key") in labels:
            return workload.pod.at((*path, position)), workload.pod.strings((*path, position, "values"))
    return None
