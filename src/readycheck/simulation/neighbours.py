"""Which pods a pod wants near, far, or evenly spread.

Semantics: Kubernetes, Inter-pod affinity and anti-affinity; Pod Topology Spread Constraints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from msgspec import Struct

from readycheck.kubernetes.selector import Requirement, Selector
from readycheck.model import Path, Resource, Unjudged
from readycheck.simulation.choice import REQUIRED, of_texts

NamespacesSelected: TypeAlias = Callable[[Selector], frozenset[str]]
"""Tells the names of the namespaces whose labels a selector matches."""


class Term(Struct, frozen=True):
    """The pods that a term means, and the label of nodes that says what is near.

    Args:
        key: the label of nodes.
        selector: which labels the pods have.
        namespaces: where they are; None for everywhere.
    """

    key: str
    selector: Selector
    namespaces: frozenset[str] | None

    def selects(self, namespace: str, labels: Mapping[str, str]) -> bool:
        """Whether it means a pod."""
        if self.namespaces is not None and namespace not in self.namespaces:
            return False
        return self.selector.holds(labels)


class Spread(Struct, frozen=True):
    """A spread constraint that a pod rather waits than breaks."""

    term: Term
    max_skew: int
    min_domains: int
    honours_choice: bool
    """Whether nodes that the pod's own choice leaves out do not count."""
    honours_taints: bool
    """Whether nodes with taints that it does not tolerate do not count."""


def affinities_of(
    pod: Resource, kind: str, labels: Mapping[str, str], selected: NamespacesSelected
) -> tuple[Term, ...]:
    """The required terms of a pod's spec.

    Args:
        pod: the pod's spec.
        kind: `podAffinity` or `podAntiAffinity`.
        labels: the pod's own labels.
        selected: tells which namespaces a selector selects.

    Raises:
        Unjudged: one of them is of another shape, or namespaces were not read.
    """
    path: Path = ("affinity", kind, REQUIRED)
    return tuple(
        Term(str(term.get("topologyKey")), _selector(term, labels), _namespaces(term, pod.scope, selected))
        for term in pod.mappings(path)
    )


def spreads_of(pod: Resource, labels: Mapping[str, str]) -> Iterator[Spread]:
    """The constraints of a pod's spec that keep it waiting: `DoNotSchedule`, which is the default.

    Raises:
        Unjudged: one of them is of another shape.
    """
    for index, constraint in enumerate(pod.mappings("topologySpreadConstraints")):
        if constraint.get("whenUnsatisfiable", "DoNotSchedule") != "DoNotSchedule":
            continue
        path: Path = ("topologySpreadConstraints", index)
        yield Spread(
            Term(str(constraint.get("topologyKey")), _selector(constraint, labels), frozenset((pod.scope,))),
            pod.integer((*path, "maxSkew"), 1),
            pod.integer((*path, "minDomains"), 1),
            constraint.get("nodeAffinityPolicy", "Honor") == "Honor",
            constraint.get("nodeTaintsPolicy", "Ignore") == "Honor",
        )


def _selector(term: Mapping[str, Any], labels: Mapping[str, str]) -> Selector:
    selector = Selector.of(term.get("labelSelector"))
    if selector.requirements is None:
        return selector
    for requirement in selector.requirements:
        of_texts(requirement)
    also = [
        Requirement(key, operator, (labels[key],))
        for field, operator in (("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn"))
        for key in _texts(term, field)
        if key in labels
    ]
    return Selector((*selector.requirements, *also))


def _namespaces(term: Mapping[str, Any], own: str, selected: NamespacesSelected) -> frozenset[str] | None:
    named, given = _texts(term, "namespaces"), term.get("namespaceSelector")
    if given is None:
        return frozenset(named or (own,))
    selector = Selector.of(given)
    return None if selector.requirements == () else frozenset(named) | selected(selector)


def _texts(term: Mapping[str, Any], field: str) -> list[str]:
    texts = term.get(field) or []
    if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
        raise Unjudged(f"{field} of an affinity term or a spread constraint is no list of texts")
    return texts
