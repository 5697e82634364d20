"""Karpenter's pools (documentation of Karpenter: NodePools, NodeClasses; the AWS provider).

A well-known label without a requirement may have any value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from readycheck.clusters.nodes import Capacity, Nodes, Zones, is_subnet
from readycheck.model import Place, Resource, Unjudged, Unresolved, a_type

POOL = "NodePool"
DEAD = ("Provisioner", "AWSNodeTemplate")
"""Kinds of karpenter.sh/v1alpha5 and karpenter.k8s.aws/v1alpha1, which no Karpenter since 0.33 reads."""

CLASSES_OF_AWS = frozenset({"EC2NodeClass", "NodeClass"})

_ZONES: Mapping[str, str] = {
    "topology.kubernetes.io/zone": "zone",
    "failure-domain.beta.kubernetes.io/zone": "zone",
    "topology.k8s.aws/zone-id": "zoneID",
}
"""The labels that tell a zone, and what the status of a class calls the same of its subnets."""
_CAPACITY = "karpenter.sh/capacity-type"
_ANY_CAPACITY = frozenset({"spot", "on-demand", "reserved"})


class PoolNodes(Nodes):
    """The nodes of a NodePool.

    Args:
        pool: the NodePool.
        find: finds an object by kind and name, near another one.
    """

    def __init__(self, pool: Resource, find: Callable[[str, str, Resource], Resource | None]) -> None:
        super().__init__(pool, f"{POOL} {pool.name}")
        self._find = find

    def zones(self) -> Zones:
        """What its requirements let in of what its class has subnets in."""
        only = self._only_subnet()
        if only is not None:
            return only
        for key, field in _ZONES.items():
            allowed, said = _allowed(self.resource, key, self._class_zones(field)[0])
            if said is None:
                continue
            if allowed is None:
                raise Unjudged(f"{self.name} names no zones of its own, and those of its subnets are not told", said)
            return Zones(allowed, said)
        known, place = self._class_zones("zone")
        if known is None:
            raise Unjudged(f"{self.name} names no zones: its subnets decide, which are not told", place)
        return Zones(known, place)

    def capacity(self) -> Capacity:
        """What its requirements let in of spot, on-demand and reserved."""
        allowed, said = _allowed(self.resource, _CAPACITY, _ANY_CAPACITY)
        types = _ANY_CAPACITY if allowed is None else allowed
        return Capacity(
            "spot" in types, bool(types & {"on-demand", "reserved"}), said or self.resource.at(_REQUIREMENTS)
        )

    @cached_property
    def _class(self) -> Resource | None:
        """The class that its nodes are of; None where it is not at hand."""
        name = self.resource.get(f"{_CLASS}.name")
        kind = self.resource.string(f"{_CLASS}.kind", "EC2NodeClass")
        return self._find(kind, str.__str__(name), self.resource) if isinstance(name, str) else None

    def _class_zones(self, field: str) -> tuple[frozenset[str] | None, Place]:
        """The zones that its class has subnets in, by their names or IDs; None where that is not told."""
        found = self._class
        if found is None:
            return None, self.resource.at(_CLASS)
        zones = frozenset(each[field] for each in found.mappings("status.subnets") if isinstance(each.get(field), str))
        return (zones, found.at("status.subnets")) if zones else (None, found.at("spec.subnetSelectorTerms"))

    @property
    def foreign(self) -> str:
        """The kind of its class, where that is none of AWS's."""
        return "" if self._class_kind in CLASSES_OF_AWS else self._class_kind

    @property
    def of_own_karpenter(self) -> bool:
        """Whether a Karpenter that one installs makes them, and not EKS Auto Mode."""
        return self._class_kind != "NodeClass" and not self.foreign

    @property
    def _class_kind(self) -> str:
        """The kind of its class; that of AWS's own where it is not decided."""
        kind = self.resource.glimpse(f"{_CLASS}.kind")
        return kind if isinstance(kind, str) and not isinstance(kind, Unresolved) else "EC2NodeClass"

    def _only_subnet(self) -> Zones | None:
        """The one subnet that its class names by its ID; None where it has several, or they are looked for."""
        if self._class is None or self._class_zones("zone")[0]:
            return None
        terms = self._class.mappings("spec.subnetSelectorTerms")
        if len(terms) != 1 or not is_subnet(str(terms[0].get("id", ""))):
            return None
        return Zones(frozenset({str(terms[0]["id"])}), self._class.at("spec.subnetSelectorTerms"))


_CLASS = "spec.template.spec.nodeClassRef"
_REQUIREMENTS = ("spec", "template", "spec", "requirements")


def holds_nodes(pool: Resource) -> bool:
    """Whether a NodePool may hold any node: a limit of 0 parks it."""
    try:
        limits = pool.mapping("spec.limits")
    except Unjudged:
        return True
    return not any(str(limits.get(name)) == "0" for name in ("cpu", "memory", "nodes"))


def _allowed(pool: Resource, key: str, known: frozenset[str] | None) -> tuple[frozenset[str] | None, Place | None]:
    """The values of a label that a pool's requirements let in, and what says so first.

    Args:
        pool: the pool.
        key: the label.
        known: every value that it may have; None where that is open.

    Returns:
        The values, None where they are open; and the place, None where nothing is said of the label.
    """
    allowed, place = known, None
    for operator, values, said in _requirements(pool, key):
        place = place or said
        if operator == "In":
            allowed = frozenset(values) if allowed is None else allowed & frozenset(values)
        elif operator == "DoesNotExist":
            allowed = frozenset()
        elif operator == "NotIn" and allowed is not None:
            allowed -= frozenset(values)
        elif operator in ("Gt", "Lt", "Gte", "Lte") and allowed is not None:
            allowed = frozenset(value for value in allowed if _compares(value, operator, values))
        elif operator not in ("NotIn", "Exists", "Gt", "Lt", "Gte", "Lte"):
            raise Unjudged(f"`{operator}` is no operator of a requirement", said)
    return allowed, place


def _requirements(pool: Resource, key: str) -> Iterator[tuple[str, Iterable[str], Place]]:
    for index, each in enumerate(pool.mappings(_REQUIREMENTS)):
        if each.get("key") == key:
            place = pool.at((*_REQUIREMENTS, index))
            yield str(each.get("operator")), _values(pool, index), place
    labels: Mapping[str, Any] = pool.mapping("spec.template.metadata.labels")
    if key in labels:
        place = pool.at(("spec", "template", "metadata", "labels", key))
        yield "In", [_decided(labels[key], place)], place


def _values(pool: Resource, index: int) -> list[str]:
    path = (*_REQUIREMENTS, index, "values")
    values = pool.get(path)
    if values is not None and not isinstance(values, list):
        raise Unjudged("the values of a requirement are no list", pool.at(path))
    return [_decided(value, pool.at(path)) for value in values or ()]


def _decided(value: Any, place: Place) -> str:
    if isinstance(value, Unresolved):
        raise Unjudged(f"`{value!s}` {value.reason}", place)
    if not isinstance(value, (str, int)):
        raise Unjudged(f"a label has {a_type(value)} where a string is wanted", place)
    return str(value)


def _compares(value: str, operator: str, values: Iterable[str]) -> bool:
    bound = next(iter(values), "")
    if not (value.isdigit() and bound.isdigit()):
        return False
    given, wanted = int(value), int(bound)
    return {"Gt": given > wanted, "Lt": given < wanted, "Gte": given >= wanted, "Lte": given <= wanted}[operator]
