"""Running rules over an inventory: each (rule, thing) gets exactly one outcome."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from msgspec import Struct

from readycheck.inventory import NOWHERE, Inventory
from readycheck.kubernetes.kinds import WORKLOADS
from readycheck.model import (
    NO_SOURCE,
    Evidence,
    Finding,
    NotApplicable,
    Note,
    Opaque,
    Outcome,
    Resource,
    Severity,
    Status,
    Unjudged,
    Unknown,
    Verdict,
)
from readycheck.rule import CONTAINER, Rule

Scoped: TypeAlias = Callable[[Resource], str | None]
"""Tells why a thing is out of a rule's scope; None where it is in scope."""


class Selection(Struct, frozen=True, eq=False):
    """A rule as an environment wants it: its severity and its options' values."""

    rule: Rule
    severity: Severity
    options: Mapping[str, Any]

    @classmethod
    def default(cls, rule: Rule) -> Selection:
        """The rule as it comes."""
        return cls(rule, rule.declaration.severity, {})

    @property
    def version(self) -> str:
        """What changes with the rule's code and its options."""
        from hashlib import sha256  # noqa: PLC0415 - it loads OpenSSL

        code = Path(self.rule.file).read_bytes()
        asked = repr(sorted(self.options.items()))
        return sha256(code + b"\0" + asked.encode()).hexdigest()[:12]


def judge(selections: Iterable[Selection], *sides: Inventory) -> list[Outcome]:
    """Every outcome of every rule, in the order of the rules and of what was read.

    Args:
        selections: the rules.
        sides: what each side shows of the environment: what is declared, what runs. Each is judged for itself.
    """
    asked = frozenset(source for side in sides for source in side.sources)
    outcomes: list[Outcome] = []
    for selection in selections:
        able = [side for side in sides if not side.sources.isdisjoint(selection.rule.sources)]
        for side in able:
            outcomes.extend(judge_side(selection, side, asked))
        if not able:
            outcomes.append(_unasked(selection, sides))
    return outcomes


def judge_side(selection: Selection, side: Inventory, asked: frozenset[str]) -> Iterator[Outcome]:
    """What one rule says of one side that can answer it.

    Args:
        selection: the rule.
        side: the side.
        asked: the sources of all sides: what is lacking here may stand there.
    """
    return _Court(selection, side, asked).outcomes()


def _unasked(selection: Selection, sides: Sequence[Inventory]) -> Outcome:
    """What is said of a rule that no source can answer which was asked for."""
    name = sides[0].environment.name if sides else ""
    environment = Resource("Environment", name, "", {}, NOWHERE)
    reason = f"{NO_SOURCE}{' or '.join(selection.rule.sources)}"
    return Outcome(selection.rule.id, selection.severity, Status.UNKNOWN, environment, reason)


