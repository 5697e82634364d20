"""The nouns that every part of readycheck speaks: what was read, where it stands, and what was found.

Nothing here knows where a resource came from or which rule looks at it. Sources make resources, rules
make verdicts, outputs read both; this module imports none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn, Protocol, Self, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""A way into a body: mapping keys and sequence indexes."""


class Severity(Enum):
    """How bad it is when a rule does not hold. The order of the members is the order of importance."""

    rank: int
    """0 for the most severe."""
    weight: int
    """What a verdict of this severity counts in the score."""

    CRITICAL = "critical", 10
    HIGH = "high", 6
    MEDIUM = "medium", 3
    LOW = "low", 1
    INFO = "info", 0

    # Members are singletons; an Enum's own hash is computed in Python, each time anew.
    __hash__ = object.__hash__

    def __new__(cls, value: str, weight: int = 0) -> Self:  # noqa: D102 - makes the members
        severity = object.__new__(cls)
        severity._value_ = value
        severity.rank = len(cls.__members__)
        severity.weight = weight
        return severity


class Status(Enum):
    """The six outcomes of one rule on one thing. Unknown is never pass."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    NOT_APPLICABLE = "not-applicable"
    UNKNOWN = "unknown"
    EXEMPT = "exempt"
    ERROR = "error"

    __hash__ = object.__hash__


class Unjudged(Exception):  # noqa: N818 - it ends a rule's look at a thing, it does not report a fault of the program
    """The evidence that a rule asked for cannot be had: the engine turns it into an unknown outcome.

    Args:
        reason: what could not be read and why, for people.
        place: where it stands, when that is known.
    """

    def __init__(self, reason: str, place: Place | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.place = place


class Unresolved(str):
    """A value that stands as text but is not decided yet: `${VAR}`, a template expression, "known after apply".

    It can be shown and stored like the text it is. Asking it anything whose answer depends on the value that
    will stand there one day raises Unjudged, so a rule's outcome becomes unknown without its author having to
    think of it. The same text compares equal to itself, since the same variable has one value.

    Args:
        text: what stands there.
        reason: why it is not the value, for people.
        same: False where two equal texts may become different values.
    """

    __slots__ = ("reason", "same")
    reason: str
    same: bool

    def __new__(cls, text: str, reason: str, *, same: bool = True) -> Self:  # noqa: D102 - the class says it
        value = super().__new__(cls, text)
        value.reason = reason
        value.same = same
        return value

    def __getnewargs_ex__(self) -> tuple[tuple[str, str], dict[str, bool]]:
        return (str(self), self.reason), {"same": self.same}

    def ask(self, *_: object, **__: object) -> NoReturn:
        """Answer any question about the value: it cannot be told.

        Raises:
            Unjudged: always.
        """
        raise Unjudged(f"`{self!s}` {self.reason}")

    def __eq__(self, other: object) -> bool:
        if self.same and isinstance(other, str) and str.__eq__(self, other):
            return True
        if not isinstance(other, str) and other is not None:
            self.ask()
        return self.ask() if other is not None else False

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:  # noqa: PLE0309 - a look-up is a question too
        self.ask()


_ASKING_METHODS = (
    "__lt__ __le__ __gt__ __ge__ __contains__ __int__ __float__ __index__ __add__ __mod__ __mul__ __getitem__ __iter__ "
    "__len__ count endswith find index isalnum isdigit isnumeric lower partition removeprefix removesuffix replace "
    "rfind rpartition rsplit rstrip lstrip split startswith strip upper casefold"
)
for _method in _ASKING_METHODS.split():
    setattr(Unresolved, _method, Unresolved.ask)


class Map(dict[str, Any]):
    """A mapping as a parser read it, with the offset of each key in the text, in the order of the keys."""

    __slots__ = ("marks",)
    marks: list[int]


class Seq(list[Any]):
    """A sequence as a parser read it, with the offset of each item in the text."""

    __slots__ = ("marks",)
    marks: list[int]


@dataclass(frozen=True, slots=True)
class Location:
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


@dataclass(frozen=True, slots=True)
class Ignore:
    """An ignore as it was written in a comment or an annotation, not yet judged valid."""

    text: str
    location: Location


@lru_cache(maxsize=4096)
def parse_path(text: str) -> Path:
    """Turn `spec.containers[0].image` or `metadata.annotations["a.b/c"]` into its steps."""
    steps: list[str | int] = []
    for quoted, index, key in _STEP.findall(text):
        if quoted:
            steps.append(quoted)
        elif index:
            steps.append(int(index))
        else:
            steps.append(key)
    return tuple(steps)


_STEP = re.compile(r'\["([^"]*)"\]|\[(\d+)\]|([^.\[\]]+)')
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_/-]+\Z")


@lru_cache(maxsize=4096)
def format_path(path: Path) -> str:
    """The inverse of parse_path."""
    parts: list[str] = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif _PLAIN_KEY.match(step):
            parts.append(f".{step}" if parts else step)
        else:
            parts.append(f'["{step}"]')
    return "".join(parts)


def look(body: object, path: Path) -> Any:
    """What stands at `path`; None where nothing does.

    Raises:
        Unjudged: a value on the way is not decided yet, or is of a type that has no such step.
    """
    for depth, step in enumerate(path):
        if isinstance(body, dict):
            body = body.get(step)
        elif body is None:
            return None
        elif isinstance(body, list) and isinstance(step, int):
            body = body[step] if step < len(body) else None
        elif isinstance(body, Unresolved):
            body.ask()
        else:
            wanted = "a list" if isinstance(step, int) else "a mapping"
            raise Unjudged(f"{format_path(path[:depth]) or 'the document'} is {a_type(body)} where {wanted} is wanted")
    return body


def a_type(value: object) -> str:
    """The kind of a value in words: `a string`, `a list`."""
    for types, name in _TYPE_NAMES:
        if isinstance(value, types):
            return name
    return type(value).__name__


_TYPE_NAMES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "a boolean"),
    (int, "an integer"),
    (float, "a number"),
    (str, "a string"),
    (Mapping, "a mapping"),
    ((list, tuple), "a list"),
    (type(None), "empty"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Place:
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
    def field(self) -> str:
        """The path from the root of the whole object, as text."""
        return format_path(self.resource.path + self.path)


# A scan makes hundreds of thousands of the following; a named tuple is made in half the time of a frozen dataclass.


class Evidence(NamedTuple):
    """What was looked at and what stood there (None: nothing)."""

    place: Place
    seen: Any

    @classmethod
    def at(cls, place: Place) -> Evidence:
        """The evidence of what stands at a place now."""
        return cls(place, place.seen)


@dataclass(frozen=True, slots=True, eq=False)
class Edit:
    """One symbolic change: the value that should stand at a place. The source that read it realises it."""

    place: Place
    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class Fix:
    """What would make a finding go away.

    `safe` means that the meaning is kept and there is nothing to decide; an unsafe fix needs a person's look.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool


