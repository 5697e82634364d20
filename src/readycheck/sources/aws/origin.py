"""Where things of an account stand: at their ARNs, without files and lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from readycheck.model import Ignore, Location, Path, format_path


class AwsOrigin(Struct, frozen=True):
    """A thing of an account.

    Args:
        uri: its ARN, else its id.
    """

    uri: str

    @property
    def source(self) -> str:
        """The source that reads accounts."""
        return "aws"

    @property
    def world(self) -> str:
        """What an account holds stands together."""
        return ""

    @property
    def file(self) -> str:
        """No file holds it."""
        return ""

    @property
    def may_ignore(self) -> bool:
        """Nothing can be written beside it."""
        return False

    def all_ignores(self) -> Sequence[Ignore]:
        """None: there are no comments."""
        return ()

    def locate(self, body: object, path: Path) -> Location:
        """The thing, and the path in it."""
        del body
        return Location(self.uri, path=format_path(path))

    def ignores(self, body: object, paths: Iterable[Path]) -> Sequence[Ignore]:
        """None: there are no comments."""
        del body, paths
        return ()

    def excerpt(self, body: object, path: Path, around: int) -> Sequence[tuple[int, str]]:
        """None: there are no lines."""
        del body, path, around
        return ()