class _Court:
    """One rule judging everything that it can on one side."""

    def __init__(self, selection: Selection, inventory: Inventory, asked: frozenset[str]) -> None:
        self._rule = selection.rule
        self._severity = selection.severity
        self._inventory = inventory
        self._told_elsewhere = not (asked - inventory.sources).isdisjoint(selection.rule.sources)
        self._judge = self._rule.bind(selection.options, inventory)
        self._unless = tuple(map(inventory.scoped, self._rule.declaration.unless))

    def outcomes(self) -> Iterator[Outcome]:
        declaration = self._rule.declaration
        if self._inventory.failed:
            yield self._environment(Status.UNKNOWN, self._inventory.failed)
            return
        lack = self._lack()
        if lack:
            if not (self._told_elsewhere and lack.startswith(NO_SOURCE)):
                yield self._environment(Status.UNKNOWN, lack)
            return
        found = False
        for outcome in self._of_everything():
            found = True
            yield outcome
        if self._judges_workloads:
            for opaque in self._inventory.opaque:
                if opaque.resource.kind in declaration.kinds:
                    # What is said of it was said above.
                    continue
                found = True
                yield self._of_what_is_not_at_hand(opaque)
        for reason in self._unread_kinds():
            found = True
            yield self._environment(Status.UNKNOWN, reason)
        if not found:
            yield self._of_nothing()

    def _of_nothing(self) -> Outcome:
        if self._inventory.hidden:
            return self._environment(Status.UNKNOWN, self._inventory.hidden)
        kinds = (*(("containers",) if self._rule.of_containers else ()), *self._rule.resource_kinds)
        return self._environment(Status.NOT_APPLICABLE, f"nothing to judge: no {', '.join(kinds)}")

    def _unread_kinds(self) -> Iterator[str]:
        """Why things that the rule judges could not be read."""
        kinds = (*self._rule.resource_kinds, *(WORKLOADS if self._rule.of_containers else ()))
        kinds += tuple(self._inventory.bases[kind] for kind in kinds if kind in self._inventory.bases)
        return (self._inventory.unread[kind] for kind in dict.fromkeys(kinds) if kind in self._inventory.unread)

    def _of_what_is_not_at_hand(self, opaque: Opaque) -> Outcome:
        reason = _first_of(map(self._inventory.scoped, self._rule.declaration.unrendered), opaque.resource)
        if reason:
            return self._outcome(opaque.resource, Status.NOT_APPLICABLE, reason)
        return self._outcome(opaque.resource, Status.UNKNOWN, opaque.reason)

    def _lack(self) -> str | None:
        try:
            return self._rule.declaration.needs(self._inventory) if self._rule.declaration.needs else None
        except Unjudged as unjudged:
            return unjudged.reason

    @property
    def _judges_workloads(self) -> bool:
        kinds = self._rule.declaration.kinds
        return CONTAINER in kinds or any(kind in WORKLOADS for kind in kinds)

    def _of_everything(self) -> Iterator[Outcome]:
        if self._rule.of_containers:
            yield from self._of_containers()
        yield from self._of_resources()

    def _of_resources(self) -> Iterator[Outcome]:
        # Whoever judges Pods and nothing else asks about their owners.
        alone = self._rule.declaration.kinds == ("Pod",)
        for kind in self._rule.resource_kinds:
            try:
                resources = self._inventory.all_of(kind) if alone else self._inventory.judged_of(kind)
            except Unjudged as unjudged:
                # Of a kind that is made from others, some of which could not be read.
                yield self._environment(Status.UNKNOWN, unjudged.reason)
                continue
            for resource in resources:
                yield self._verdict(resource, self._unless)

    def _of_containers(self) -> Iterator[Outcome]:
        for workload in self._inventory.workloads:
            try:
                reason = _first_of(self._unless, workload)
                containers = workload.containers
            except Unjudged as unjudged:
                yield self._unjudged(workload, unjudged)
                continue
            if reason:
                yield self._outcome(workload, Status.NOT_APPLICABLE, reason)
            elif not containers:
                yield self._outcome(workload, Status.UNKNOWN, "it declares no containers")
            elif workload.source is None:
                for container in containers:
                    yield self._verdict(container, ())

    def _verdict(self, subject: Resource, unless: Sequence[Scoped]) -> Outcome:
        verdicts: list[Verdict] = []
        try:
            if unless and (reason := _first_of(unless, subject)):
                return self._outcome(subject, Status.NOT_APPLICABLE, reason)
            for verdict in self._judge(subject):
                verdicts.append(verdict)  # noqa: PERF402 - what was yielded before a raise counts
        except Unjudged as unjudged:
            if not any(isinstance(verdict, Finding) for verdict in verdicts):
                return self._unjudged(subject, unjudged)
        except Exception as error:  # noqa: BLE001 - a broken rule must not take the others down, and is reported
            return self._outcome(subject, Status.ERROR, _broken(error))
        if not verdicts:
            return Outcome(self._rule.id, self._severity, Status.PASS, subject)
        return self._sum_up(subject, verdicts)

    def _sum_up(self, subject: Resource, verdicts: Sequence[Verdict]) -> Outcome:
        """The outcome of several verdicts: a finding outweighs what is unknown, and that what is out of scope."""
        decisive = verdicts[0] if len(verdicts) == 1 else min(verdicts, key=lambda verdict: _ORDER[type(verdict)])
        if isinstance(decisive, Finding):
            findings: tuple[Finding, ...] = (decisive,)
            if len(verdicts) > 1:
                findings = tuple(verdict for verdict in verdicts if isinstance(verdict, Finding))
            return Outcome.failing(self._rule.id, self._severity, subject, findings)
        if isinstance(decisive, Unknown):
            return self._outcome(subject, Status.UNKNOWN, decisive.reason, decisive.evidence)
        if isinstance(decisive, NotApplicable):
            return self._outcome(subject, Status.NOT_APPLICABLE, decisive.reason)
        notes = [verdict for verdict in verdicts if isinstance(verdict, Note)]
        evidence = tuple(item for note in notes for item in note.evidence)
        return self._outcome(subject, Status.PASS, "; ".join(note.message for note in notes), evidence)

    def _unjudged(self, subject: Resource, unjudged: Unjudged) -> Outcome:
        evidence = (Evidence.at(unjudged.place),) if unjudged.place else ()
        return self._outcome(subject, Status.UNKNOWN, unjudged.reason, evidence)

    def _environment(self, status: Status, reason: str) -> Outcome:
        return self._outcome(self._inventory.environment, status, reason)

    def _outcome(self, subject: Resource, status: Status, reason: str, evidence: tuple[Evidence, ...] = ()) -> Outcome:
        return Outcome(self._rule.id, self._severity, status, subject, reason, evidence)


def _first_of(scopes: Iterable[Scoped], subject: Resource) -> str | None:
    """Why something is out of the first of some scopes that it is out of; None where it is in all of them."""
    for scope in scopes:
        reason = scope(subject)
        if reason:
            return reason
    return None


_ORDER: Mapping[type, int] = {Finding: 0, Unknown: 1, NotApplicable: 2, Note: 3}


def _broken(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"the rule broke: {type(error).__name__}: {error} ({frame.filename}:{frame.lineno})"
