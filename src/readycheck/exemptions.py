"""Exemptions: who may leave which rule unmet, why and until when.

Three forms say the same: a comment on or above the line of the thing or the value, an annotation on the object, an
entry in the configuration. One without reason or date, one that has expired, and one that spans too long exempt
nothing and are reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from types import MappingProxyType

from msgspec import Struct

from readycheck.config import ExemptionRule, names_a_rule
from readycheck.model import Counterpart, Finding, Ignore, Outcome, Path, Relation, Resource, Status, Unjudged
from readycheck.report import ExemptionStatus, ExemptionUse, container_name

ANNOTATION = "readycheck.dev/ignore"

_FORM = re.compile(r"\s*(?:ignore\s*)?\[([^\]]*)\]\s*(.*)\Z", re.DOTALL)
_WORD = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|\'([^\']*)\'|(\S+))\s*')
_WORDS = ("reason", "until", "owner")
_NEXT = re.compile(r""";(?=(?:[^"']|"[^"]*"|'[^']*')*\Z)""")


class _Exemption(Struct):
    """One exemption, judged valid or not, counting what it excuses."""

    where: str
    rules: tuple[str, ...]
    reason: str
    owner: str
    until: str
    problem: str = ""
    expired: bool = False
    count: int = 0
    days_left: int | None = None

    def covers(self, rule: str) -> bool:
        return any(fnmatchcase(rule, pattern) for pattern in self.rules)

    def use(self) -> ExemptionUse:
        if self.expired:
            status = ExemptionStatus.EXPIRED
        elif self.problem:
            status = ExemptionStatus.INVALID
        else:
            status = ExemptionStatus.ACTIVE if self.count else ExemptionStatus.UNUSED
        return ExemptionUse(
            self.where,
            self.rules,
            status,
            self.reason,
            self.owner,
            self.until,
            self.problem,
            self.count,
            self.days_left,
        )

    def words(self) -> str:
        owner = f"{self.owner}, " if self.owner else ""
        return f"{self.reason} ({owner}until {self.until}, {self.where})"


@dataclass(slots=True)
class Exemptions:
    """Every exemption of a scan.

    Args:
        configured: those of the configuration.
        environment: the environment that is scanned; "" for none.
        rules: the IDs of all rules that exist.
        now: the moment that dates are judged at, in seconds since the epoch.
        longest_days: the longest span from now that an exemption may have.
    """

    configured: Sequence[ExemptionRule]
    environment: str
    rules: Iterable[str]
    now: float
    longest_days: int
    _known: set[str] = field(init=False)
    _configured: list[tuple[ExemptionRule, _Exemption]] = field(init=False)
    _written: dict[tuple[str, str], list[_Exemption]] = field(init=False, default_factory=dict)
    _counterparts: Mapping[int, Counterpart] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._known = set(self.rules)
        self._configured = [
            (entry, self._judged(entry.where, entry.rules, entry.reason, entry.owner, entry.until, owned=True))
            for entry in self.configured
            if entry.environment in ("", self.environment)
        ]

    def apply(
        self, outcomes: Iterable[Outcome], counterparts: Mapping[int, Counterpart] = MappingProxyType({})
    ) -> list[Outcome]:
        """Excuse what is exempt; everything else passes through. Call after `note` for every resource.

        Args:
            outcomes: what was found.
            counterparts: what git declares of live findings' objects, by the finding's identity: what is excused there
                is excused where it runs.
        """
        if not self._configured and not self._written:
            return list(outcomes)
        self._counterparts = counterparts
        return [self._excuse(outcome) if outcome.status is Status.FAIL else outcome for outcome in outcomes]

    def uses(self) -> list[ExemptionUse]:
        """Every exemption that was met, with what came of it; call after all outcomes went through `apply`."""
        written = [exemption.use() for exemptions in self._written.values() for exemption in exemptions]
        configured = [exemption.use() for _, exemption in self._configured]
        return sorted([*configured, *written], key=lambda use: (use.where, use.rules))

    def note(self, resource: Resource) -> None:
        """Read the exemptions written at a resource, so that unused and broken ones are reported too."""
        metadata = resource.body.get("metadata")
        annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
        if isinstance(annotations, Mapping) and ANNOTATION in annotations:
            for ignore in _annotations(resource):
                self._parse(ignore)
        if resource.origin.may_ignore:
            for ignore in resource.origin.all_ignores():
                self._parse(ignore)

    def _excuse(self, outcome: Outcome) -> Outcome:
        left = []
        excuses: dict[int, _Exemption] = {}
        for finding in outcome.findings:
            found = self._exempting(outcome.rule, finding)
            if found is None:
                left.append(finding)
            else:
                excuses[id(found)] = found
        for excuse in excuses.values():
            excuse.count += 1
        if not excuses:
            return outcome
        if left:
            return Outcome.failing(outcome.rule, outcome.severity, outcome.resource, tuple(left))
        return outcome.exempted("; ".join(excuse.words() for excuse in excuses.values()))

    def _exempting(self, rule: str, finding: Finding) -> _Exemption | None:
        for ignore in (*_written_for(finding), *_written_in_git(finding, self._counterparts.get(id(finding)))):
            for exemption in self._parse(ignore):
                if not exemption.problem and exemption.covers(rule):
                    return exemption
        for entry, exemption in self._configured:
            if not exemption.problem and exemption.covers(rule) and _matches(entry.match, finding.resource):
                return exemption
        return None

    def _parse(self, ignore: Ignore) -> list[_Exemption]:
        where = f"{ignore.location.uri}:{ignore.location.line}" if ignore.location.line else ignore.location.uri
        key = (where, str(ignore.text))
        if key not in self._written:
            self._written[key] = [self._read(where, form) for form in _NEXT.split(str(ignore.text)) if form.strip()]
        return self._written[key]

    def _read(self, where: str, form: str) -> _Exemption:
        match = _FORM.match(form)
        if match is None:
            return _Exemption(where, (), "", "", "", 'not of the form ignore[rule] until=2027-01-31 reason="..."')
        patterns = tuple(pattern.strip() for pattern in match[1].split(",") if pattern.strip())
        words = {word[1]: word[2] or word[3] or word[4] or "" for word in _WORD.finditer(match[2])}
        unknown = next((word for word in words if word not in _WORDS), None)
        reason, owner, until = (words.get(word, "") for word in _WORDS[:1] + _WORDS[2:] + _WORDS[1:2])
        exemption = self._judged(where, patterns, reason, owner, until, owned=False)
        if unknown:
            exemption.problem = f"`{unknown}` is none of {', '.join(_WORDS)}"
        return exemption

    def _judged(
        self, where: str, patterns: tuple[str, ...], reason: str, owner: str, until: str, *, owned: bool
    ) -> _Exemption:
        exemption = _Exemption(where, patterns, reason, owner, until)
        today = datetime.fromtimestamp(self.now, UTC).date()
        end = _date(until)
        missing = [
            word
            for word, value in (("a reason", reason), ("`until`", until), ("an owner", owner or not owned))
            if not value
        ]
        unknown = [pattern for pattern in patterns if not names_a_rule(pattern, self._known)]
        if not patterns or unknown:
            exemption.problem = f"names no rule: {', '.join(unknown) or 'the brackets are empty'}"
        elif missing:
            exemption.problem = (
                f"has no {' and no '.join(word.removeprefix('a ').removeprefix('an ') for word in missing)}"
            )
        elif end is None:
            exemption.problem = f"until={until} is no date of the form 2027-01-31"
        elif end < today:
            exemption.problem = f"expired on {until}"
            exemption.expired = True
        elif (end - today).days > self.longest_days:
            exemption.problem = f"spans {(end - today).days} days, more than the {self.longest_days} allowed"
        else:
            exemption.days_left = (end - today).days
        return exemption


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _written_for(finding: Finding) -> Iterator[Ignore]:
    """The comments and annotations that speak to a finding: at the thing judged, at the value it points at."""
    judged, place = finding.resource, finding.place
    yield from judged.origin.ignores(judged.root.body, _lines_of(judged))
    yield from place.resource.origin.ignores(place.resource.root.body, ((*place.resource.path, *place.path),))
    yield from _annotations(judged.root)


def _written_in_git(finding: Finding, counterpart: Counterpart | None) -> Iterator[Ignore]:
    """The comments that speak to a live finding where its object is declared."""
    place = counterpart.place if counterpart is not None else None
    live = finding.resource.root.origin.source == "cluster"
    if not live or counterpart is None or place is None or counterpart.relation is Relation.BROUGHT:
        return
    declared = place.resource.root
    part = finding.resource.path
    yield from declared.origin.ignores(declared.body, (place.path, part, (*part, "name"), *_lines_of(declared)))


def _lines_of(resource: Resource) -> tuple[Path, ...]:
    if resource.whole is None:
        return ((), ("kind",), ("metadata", "name"))
    return (resource.path, (*resource.path, "name"), (), ("kind",), ("metadata", "name"))


def _annotations(resource: Resource) -> Iterator[Ignore]:
    try:
        text = resource.annotations.get(ANNOTATION)
    except Unjudged:
        return
    if isinstance(text, str):
        yield Ignore(text, resource.locate(("metadata", "annotations", ANNOTATION)))


def _matches(match: Mapping[str, str], resource: Resource) -> bool:
    seen = {
        "kind": resource.root.kind,
        "namespace": resource.root.scope,
        "name": resource.root.name,
        "container": container_name(resource) or "",
    }
    return all(fnmatchcase(seen[key], pattern) for key, pattern in match.items())
