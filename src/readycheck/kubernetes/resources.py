"""What a container asks for and may take: said by itself, by its pod, or by its namespace.

The order is the API server's: a limit without a request is the request too, what the pod's `resources` say counts for
all of its containers (Kubernetes, Resource Management for Pods and Containers), a LimitRange fills what is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from readycheck.kubernetes.quantity import quantity
from readycheck.kubernetes.workload import Container
from readycheck.model import Place

CPU, MEMORY = "cpu", "memory"


@dataclass(frozen=True, slots=True)
class ContainerDefaults:
    """What a namespace's LimitRanges fill in for containers that do not say."""

    requests: Mapping[str, Place]
    limits: Mapping[str, Place]


NO_DEFAULTS = ContainerDefaults({}, {})


def request_of(container: Container, resource: str, defaults: ContainerDefaults) -> Place | None:
    """Where the request for a resource comes from; None where there is none."""
    return _first(container, ("requests", "limits"), resource, defaults.requests)


def limit_of(container: Container, resource: str, defaults: ContainerDefaults) -> Place | None:
    """Where the limit of a resource comes from; None where there is none."""
    return _first(container, ("limits",), resource, defaults.limits)


def _first(container: Container, fields: tuple[str, ...], resource: str, defaults: Mapping[str, Place]) -> Place | None:
    for holder in (container, container.workload.pod):
        for field in fields:
            if holder.get(("resources", field, resource)) is not None:
                return holder.at(("resources", field, resource))
    return defaults.get(resource)


def amount(place: Place) -> Decimal:
    """The amount at a place, in cores or bytes.

    Raises:
        Unjudged: what stands there is no quantity.
    """
    return quantity(place.seen)


def implausible(container: Container) -> Iterator[tuple[Place, str]]:
    """The amounts that cannot be meant: none at all, fractions of a byte."""
    for field in ("requests", "limits"):
        for resource in (CPU, MEMORY):
            place = container.at(("resources", field, resource))
            if place.seen is None:
                continue
            value = amount(place)
            if value == 0 and field == "requests":
                yield place, f"requests {place.seen} {resource}, which reserves nothing"
            elif resource == MEMORY and 0 < value < 1:
                yield place, f"asks for {value.normalize()} bytes of memory: `m` is a thousandth, `Mi` a mebibyte"
