"""What stands behind the findings: exemptions, what could not be judged, and what could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct

from readycheck.history import OutcomeRecord
from readycheck.model import Status
from readycheck.outputs.html.edition import Edition
from readycheck.outputs.html.overview import ends_soon
from readycheck.outputs.html.text import visible

MOST_LINES = 100
"""How many lines a list shows that grows with the system; it says how many more there are."""
_STATES = ("invalid", "expired", "soon", "unused", "active")


class ExemptionLine(Struct, frozen=True):
    """One exemption; `state` is invalid, expired, soon, unused or active."""

    state: str
    environment: str
    rules: str
    reason: str
    owner: str
    until: str
    where: str
    problem: str
    count: int


class Reason(Struct, frozen=True):
    """Why some verdicts of a rule could not be given, how many, and about what."""

    text: str
    count: int
    things: str


class Undecided(Struct, frozen=True):
    """A rule's verdicts that could not be given; `status` is unknown or error, and `more` counts unlisted reasons."""

    rule: str
    title: str
    status: str
    count: int
    reasons: Sequence[Reason]
    more: int


class Unread(Struct, frozen=True):
    """Something that was asked for and could not be read."""

    environment: str
    source: str
    where: str
    reason: str


def exemptions(editions: Sequence[Edition]) -> list[ExemptionLine]:
    """The exemptions of all environments: what is wrong with them first, then by their end."""
    lines = [
        ExemptionLine(
            "soon"
            if exemption.status == "active" and ends_soon(exemption.until or "", edition.snapshot.taken_at)
            else exemption.status,
            visible(edition.name),
            visible(", ".join(exemption.rules)),
            visible(exemption.reason),
            visible(exemption.owner or ""),
            visible(exemption.until or ""),
            visible(exemption.where),
            visible(exemption.problem or ""),
            exemption.count,
        )
        for edition in editions
        for exemption in edition.snapshot.exemptions
    ]
    return sorted(lines, key=lambda line: (_STATES.index(line.state), line.until, line.where, line.environment))


def undecided(editions: Sequence[Edition]) -> list[Undecided]:
    """The unknown verdicts and the errors by rule: errors first, then the most frequent."""
    groups: dict[tuple[str, str], dict[str, list[OutcomeRecord]]] = {}
    titles: dict[str, str] = {}
    for edition in editions:
        titles |= {rule: record.title for rule, record in edition.snapshot.rules.items()}
        for outcome in edition.snapshot.outcomes:
            if outcome.status != Status.EXEMPT.value:
                reasons = groups.setdefault((outcome.status, outcome.rule), {})
                reasons.setdefault(outcome.reason or "", []).append(outcome)
    made = [_undecided(status, rule, titles.get(rule, ""), reasons) for (status, rule), reasons in groups.items()]
    return sorted(made, key=lambda line: (line.status != Status.ERROR.value, -line.count, line.rule))


def _undecided(status: str, rule: str, title: str, reasons: Mapping[str, Sequence[OutcomeRecord]]) -> Undecided:
    ranked = sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0]))
    return Undecided(
        visible(rule),
        visible(title),
        status,
        sum(map(len, reasons.values())),
        [Reason(visible(reason), len(outcomes), _things(outcomes)) for reason, outcomes in ranked[:MOST_LINES]],
        max(0, len(ranked) - MOST_LINES),
    )


def _things(outcomes: Sequence[OutcomeRecord]) -> str:
    """What the verdicts are about: its name where it is one thing, else how many of each kind."""
    if len(outcomes) == 1:
        thing = outcomes[0].resource
        if thing.kind == "Environment":
            return "the whole environment"
        return visible(f"{thing.kind} {f'{thing.namespace}/' if thing.namespace else ''}{thing.name}")
    kinds = Counter(outcome.resource.kind for outcome in outcomes)
    return visible(", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))


def unread(editions: Sequence[Edition]) -> list[Unread]:
    """What could not be read, as the sources have it."""
    return [
        Unread(
            visible(edition.name),
            source.name,
            visible(f"{problem.uri}:{problem.line}" if problem.line else problem.uri),
            visible(problem.reason),
        )
        for edition in editions
        for source in edition.snapshot.sources
        for problem in source.problems
    ]
