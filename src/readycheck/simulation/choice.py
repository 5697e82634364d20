"""Which nodes a pod may stand on by their labels and taints, whatever stands there already.

Semantics: Kubernetes, Assigning Pods to Nodes; Taints and Tolerations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from readycheck.kubernetes.condition import is_ready
from readycheck.kubernetes.node import is_cordoned, is_virtual
from readycheck.kubernetes.selector import Requirement
from readycheck.model import Resource, Unjudged
from readycheck.simulation.requests import allocatable_of

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_CORDON = "node.kubernetes.io/unschedulable"
_KEEPING_OUT = ("NoSchedule", "NoExecute")


def labels_of(thing: Resource) -> Mapping[str, str]:
    """The labels of a node or a pod.

    Raises:
        Unjudged: one of them is no text.
    """
    for value in thing.labels.values():
        if not isinstance(value, str):
            raise Unjudged(f"a label of {thing.kind} {thing.name} is no text", thing.at("metadata.labels"))
    return thing.labels


def of_texts(requirement: Requirement) -> Requirement:
    """A requirement whose values are texts, as those of labels are.

    Raises:
        Unjudged: one of them is none.
    """
    if not all(isinstance(value, str) for value in requirement.values):
        raise Unjudged(f"what is asked of the label {requirement.key} is no text")
    return requirement


class Taint(Struct, frozen=True):
    """What keeps pods from a node that do not tolerate it."""

    key: str
    value: str
    effect: str


class Machine(Struct, frozen=True, eq=False):
    """A node.

    Args:
        name: its name.
        zone: the zone that it stands in; "" where nothing tells.
        labels: its labels.
        taints: those that keep pods out; a cordon is one.
        allocatable: what it has for pods.
        ready: whether its kubelet says so.
        real: whether it is a machine, and no stand-in such as Fargate's.
    """

    name: str
    zone: str
    labels: Mapping[str, str]
    taints: tuple[Taint, ...]
    allocatable: Mapping[str, int]
    ready: bool = True
    real: bool = True

    @property
    def takes_pods(self) -> bool:
        """Whether the scheduler can put anything there, taints aside."""
        return self.ready and self.real

    @classmethod
    def of(cls, node: Resource, zone: str) -> Machine:
        """Read a node.

        Args:
            node: the node.
            zone: the zone that it stands in.

        Raises:
            Unjudged: it is of another shape than nodes are.
        """
        taints = [
            Taint(str(taint.get("key")), str(taint.get("value") or ""), str(taint.get("effect")))
            for taint in node.mappings("spec.taints")
            if taint.get("effect") in _KEEPING_OUT
        ]
        if is_cordoned(node) and not any(taint.key == _CORDON for taint in taints):
            taints.append(Taint(_CORDON, "", "NoSchedule"))
        ready, real = is_ready(node), not is_virtual(node)
        return cls(node.name, zone, labels_of(node), tuple(taints), allocatable_of(node), ready, real)


class Toleration(Struct, frozen=True):
    """A taint, or several, that a pod puts up with."""

    key: str
    operator: str
    value: str
    effect: str

    def tolerates(self, taint: Taint) -> bool:
        """Whether it puts up with a taint."""
        if self.effect not in ("", taint.effect) or self.key not in ("", taint.key):
            return False
        return self.operator == "Exists" or self.value == taint.value


def tolerations_of(pod: Resource) -> tuple[Toleration, ...]:
    """What a pod's spec tolerates.

    Raises:
        Unjudged: a toleration compares in a way that is not known here.
    """
    found = []
    for each in pod.mappings("tolerations"):
        operator = str(each.get("operator") or "Equal")
        if operator not in ("Equal", "Exists"):
            raise Unjudged(f"the operator {operator} of a toleration is not known")
        words = (str(each.get(field) or "") for field in ("value", "effect"))
        found.append(Toleration(str(each.get("key") or ""), operator, *words))
    return tuple(found)


def tolerated(tolerations: Sequence[Toleration], machine: Machine) -> bool:
    """Whether a pod puts up with everything that keeps pods from a node."""
    return all(any(each.tolerates(taint) for each in tolerations) for taint in machine.taints)


class NodeTerm(Struct, frozen=True):
    """Requirements that a node meets all of: on its labels, and on its name."""

    labels: tuple[Requirement, ...]
    names: tuple[Requirement, ...] = ()

    def admits(self, machine: Machine) -> bool:
        """Whether a node meets them; an empty term is met by none."""
        if not self.labels and not self.names:
            return False
        named = {"metadata.name": machine.name}
        return all(_holds(each, machine.labels) for each in self.labels) and all(
            _holds(each, named) for each in self.names
        )


class NodeChoice(Struct, frozen=True):
    """Alternatives of which a node meets one."""

    terms: tuple[NodeTerm, ...]

    def admits(self, machine: Machine) -> bool:
        """Whether a node meets one of them."""
        return any(term.admits(machine) for term in self.terms)


def choices_of(pod: Resource) -> tuple[NodeChoice, ...]:
    """The choices that a pod's spec makes of nodes, all of which count: its nodeSelector and required node affinity.

    Raises:
        Unjudged: one of them is of another shape.
    """
    found = []
    labels = pod.mapping("nodeSelector")
    if labels:
        found.append(NodeChoice((NodeTerm(tuple(Requirement(key, "In", (value,)) for key, value in labels.items())),)))
    required = pod.get(("affinity", "nodeAffinity", REQUIRED))
    if required is not None:
        found.append(choice_of(pod, ("affinity", "nodeAffinity", REQUIRED)))
    return tuple(found)


def choice_of(holder: Resource, path: tuple[str, ...]) -> NodeChoice:
    """The node selector at a path: of a pod's affinity, or of what a volume can be reached from."""
    return NodeChoice(
        tuple(
            NodeTerm(_requirements(term.get("matchExpressions")), _requirements(term.get("matchFields")))
            for term in holder.mappings((*path, "nodeSelectorTerms"))
        )
    )


def _requirements(expressions: Any) -> tuple[Requirement, ...]:
    if expressions is None:
        return ()
    if not isinstance(expressions, list) or not all(map(_is_expression, expressions)):
        raise Unjudged("a term of a node affinity has the wrong shape")
    return tuple(
        Requirement(str(each.get("key")), str(each.get("operator")), tuple(map(str, each.get("values") or ())))
        for each in expressions
    )


def _is_expression(expression: object) -> bool:
    return isinstance(expression, Mapping) and isinstance(expression.get("values") or [], list)


def _holds(requirement: Requirement, labels: Mapping[str, str]) -> bool:
    if requirement.operator not in ("Gt", "Lt"):
        return requirement.holds(labels)
    try:
        value, bound = int(labels[requirement.key]), int(requirement.values[0])
    except (KeyError, ValueError, IndexError):
        return False
    return value > bound if requirement.operator == "Gt" else value < bound
