"""The origin of what no source read: the environment as a whole, and what is only named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from readycheck.model import Ignore, Location, Path


class Nowhere(Struct, frozen=True):
    """The origin of what stands in no file: the environment itself, as one source shows it; what is only named.

    Args:
        source: the source.
        uri: what it is called in locations; "" for the environment.
    """

    source: str = ""
    world: str = ""
    file: str = ""
    may_ignore: bool = False
    uri: str = ""

    def all_ignores(self) -> Sequence[Ignore]:
        """None."""
        return ()

    def locate(self, body: object, path: Path) -> Location:
        """Where it is known to be."""
        del body, path
        return Location(self.uri)

    def ignores(self, body: object, paths: Iterable[Path]) -> Sequence[Ignore]:
        """None."""
        del body, paths
        return ()

    def excerpt(self, body: object, path: Path, around: int) -> Sequence[tuple[int, str]]:
        """Nothing."""
        del body, path, around
        return ()


NOWHERE = Nowhere()
