"""Things that were read, where they stand, and what can be asked of and said about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn, Protocol

from msgspec import Struct

from readycheck.model.once import once
from readycheck.model.values import Path, Unjudged, Unresolved, a_type, format_path, look, parse_path
from readycheck.model.verdict import Edit, Evidence, Finding, Fix, NotApplicable, Note, Severity, Unknown


class Location(Struct, frozen=True):
    """Where something stands, for people and for tools.

    `uri` is the path from the scan root with forward slashes, or a URI for what is no file. Lines and columns
    count from 1; None where the origin has no lines.
    """

    uri: str
    line: int | None = None
    column: int | None = None
    path: str = ""
    values_key: str = ""
    """The key of a chart's values that decides what stands there, where that can be told."""


class Origin(Protocol):
    """Where a resource was read, and how a path into its body becomes a location."""

    @property
    def source(self) -> str:
        """The source that read it: files, cluster, aws or terraform."""
        ...

    @property
    def world(self) -> str:
        """What is applied together with it: the overlay or chart that rendered it; "" for what stands for itself."""
        ...

    @property
    def file(self) -> str:
        """The uri of the file that it stands in or was rendered from; "" where there is none."""
        ...

    @property
    def may_ignore(self) -> bool:
        """Whether an ignore comment may stand there: False spares looking."""
        ...

    def all_ignores(self) -> Sequence[Ignore]:
        """Every ignore comment of the file that it stands in."""
        ...

    def locate(self, body: object, path: Path) -> Location:
        """The location of `path` in `body`; of the deepest part that exists where the whole path does not."""
        ...

    def ignores(self, body: object, paths: Iterable[Path]) -> Sequence[Ignore]:
        """The ignore comments that stand on or above the lines of `paths`."""
        ...

    def excerpt(self, body: object, path: Path, around: int) -> Sequence[tuple[int, str]]:
        """The line of `path` with some lines around it, each with its number; nothing where there are no lines."""
        ...


class Ignore(Struct, frozen=True):
    """An ignore as it was written in a comment or an annotation, not yet judged valid."""

    text: str
    location: Location


class Place(Struct, frozen=True, eq=False):
    """A path into a resource: what evidence, findings and fixes point at."""

    resource: Resource
    path: Path

    @property
    def seen(self) -> Any:
        """What stands there; None where nothing does."""
        return look(self.resource.body, self.path)

    @property
    def location(self) -> Location:
        """Where that is in the source."""
        return self.resource.locate(self.path)

    @property
    def way(self) -> Path:
        """The path from the root of the whole object."""
        return self.resource.path + self.path

    @property
    def field(self) -> str:
        """The path from the root of the whole object, as text."""
        return format_path(self.way)


class Owner(Struct, frozen=True):
    """What made a thing and answers for it: the custom resource of an operator, or the node of a static pod."""

    kind: str
    name: str


class SecretPlace(Place, frozen=True):
    """A place where a secret stands: evidence says what kind of one, nobody shows it.

    Args:
        kind: what stands there, without a trace of the value: "a password of 12 characters".
    """

    kind: str

    @property
    def seen(self) -> str:
        """The kind, in place of the value."""
        return self.kind