class Finding(NamedTuple):
    """A rule does not hold for a thing, and what shows it."""

    resource: Resource
    message: str
    evidence: tuple[Evidence, ...]
    severity: Severity | None = None
    fix: Fix | None = None

    @property
    def place(self) -> Place:
        """Where the finding points: the place of its first evidence."""
        return self.evidence[0].place


@dataclass(frozen=True, slots=True, eq=False)
class Note:
    """The rule holds, and this is worth saying about it."""

    message: str
    evidence: tuple[Evidence, ...] = ()


class NotApplicable(NamedTuple):
    """The rule has nothing to say about this thing, for a reason."""

    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Unknown:
    """The evidence could not be had, for a reason."""

    reason: str
    evidence: tuple[Evidence, ...] = ()


Verdict: TypeAlias = Finding | Note | NotApplicable | Unknown
"""What a rule yields. A rule that yields nothing has found the thing in order."""


@dataclass(frozen=True, eq=False)
class Resource:
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
    def labels(self) -> Mapping[str, str]:
        """`metadata.labels`."""
        return self.mapping("metadata.labels")

    @property
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
        for step in steps:
            # Rules ask this more than anything else; what is no mapping is left to the careful way.
            if not isinstance(value, dict):
                value = look(self.body, steps)
                break
            value = value.get(step)
            if value is None:
                return None
        if isinstance(value, Unresolved):
            raise Unjudged(f"`{value!s}` {value.reason}", self.at(steps))
        return value

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
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
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
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
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

    def set(self, at: str | Path | Place, value: object, *, safe: bool, title: str = "") -> Fix:
        """The fix that puts `value` at a place."""
        place = at if isinstance(at, Place) else self.at(at)
        return Fix(title or f"set {place.field} to {value}", (Edit(place, value),), safe)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was asked for and could not be read, rendered or judged."""

    uri: str
    reason: str
    line: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Opaque:
    """Something whose content is not at hand: a chart that was not rendered, a remote base.

    What it would install is unknown, and what seems to be missing elsewhere may come from it.
    """

    resource: Resource
    reason: str
    namespace: str | None = None
    """The namespace that it installs into; None where that cannot be told."""


@dataclass(frozen=True, slots=True, eq=False)
class Collected:
    """What one source read, and what it could not."""

    source: str
    resources: Sequence[Resource]
    opaque: Sequence[Opaque] = ()
    problems: Sequence[Problem] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)
    """What was left out on purpose, by reason, counted."""
    failed: bool = False
    """True where nothing at all could be read."""


NO_SOURCE = "no source: "
"""What the reason of an outcome begins with whose source was not asked for; the source's name follows."""


class Outcome(NamedTuple):
    """One rule's verdict on one thing."""

    rule: str
    severity: Severity
    status: Status
    resource: Resource
    reason: str | None = None
    evidence: tuple[Evidence, ...] = ()
    findings: tuple[Finding, ...] = ()

    @classmethod
    def failing(cls, rule: str, severity: Severity, resource: Resource, findings: tuple[Finding, ...]) -> Self:
        """The outcome of findings, as severe as the worst of them.

        Args:
            rule: the rule's ID.
            severity: the severity of findings that name none.
            resource: what was judged.
            findings: at least one.
        """
        first = findings[0]
        worst = first.severity or severity
        if len(findings) > 1:
            worst = min((finding.severity or severity for finding in findings), key=lambda each: each.rank)
        return cls(rule, worst, Status.FAIL, resource, first.message, first.evidence, findings)

    def severity_of(self, finding: Finding) -> Severity:
        """How bad one of its findings is."""
        return finding.severity or self.severity

    @property
    def lacks_source(self) -> bool:
        """Whether it is unknown because the rule's only source was not asked for, which is no gap in a scan."""
        return self.status is Status.UNKNOWN and (self.reason or "").startswith(NO_SOURCE)

    def exempted(self, reason: str) -> Outcome:
        """The same outcome, excused."""
        return self._replace(status=Status.EXEMPT, reason=reason)
