"""The new texts of all files at once: proposals merged in an order of their own, and those left out that do not fit."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from readycheck.documents.edits import Change, Code, Refused, dockerfile, hcl, line_break_near, strategic_merge, yaml
from readycheck.documents.edits import json as json_edits
from readycheck.documents.edits.bodies import same
from readycheck.documents.text import Unreadable
from readycheck.documents.yaml import parse
from readycheck.fixes import operations
from readycheck.fixes.additions import written
from readycheck.fixes.aims import Aim
from readycheck.fixes.proposals import Left, Proposal
from readycheck.model import Unjudged, look, meet
from readycheck.sources.files.targets import Format, documents_of

Read = Callable[[str], str]
"""Gives the text of a file by its absolute path."""

_REVISE: Mapping[Format, Callable[[str, Sequence[Change]], str]] = {
    Format.YAML: yaml.revise,
    Format.JSON: json_edits.revise,
    Format.HCL: hcl.revise,
    Format.DOCKERFILE: dockerfile.revise,
    Format.PATCH: strategic_merge.revise,
    Format.JSON_PATCH: operations.revise,
}


class Plan(Struct, frozen=True, eq=False):
    """What becomes of some proposals.

    Args:
        texts: the new text of each file that changes or is new, by its absolute path.
        made: the proposals that are in it.
        left: those that cannot be made, and why.
        waiting: those that clash with one that is made, and are to be thought of anew afterwards.
    """

    texts: Mapping[str, str]
    made: Sequence[Proposal]
    left: Sequence[Left]
    waiting: Sequence[Proposal]


def plan(proposals: Iterable[Proposal], read: Read) -> Plan:
    """Make as many proposals as go together; which they are does not depend on the order that they come in.

    Args:
        proposals: what is proposed.
        read: gives the texts as they are.
    """
    chosen, waiting = _without_clashes(sorted(proposals, key=lambda each: each.order), read)
    left: list[Left] = []
    while True:
        touching: dict[str, list[Proposal]] = defaultdict(list)
        for proposal in chosen:
            for file in proposal.files:
                touching[file].append(proposal)
        texts: dict[str, str] = {}
        refused: dict[int, Refused] = {}
        for file, own in touching.items():
            try:
                texts[file] = _text_with(file, own, read)
            except Refused:
                refused |= _fit(file, [], own, read)[1]
        if not refused:
            return Plan(texts, chosen, left, waiting)
        # A fix is made whole or not at all: what one file refuses is taken from the others too.
        left += (
            Left(each.outcome, each.finding, refused[id(each)].code.value, refused[id(each)].reason, each.fix.title)
            for each in chosen
            if id(each) in refused
        )
        chosen = [each for each in chosen if id(each) not in refused]


def _without_clashes(proposals: Sequence[Proposal], read: Read) -> tuple[list[Proposal], list[Proposal]]:
    """The proposals of which no two want something else at the same place; and the others."""
    taken: dict[tuple[str, int], list[Aim]] = defaultdict(list)
    chosen: list[Proposal] = []
    waiting: list[Proposal] = []
    for proposal in proposals:
        fitted = [_beside(aim, taken[aim.file, aim.target.document], read) for aim in proposal.aims]
        if None in fitted:
            waiting.append(proposal)
            continue
        aims = tuple(aim for aim in fitted if aim is not None)
        for aim in aims:
            taken[aim.file, aim.target.document].append(aim)
        chosen.append(replace(proposal, aims=aims) if aims != proposal.aims else proposal)
    return chosen, waiting


def _beside(aim: Aim, taken: Sequence[Aim], read: Read) -> Aim | None:
    """An aim beside others of its document; moved on where both append to one list; None where they clash."""
    for other in taken:
        mine, theirs = aim.target.path, other.target.path
        if mine == theirs:
            if same(aim.value, other.value):
                return aim
            moved = _appended(aim, other, read)
            if moved is None:
                return None
            aim = moved
        elif meet(mine, theirs):
            return None
    return aim


def _appended(aim: Aim, other: Aim, read: Read) -> Aim | None:
    """An aim that stands behind another one in the list that both append to; None where they do not."""
    path = aim.target.path
    try:
        body = documents_of(aim.target.format, read(aim.file))[aim.target.document].body
        old = look(body, path)
        whole = old is None and isinstance(aim.value, list) and isinstance(other.value, list)
    except (Unjudged, Unreadable, IndexError):
        return None
    if whole and len(aim.value) == 1:
        return replace(aim, target=replace(aim.target, path=(*path, len(other.value))), value=aim.value[0])
    last = path[-1] if path else None
    if old is None and isinstance(last, int):
        return replace(aim, target=replace(aim.target, path=(*path[:-1], last + 1)))
    return None


def _fit(
    file: str, kept: Sequence[Proposal], more: Sequence[Proposal], read: Read
) -> tuple[Sequence[Proposal], dict[int, Refused]]:
    """Those of a file's proposals that can be made together, and why the others cannot.

    Few are ever refused: halves find them in few steps.

    Args:
        file: the file.
        kept: proposals that can be made together.
        more: what is to be made with them.
        read: gives the text as it is.
    """
    try:
        _text_with(file, [*kept, *more], read)
    except Refused as refused:
        if len(more) == 1:
            return kept, {id(more[0]): refused}
        middle = len(more) // 2
        fitting, misfits = _fit(file, kept, more[:middle], read)
        fitting, others = _fit(file, fitting, more[middle:], read)
        return fitting, misfits | others
    return [*kept, *more], {}


def _text_with(file: str, proposals: Sequence[Proposal], read: Read) -> str:
    """A file's text with all of some proposals made.

    Raises:
        Refused: that cannot be.
    """
    aims = [aim for proposal in proposals for aim in proposal.aims if aim.file == file]
    added = [each for proposal in proposals for each in proposal.additions if each.file == file]
    bodies = list({json.dumps(each.body, sort_keys=True): each.body for each in added}.values())
    fresh = bool(added) and not any(each.into for each in added)
    try:
        text = "" if fresh else read(file)
    except Unreadable as unreadable:
        raise Refused(Code.UNPARSABLE, unreadable.reason) from unreadable
    for body in filter(None, bodies):
        text = _with_document(text, body)
    if aims:
        # Deeper into a list that another one makes comes after it.
        ordered = sorted(aims, key=lambda aim: (aim.target.document, [str(step).zfill(9) for step in aim.target.path]))
        changes = [Change(aim.target.document, aim.target.path, aim.value) for aim in ordered]
        forms = {aim.target.format for aim in aims}
        form = next(iter(forms & {Format.PATCH, Format.JSON_PATCH} or forms))
        text = _REVISE[form](text, changes)
    return text


def _with_document(text: str, body: Mapping[str, Any]) -> str:
    """A YAML text with one more document at its end.

    Raises:
        Refused: what stands there would not stay as it is.
    """
    yaml.refuse_generated(text)
    ending = line_break_near(text, len(text))
    lines = ending.join(written(body)) + ending
    before, faults = parse(text)
    if faults:
        raise Refused(Code.UNPARSABLE, f"has a fault in line {faults[0].line}: {faults[0].reason}")
    if text.strip():
        start = "" if text.endswith("\n") else ending
        lines = f"{start}---{ending}{lines}"
    longer = text + lines
    found, faults = parse(longer)
    if faults or not same([each.body for each in found], [*(each.body for each in before), dict(body)]):
        raise Refused(Code.UNPROVEN, "would not read as meant with one more document")
    return longer