class Resource(Struct, frozen=True, eq=False, dict=True):
    """One thing that was read, or a part of one.

    `body` is the plain mapping as the API or the file gave it. A part (a container) knows the `whole` it belongs
    to and the `path` where it stands there; paths given to its methods start at the part.
    """

    kind: str
    name: str
    scope: str
    """The namespace; "" where none is given, which is a namespace of its own (the release's)."""
    body: Mapping[str, Any]
    origin: Origin
    whole: Resource | None = None
    path: Path = ()

    @property
    def api_version(self) -> str:
        """`apiVersion`, or "" for what is no Kubernetes object."""
        version = self.body.get("apiVersion")
        return str(version) if isinstance(version, str) else ""

    @property
    def group(self) -> str:
        """The API group; "" for the core group."""
        group, slash, _ = self.api_version.rpartition("/")
        return group if slash else ""

    @property
    def root(self) -> Resource:
        """The whole object that this is a part of, or itself."""
        return self.whole or self

    @property
    def owner(self) -> Owner | None:
        """What it has to be changed by, where it is not judged itself; None where it stands for itself."""
        return None

    @once
    def labels(self) -> Mapping[str, str]:
        """`metadata.labels`."""
        return self.mapping("metadata.labels")

    @once
    def annotations(self) -> Mapping[str, str]:
        """`metadata.annotations`."""
        return self.mapping("metadata.annotations")

    def at(self, path: str | Path) -> Place:
        """The place that `path` leads to, from here."""
        return Place(self, parse_path(path) if isinstance(path, str) else path)

    def get(self, path: str | Path) -> Any:
        """What stands at `path`; None where nothing does, or null, which Kubernetes treats alike.

        Raises:
            Unjudged: the value or one on the way to it is not decided yet, or the shape has no such path.
        """
        steps = path if isinstance(path, tuple) else parse_path(path)
        value: Any = self.body
        try:
            # Rules ask this more than anything else; what is no mapping is left to the careful way.
            for step in steps:
                value = value.get(step)
                if value is None:
                    return None
        except AttributeError:
            value = look(self.body, steps)
        if isinstance(value, Unresolved):
            raise Unjudged(f"`{value!s}` {value.reason}", self.at(steps))
        return value

    def glimpse(self, path: str | Path) -> Any:
        """What stands at `path`, decided or not; None where nothing does, or the shape has no such path."""
        try:
            return look(self.body, parse_path(path) if isinstance(path, str) else path)
        except Unjudged:
            return None

    def integer(self, path: str | Path, default: int) -> int:
        """The integer at `path`, or `default` where nothing stands.

        Raises:
            Unjudged: something else stands there.
        """
        value = self.get(path)
        if value is None:
            return default
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        return self._wrong(path, value, "an integer")

    def string(self, path: str | Path, default: str = "") -> str:
        """The string at `path`, or `default` where nothing stands.

        Raises:
            Unjudged: something else stands there.
        """
        value = self.get(path)
        if value is None:
            return default
        if isinstance(value, str):
            return value
        return self._wrong(path, value, "a string")

    def mapping(self, path: str | Path) -> Mapping[str, Any]:
        """The mapping at `path`; empty where nothing stands.

        Raises:
            Unjudged: something else stands there.
        """
        value = self.get(path)
        if value is None:
            return {}
        if isinstance(value, dict):
            return value
        return self._wrong(path, value, "a mapping")

    def mappings(self, path: str | Path) -> list[Mapping[str, Any]]:
        """The list of mappings at `path`; empty where nothing stands.

        Raises:
            Unjudged: something else stands there.
        """
        value = self.get(path)
        if value is None:
            return []
        if isinstance(value, list) and _all_of(dict, value):
            return value
        return self._wrong(path, value, "a list of mappings")

    def strings(self, path: str | Path) -> list[str]:
        """The list of strings at `path`; empty where nothing stands.

        Raises:
            Unjudged: something else stands there.
        """
        value = self.get(path)
        if value is None:
            return []
        if isinstance(value, list) and _all_of(str, value):
            return value
        return self._wrong(path, value, "a list of strings")

    def _wrong(self, path: str | Path, value: object, wanted: str) -> NoReturn:
        place = self.at(path)
        raise Unjudged(f"{place.field} is {a_type(value)} where {wanted} is wanted", place)

    def locate(self, path: Path = ()) -> Location:
        """Where `path` stands in the source."""
        return self.origin.locate(self.root.body, self.path + path)

    def finding(
        self,
        message: str,
        *,
        at: str | Path | Place = (),
        also: Iterable[Place] = (),
        severity: Severity | None = None,
        fix: Fix | None = None,
    ) -> Finding:
        """The rule does not hold here.

        Args:
            message: what was seen and what was wanted.
            at: where it shows; a path from here, or a place in another resource.
            also: further places that the verdict rests on.
            severity: where it differs from the rule's own.
            fix: what would mend it.
        """
        return Finding(self, message, self._evidence(at, also), severity, fix)

    def note(self, message: str, *, at: str | Path | Place = (), also: Iterable[Place] = ()) -> Note:
        """The rule holds here, and this is worth saying."""
        return Note(message, self._evidence(at, also))

    def not_applicable(self, reason: str) -> NotApplicable:
        """The rule has nothing to say here."""
        return NotApplicable(reason)

    def unknown(self, reason: str, *, at: str | Path | Place = (), also: Iterable[Place] = ()) -> Unknown:
        """What the rule asks cannot be told here."""
        return Unknown(reason, self._evidence(at, also))

    def _evidence(self, at: str | Path | Place, also: Iterable[Place]) -> tuple[Evidence, ...]:
        place = at if isinstance(at, Place) else self.at(at)
        seen = None if place.path == () else place.seen
        return (Evidence(place, seen), *map(Evidence.at, also))

    def set(self, at: str | Path | Place, value: object, *, safe: bool, title: str = "", note: str = "") -> Fix:
        """The fix that puts `value` at a place."""
        place = at if isinstance(at, Place) else self.at(at)
        return Fix(title or f"set {place.field} to {value}", (Edit(place, value),), safe, note=note)


def _all_of(kind: type, items: list[Any]) -> bool:
    """Whether all items are of a type."""
    for item in items:  # noqa: SIM110 - a generator takes three times as long, for lists of one or two items
        if not isinstance(item, kind):
            return False
    return True
