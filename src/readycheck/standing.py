"""What of a scan is held against it, and what is not: known before, accepted, or of a rule that never fails a build."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct, field

from readycheck.baseline import Baseline, mended
from readycheck.known import compare, known_now
from readycheck.model import Collected, Outcome, Status
from readycheck.report import SOFT, ExemptionUse, Report, container_name

Thing: TypeAlias = tuple[str, ...]
"""What was judged by which rule: rule, source, kind, namespace, name, container."""


class Standing(Struct, frozen=True):
    """What is not held against a scan, and what is although it was known.

    Args:
        tolerated: why a finding is not, by its identity.
        reopened: why a finding is that was known, by its identity.
        compared: whether the scan was compared with anything, so that what counts is what is new.
        mended: how many entries of the baseline nothing stands for any more.
        soft: the rules that never fail a build.
        before: what the tree was before; None where it was not looked at.
    """

    tolerated: Mapping[int, str] = field(default_factory=dict)
    reopened: Mapping[int, str] = field(default_factory=dict)
    compared: bool = False
    mended: int = 0
    soft: Collection[str] = frozenset()
    before: Report | None = None

    def unknown(self, outcomes: Sequence[Outcome]) -> int:
        """How many verdicts are unknown, of those that count; a rule without its source is no gap."""
        now = _unknown(outcomes)
        if self.before is not None:
            now -= _unknown(self.before.outcomes)
        return sum(count for (rule, *_), count in now.items() if rule not in self.soft)

    def broken(self, outcomes: Sequence[Outcome]) -> int:
        """How many rules broke, of those that count."""
        now = {outcome.rule for outcome in outcomes if outcome.status is Status.ERROR}
        before = self.before.by_status[Status.ERROR] if self.before is not None else ()
        return len(now - {outcome.rule for outcome in before} - set(self.soft))

    def problems(self, source: Collected) -> int:
        """How many problems a source had, of those that count: what git could not read before either does not."""
        known: set[str] = set()
        if self.before is not None and source.source == "files":
            known = {problem.uri for each in self.before.sources for problem in each.problems}
        return sum(problem.uri not in known for problem in source.problems)

    def exemptions(self, uses: Sequence[ExemptionUse]) -> Sequence[ExemptionUse]:
        """The exemptions that count."""
        before = self.before.exemptions if self.before is not None else ()
        known = Counter(_words(use) for use in before)
        counted = []
        for use in uses:
            if known[_words(use)]:
                known[_words(use)] -= 1
            else:
                counted.append(use)
        return counted


def standing(
    report: Report, *, soft: Collection[str], baseline: Baseline | None, before: Report | None, since: str
) -> Standing:
    """Weigh the findings of a report.

    Args:
        report: the scan.
        soft: the rules that never fail a build.
        baseline: what was accepted; None where nothing was.
        before: the scan of the tree as it was, or the report itself where nothing has changed.
        since: the revision that the tree is compared with.
    """
    tolerated: dict[int, str] = {}
    reopened: dict[int, str] = {}
    gone = 0
    if baseline is not None:
        accepted = compare(report, baseline.findings)
        gone = len(mended(report, accepted))
        reopened |= accepted.reopened
        tolerated |= {
            identity: f"in the baseline since {entry.first_seen}" if entry.first_seen else "in the baseline"
            for identity, entry in accepted.known.items()
        }
    if before is report:
        # Nothing has changed: there is nothing to look for.
        reopened = {}
        found = (id(finding) for _, finding in report.findings)
        tolerated = dict.fromkeys(found, f"stood there at {since}") | tolerated
    elif before is not None:
        stood = compare(report, known_now(before))
        reopened |= stood.reopened
        tolerated = dict.fromkeys(stood.known, f"stood there at {since}") | tolerated
    tolerated |= {id(finding): SOFT for outcome, finding in report.findings if outcome.rule in soft}
    return Standing(
        tolerated=tolerated,
        reopened={identity: why for identity, why in reopened.items() if identity not in tolerated},
        compared=baseline is not None or before is not None,
        mended=gone,
        soft=soft,
        before=before,
    )


def _unknown(outcomes: Sequence[Outcome]) -> Counter[Thing]:
    return Counter(
        _thing(outcome) for outcome in outcomes if outcome.status is Status.UNKNOWN and not outcome.lacks_source
    )


def _thing(outcome: Outcome) -> Thing:
    root = outcome.resource.root
    container = container_name(outcome.resource) or ""
    return (outcome.rule, root.origin.source, root.kind, root.scope, root.name, container)


def _words(use: ExemptionUse) -> tuple[object, ...]:
    """What an exemption says, wherever it stands."""
    return (use.rules, use.status, use.reason, use.owner, use.until, use.problem)
