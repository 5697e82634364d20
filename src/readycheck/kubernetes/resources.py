"""What a container asks for and may take: said by itself, by its pod, or by its namespace.

The order is the API server's: a limit without a request is the request too, what the pod's `resources` say counts for
all of its containers (Kubernetes, Resource Management for Pods and Containers), a LimitRange fills what is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from msgspec import Struct

from readycheck.kubernetes.quantity import misspelt, quantity
from readycheck.kubernetes.workload import Container
from readycheck.model import Place, Unjudged, Verdict

CPU, MEMORY = "cpu", "memory"
_LEAST_MEMORY = 1024
"""Bytes below which no process can be meant: a unit was forgotten or mistaken."""


class ContainerDefaults(Struct, frozen=True):
    """What a namespace's LimitRanges fill in for containers that do not say."""

    requests: Mapping[str, Place]
    limits: Mapping[str, Place]


NO_DEFAULTS = ContainerDefaults({}, {})


class EffectiveResources(Struct, frozen=True):
    """Where the requests and limits of one container come from, by resource; what has none is absent."""

    requests: Mapping[str, Place]
    limits: Mapping[str, Place]

    @classmethod
    def of(cls, container: Container, defaults: ContainerDefaults) -> EffectiveResources:
        """Put together what a container, its pod and its namespace say of CPU and memory.

        Raises:
            Unjudged: one of them says it in another shape.
        """
        return cls(
            dict(_places(container, ("requests", "limits"), defaults.requests)),
            dict(_places(container, ("limits",), defaults.limits)),
        )


def _places(
    container: Container, fields: tuple[str, ...], defaults: Mapping[str, Place]
) -> Iterator[tuple[str, Place]]:
    said = [
        (holder, field, holder.mapping(("resources", field)))
        for holder in (container, container.workload.pod)
        if holder.body.get("resources") is not None
        for field in fields
    ]
    for resource in (CPU, MEMORY):
        for holder, field, amounts in said:
            if amounts.get(resource) is not None:
                yield resource, holder.at(("resources", field, resource))
                break
        else:
            if resource in defaults:
                yield resource, defaults[resource]


def amount(place: Place) -> Decimal:
    """The amount at a place, in cores or bytes.

    Raises:
        Unjudged: what stands there is no quantity.
    """
    return quantity(place.seen)


def implausible(container: Container, resource: str, place: Place, what: str) -> Verdict | None:
    """Why an amount of a container cannot be meant, or cannot be told; None where nothing is wrong with it.

    An amount that is not decided yet is told by a verdict of its own: it must not hide what is wrong with others.

    Args:
        container: whose amount it is.
        resource: of what it is an amount.
        place: where it stands.
        what: what it is, `request` or `limit`.
    """
    try:
        complaint = _complaint(resource, place)
    except Unjudged as unjudged:
        if not misspelt(place.seen):
            return container.unknown(unjudged.reason, at=place)
        complaint = f"{place.seen} of {resource} is no quantity: units are m, k, M, G, T and Ki, Mi, Gi, Ti"
    return container.finding(f"a {what} of {complaint}", at=place) if complaint else None


def _complaint(resource: str, place: Place) -> str | None:
    value = amount(place)
    if value <= 0:
        return f"{place.seen} of {resource} is none"
    if resource == MEMORY and value < _LEAST_MEMORY:
        return f"{place.seen} of memory is {value.normalize():f} bytes: `m` is a thousandth, `Mi` a mebibyte"
    return None
