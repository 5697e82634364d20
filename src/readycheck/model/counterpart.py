"""One object on two sides, as git declares it and as it runs: how a finding on one stands to the other."""

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
    """It is declared, and no such object runs."""


class Counterpart(Struct, frozen=True, eq=False):
    """What the other side shows of a finding's object.

    Args:
        relation: how the finding stands to it.
        place: the same field there; what brought the object, where only that is declared; None where nothing is there.
    """

    relation: Relation
    place: Place | None = None
