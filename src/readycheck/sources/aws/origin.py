"""Where things of an account stand: at their ARNs, without files and lines."""

from __future__ import annotations

from readycheck.model import Location, Path, Uncommented, format_path


class AwsOrigin(Uncommented, frozen=True):
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

    def locate(self, body: object, path: Path) -> Location:
        """The thing, and the path in it."""
        del body
        return Location(self.uri, path=format_path(path))
