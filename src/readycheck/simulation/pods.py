"""Pods as the scheduler tells them apart: those of one sort can stand in for one another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from readycheck.kubernetes.selector import Requirement
from readycheck.kubernetes.topology import DEPRECATED_ZONE, ZONE
from readycheck.kubernetes.workload import Role, Workload
from readycheck.model import Resource, Unjudged
from readycheck.simulation.choice import (
    NodeChoice,
    NodeTerm,
    Toleration,
    choice_of,
    choices_of,
    labels_of,
    tolerations_of,
)
from readycheck.simulation.neighbours import NamespacesSelected, Spread, Term, affinities_of, spreads_of
from readycheck.simulation.requests import requests_of

HostPort: TypeAlias = tuple[str, str, int]
"""An address of the node (`0.0.0.0` for all of them), a protocol and a port."""
FindVolume: TypeAlias = Callable[[Resource, str], "Resource | None"]
"""Finds the volume that a claim of a pod, by its name, is bound to; None where it is not bound or not there."""

_ANY_ADDRESS = "0.0.0.0"  # noqa: S104 - what the API means by no address
_PLACES: Mapping[str, tuple[str, ...]] = {
    ZONE: (DEPRECATED_ZONE,),
    DEPRECATED_ZONE: (ZONE,),
    "topology.kubernetes.io/region": ("failure-domain.beta.kubernetes.io/region",),
    "failure-domain.beta.kubernetes.io/region": ("topology.kubernetes.io/region",),
}
"""The labels of a volume that say where it can be reached from, and what a node may call the same."""
_NOWHERE = NodeTerm(tuple(Requirement(label, "DoesNotExist") for label in _PLACES))
"""A node that says nothing of its place is not held to the labels of volumes."""


class Sort(Struct, frozen=True, eq=False):
    """Pods that ask for the same, and are the same to others.

    Args:
        namespace: theirs.
        labels: theirs.
        requests: what each of them asks of a node.
        choices: the nodes that they choose, all of which count.
        volumes: the names of their volumes, and the nodes that each can be reached from.
        tolerations: the taints that they put up with.
        near: the pods that they must stand near.
        apart: the pods that they must not stand near.
        spreads: how evenly they must stand.
        ports: the ports of the node that they take.
        untold: what of this could not be read, and counts for nothing here; "" where all could.
    """

    namespace: str
    labels: Mapping[str, str]
    requests: Mapping[str, int]
    choices: tuple[NodeChoice, ...] = ()
    volumes: tuple[tuple[str, NodeChoice], ...] = ()
    tolerations: tuple[Toleration, ...] = ()
    near: tuple[Term, ...] = ()
    apart: tuple[Term, ...] = ()
    spreads: tuple[Spread, ...] = ()
    ports: frozenset[HostPort] = frozenset()
    untold: str = ""

    def is_meant_by(self, term: Term) -> bool:
        """Whether a term of another pod, or of its own, means them."""
        return term.selects(self.namespace, self.labels)


class _Asking(Struct, frozen=True, eq=False):
    """What pods of one spec ask of a node, whatever their labels are. The fields are those of Sort."""

    requests: Mapping[str, int]
    choices: tuple[NodeChoice, ...]
    tolerations: tuple[Toleration, ...]
    ports: frozenset[HostPort]

    @classmethod
    def of(cls, pod: Workload) -> _Asking:
        return cls(requests_of(pod), choices_of(pod.pod), tolerations_of(pod.pod), frozenset(_ports_of(pod)))


class Sorter:
    """Sorts pods: each sort is read once, however many pods there are of it.

    Args:
        find_volume: finds volumes.
        selected: tells which namespaces a selector selects.
    """

    def __init__(self, find_volume: FindVolume, selected: NamespacesSelected) -> None:
        self._find_volume = find_volume
        self._selected = selected
        self._sorts: dict[tuple[bytes, bytes], Sort] = {}
        self._asking: dict[bytes, _Asking] = {}

    def sort_of(self, pod: Workload) -> Sort:
        """The sort of a pod.

        Raises:
            Unjudged: it is of another shape than pods are.
        """
        spec = pod.pod.body
        containers = [
            (field, container.get("resources"), container.get("ports"), container.get("restartPolicy"))
            for field in _CONTAINERS
            if field in spec
            for container in pod.pod.mappings((field,))
        ]
        claims = list(_claims_of(pod.pod))
        own = [(field, spec[field]) for field in _DECISIVE if field in spec]
        labels = labels_of(pod)
        asked = msgspec.json.encode((own, containers), enc_hook=str)
        key = (asked, msgspec.json.encode((pod.scope, labels, claims), enc_hook=str))
        found = self._sorts.get(key)
        if found is None:
            asking = self._asking.get(asked)
            if asking is None:
                asking = self._asking[asked] = _Asking.of(pod)
            found = self._sorts[key] = self._read(pod, labels, claims, asking)
        return found

    def _read(self, pod: Workload, labels: Mapping[str, str], claims: Sequence[str], asking: _Asking) -> Sort:
        spec = pod.pod
        choosy = spec.body.get("affinity") is not None
        volumes: list[tuple[str, NodeChoice]] = []
        untold = ""
        for claim in claims:
            try:
                volume = self._find_volume(pod, claim)
                if volume is not None:
                    volumes += _reach_of(volume)
            except Unjudged as unjudged:
                untold = f"where claim {claim} can go cannot be told: {unjudged.reason}"
        if spec.get("resourceClaims"):
            untold = "it claims devices by resourceClaims, which are not modelled"
        return Sort(
            pod.scope,
            labels,
            asking.requests,
            asking.choices,
            tuple(volumes),
            asking.tolerations,
            affinities_of(spec, "podAffinity", labels, self._selected) if choosy else (),
            affinities_of(spec, "podAntiAffinity", labels, self._selected) if choosy else (),
            tuple(spreads_of(spec, labels)),
            asking.ports,
            untold,
        )


_CONTAINERS = ("initContainers", "containers")
_DECISIVE = (
    *("affinity", "hostNetwork", "nodeSelector", "overhead", "resourceClaims", "resources", "tolerations"),
    "topologySpreadConstraints",
)
"""Of a pod's spec, what decides where it can stand beside its containers and claims."""


