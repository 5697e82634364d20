"""What rules and the engine say: verdicts of a rule on a thing, with their evidence, and the outcome of them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from readycheck.model.resource import Place, Resource


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


class Evidence(Struct, frozen=True):
    """What was looked at and what stood there (None: nothing)."""

    place: Place
    seen: Any

    @classmethod
    def at(cls, place: Place) -> Evidence:
        """The evidence of what stands at a place now."""
        return cls(place, place.seen)


class Edit(Struct, frozen=True, eq=False):
    """One symbolic change: the value that should stand at a place. The source that read it realises it."""

    place: Place
    value: Any


class Needed(Struct, frozen=True):
    """A value of an edit that only a person knows: it is asked for, never made up.

    Args:
        name: what it is called when it is given: `requests.memory`.
        meaning: what it is, for people: "the memory that container app needs".
        form: the text that it is put into, at `{}`; "{}" where it stands for itself.
        text: whether it is a string, whatever it looks like.
    """

    name: str
    meaning: str
    form: str = "{}"
    text: bool = False


class NewObject(Struct, frozen=True, eq=False):
    """An object that a fix adds.

    Args:
        beside: what it is for: it is written beside that one's manifest, and applied with it.
        body: the object.
    """

    beside: Resource
    body: Mapping[str, Any]


class Fix(Struct, frozen=True, eq=False):
    """What would make a finding go away.

    `safe` means that the meaning is kept and there is nothing to decide; an unsafe fix needs a person's look.

    Args:
        title: what it does, in a few words.
        edits: what should stand where; none where the title is all that can be said.
        safe: whether there is nothing to decide.
        objects: what it adds.
        note: what whoever reviews it should know: the figures that it rests on.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool
    objects: tuple[NewObject, ...] = ()
    note: str = ""


class Finding(Struct, frozen=True):
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


class Note(Struct, frozen=True, eq=False):
    """The rule holds, and this is worth saying about it."""

    message: str
    evidence: tuple[Evidence, ...] = ()


class NotApplicable(Struct, frozen=True):
    """The rule has nothing to say about this thing, for a reason."""

    reason: str


class Unknown(Struct, frozen=True, eq=False):
    """The evidence could not be had, for a reason."""

    reason: str
    evidence: tuple[Evidence, ...] = ()


Verdict: TypeAlias = Finding | Note | NotApplicable | Unknown
"""What a rule yields. A rule that yields nothing has found the thing in order."""


NO_SOURCE = "no source: "
"""What the reason of an outcome begins with whose source was not asked for; the source's name follows."""


class Outcome(Struct, frozen=True):
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
        return replace(self, status=Status.EXEMPT, reason=reason)
