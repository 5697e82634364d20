"""What changed between two scans, with a moved bar and an unread source kept apart from a better or worse system."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from readycheck.history.snapshot import FindingRecord, OutcomeRecord, Snapshot, Thing
from readycheck.model import Status

_OPEN = (Status.UNKNOWN.value, Status.ERROR.value)


class Change(Struct, frozen=True):
    """One finding, and how it stands between two scans.

    Args:
        finding: as the later scan has it; as the earlier one has it, where the later has it no more.
        first_seen: when the history first saw it, as an RFC 3339 UTC time; "" where no history was asked.
        reason: why it came or went, where not by a change of what was judged.
    """

    finding: FindingRecord
    first_seen: str = ""
    reason: str = ""


class RuleChanges(Struct, frozen=True):
    """How the bar moved between two scans: the IDs of rules, in order.

    `changed` are those of other code or options; `reweighted` find the same, and count for more or less.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    reweighted: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.reweighted)


class Delta(Struct, frozen=True):
    """What changed from one scan to a later one. Each finding is in one of the lists only, in its report's order.

    Args:
        rules: how the bar moved.
        versions: of readycheck, before and after.
        new: was not there, and would have been seen.
        fixed: is not there any more, and would have been seen.
        still: is there in both.
        reopened: was not there, but in a scan before that one; or its exemption has ended.
        newly_exempt: is there, and excused now.
        newly_judged: is there, and could not have been seen before: a rule that did not run or was another one, a
            source that was not read. It says nothing of the system's way.
        no_longer_judged: is not told of any more, and may be there all the same.
    """

    rules: RuleChanges
    versions: tuple[str, str]
    new: tuple[Change, ...] = ()
    fixed: tuple[Change, ...] = ()
    still: tuple[Change, ...] = ()
    reopened: tuple[Change, ...] = ()
    newly_exempt: tuple[Change, ...] = ()
    newly_judged: tuple[Change, ...] = ()
    no_longer_judged: tuple[Change, ...] = ()


def compare(before: Snapshot, after: Snapshot, first_seen: Mapping[str, str] | None = None) -> Delta:
    """What changed.

    Args:
        before: the earlier scan.
        after: the later one.
        first_seen: when the history first saw a finding, by fingerprint, as far as one is kept.
    """
    return _Comparison(before, after, first_seen or {}).delta()


def rule_changes(before: Snapshot, after: Snapshot) -> RuleChanges:
    """How the bar moved; not at all where one of the scans does not tell its rules."""
    if not before.rules or not after.rules:
        return RuleChanges()
    both = sorted(before.rules.keys() & after.rules.keys())
    pairs = {rule: (before.rules[rule], after.rules[rule]) for rule in both}
    return RuleChanges(
        added=tuple(sorted(after.rules.keys() - before.rules.keys())),
        removed=tuple(sorted(before.rules.keys() - after.rules.keys())),
        changed=tuple(rule for rule, (old, new) in pairs.items() if old.version != new.version),
        reweighted=tuple(rule for rule, (old, new) in pairs.items() if old.severity != new.severity),
    )