def _claims_of(spec: Resource) -> Iterator[str]:
    """The claims that outlive a pod: those of ephemeral volumes are made anew where it comes up."""
    for volume in spec.mappings(("volumes",)) if "volumes" in spec.body else ():
        claim = volume.get("persistentVolumeClaim")
        if isinstance(claim, Mapping):
            yield str(claim.get("claimName"))


def _reach_of(volume: Resource) -> Iterator[tuple[str, NodeChoice]]:
    """The nodes that a PersistentVolume can be reached from: by its node affinity, by labels of its zone and region."""
    if volume.get("spec.nodeAffinity.required") is not None:
        yield volume.name, choice_of(volume, ("spec", "nodeAffinity", "required"))
    labels = labels_of(volume)
    for label, aliases in _PLACES.items():
        values = labels.get(label)
        if values:
            places = tuple(values.split("__"))
            named = (NodeTerm((Requirement(key, "In", places),)) for key in (label, *aliases))
            yield volume.name, NodeChoice((*named, _NOWHERE))


def _ports_of(pod: Workload) -> Iterator[HostPort]:
    for container in pod.containers:
        if container.role is Role.INIT:
            continue
        for port in container.ports:
            number: Any = port.get("hostPort")
            if isinstance(number, int) and number > 0:
                yield str(port.get("hostIP") or _ANY_ADDRESS), str(port.get("protocol") or "TCP"), number


def clash(one: HostPort, other: HostPort) -> bool:
    """Whether two pods cannot both have these ports on one node."""
    return one[1:] == other[1:] and (one[0] == other[0] or _ANY_ADDRESS in (one[0], other[0]))
