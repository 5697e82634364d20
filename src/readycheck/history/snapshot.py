"""A scan as it is kept and compared: the JSON report's own words, typed, without the outcomes that passed.

What is kept is made from the JSON report and nothing else, so that what that masks is masked here, and so that a kept
scan and a file of `-o json` can be compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct, field

from readycheck.errors import MendableError
from readycheck.model import Status

KEPT = (Status.UNKNOWN.value, Status.ERROR.value, Status.EXEMPT.value)
"""The outcomes that are kept one by one, beside the findings; all others are counted."""


class HistoryError(MendableError):
    """A history or a report cannot be read or written: one line that says where and what to do."""


class Named(Struct, frozen=True):
    """What somebody made a thing for: its kind and name."""

    kind: str
    name: str


class Thing(Struct, frozen=True, omit_defaults=True):
    """What was judged, as the JSON report names it; `team` is who its labels and annotations say answers for it."""

    kind: str
    name: str
    namespace: str | None = None
    source: str | None = None
    rendered_from: str | None = None
    owner: Named | None = None
    container: str | None = None
    team: str | None = None


class Spot(Struct, frozen=True, omit_defaults=True):
    """Where something stands."""

    uri: str
    line: int | None = None
    column: int | None = None
    path: str | None = None
    values_key: str | None = None


class Piece(Struct, frozen=True, omit_defaults=True):
    """One piece of evidence: the field, and what stood there, masked; of another thing where `resource` is given."""

    path: str
    seen: Any = None
    resource: Thing | None = None
    location: Spot | None = None


class Remedy(Struct, frozen=True, omit_defaults=True):
    """What would make a finding go away.

    Args:
        title: in words.
        safe: whether the meaning is kept and there is nothing to decide.
        diff: the same as `git apply` takes it, where that was asked for and there is one.
        note: what whoever reviews it should know.
        kustomize: the same as `patches` of a kustomization.
        kubectl: the same as commands for the cluster.
    """

    title: str
    safe: bool
    diff: str = ""
    note: str = ""
    kustomize: str = ""
    kubectl: str = ""


class OtherSide(Struct, frozen=True, omit_defaults=True):
    """What the other side of the environment shows of a finding's object."""

    relation: str
    resource: Thing | None = None
    location: Spot | None = None


class FindingRecord(Struct, frozen=True, omit_defaults=True):
    """One finding."""

    rule: str
    severity: str
    resource: Thing
    message: str
    fingerprint: str
    location: Spot | None = None
    evidence: tuple[Piece, ...] = ()
    fix: Remedy | None = None
    counterpart: OtherSide | None = None
    tolerated: str = ""


class OutcomeRecord(Struct, frozen=True, omit_defaults=True):
    """One outcome that neither passed nor failed: unknown, error or exempt.

    `fingerprints` are those of the findings that an exempt outcome excuses.
    """

    rule: str
    status: str
    severity: str
    resource: Thing
    location: Spot | None = None
    reason: str | None = None
    fingerprints: tuple[str, ...] = ()


class ProblemRecord(Struct, frozen=True, omit_defaults=True):
    """Something that was asked for and could not be read."""

    uri: str
    reason: str
    line: int | None = None


class SourceRecord(Struct, frozen=True, omit_defaults=True):
    """What one source read: `status` is ok, partial or failed; `resources` says how many things, `targets` of what."""

    name: str
    status: str
    resources: int
    skipped: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[ProblemRecord, ...] = ()
    targets: tuple[str, ...] = ()


class GateRecord(Struct, frozen=True):
    """The exit code, and every reason in words."""

    exit_code: int
    reasons: tuple[str, ...]


class ExemptionRecord(Struct, frozen=True, omit_defaults=True):
    """An exemption as it was met: `status` is active, unused, expired or invalid."""

    where: str
    rules: tuple[str, ...]
    status: str
    reason: str
    owner: str | None = None
    until: str | None = None
    problem: str | None = None
    count: int = 0


class RuleRecord(Struct, frozen=True, omit_defaults=True):
    """A rule that ran.

    Args:
        version: changes when its code or its options do.
        title: what it wants.
        help: why.
        severity: of findings that have none of their own.
    """

    version: str
    title: str = ""
    help: str = ""
    severity: str = ""


