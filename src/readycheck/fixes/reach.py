"""How far a fix reaches: pods that restart, what is asked for in addition, and what else is made of the same file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from readycheck.fixes.pods import Pods
from readycheck.fixes.proposals import Proposal
from readycheck.model import Collected, Edit


class Reach:
    """Tells how far fixes reach.

    Args:
        sources: everything that was read.
        after: the same with all fixes made.
    """

    def __init__(self, sources: Sequence[Collected], after: Iterable[Collected]) -> None:
        worlds: dict[str, set[str]] = defaultdict(set)
        links: dict[str, set[str]] = defaultdict(set)
        for source in sources:
            for resource in source.resources:
                if resource.api_version and resource.origin.world:
                    worlds[resource.origin.file].add(resource.origin.world)
            for entry in source.listing.entries.values() if source.listing else ():
                if entry.link is not None:
                    links[entry.target].add(entry.uri)
        self._worlds: Mapping[str, set[str]] = worlds
        self._links: Mapping[str, set[str]] = links
        self._pods = Pods(sources)
        self._afterwards = Pods(after)

    @property
    def in_all(self) -> str:
        """How much more all pods ask for with all fixes made; "" where it is as much as before."""
        return self._pods.more_in(self._afterwards)

    def of(self, proposal: Proposal) -> str:
        """How far a proposal reaches, in words; "" where nothing beside its own place is touched."""
        return "; ".join(dict.fromkeys(self._parts(proposal)))

    def _parts(self, proposal: Proposal) -> Iterator[str]:
        if proposal.fix.note:
            yield proposal.fix.note
        by_object: dict[int, list[Edit]] = defaultdict(list)
        for edit in proposal.fix.edits:
            by_object[id(edit.place.resource.root)].append(edit)
        for edits in by_object.values():
            yield from self._pods.with_edits(edits)
        worlds: set[str] = set()
        for aim in proposal.aims:
            worlds |= self._worlds.get(aim.target.uri, set())
        linked = {link for aim in proposal.aims for link in self._links.get(aim.target.uri, ())}
        if linked:
            yield f"links lead to it: {', '.join(sorted(linked))}"
        if len(worlds) > 1:
            yield f"reaches {len(worlds)} that are made of it: {', '.join(sorted(worlds))}"
