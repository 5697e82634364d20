"""Whether fixes held what they promised: a scan after them, weighed against the one before."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct

from readycheck.fixes.proposals import Left, Proposal, named
from readycheck.kubernetes.kustomization import FILE_NAMES
from readycheck.model import Finding, Outcome, Path, Resource, Status, meet
from readycheck.report import container_name, fingerprint

Thing: TypeAlias = tuple[str, str, str, str, str, str]
"""What an outcome is about: the rule, and the thing with where it came from."""

_BETTER = (Status.PASS, Status.EXEMPT)


class Objection(Struct, frozen=True, eq=False):
    """Something that is worse than it was.

    Args:
        outcome: what is said now.
        reason: what got worse, for people.
    """

    outcome: Outcome
    reason: str


class Weighing:
    """Two scans side by side.

    Args:
        before: the outcomes of the scan before.
        after: those of the scan after.
    """

    def __init__(self, before: Sequence[Outcome], after: Sequence[Outcome]) -> None:
        self._before = _by_thing(before)
        self._after = _by_thing(after)

    def still_there(self, proposal: Proposal) -> bool:
        """Whether the finding that a proposal mends is found again, or cannot be told any more."""
        now = self._after.get(_thing(proposal.outcome), ())
        if any(outcome.status in (Status.ERROR, Status.UNKNOWN) for outcome in now):
            return True
        name = fingerprint(proposal.outcome.rule, "", proposal.finding)
        left = _names(now)[name]
        return 0 < left >= _names(self._before.get(_thing(proposal.outcome), ()))[name]

    def objections(self) -> Iterator[Objection]:
        """What got worse: what held and fails, what could be told and cannot, and findings that are new.

        What a rule had nothing to say of before is revealed, not worse: a second replica makes a budget matter.
        """
        for thing, outcomes in self._after.items():
            former = self._before.get(thing, ())
            statuses = {outcome.status for outcome in former}
            for outcome in outcomes:
                if outcome.status is Status.ERROR and Status.ERROR not in statuses:
                    yield Objection(outcome, f"{outcome.rule} breaks: {outcome.reason}")
                elif outcome.status is Status.UNKNOWN and statuses & {*_BETTER, Status.FAIL}:
                    if Status.UNKNOWN not in statuses:
                        yield Objection(outcome, f"{outcome.rule} cannot be told any more: {outcome.reason}")
                elif outcome.status is Status.FAIL:
                    yield from self._new_findings(outcome, former, statuses)

    def _new_findings(self, outcome: Outcome, former: Sequence[Outcome], statuses: set[Status]) -> Iterator[Objection]:
        if Status.NOT_APPLICABLE in statuses:
            return
        known = _names(former)
        for finding in outcome.findings:
            if known[fingerprint(outcome.rule, "", finding)] == 0 and not _same_words(finding, former):
                yield Objection(outcome, f"{outcome.rule} finds that {named(finding.resource)} {finding.message}")


def blamed(objection: Objection, proposals: Iterable[Proposal]) -> list[Proposal]:
    """The proposals that changed what an objection points at; else its object, else its file; all where none did."""
    everyone = list(proposals)
    shown = [evidence.place for finding in objection.outcome.findings for evidence in finding.evidence]
    paths = [(object_of(place.resource), place.way) for place in shown]
    exactly = [each for each in everyone if any(_meets(path, _edited(each)) for path in paths)]
    roots = {object_of(objection.outcome.resource), *(root for root, _ in paths)}
    near = [each for each in everyone if roots & set(touched(each))]
    builds = [each for each in everyone if any(_is_kustomization(aim.target.uri) for aim in each.aims)]
    if objection.outcome.status is Status.UNKNOWN and builds:
        # A kustomization that does not build any more takes everything along that it is made of. A new object that
        # clashes with others is the likeliest reason.
        near = [each for each in builds if each.fix.objects] or builds
    if exactly or near:
        return exactly or near
    files = {objection.outcome.resource.root.origin.file, *(place.resource.root.origin.file for place in shown)}
    beside = [each for each in everyone if files & _uris(each)]
    return beside or builds or everyone


def _is_kustomization(uri: str) -> bool:
    return uri.rpartition("/")[2] in FILE_NAMES


def _uris(proposal: Proposal) -> set[str]:
    """The files that a proposal changes, and the one that its finding points at."""
    return {aim.target.uri for aim in proposal.aims} | {proposal.finding.place.location.uri}


def _edited(proposal: Proposal) -> list[tuple[tuple[str, str, str], Path]]:
    places = [edit.place for edit in proposal.fix.edits]
    return [(object_of(place.resource), place.way) for place in places]


def _meets(shown: tuple[tuple[str, str, str], Path], edited: Iterable[tuple[tuple[str, str, str], Path]]) -> bool:
    """Whether an edit stands at, above or below what is shown."""
    root, path = shown
    return bool(path) and any(root == other and meet(path, way) for other, way in edited)


def identity(proposal: Proposal | Left) -> tuple[str, ...]:
    """What tells the findings of proposals apart, in one scan as in the next."""
    return *_thing(proposal.outcome), fingerprint(proposal.outcome.rule, "", proposal.finding)


def undone(proposal: Proposal, code: str, reason: str) -> Left:
    """What is said of a proposal that is not made after all."""
    return Left(proposal.outcome, proposal.finding, code, reason, proposal.fix.title)


def touched(proposal: Proposal) -> Iterator[tuple[str, str, str]]:
    """The kind, the namespace and the name of each object that a proposal is about or adds."""
    yield object_of(proposal.finding.resource)
    for edit in proposal.fix.edits:
        yield object_of(edit.place.resource)
    for new in proposal.fix.objects:
        metadata = new.body.get("metadata") or {}
        yield str(new.body.get("kind")), new.beside.root.scope, str(metadata.get("name"))


def object_of(resource: Resource) -> tuple[str, str, str]:
    """The kind, the namespace and the name of an object, or of what a part belongs to."""
    root = resource.root
    return root.kind, root.scope, root.name


def _thing(outcome: Outcome) -> Thing:
    root = outcome.resource.root
    container = container_name(outcome.resource) or ""
    return outcome.rule, *object_of(root), f"{root.origin.source} {root.origin.world}", container


def _by_thing(outcomes: Iterable[Outcome]) -> Mapping[Thing, Sequence[Outcome]]:
    found: dict[Thing, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        found[_thing(outcome)].append(outcome)
    return found


def _names(outcomes: Iterable[Outcome]) -> Counter[str]:
    """How often each finding is found, by its fingerprint."""
    return Counter(fingerprint(outcome.rule, "", finding) for outcome in outcomes for finding in outcome.findings)


def _same_words(finding: Finding, former: Iterable[Outcome]) -> bool:
    """Whether the same was said before, if at another place."""
    return any(finding.message == other.message for outcome in former for other in outcome.findings)