class _Comparison:
    """Two scans side by side."""

    def __init__(self, before: Snapshot, after: Snapshot, first_seen: Mapping[str, str]) -> None:
        self._before, self._after = before, after
        self._first_seen = first_seen
        self._rules = rule_changes(before, after)
        self._changed = frozenset(self._rules.changed)
        self._gaps_before = _Gaps(before, after)
        self._gaps_after = _Gaps(after, before)

    def delta(self) -> Delta:
        lists: defaultdict[str, list[Change]] = defaultdict(list)
        for name, change in (*self._of_after(), *self._of_before()):
            lists[name].append(change)
        return Delta(
            **{name: tuple(changes) for name, changes in lists.items()},
            rules=self._rules,
            versions=(self._before.version, self._after.version),
        )

    def _of_after(self) -> Iterator[tuple[str, Change]]:
        seen = {finding.fingerprint for finding in self._before.findings}
        exempt = _exempt(self._before)
        for finding in self._after.findings:
            known = self._first_seen.get(finding.fingerprint, "")
            # A history may know it from a scan before the earlier one.
            earlier = bool(known) and known <= self._before.taken_at
            if finding.fingerprint in seen:
                yield "still", Change(finding, known)
            elif finding.fingerprint in exempt:
                yield "reopened", Change(finding, known, "its exemption has ended")
            elif gap := self._gaps_before.of(finding):
                yield ("still" if earlier else "newly_judged"), Change(finding, known, gap)
            elif finding.rule in self._changed:
                yield "newly_judged", Change(finding, known, "the rule has changed")
            else:
                yield ("reopened" if earlier else "new"), Change(finding, known)

    def _of_before(self) -> Iterator[tuple[str, Change]]:
        seen = {finding.fingerprint for finding in self._after.findings}
        exempt = _exempt(self._after)
        for finding in self._before.findings:
            known = self._first_seen.get(finding.fingerprint, "")
            if finding.fingerprint in seen:
                continue
            if finding.fingerprint in exempt:
                yield "newly_exempt", Change(finding, known, exempt[finding.fingerprint])
            elif gap := self._gaps_after.of(finding):
                yield "no_longer_judged", Change(finding, known, gap)
            elif finding.rule in self._changed:
                yield "no_longer_judged", Change(finding, known, "the rule has changed")
            else:
                yield "fixed", Change(finding, known)


def _exempt(snapshot: Snapshot) -> Mapping[str, str]:
    """The reasons of what is excused, by fingerprint."""
    return {
        fingerprint: outcome.reason or ""
        for outcome in snapshot.outcomes
        if outcome.status == Status.EXEMPT.value
        for fingerprint in outcome.fingerprints
    }


class _Gaps:
    """What one scan could not have seen that another one could.

    A gap that both have hides nothing of what one of them found.
    """

    def __init__(self, snapshot: Snapshot, other: Snapshot) -> None:
        self._rules = snapshot.rules
        self._sources = {source.name: source for source in snapshot.sources}
        self._problems = sorted(_problems(snapshot) - _problems(other))
        self._moved = bool(snapshot.scope and other.scope and snapshot.scope != other.scope)
        self._read = {place for place in _places(snapshot) if place} if self._moved else set()
        others = {_identity(outcome) for outcome in _undecided(other)}
        self._undecided: dict[tuple[str, Thing | None], str] = {}
        for outcome in _undecided(snapshot):
            if _identity(outcome) not in others:
                thing = None if outcome.resource.kind == "Environment" else outcome.resource
                self._undecided.setdefault((outcome.rule, thing), outcome.reason or outcome.status)

    def of(self, finding: FindingRecord) -> str:
        """Why a finding would not have been seen; "" where it would."""
        if self._rules and finding.rule not in self._rules:
            return "the rule did not run"
        name = finding.resource.source
        source = self._sources.get(name) if name else None
        if name and source is None:
            return f"the source {name} was not read"
        if source is not None and source.status == "failed":
            return f"the source {name} could not be read"
        for thing in (finding.resource, None):
            if reason := self._undecided.get((finding.rule, thing)):
                return reason
        return self._problem(finding)

    def _problem(self, finding: FindingRecord) -> str:
        uri = finding.location.uri if finding.location else ""
        world = finding.resource.rendered_from
        for where, reason in self._problems:
            if where in (uri, world) or (where and uri.startswith(f"{where.rstrip('/')}/")):
                return f"{where}: {reason}"
        if self._moved and self._read.isdisjoint((finding.resource, uri)):
            return "the configuration counts other things to the environment"
        return ""


def _places(snapshot: Snapshot) -> Iterator[Thing | str]:
    """The things and the files that a scan is known to have read."""
    told: tuple[FindingRecord | OutcomeRecord, ...] = (*snapshot.findings, *snapshot.outcomes)
    for each in told:
        yield each.resource
        yield each.location.uri if each.location else ""


def _problems(snapshot: Snapshot) -> set[tuple[str, str]]:
    return {(problem.uri, problem.reason) for source in snapshot.sources for problem in source.problems}


def _undecided(snapshot: Snapshot) -> Sequence[OutcomeRecord]:
    return [outcome for outcome in snapshot.outcomes if outcome.status in _OPEN]


def _identity(outcome: OutcomeRecord) -> tuple[str, Thing, str | None]:
    return outcome.rule, outcome.resource, outcome.reason
