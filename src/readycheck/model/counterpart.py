"""One thing on two sides, as it is declared or recorded and as it is: how a finding on one stands to the other."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from readycheck.model.resource import Place


class Relation(Enum):
    """How a finding stands to what the other side shows of the same object."""

    SAME = "same"
    """Both fail."""
    MENDED = "fixed-in-git"
    """It fails live, and what git declares holds."""
    DRIFTED = "holds-live"
    """It fails in git, and what runs holds: the next time that git is applied undoes it."""
    UNTOLD = "untold"
    """The object is there, and whether the rule holds for it was not told."""
    BROUGHT = "brought-by"
    """The object itself is not declared; what is, is the release or folder that brought it."""
    NOT_LIVE = "not-live"
    """It is declared or planned, and nothing of it is there yet."""
    DRIFTED_LIVE = "drifted-live"
    """It fails live, and what Terraform recorded holds: somebody changed it since."""
    UNRECORDED = "unrecorded"
    """It is live, and no state or plan that was read knows of it."""
    GONE = "gone"
    """Terraform recorded it, and it is no longer there."""


class Counterpart(Struct, frozen=True, eq=False):
    """What the other side shows of a finding's object.

    Args:
        relation: how the finding stands to it.
        source: the source of the other side.
        place: the same field there; what brought the object, where only that is declared; None where nothing is there.
    """

    relation: Relation
    source: str
    place: Place | None = None
