"""How much of a pipeline is read: templates that call templates multiply, and no real pipeline needs so much."""

from __future__ import annotations

from collections.abc import Iterator

from readycheck.model import Place
from readycheck.pipelines.model import Unread


class Allowance:
    """A number of things that may be read.

    Args:
        most: how many.
        of: what they are, for people.
    """

    def __init__(self, most: int, of: str) -> None:
        self._most = most
        self._of = of
        self._left = most

    def take(self, count: int = 1) -> bool:
        """Whether that many more may be read."""
        self._left -= count
        return self._left >= 0

    def unread(self, place: Place) -> Iterator[Unread]:
        """That there was more, where there was."""
        if self._left < 0:
            yield Unread(place, f"holds more than {self._most:,} {self._of}")
