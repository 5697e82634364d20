"""Where things of AWS are: the account and the region, by their ARNs."""

from __future__ import annotations

from readycheck.model import Resource, Unresolved


def account_and_region(resource: Resource) -> tuple[str, ...]:
    """The account and the region of a thing; empty where its ARN is not known.

    Args:
        resource: the thing.
    """
    arn = resource.body.get("arn")
    return place_of(arn) if isinstance(arn, str) and not isinstance(arn, Unresolved) else ()


def may_be_one(one: Resource, other: Resource) -> bool:
    """Whether nothing tells that two things are of different accounts or regions.

    Args:
        one: a thing.
        other: another one.
    """
    places = [account_and_region(each) for each in (one, other)]
    if all(places):
        return places[0] == places[1]
    regions = {region for each, place in zip((one, other), places, strict=True) if (region := _region_of(each, place))}
    return len(regions) < 2  # noqa: PLR2004 - two that differ


def _region_of(thing: Resource, place: tuple[str, ...]) -> str:
    """The region of a thing: by its ARN, else by the attribute that the AWS provider has for it from version 6 on."""
    region = place[1] if place else thing.glimpse("region")
    return region if type(region) is str else ""


def place_of(arn: str) -> tuple[str, ...]:
    """The account and the region that an ARN names; empty where it is no ARN.

    Args:
        arn: `arn:PARTITION:SERVICE:REGION:ACCOUNT:...` (AWS General Reference: ARNs).
    """
    parts = arn.split(":", 5)
    return (parts[4], parts[3]) if parts[0] == "arn" and len(parts) > 5 else ()  # noqa: PLR2004 - as above
