"""Whether a build makes of changes what they mean and nothing else: a patch may say more than it shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from readycheck.documents.edits.bodies import same
from readycheck.documents.edits.strategic_merge import MERGE_KEYS
from readycheck.fixes.operations import Operations
from readycheck.fixes.proof import object_of
from readycheck.fixes.proposals import Proposal
from readycheck.kubernetes.kustomization import KUSTOMIZATION_FILE
from readycheck.model import Collected, Resource
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
    meant: dict[tuple[str, ...], list[Proposal]] = defaultdict(list)
    for proposal in made:
        for edit in proposal.fix.edits:
            meant[_key(edit.place.resource.root)].append(proposal)
    after = list(after)
    now = _built(after)
    unbuilt = {each.resource.name: each.reason for source in after for each in source.opaque}
    rebuilding = [each for each in made if any(_is_kustomization(edit.place.resource) for edit in each.fix.edits)]
    for key, old in _built(before).items():
        own = list(dict.fromkeys(meant[key]))
        wanted = Operations(old.body)
        for proposal in own:
            for edit in proposal.fix.edits:
                if _key(edit.place.resource.root) == key:
                    wanted.set(edit.place.resource.path + edit.place.path, edit.value)
        new = now.get(key)
        if new is None or not _is_same(
            wanted.body, new, gathered=isinstance(old.origin, FileOrigin), touched=bool(own)
        ):
            reason = f"would change more than is meant of {old.kind} {old.name}, by what else is built"
            if new is None and old.origin.world in unbuilt:
                reason = f"could not be proven, as the overlay is {unbuilt[old.origin.world]}"
            for proposal in rebuilding or own or made:
                yield proposal, reason


def _is_same(wanted: Any, new: Resource, *, gathered: bool, touched: bool) -> bool:
    """Whether an object has come out as it should.

    Args:
        wanted: the object as it should be.
        new: as it is.
        gathered: whether it was applied as its file has it, until a patch had it built: then the build puts its
            namespace and its annotations into it too, where they were applied with it before.
        touched: whether the changes are about it.
    """
    if gathered and isinstance(new.origin, KustomizeOrigin):
        return not touched or same(*(_ordered({**body, "metadata": {}}) for body in (wanted, new.body)))
    return same(_ordered(wanted), _ordered(new.body))


def _built(collected: Iterable[Collected]) -> Mapping[tuple[str, ...], Resource]:
    """The objects that kustomizations make, or apply as they are."""
    resources = (each for source in collected if source.source == "files" for each in source.resources)
    return {_key(each): each for each in resources if each.whole is None and is_built(each)}


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
