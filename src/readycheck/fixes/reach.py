"""How far a fix reaches: pods that restart, what is asked for in addition, and what else is made of the same file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from readycheck.fixes.proposals import Proposal
from readycheck.kubernetes.workload import Workload
from readycheck.model import Collected, Edit

_COUNTS = ("replicas", "minReplicas", "minReplicaCount", "count")
_UNTOUCHED_BY_TEMPLATES = ("CronJob", "Job", "Pod")


class Reach:
    """Tells how far fixes reach.

    Args:
        sources: everything that was read.
    """

    def __init__(self, sources: Iterable[Collected]) -> None:
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

    def of(self, proposal: Proposal) -> str:
        """How far a proposal reaches, in words; "" where nothing beside its own place is touched."""
        return "; ".join(dict.fromkeys(self._parts(proposal)))

    def _parts(self, proposal: Proposal) -> Iterator[str]:
        if proposal.fix.note:
            yield proposal.fix.note
        for edit in proposal.fix.edits:
            yield from _on_pods(edit)
        worlds: set[str] = set()
        for aim in proposal.aims:
            worlds |= self._worlds.get(aim.target.uri, set())
        linked = {link for aim in proposal.aims for link in self._links.get(aim.target.uri, ())}
        if linked:
            yield f"links lead to it: {', '.join(sorted(linked))}"
        if len(worlds) > 1:
            yield f"reaches {len(worlds)} that are made of it: {', '.join(sorted(worlds))}"


def _on_pods(edit: Edit) -> Iterator[str]:
    root = edit.place.resource.root
    path = edit.place.resource.path + edit.place.path
    named = f"{root.kind} {root.name}"
    if path and path[-1] in _COUNTS and isinstance(edit.value, int):
        more = edit.value - (edit.place.seen if isinstance(edit.place.seen, int) else 1)
        if more > 0:
            yield f"adds {more} {'pod' if more == 1 else 'pods'} to {named}"
    elif isinstance(root, Workload) and root.kind not in _UNTOUCHED_BY_TEMPLATES and path[:2] == ("spec", "template"):
        yield f"restarts the pods of {named}"
