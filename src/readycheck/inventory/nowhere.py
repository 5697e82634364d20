"""The origin of what no source read: the environment as a whole, and what is only named."""

from __future__ import annotations

from readycheck.model import Location, Path, Uncommented


class Nowhere(Uncommented, frozen=True):
    """The origin of what stands in no file: the environment itself, as one source shows it; what is only named.

    Args:
        source: the source.
        uri: what it is called in locations; "" for the environment.
    """

    source: str = ""
    world: str = ""
    file: str = ""
    uri: str = ""

    def locate(self, body: object, path: Path) -> Location:
        """Where it is known to be."""
        del body, path
        return Location(self.uri)


NOWHERE = Nowhere()
