"""The first screen: each environment's verdict, what it rests on, and what changed since the last report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from hashlib import sha256
from urllib.parse import quote

from msgspec import Struct

from readycheck.history import Snapshot
from readycheck.model import Severity, Status
from readycheck.outputs.html.edition import Edition
from readycheck.outputs.html.text import counted, day, minute, span, visible
from readycheck.report import ExitCode

SOON_DAYS = 14
"""How long before its end an exemption is told of."""

_TARGETS = {"cluster": "Cluster", "aws": "AWS", "terraform": "Terraform"}
"""What is called what, of that which a source read."""
_MOST_TARGETS = 4

_VERDICTS = {
    ExitCode.READY: ("ready", "is ready"),
    ExitCode.VIOLATIONS: ("not-ready", "is not ready"),
    ExitCode.INCOMPLETE: ("incomplete", "could not be judged in full"),
    ExitCode.EXPIRED_EXEMPTION: ("expired", "rests on exemptions that no longer hold"),
}


class Coverage(Struct, frozen=True):
    """How much of an environment was judged.

    Args:
        sentence: in words.
        read: how many things were read.
        unread: how many could not be.
        decided: how many verdicts are pass or fail.
        open: how many verdicts are unknown or in error.
    """

    sentence: str
    read: int
    unread: int
    decided: int
    open: int


class EnvironmentCard(Struct, frozen=True):
    """What stands on the first screen of one environment.

    Args:
        name: the environment's name; "" where none was named.
        state: ready, not-ready, incomplete or expired.
        verdict: `is not ready`.
        reasons: why, in the gate's words.
        exit_code: what a pipeline gets.
        facts: label and value of what identifies the scan.
        coverage: how much was judged.
        severities: how many findings there are of each severity, the most severe first.
        score: in percent; None where nothing was judged.
        link: the fragment that shows its findings.
    """

    name: str
    state: str
    verdict: str
    reasons: Sequence[str]
    exit_code: int
    facts: Sequence[tuple[str, str]]
    coverage: Coverage
    severities: Mapping[str, int]
    score: float | None
    link: str


class Tile(Struct, frozen=True):
    """One number of what changed.

    Args:
        key: new, fixed, still, reopened, exempt or expiring.
        label: what is counted.
        count: how many.
        link: the fragment that shows them.
        severities: how many of each severity, the most severe first.
    """

    key: str
    label: str
    count: int
    link: str
    severities: Mapping[str, int]


class Bar(Struct, frozen=True):
    """How the bar moved between two scans of an environment: what explains a change that is none of the system's."""

    name: str
    added: Sequence[str]
    removed: Sequence[str]
    changed: Sequence[str]
    versions: tuple[str, str]
    newly_judged: int
    no_longer_judged: int


def fragment(**filters: str) -> str:
    """The fragment of an address that shows the findings of these filters."""
    return "#findings" + "".join(f"&{name}={quote(value, safe=',')}" for name, value in filters.items() if value)


def card(edition: Edition) -> EnvironmentCard:
    """The first screen of one environment."""
    snapshot = edition.snapshot
    state, verdict = _VERDICTS.get(ExitCode(snapshot.gate.exit_code), _VERDICTS[ExitCode.INCOMPLETE])
    return EnvironmentCard(
        name=visible(edition.name),
        state=state,
        verdict=verdict,
        reasons=tuple(map(visible, snapshot.gate.reasons)),
        exit_code=snapshot.gate.exit_code,
        facts=tuple(_facts(edition)),
        coverage=coverage(snapshot),
        severities={severity.value: snapshot.severities.get(severity.value, 0) for severity in Severity},
        score=snapshot.score,
        link=fragment(env=edition.name),
    )


def _facts(edition: Edition) -> list[tuple[str, str]]:
    snapshot = edition.snapshot
    facts = [
        (
            "Scanned",
            minute(snapshot.taken_at) + (f" in {span(sum(snapshot.seconds.values()))}" if snapshot.seconds else ""),
        ),
        ("Compared with", minute(edition.since) if edition.since else ""),
        ("Commit", snapshot.commit[:12]),
        ("Sources", ", ".join(source.name for source in snapshot.sources)),
        *((_TARGETS.get(source.name, source.name), _few(source.targets)) for source in snapshot.sources),
        ("readycheck", snapshot.version),
        ("Rules", f"{len(snapshot.rules):,}, set {_ruleset(snapshot)}" if snapshot.rules else ""),
    ]
    return [(label, visible(value)) for label, value in facts if value]


def _few(targets: Sequence[str]) -> str:
    """The first of some names, and how many there are beside them: the first screen has room for no more."""
    more = len(targets) - _MOST_TARGETS
    return ", ".join(targets[:_MOST_TARGETS]) + (f" and {more:,} more" if more > 0 else "")


