"""A part of a file that is a thing of its own: a service of a compose file, a block of HCL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from readycheck.model.resource import Ignore, Location, Resource
from readycheck.model.values import Path, look


class PartOrigin(Struct, frozen=True, eq=False):
    """The origin of a thing that stands in another one: its paths start where it does.

    Args:
        whole: what it stands in.
        path: where it stands there.
    """

    whole: Resource
    path: Path

    @property
    def source(self) -> str:
        """The source of what it stands in."""
        return self.whole.origin.source

    @property
    def world(self) -> str:
        """The world of what it stands in."""
        return self.whole.origin.world

    @property
    def file(self) -> str:
        """The file of what it stands in."""
        return self.whole.origin.file

    @property
    def may_ignore(self) -> bool:
        """Whether an ignore comment may stand in the file."""
        return self.whole.origin.may_ignore

    def all_ignores(self) -> Sequence[Ignore]:
        """None: those of the file are the file's."""
        return ()

    def place_of(self, path: Path) -> Path:
        """Where a path that starts at the part stands in the whole."""
        return self.path + path

    def locate(self, body: object, path: Path) -> Location:
        """The location of a path that starts at the part."""
        del body
        return self.whole.origin.locate(self.whole.body, self.place_of(path))

    def ignores(self, body: object, paths: Iterable[Path]) -> Sequence[Ignore]:
        """The ignore comments on and above the lines of some paths."""
        del body
        return self.whole.origin.ignores(self.whole.body, list(map(self.place_of, paths)))

    def excerpt(self, body: object, path: Path, around: int) -> Sequence[tuple[int, str]]:
        """The lines around a path, with their numbers."""
        del body
        return self.whole.origin.excerpt(self.whole.body, self.place_of(path), around)


def thing_in(whole: Resource, path: Path, kind: str, name: str) -> Resource:
    """A part of a file as a thing that outcomes are about.

    Args:
        whole: the file.
        path: where the part stands there.
        kind: what it is: `ComposeService`, `docker_container`.
        name: what it is called: the service's name, the address.
    """
    body = look(whole.body, path)
    return Resource(kind, name, "", body if isinstance(body, dict) else {}, PartOrigin(whole, path))
