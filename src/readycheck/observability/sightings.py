"""What was seen of the observability stack in a tree: where a part of it stands, and whether that counts."""

from __future__ import annotations

from enum import Enum, auto

from msgspec import Struct

from readycheck.model import Place


class Standing(Enum):
    """What a sighting is worth."""

    RUNS = auto()
    """It is declared, and runs here."""
    CENTRAL = auto()
    """Something is declared that hands over to a platform elsewhere."""
    OPEN = auto()
    """What is not decided yet, or stands elsewhere, says whether it runs."""
    OFF = auto()
    """It is declared and switched off, or declared for something else."""
    BROKEN = auto()
    """It is declared, and cannot keep or show what it is given."""


class Sighting(Struct, frozen=True, eq=False):
    """One part of the stack, as it was found.

    Args:
        standing: what it is worth.
        what: the program or the platform: "Loki", "logs go to logs.example.com".
        where: what declares it, for people: "StatefulSet monitoring/loki".
        place: the same, as a place.
        why: for what does not count: the reason, to follow what declares it.
        note: what else is worth saying of it.
    """

    standing: Standing
    what: str
    where: str
    place: Place
    why: str = ""
    note: str = ""

    @property
    def counts(self) -> bool:
        """Whether it shows that the stack has this part."""
        return self.standing in (Standing.RUNS, Standing.CENTRAL)