def _ruleset(snapshot: Snapshot) -> str:
    """What tells one set of rules, with their options and severities, from another one."""
    versions = "\n".join(f"{rule} {snapshot.rules[rule].version}" for rule in sorted(snapshot.rules))
    return sha256(versions.encode()).hexdigest()[:7]


def coverage(snapshot: Snapshot) -> Coverage:
    """How much was judged, in numbers and in words."""
    read = sum(source.resources for source in snapshot.sources)
    problems = [problem for source in snapshot.sources for problem in source.problems]
    statuses: Counter[str] = Counter()
    for tally in snapshot.tallies:
        statuses[tally.status] += tally.count
    decided = statuses[Status.PASS.value] + statuses[Status.FAIL.value]
    undecided = statuses[Status.UNKNOWN.value] + statuses[Status.ERROR.value]
    if problems:
        reasons = Counter(problem.reason for problem in problems)
        first = min(reasons, key=lambda reason: (-reasons[reason], reason))
        sentence = f"{read:,} of {counted(read + len(problems), 'object')} read; {len(problems):,} unreadable: {first}"
        if len(reasons) > 1:
            sentence += f", and {counted(len(reasons) - 1, 'other reason')}"
    else:
        sentence = f"{counted(read, 'object')} read, none unreadable"
    sentence += f". {decided:,} of {counted(decided + undecided, 'verdict')} decided; {undecided:,} unknown."
    return Coverage(visible(sentence), read, len(problems), decided, undecided)


def headline(cards: Sequence[EnvironmentCard]) -> tuple[str, str]:
    """The state of the whole, and the verdict in words."""
    if len(cards) == 1:
        return cards[0].state, f"{cards[0].name or 'The system'} {cards[0].verdict}"
    held = [item for item in cards if item.state != "ready"]
    if not held:
        return "ready", f"All {len(cards)} environments are ready"
    states = [state for state, _ in _VERDICTS.values()]
    worst = max(held, key=lambda item: (item.state == "not-ready", -states.index(item.state))).state
    verb = "is" if len(held) == 1 else "are"
    return worst, f"{len(held)} of {len(cards)} environments {verb} not ready"


def tiles(editions: Sequence[Edition]) -> list[Tile]:
    """What changed since the scans that these are compared with, over all environments; none where none are."""
    deltas = [edition.delta for edition in editions if edition.delta is not None]
    if not deltas:
        return []
    lists = {
        "new": ("New", [change for delta in deltas for change in delta.new]),
        "reopened": ("Reopened", [change for delta in deltas for change in delta.reopened]),
        "fixed": ("Fixed", [change for delta in deltas for change in delta.fixed]),
        "still": ("Still open", [change for delta in deltas for change in delta.still]),
        "exempt": ("Newly exempt", [change for delta in deltas for change in delta.newly_exempt]),
    }
    return [
        Tile(
            key,
            label,
            len(changes),
            fragment(state=key),
            _by_severity([change.finding.severity for change in changes]),
        )
        for key, (label, changes) in lists.items()
    ]


def expiring(editions: Sequence[Edition]) -> int:
    """How many exemptions end within the next two weeks after their scan."""
    return sum(
        exemption.status in ("active", "unused") and ends_soon(exemption.until or "", edition.snapshot.taken_at)
        for edition in editions
        for exemption in edition.snapshot.exemptions
    )


def ends_soon(until: str, taken_at: str) -> bool:
    """Whether an exemption ends within the next two weeks after a scan."""
    try:
        end = date.fromisoformat(until)
    except ValueError:
        return False
    return end <= date.fromisoformat(taken_at[:10]) + timedelta(days=SOON_DAYS)


def moved_bars(editions: Sequence[Edition]) -> list[Bar]:
    """The environments whose rules or sources are others than in the scan before."""
    return [
        Bar(
            visible(edition.name),
            edition.delta.rules.added,
            edition.delta.rules.removed,
            edition.delta.rules.changed,
            edition.delta.versions,
            len(edition.delta.newly_judged),
            len(edition.delta.no_longer_judged),
        )
        for edition in editions
        if edition.delta is not None
        and (edition.delta.rules or edition.delta.newly_judged or edition.delta.no_longer_judged)
    ]


def period(editions: Sequence[Edition]) -> str:
    """Which days the report is about: `16 Nov 2026 to 23 Nov 2026`."""
    last = max(edition.snapshot.taken_at for edition in editions)
    first = min((edition.since for edition in editions if edition.since), default="")
    return f"{day(first)} to {day(last)}" if first and day(first) != day(last) else day(last)


def _by_severity(severities: Sequence[str]) -> Mapping[str, int]:
    counts = Counter(severities)
    return {severity.value: counts[severity.value] for severity in Severity if counts[severity.value]}