class Tally(Struct, frozen=True, order=True):
    """How many outcomes of one rule there were of a status and a severity."""

    rule: str
    status: str
    severity: str
    count: int

    @property
    def area(self) -> str:
        """The first part of the rule's ID: workload, network, ..."""
        return self.rule.partition("/")[0]


class Snapshot(Struct, frozen=True, kw_only=True):
    """One scan.

    Args:
        version: readycheck's own.
        environment: "" where none was named.
        taken_at: when, as an RFC 3339 UTC time.
        commit: the git commit of the tree that was scanned; "" where it is not known.
        scope: what changes with what the configuration counts to the environment; "" where it is not known.
        seconds: how long the scan took, by phase (`reading files`, `judging`, ...); not in JSON reports.
        sources: what each source read.
        score: in percent; None where nothing was judged.
        gate: the exit code and why.
        exemptions: what exempts, and what was meant to.
        rules: the rules that ran, by ID; empty in reports of versions that did not tell.
        tallies: all outcomes, counted.
        severities: how many findings there are of each severity, the most severe first.
        findings: what failed, in the order of the JSON report.
        outcomes: what is unknown, exempt, or in error.
    """

    version: str
    taken_at: str
    environment: str = ""
    commit: str = ""
    scope: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)
    sources: tuple[SourceRecord, ...] = ()
    score: float | None = None
    gate: GateRecord
    exemptions: tuple[ExemptionRecord, ...] = ()
    rules: Mapping[str, RuleRecord] = field(default_factory=dict)
    tallies: tuple[Tally, ...] = ()
    severities: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[FindingRecord, ...] = ()
    outcomes: tuple[OutcomeRecord, ...] = ()

    def areas(self) -> Mapping[str, Mapping[str, int]]:
        """How many outcomes of each status each area has, by the name of the area."""
        return areas_of(self.tallies)


def areas_of(tallies: tuple[Tally, ...]) -> Mapping[str, Mapping[str, int]]:
    """How many outcomes of each status each area has, in the order of their names."""
    areas: dict[str, Counter[str]] = {}
    for tally in tallies:
        areas.setdefault(tally.area, Counter())[tally.status] += tally.count
    return dict(sorted(areas.items()))


class _Summary(Struct):
    score: float | None
    severities: Mapping[str, int]
    gate: GateRecord


class _Bar(Struct):
    version: str
    severity: str


class _Document(Struct):
    """A JSON report, as far as it is compared."""

    schema: str
    version: str
    environment: str | None
    taken_at: str
    sources: tuple[SourceRecord, ...]
    summary: _Summary
    exemptions: tuple[ExemptionRecord, ...]
    findings: tuple[FindingRecord, ...]
    outcomes: tuple[OutcomeRecord, ...]
    commit: str | None = None
    scope: str | None = None
    rules: Mapping[str, _Bar] = field(default_factory=dict)


def read_report(text: bytes, where: str) -> list[Snapshot]:
    """The scans in a file of `-o json`: one, or a list of several environments.

    Args:
        text: the file's content.
        where: the file's name, for messages.

    Raises:
        HistoryError: it is no JSON report.
    """
    try:
        read = msgspec.json.decode(text, type=_Document | list[_Document])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise HistoryError(f"{where}: is no report of `readycheck scan -o json`: {error}") from error
    return [_snapshot(document, where) for document in (read if isinstance(read, list) else [read])]


def _snapshot(document: _Document, where: str) -> Snapshot:
    if not document.schema.startswith("readycheck/report/1"):
        raise HistoryError(
            f"{where}: is of the schema {document.schema!r}, and this version reads readycheck/report/1:"
            " write it anew, or update readycheck"
        )
    counted = Counter((outcome.rule, outcome.status, outcome.severity) for outcome in document.outcomes)
    return Snapshot(
        version=document.version,
        environment=document.environment or "",
        taken_at=document.taken_at,
        commit=document.commit or "",
        scope=document.scope or "",
        sources=document.sources,
        score=document.summary.score,
        severities=document.summary.severities,
        gate=document.summary.gate,
        exemptions=document.exemptions,
        rules={rule: RuleRecord(bar.version, severity=bar.severity) for rule, bar in document.rules.items()},
        tallies=tuple(sorted(Tally(*key, count) for key, count in counted.items())),
        findings=document.findings,
        outcomes=tuple(outcome for outcome in document.outcomes if outcome.status in KEPT),
    )
