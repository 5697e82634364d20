"""What becomes of pods with a fix: how many there are, what they ask for, and what keeps them from going.

Semantics: Kubernetes, Resource Management for Pods and Containers; Specifying a Disruption Budget for your Application
(a rollout asks no budget).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from msgspec.structs import replace

from readycheck.documents.edits import Change, Refused
from readycheck.documents.edits.bodies import changed
from readycheck.inventory import AUTOSCALERS, Inventory
from readycheck.kubernetes.budget import Budget
from readycheck.kubernetes.kinds import REPLICATED
from readycheck.kubernetes.node import wants_spot
from readycheck.kubernetes.resources import CPU, MEMORY, EffectiveResources
from readycheck.kubernetes.workload import Workload
from readycheck.model import Collected, Edit, Resource, Unjudged
from readycheck.simulation.requests import in_words, requests_of

_FLOORS = ("replicas", "minReplicas", "minReplicaCount")
_UNTOUCHED_BY_TEMPLATES = ("CronJob", "Job", "Pod")


class Pods:
    """Tells what becomes of the pods that files declare.

    Args:
        sources: everything that was read.
    """

    def __init__(self, sources: Iterable[Collected]) -> None:
        self._inventory = Inventory([source for source in sources if source.source == "files"])

    def with_edits(self, edits: Sequence[Edit]) -> Iterator[str]:
        """What edits of one object do to pods, in words.

        Args:
            edits: the edits.
        """
        root = edits[0].place.resource.root
        workload = self._workload(root)
        if workload is None:
            return
        named = f"{workload.kind} {workload.name}"
        own = edits if isinstance(root, Workload) else ()
        yield from self._resized(workload, own, named)
        raised = next(((edit, more) for edit in edits if (more := _more_pods(edit))), None)
        if raised is not None:
            edit, more = raised
            pods = "1 pod" if more == 1 else f"{more} pods"
            yield f"adds {pods} to {named}{self._price(workload, own, more)}"
            yield from self._budgets(workload, edit.value, restarts=False)
            yield from self._spot(workload)
        elif any(map(_changes_template, own)) and root.kind not in _UNTOUCHED_BY_TEMPLATES:
            yield f"restarts the pods of {named}"
            yield from self._budgets(workload, self._floor(workload), restarts=True)

    def more_in(self, after: Pods) -> str:
        """How much more all pods together ask for in another tree, at the fewest replicas that can run; "" for nothing.

        Args:
            after: the same objects with fixes made.
        """
        before, afterwards = self._asked_for, after._asked_for
        more: Counter[str] = Counter()
        for name in before.keys() & afterwards.keys():
            more.update(afterwards[name])
            more.subtract(before[name])
        return _difference(more)

    @cached_property
    def _asked_for(self) -> Mapping[tuple[str, ...], Mapping[str, int]]:
        """What the pods of each object with replicas ask for together, where that can be told."""
        found: dict[tuple[str, ...], Mapping[str, int]] = {}
        for workload in self._inventory.workloads:
            count = self._floor(workload)
            asked = self._requests(workload)
            if count is not None and asked is not None:
                name = (workload.origin.world, workload.origin.file, workload.kind, workload.scope, workload.name)
                found[name] = _times(asked, count)
        return found

    def _workload(self, root: Resource) -> Workload | None:
        if root.kind in AUTOSCALERS:
            return self._inventory.workload_of(root)
        return root if isinstance(root, Workload) else None

    def _floor(self, workload: Workload) -> int | None:
        """The fewest pods that it can have; None where it has no number of its own, or that cannot be told."""
        runner = self._inventory.run_by(workload) or workload
        try:
            return self._inventory.replica_floor(runner).count if runner.kind in REPLICATED else None
        except Unjudged:
            return None

    def _requests(self, workload: Workload, edits: Sequence[Edit] = ()) -> Mapping[str, int] | None:
        """What one pod asks for: a limit or a LimitRange stands for what is not said; None where that is not told."""
        try:
            defaults = self._inventory.container_defaults(workload)
            edited = _with(workload, [Change(0, edit.place.way, edit.value) for edit in edits])
            filled = []
            for container in edited.containers:
                for resource, place in EffectiveResources.of(container, defaults).requests.items():
                    holder = container if place.resource.kind == "LimitRange" else place.resource
                    filled.append(Change(0, (*holder.path, "resources", "requests", resource), place.seen))
            asked = requests_of(_with(edited, filled))
        except (Unjudged, Refused):
            return None
        return {name: asked.get(name, 0) for name in (CPU, MEMORY)}

    def _resized(self, workload: Workload, edits: Sequence[Edit], named: str) -> Iterator[str]:
        """What the pods that are there ask for in addition."""
        before, after = self._requests(workload), self._requests(workload, edits)
        if before is None or after is None:
            return
        count = self._floor(workload)
        more = _difference(_times({name: after[name] - before[name] for name in after}, 1 if count is None else count))
        if more:
            pods = "each pod" if count is None else "the pod" if count == 1 else f"the {count} pods"
            yield f"requests {more} for {pods} of {named}"

    def _price(self, workload: Workload, edits: Sequence[Edit], more: int) -> str:
        """What some more pods ask for, to follow the words that they are added."""
        asked = self._requests(workload, edits)
        if asked is None:
            return ", whose requests cannot be told"
        lacking = " and ".join(f"no {name}" for name, amount in asked.items() if not amount)
        price = _difference(_times(asked, more))
        if not price:
            return f", which requests {lacking}"
        return f": {price}, and it requests {lacking}" if lacking else f": {price}"

    def _budgets(self, workload: Workload, pods: int | None, *, restarts: bool) -> Iterator[str]:
        """What the disruption budgets that are for it alone let go of so many pods."""
        if not pods:
            return
        try:
            for budget in self._inventory.budgets_of(workload):
                selected = self._inventory.selected_by(self._inventory.budget_selector(budget), budget)
                if len(selected) > 1:
                    continue
                free = Budget.of(budget).disruptions(pods)
                of = f"of {pods} pods" if pods > 1 else "of 1 pod"
                if not restarts:
                    yield f"PodDisruptionBudget {budget.name} lets {free or 'none'} {of} go"
                elif not free:
                    yield f"PodDisruptionBudget {budget.name} lets none {of} go: it holds up drains, not this restart"
        except Unjudged:
            return

    def _spot(self, workload: Workload) -> Iterator[str]:
        """What takes all pods away at once, however many they are."""
        try:
            if wants_spot(workload.pod):
                yield "all its pods ask for spot nodes, which can be taken away together"
                return
            nodes = [nodes for cluster in self._inventory.clusters for nodes in cluster.nodes]
            if nodes and all(each.spot and not each.on_demand for each in (nodes.capacity() for nodes in nodes)):
                names = ", ".join(dict.fromkeys(each.name for each in nodes))
                yield f"all nodes that are declared are spot ({names}), which can be taken away together"
        except Unjudged:
            return


def _changes_template(edit: Edit) -> bool:
    return edit.place.way[:2] == ("spec", "template")


def _more_pods(edit: Edit) -> int:
    """How many pods more an edit has run at least."""
    if edit.place.way[-1:] not in [(each,) for each in _FLOORS] or not isinstance(edit.value, int):
        return 0
    return max(0, edit.value - (edit.place.seen if isinstance(edit.place.seen, int) else 1))


def _with(workload: Workload, changes: Sequence[Change]) -> Workload:
    """A workload with changes made.

    Raises:
        Refused: they do not fit into it.
    """
    return replace(workload, body=changed(workload.body, changes)) if changes else workload


def _times(asked: Mapping[str, int], count: int) -> Mapping[str, int]:
    return {name: amount * count for name, amount in asked.items()}


def _difference(more: Mapping[str, int]) -> str:
    """Amounts as people write them: `0.5 cpu and 64Mi memory more`; "" where all are 0."""
    parts = []
    for sign, how in ((1, "more"), (-1, "less")):
        amounts = [in_words(name, abs(amount)) for name, amount in sorted(more.items()) if amount * sign > 0]
        parts += [f"{' and '.join(amounts)} {how}"] if amounts else []
    return " and ".join(parts)
