"""Where nobody can write a comment: what no file holds, and files whose lines are not shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from readycheck.model.resource import Ignore
from readycheck.model.values import Path


class Uncommented(Struct, frozen=True):
    """The half of an origin that is the same wherever there are no comments and no lines to show."""

    @property
    def may_ignore(self) -> bool:
        """Nothing can be written beside it."""
        return False

    def all_ignores(self) -> Sequence[Ignore]:
        """None: there are no comments."""
        return ()

    def ignores(self, body: object, paths: Iterable[Path]) -> Sequence[Ignore]:
        """None: there are no comments."""
        del body, paths
        return ()

    def excerpt(self, body: object, path: Path, around: int) -> Sequence[tuple[int, str]]:
        """None: there are no lines to show."""
        del body, path, around
        return ()
