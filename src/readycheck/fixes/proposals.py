"""Fixes with the files that they change: what a finding proposes, and why another one proposes nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from readycheck.documents.edits import Code, Refused
from readycheck.fixes.additions import Addition, Neighbours
from readycheck.fixes.aims import Aim
from readycheck.fixes.choice import Choice
from readycheck.fixes.operations import kubectl_patch
from readycheck.fixes.overlays import Overlays
from readycheck.model import (
    Counterpart,
    Edit,
    Finding,
    Fix,
    Needed,
    NewObject,
    Outcome,
    Relation,
    Resource,
    Status,
    Unjudged,
)
from readycheck.sources.files.targets import as_written, file_of, target_of

IN_GIT = "in-git"
"""The code of a live finding that is mended by mending what git declares."""

_NO_FIX = "by-hand", "no fix is known: it has to be decided by hand"


class Proposal(Struct, frozen=True, eq=False):
    """A fix that can be made: all of it, or nothing.

    Args:
        outcome: the outcome that the finding belongs to.
        finding: what it mends.
        fix: the fix.
        aims: the values that it sets.
        additions: the objects that it adds.
    """

    outcome: Outcome
    finding: Finding
    fix: Fix
    aims: tuple[Aim, ...]
    additions: tuple[Addition, ...] = ()

    @property
    def files(self) -> frozenset[str]:
        """The files that it touches or makes."""
        return frozenset(aim.file for aim in self.aims) | {each.file for each in self.additions}

    @property
    def uris(self) -> frozenset[str]:
        """The same, by their paths from the scan root."""
        return frozenset(aim.target.uri for aim in self.aims) | {each.uri for each in self.additions}

    @property
    def question(self) -> str:
        """What a person is asked about it."""
        said = f"{named(self.finding.resource)} {self.finding.message}"
        return f"{self.outcome.rule}: {said}: {self.fix.title} in {', '.join(sorted(self.uris))}?"

    @property
    def order(self) -> tuple[int, str, str]:
        """Which proposal comes first, whatever order they are found in: the more severe, then by rule and place."""
        places = [(*aim.place[:2], list(map(str, aim.target.path)), aim.value) for aim in self.aims]
        added = [(each.file, each.body) for each in self.additions]
        severity = self.outcome.severity_of(self.finding).rank
        return severity, self.outcome.rule, json.dumps([places, added], sort_keys=True, default=str)


def named(resource: Resource) -> str:
    """What people call a thing: `container app of Deployment web`."""
    part = f"container {resource.name} of " if resource.whole is not None else ""
    return f"{part}{resource.root.kind} {resource.root.name}"


class Left(Struct, frozen=True, eq=False):
    """A finding that no fix is made for.

    Args:
        outcome: the outcome that it belongs to.
        finding: the finding.
        code: why, for programs: a code of documents.edits, or `unsafe`, `needs-value`, `by-hand`, `live`, `conflict`,
            `still-fails`, `worse`, `refused`, `not-asked`.
        reason: why, for people.
        title: what to do, where anything can be said.
    """

    outcome: Outcome
    finding: Finding
    code: str
    reason: str
    title: str = ""


class Tree(Struct, frozen=True, eq=False):
    """The files that fixes change.

    Args:
        root: the scan root, which uris start at.
        boundary: the folder that nothing is changed outside of.
        neighbours: knows where new objects go.
        counterparts: what the other sides show of a finding's object, by the finding's identity.
        overlays: knows where an environment says something for itself; None where what it shares is changed too.
    """

    root: str
    boundary: str
    neighbours: Neighbours
    counterparts: Mapping[int, Counterpart] = field(default_factory=dict)
    overlays: Overlays | None = None

    def changes(self, edit: Edit) -> tuple[Sequence[Aim], Sequence[Addition]]:
        """What has to be changed and added so that an edit is made.

        Raises:
            Refused: it cannot be made.
        """
        if self.overlays is None:
            target = target_of(edit.place)
        elif (own := self.overlays.target(edit.place)) is not None:
            target = own
        else:
            return self.overlays.patch(edit)
        file = file_of(target.uri, self.root)
        if os.path.commonpath((self.boundary, file)) != self.boundary:
            raise Refused(Code.MISSING, f"stands in {target.uri}, outside of what is scanned")
        return [Aim(file, target, as_written(target, edit.value))], ()

    def addition(self, new: NewObject) -> tuple[Addition, Sequence[Aim]]:
        """Where a new object goes, and what names its file then.

        Raises:
            Refused: it goes nowhere.
        """
        self.neighbours.refuse_taken(new)
        own = self.overlays.addition(new) if self.overlays else None
        return own or self.neighbours.addition(new, self.root)


def proposals_of(outcomes: Iterable[Outcome], choice: Choice, tree: Tree) -> tuple[list[Proposal], list[Left]]:
    """What is proposed for the findings of some outcomes, and what is left and why.

    Args:
        outcomes: the outcomes of a scan.
        choice: what is asked for.
        tree: the files.
    """
    wanted = [each for each in outcomes if each.status is Status.FAIL and choice.wants_rule(each.rule)]
    findings = [(outcome, finding) for outcome in wanted for finding in outcome.findings]
    # File by file: each is taken apart once, and large ones take their time.
    findings.sort(key=lambda each: each[1].resource.root.origin.file)
    found = [_proposal(outcome, finding, choice, tree) for outcome, finding in findings]
    made = [each for each in found if isinstance(each, Proposal)]
    return made, [each for each in found if isinstance(each, Left)]


def _proposal(outcome: Outcome, finding: Finding, choice: Choice, tree: Tree) -> Proposal | Left:
    fix = finding.fix
    declared = _declared(finding, tree)
    unwanted = (IN_GIT, declared) if declared else _unwanted(finding, fix, choice) if fix else _NO_FIX
    if fix is None or unwanted is not None:
        return Left(outcome, finding, *(unwanted or _NO_FIX), fix.title if fix and not declared else "")
    fix = replace(fix, edits=tuple(replace(edit, value=_filled(edit.value, finding, choice)) for edit in fix.edits))
    try:
        if finding.resource.root.origin.source != "files":
            return _elsewhere(outcome, finding, fix)
        aims: list[Aim] = []
        additions: list[Addition] = []
        for edit in fix.edits:
            changed, added = tree.changes(edit)
            aims += changed
            additions += added
        for each in fix.objects:
            addition, entries = tree.addition(each)
            additions.append(addition)
            aims += entries
    except Refused as refused:
        return Left(outcome, finding, refused.code.value, refused.reason, fix.title)
    except Unjudged as unjudged:
        return Left(outcome, finding, "by-hand", unjudged.reason, fix.title)
    proposal = Proposal(outcome, finding, fix, tuple(aims), tuple(additions))
    left_out = sorted(uri for uri in proposal.uris if not choice.wants_file(uri))
    if left_out:
        return Left(outcome, finding, "not-asked", f"changes {left_out[0]}, which --path leaves out", fix.title)
    return proposal


def _declared(finding: Finding, tree: Tree) -> str | None:
    """Where a live finding is mended that git declares; None for all others."""
    counterpart = tree.counterparts.get(id(finding))
    if counterpart is None or counterpart.place is None or finding.resource.root.origin.source == "files":
        return None
    location = counterpart.place.location
    where = f"{location.uri}:{location.line}" if location.line else location.uri
    if counterpart.relation is Relation.SAME:
        return f"is mended in git, at {where}"
    if counterpart.relation is Relation.MENDED:
        return f"holds in git, at {where}: what stands there has to be applied"
    return None


def _elsewhere(outcome: Outcome, finding: Finding, fix: Fix) -> Left:
    """What is said of a finding whose thing stands in no file: in a cluster, a command mends it."""
    root = finding.resource.root
    if (
        root.origin.source != "cluster"
        or any(each.place.resource.root is not root for each in fix.edits)
        or fix.objects
    ):
        return Left(outcome, finding, "live", "stands in no file", fix.title)
    return Left(
        outcome, finding, "live", "runs in the cluster, whose files are not known", kubectl_patch(root, fix.edits)
    )


def _unwanted(finding: Finding, fix: Fix, choice: Choice) -> tuple[str, str] | None:
    """Why a fix is not tried: a code, and words for people."""
    if not fix.edits and not fix.objects:
        return "by-hand", "is done by hand"
    needed = (each for edit in fix.edits for each in _needed(edit.value))
    lacking = dict.fromkeys(each for each in needed if choice.value_of(each, finding) is None)
    if lacking:
        wanted = ", ".join(f"--set {each.name}=VALUE ({each.meaning})" for each in lacking)
        return "needs-value", f"needs a value that only you know: {wanted}"
    if not fix.safe and not choice.unsafe:
        return "unsafe", "needs a person's look: --unsafe has it made too"
    return None


def _needed(value: Any) -> Iterator[Needed]:
    """The values that are asked for in a value."""
    if isinstance(value, Needed):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _needed(inner)


def _filled(value: Any, finding: Finding, choice: Choice) -> Any:
    """A value with what was asked for, and without the places of its parts."""
    if isinstance(value, Needed):
        return choice.value_of(value, finding)
    if isinstance(value, Mapping):
        return {key: _filled(item, finding, choice) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(item, finding, choice) for item in value]
    return value
