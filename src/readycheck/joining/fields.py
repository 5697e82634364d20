"""The same field of the same thing on two sides."""

from __future__ import annotations

from readycheck.model import Finding, Place, Resource


def field_of(finding: Finding, other: Resource) -> Place:
    """The field that a finding points at, in the other side's thing; the thing where it points elsewhere.

    Args:
        finding: the finding.
        other: the same thing as the other side shows it.
    """
    place = finding.place
    if place.resource.root is not finding.resource.root:
        return other.at(())
    return other.at(place.way)
