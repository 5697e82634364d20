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


def place_of(arn: str) -> tuple[str, ...]:
    """The account and the region that an ARN names; empty where it is no ARN.

    Args:
        arn: `arn:PARTITION:SERVICE:REGION:ACCOUNT:...` (AWS General Reference: ARNs).
    """
    parts = arn.split(":", 5)
    return (parts[4], parts[3]) if parts[0] == "arn" and len(parts) > 5 else ()  # noqa: PLR2004 - as above
