"""What a source hands over: what it read, what it could not, and what is not at hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct, field

from readycheck.model.listing import Listing
from readycheck.model.resource import Resource


class Problem(Struct, frozen=True):
    """Something that was asked for and could not be read, rendered or judged."""

    uri: str
    reason: str
    line: int | None = None
    hides_objects: bool = False
    """Whether objects of Kubernetes stand, or may stand, in what could not be read."""


class Opaque(Struct, frozen=True, eq=False):
    """Something whose content is not at hand: a chart that was not rendered, a remote base.

    What it would install is unknown, and what seems to be missing elsewhere may come from it.
    """

    resource: Resource
    reason: str
    namespace: str | None = None
    """The namespace that it installs into; None where that cannot be told."""

    @property
    def named(self) -> str:
        """What it is called in messages: `HelmRelease podinfo`."""
        return f"{self.resource.kind} {self.resource.name}"


class Collected(Struct, frozen=True, eq=False):
    """What one source read, and what it could not."""

    source: str
    resources: Sequence[Resource]
    opaque: Sequence[Opaque] = ()
    problems: Sequence[Problem] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)
    """What was left out on purpose, by reason, counted."""
    failed: bool = False
    """True where nothing at all could be read."""
    listing: Listing | None = None
    """The names in the tree that was read; None where the source reads no tree."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """Why the things of a kind could not be read, by the kind: whether there are any is unknown."""
    areas: Sequence[str] = ()
    """What of an account was asked as a whole, each as `ACCOUNT/REGION`: what is not told of it is not there."""
    targets: Sequence[str] = ()
    """What was read, as people name it: the cluster's context, each `ACCOUNT/REGION`, each state and plan."""
    remedy: str = ""
    """The manifest that would grant what was refused; "" where nothing was."""

    @property
    def live(self) -> bool:
        """Whether it shows what is, and not what somebody means to have: what it lacks is not there."""
        return self.source in ("cluster", "aws")


def from_files(sources: Iterable[Collected]) -> Iterator[Resource]:
    """What was read of files, or is made of them.

    Args:
        sources: everything that was read.
    """
    return (resource for source in sources if source.source == "files" for resource in source.resources)
