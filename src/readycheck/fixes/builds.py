"""Whether a build makes of changes what they mean and nothing else: a patch may say more than it shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from readycheck.documents.edits.bodies import same
from readycheck.documents.edits.strategic_merge import MERGE_KEYS
from readycheck.fixes.operations import Operations
from readycheck.fixes.proof import object_of
from readycheck.fixes.proposals import Proposal
from readycheck.kubernetes.kustomization import KUSTOMIZATION_FILE
from readycheck.model import Collected, Edit, Path, Resource, from_files, meet
from readycheck.sources.files.origins import FileOrigin, KustomizeOrigin, is_built

_IN_ORDER = frozenset({"containers", "initContainers"})
"""The lists that go by a key, and whose order matters all the same."""


def misbuilt(
    before: Iterable[Collected], after: Iterable[Collected], made: Sequence[Proposal]
) -> Iterator[tuple[Proposal, str]]:
    """The proposals that kustomizations make something else of than is meant, and what that is.

    Args:
        before: what was read before the proposals.
        after: what was read after them.
        made: the proposals.
    """
    after = list(after)
    now = _built(after)
    unbuilt = {each.resource.name: each.reason for source in after for each in source.opaque}
    about: dict[tuple[str, ...], dict[Proposal, None]] = defaultdict(dict)
    for proposal in made:
        for edit in proposal.fix.edits:
            about[_key(edit.place.resource.root)][proposal] = None
    for key, old in _built(before).items():
        own, new = list(about[key]), now.get(key)
        if new is not None:
            reason = f"would change more than is meant of {old.kind} {old.name}, by what else is built"
            astray = _astray(old, new, [edit for each in own for edit in _edits(each, key)])
        else:
            reason = f"would take {old.kind} {old.name} away"
            if old.origin.world in unbuilt:
                reason = f"could not be proven, as the overlay is {unbuilt[old.origin.world]}"
            astray = [()]
        if astray:
            for proposal in _suspects(made, own, key, astray):
                yield proposal, reason


def _suspects(
    made: Sequence[Proposal], own: Sequence[Proposal], key: tuple[str, ...], astray: Collection[Path]
) -> Sequence[Proposal]:
    """The proposals that an object of a build has most likely not come out for as it should.

    Args:
        made: all proposals.
        own: those that are about the object.
        key: the object.
        astray: where it is not as it should be.
    """
    rebuilding = [each for each in made if any(_is_kustomization(edit.place.resource) for edit in each.fix.edits)]
    near = [each for each in own if any(meet(edit.place.way, path) for edit in _edits(each, key) for path in astray)]
    beside = [each for each in made if key[0] in _worlds(each)]
    return rebuilding or near or own or beside or made


def _edits(proposal: Proposal, key: tuple[str, ...]) -> list[Edit]:
    """The edits of a proposal that are of one object."""
    return [edit for edit in proposal.fix.edits if _key(edit.place.resource.root) == key]


def _worlds(proposal: Proposal) -> set[str]:
    """The builds that a proposal is about."""
    roots = [edit.place.resource.root for edit in proposal.fix.edits]
    return {root.origin.world for root in (*roots, *(new.beside.root for new in proposal.fix.objects))}


def _astray(old: Resource, new: Resource, edits: Collection[Edit]) -> Collection[Path]:
    """Where an object has not come out as it should.

    Args:
        old: the object before its edits.
        new: as it is after them.
        edits: the edits.
    """
    wanted = Operations(old.body)
    for edit in edits:
        wanted.set(edit.place.way, edit.value)
    bodies = [wanted.body, new.body]
    if isinstance(old.origin, FileOrigin) and isinstance(new.origin, KustomizeOrigin):
        # It was applied as its file has it, until a patch had it built: then the build puts its namespace and its
        # annotations into it too, where they were applied with it before.
        if not edits:
            return ()
        bodies = [{**body, "metadata": {}} for body in bodies]
    one, other = map(_ordered, bodies)
    return [*_differing(one, other, ())]


def _differing(one: Any, other: Any, path: Path) -> Iterator[Path]:
    """The ways to what differs; of lists, to the whole of them."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in {**one, **other}:
            if key in one and key in other:
                yield from _differing(one[key], other[key], (*path, key))
            else:
                yield (*path, key)
    elif not same(one, other):
        yield path


def _built(collected: Iterable[Collected]) -> Mapping[tuple[str, ...], Resource]:
    """The objects that kustomizations make, or apply as they are."""
    return {_key(each): each for each in from_files(collected) if each.whole is None and is_built(each)}


def _is_kustomization(resource: Resource) -> bool:
    return resource.root.kind == KUSTOMIZATION_FILE


def _key(resource: Resource) -> tuple[str, ...]:
    return resource.origin.world, resource.api_version, *object_of(resource)


def _ordered(body: Any, field: str = "") -> Any:
    """A body whose lists that go by a key stand in the order of it."""
    if isinstance(body, Mapping):
        return {key: _ordered(value, key) for key, value in body.items()}
    if not isinstance(body, list):
        return body
    items = [_ordered(item) for item in body]
    key = MERGE_KEYS.get(field) if field not in _IN_ORDER else None
    if key and all(isinstance(item, Mapping) for item in items):
        items.sort(key=lambda item: str(item.get(key)))
    return items
