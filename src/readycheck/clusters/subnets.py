"""Subnets of AWS, by what refers to them: an address in HCL and plans, an id in states and in the account."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from readycheck.clusters.nodes import Zones, is_subnet
from readycheck.model import Place, Resource, Unjudged, Unresolved, text_of

SUBNETS = ("aws_subnet", "aws_default_subnet")
_ACCOUNT = "aws"
"""The source that says why it could not tell something."""
_BY_ADDRESS = re.compile(r"aws_(?:default_)?subnet\.")
_ONE_BY_ADDRESS = re.compile(r"(?:[\w.\[\]\"-]+\.)?aws_(?:default_)?subnet\.[\w-]+(?:\[(?:\d+|\"[^\"]*\")\])?\.id")


class Subnets:
    """The zones of subnets.

    Args:
        subnets: the subnets, those that were only looked up among them.
        untold: why they could not be read; "" where they could.
    """

    def __init__(self, subnets: Iterable[Resource], untold: str = "") -> None:
        self._untold = untold
        self._zones: dict[str, str] = {}
        self._refused: dict[str, Unresolved] = {}
        for subnet in subnets:
            zone = _decided(subnet.body, "availability_zone") or _decided(subnet.body, "availability_zone_id")
            for name in (f"{subnet.name}.id", _decided(subnet.body, "id")):
                self._zones[name] = zone
                open_ = subnet.body.get("availability_zone")
                if subnet.origin.source == _ACCOUNT and isinstance(open_, Unresolved):
                    self._refused[name] = open_

    def zones_at(self, place: Place) -> Zones:
        """The zones of subnets that are named one by one; one that stands alone is one zone, whichever that is.

        Args:
            place: where they are named.

        Raises:
            Unjudged: the zones cannot be told.
        """
        listed = place.resource.glimpse(place.path)
        if isinstance(listed, Unresolved) and text_of(listed) in self._zones:
            # All that a plan tells of a set that is not known yet is what it waits for.
            listed = [listed]
        if isinstance(listed, Unresolved) and place.resource.origin.source == _ACCOUNT:
            place.resource.get(place.path)
        if not isinstance(listed, list) or not listed:
            raise Unjudged("the zones of the subnets are not told", place)
        texts = [text_of(each) for each in listed if isinstance(each, str)]
        zones = [self._zones.get(text, "") for text in texts]
        known = frozenset(filter(None, zones))
        if len(known) > 1 or (known and all(zones)):
            return Zones(known, place)
        if len(listed) == len(texts) == 1 and _is_one(texts[0]):
            return Zones(frozenset(texts), place)
        refused = next((self._refused[text] for text in texts if text in self._refused), None)
        reason = f"`{refused!s}` {refused.reason}" if refused is not None else self._untold
        raise Unjudged(reason or "the zones of the subnets are not told", place)


def _is_one(text: str) -> bool:
    return is_subnet(text) and (_BY_ADDRESS.search(text) is None or _ONE_BY_ADDRESS.fullmatch(text) is not None)


def _decided(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    return value if isinstance(value, str) and not isinstance(value, Unresolved) else ""
