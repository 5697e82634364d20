"""The endpoints of live Services: what answers for them, and on which node (Kubernetes API, discovery.k8s.io/v1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from readycheck.model import Place, Resource

SERVICE_NAME = "kubernetes.io/service-name"
"""The label by which an EndpointSlice belongs to a Service (Kubernetes API, well-known labels)."""


class Endpoint(Struct, frozen=True, eq=False):
    """One of those that answer for a Service.

    Args:
        target: what it is: the kind and name of what the slice refers to, else its first address.
        ready: whether requests are sent to it; a slice that does not say so means that they are.
        node: the name of the node that it stands on; "" where that is not said.
        zone: the zone that the slice says, which may be older than the node's label; "" where it says none.
        place: where it stands in its slice.
    """

    target: str
    ready: bool
    node: str
    zone: str
    place: Place


def endpoints_in(endpoint_slice: Resource) -> Iterator[Endpoint]:
    """The endpoints of a slice.

    Raises:
        Unjudged: one has another shape.
    """
    for index, part in enumerate(endpoint_slice.mappings("endpoints")):
        place = endpoint_slice.at(("endpoints", index))
        reference, conditions = _mapping(place, part, "targetRef"), _mapping(place, part, "conditions")
        named = f"{reference.get('kind')} {reference.get('name')}" if reference.get("name") else ""
        yield Endpoint(
            named or _first_address(place, part),
            conditions.get("ready") is not False,
            str(part.get("nodeName") or ""),
            str(part.get("zone") or ""),
            place,
        )


def _mapping(place: Place, part: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """What stands under a key of an endpoint; there are many of them, so that only an odd one is looked at twice."""
    value = part.get(key)
    if isinstance(value, dict):
        return value
    return place.resource.mapping((*place.path, key)) if value is not None else {}


def _first_address(place: Place, part: Mapping[str, Any]) -> str:
    return next(iter(place.resource.strings((*place.path, "addresses"))), "") if part.get("addresses") else ""
