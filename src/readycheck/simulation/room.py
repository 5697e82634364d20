"""The nodes that stay, what stands on them, and whether one more pod of a sort may be put on one.

The conditions are those of the filters of kube-scheduler that depend on requests, labels, taints, volumes and other
pods (Kubernetes, Scheduler configuration: NodeResourcesFit, NodeAffinity, TaintToleration, NodePorts, VolumeBinding,
VolumeZone, InterPodAffinity, PodTopologySpread).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from readycheck.simulation.choice import Machine, tolerated
from readycheck.simulation.neighbours import Spread, Term
from readycheck.simulation.pods import HostPort, Sort, clash


class Tally:
    """How many of the pods that count stand near each value of a label of nodes.

    Args:
        values: the value for each node; None where it has none, or does not count.
    """

    __slots__ = ("counts", "values")

    def __init__(self, values: Sequence[str | None]) -> None:
        self.values = values
        self.counts: dict[str, int] = {}

    def add(self, node: int, number: int) -> None:
        """Count pods on a node."""
        value = self.values[node]
        if value is not None:
            self.counts[value] = self.counts.get(value, 0) + number

    def at(self, node: int) -> int:
        """How many stand near a node."""
        value = self.values[node]
        return 0 if value is None else self.counts.get(value, 0)


class SpreadTally(Tally):
    """A spread constraint's count of its pods, by domain."""

    __slots__ = ("constraint", "own")

    def __init__(self, constraint: Spread, values: Sequence[str | None], own: int) -> None:
        super().__init__(values)
        self.constraint = constraint
        self.own = own
        """1 where the pods that have the constraint count themselves, else 0."""
        self.counts = dict.fromkeys((value for value in values if value is not None), 0)

    @property
    def most(self) -> int:
        """The most that a domain may hold for one more pod to be put there."""
        least = min(self.counts.values(), default=0) if len(self.counts) >= self.constraint.min_domains else 0
        return least + self.constraint.max_skew - self.own


class Conditions:
    """What has to hold for a pod of one sort to be put on a node."""

    __slots__ = ("blocking", "moves", "near", "needs", "nodes", "ports", "self_near", "spreads")

    def __init__(self) -> None:
        self.needs: list[tuple[int, int]] = []
        """Which resource, and how much of it."""
        self.ports: frozenset[HostPort] = frozenset()
        self.nodes: list[int] = []
        """The nodes that are right whatever stands there."""
        self.blocking: list[Tally] = []
        """None of these may stand near: what it keeps apart from, and what keeps apart from it."""
        self.near: list[Tally] = []
        self.self_near = False
        """Whether the first pod of its sort may stand alone: it is what its own affinity asks for."""
        self.spreads: list[SpreadTally] = []
        self.moves: list[Tally] = []
        """What counts it, wherever it stands."""


class _Index:
    """Sorts of pods, found by what means them."""

    def __init__(self, sorts: Iterable[Sort]) -> None:
        self._sorts = sorts

    @cached_property
    def _all(self) -> Mapping[str, list[Sort]]:
        found: dict[str, list[Sort]] = defaultdict(list)
        for sort in self._sorts:
            found[sort.namespace].append(sort)
        return found

    @cached_property
    def _by_label(self) -> Mapping[tuple[str, str], list[Sort]]:
        found: dict[tuple[str, str], list[Sort]] = defaultdict(list)
        for sort in self._sorts:
            for label in sort.labels.items():
                found[label].append(sort)
        return found

    def meant_by(self, term: Term) -> list[Sort]:
        """The sorts that a term means."""
        anchored = [self._by_label.get(label, []) for label in term.selector.anchors]
        namespaces = self._all if term.namespaces is None else term.namespaces
        candidates = (
            min(anchored, key=len)
            if anchored
            else [sort for namespace in namespaces for sort in self._all.get(namespace, ())]
        )
        return [sort for sort in candidates if sort.is_meant_by(term)]


def _all_mean(terms: Iterable[Term], sort: Sort) -> bool:
    return all(sort.is_meant_by(term) for term in terms)


class Room:
    """Nodes with pods on them, to which more are added and taken away again.

    Args:
        machines: the nodes that stay.
        standing: the pods on them that stay: their sort, and the index of their node.
        arriving: the sorts of the pods that are to be put there.
    """

    def __init__(
        self, machines: Sequence[Machine], standing: Iterable[tuple[Sort, int]], arriving: Iterable[Sort]
    ) -> None:
        self.machines = machines
        self.arriving = list(dict.fromkeys(arriving))
        self._standing: dict[Sort, dict[int, int]] = defaultdict(dict)
        for (sort, node), number in Counter(standing).items():
            self._standing[sort][node] = number
        self.resources = sorted({name for sort in self.arriving for name in sort.requests})
        self._needs: dict[int, list[tuple[int, int]]] = {}
        self.free = [[machine.allocatable.get(name, 0) for name in self.resources] for machine in machines]
        self._ports: list[Counter[HostPort]] = [Counter() for _ in machines]
        for sort, nodes in self._standing.items():
            self._take(sort, nodes)
        self._values: dict[str, list[str | None]] = {}
        self._choosing: dict[object, list[bool]] = {}
        self._right: dict[object, list[int]] = {}
        self._counted: dict[object, list[str | None]] = {}
        self.conditions: dict[Sort, Conditions] = {sort: self._own_conditions(sort) for sort in self.arriving}
        self._relate()

    def _take(self, sort: Sort, nodes: Mapping[int, int]) -> None:
        needs = self._needs_of(sort)
        for node, number in nodes.items():
            free = self.free[node]
            for index, amount in needs:
                free[index] -= amount * number
            for port in sort.ports:
                self._ports[node][port] += number

    def _needs_of(self, sort: Sort) -> list[tuple[int, int]]:
        # What pods of one spec ask for is held once, however their labels differ.
        found = self._needs.get(id(sort.requests))
        if found is None:
            asked = sort.requests
            found = [(index, asked[name]) for index, name in enumerate(self.resources) if name in asked]
            self._needs[id(asked)] = found
        return found

    # What stands still ------------------------------------------------------------------------------------------

    def _own_conditions(self, sort: Sort) -> Conditions:
        own = Conditions()
        own.needs = self._needs_of(sort)
        own.ports = sort.ports
        own.nodes = self._right_for(sort)
        return own

    def _right_for(self, sort: Sort) -> list[int]:
        """The nodes that are right for a sort; most sorts ask for the same."""
        labels = frozenset(term.key for term in (*(spread.term for spread in sort.spreads), *sort.near))
        key = (sort.choices, sort.volumes, sort.tolerations, labels)
        found = self._right.get(key)
        if found is None:
            conditions = zip(self._chooses(sort), self._reaches(sort), self._tolerates(sort), strict=True)
            found = self._right[key] = [
                node
                for node, (machine, held) in enumerate(zip(self.machines, conditions, strict=True))
                if machine.takes_pods and all(held) and labels <= machine.labels.keys()
            ]
        return found

    def _chooses(self, sort: Sort) -> list[bool]:
        return self._told(("choices", sort.choices), lambda machine: all(each.admits(machine) for each in sort.choices))

    def _reaches(self, sort: Sort) -> list[bool]:
        volumes = tuple(choice for _, choice in sort.volumes)
        return self._told(("choices", volumes), lambda machine: all(each.admits(machine) for each in volumes))

    def _tolerates(self, sort: Sort) -> list[bool]:
        return self._told(("taints", sort.tolerations), lambda machine: tolerated(sort.tolerations, machine))

    def _told(self, key: object, ask: Callable[[Machine], bool]) -> list[bool]:
        found = self._choosing.get(key)
        if found is None:
            found = self._choosing[key] = [ask(machine) for machine in self.machines]
        return found

    def values_of(self, key: str) -> list[str | None]:
        """The value of a label for each node."""
        found = self._values.get(key)
        if found is None:
            found = self._values[key] = [machine.labels.get(key) for machine in self.machines]
        return found

    # What depends on other pods ---------------------------------------------------------------------------------

    def _relate(self) -> None:
        everyone = _Index({**dict.fromkeys(self._standing), **dict.fromkeys(self.arriving)})
        arriving = _Index(self.arriving)
        for sort, own in self.conditions.items():
            for term in sort.apart:
                tally = self._tally(self.values_of(term.key), everyone.meant_by(term))
                own.blocking.append(tally)
            if sort.near:
                together = [each for each in everyone.meant_by(sort.near[0]) if _all_mean(sort.near, each)]
                own.near = [self._tally(self.values_of(term.key), together) for term in sort.near]
                own.self_near = _all_mean(sort.near, sort)
            for spread in sort.spreads:
                tally = SpreadTally(spread, self._domains(sort, spread), int(sort.is_meant_by(spread.term)))
                self._count(tally, everyone.meant_by(spread.term))
                own.spreads.append(tally)
        holders: dict[Term, list[Sort]] = defaultdict(list)
        for sort in (*self._standing, *(each for each in self.arriving if each not in self._standing)):
            for term in sort.apart:
                holders[term].append(sort)
        for term, sorts in holders.items():
            meant = arriving.meant_by(term)
            if meant:
                tally = self._tally(self.values_of(term.key), sorts)
                for sort in meant:
                    self.conditions[sort].blocking.append(tally)

    def _tally(self, values: Sequence[str | None], counted: Iterable[Sort]) -> Tally:
        tally = Tally(values)
        self._count(tally, counted)
        return tally

    def _count(self, tally: Tally, counted: Iterable[Sort]) -> None:
        for sort in counted:
            for node, number in self._standing.get(sort, {}).items():
                tally.add(node, number)
            if sort in self.conditions:
                self.conditions[sort].moves.append(tally)

    def _domains(self, sort: Sort, spread: Spread) -> list[str | None]:
        """The domain of each node that counts for a constraint: it has the labels of all constraints of the pod."""
        keys = frozenset(each.term.key for each in sort.spreads)
        policies = (spread.honours_choice and sort.choices, spread.honours_taints and sort.tolerations)
        alike = (spread.term.key, keys, policies)
        found = self._counted.get(alike)
        if found is None:
            chosen = self._chooses(sort) if spread.honours_choice else None
            tolerated_there = self._tolerates(sort) if spread.honours_taints else None
            found = self._counted[alike] = [
                value
                if keys <= machine.labels.keys()
                and (chosen is None or chosen[node])
                and (tolerated_there is None or tolerated_there[node])
                else None
                for node, (machine, value) in enumerate(
                    zip(self.machines, self.values_of(spread.term.key), strict=True)
                )
            ]
        return found

    # Asking and moving ------------------------------------------------------------------------------------------

    def lasting_obstacle(self, sort: Sort, node: int) -> bool:
        """Whether a pod cannot be put on a node, and cannot later either, whatever else is put anywhere."""
        own, free = self.conditions[sort], self.free[node]
        for index, amount in own.needs:
            if free[index] < amount:
                return True
        if own.ports and self._port_taken(own.ports, node):
            return True
        for tally in own.blocking:  # noqa: SIM110 - asked more than anything else, and a generator is not for free
            if tally.at(node):
                return True
        return False

    def lasting(self, sort: Sort) -> list[int]:
        """The nodes that a pod of a sort can be put on, now or once others have been put."""
        return [node for node in self.conditions[sort].nodes if not self.lasting_obstacle(sort, node)]

    def _port_taken(self, ports: frozenset[HostPort], node: int) -> bool:
        return any(number and clash(port, taken) for taken, number in self._ports[node].items() for port in ports)

    def openings(self, sort: Sort) -> Iterator[int]:
        """The nodes that a pod of a sort can be put on now, in their order."""
        own = self.conditions[sort]
        limits = [(tally, tally.most) for tally in own.spreads]
        alone = own.self_near and not any(count for tally in own.near for count in tally.counts.values())
        for node in own.nodes:
            if self.lasting_obstacle(sort, node):
                continue
            if any(tally.at(node) > most for tally, most in limits):
                continue
            if own.near and not alone and not all(tally.at(node) for tally in own.near):
                continue
            yield node

    def put(self, sort: Sort, node: int, number: int = 1) -> None:
        """Put a pod on a node, or take it away again.

        Args:
            sort: the pod's sort.
            node: the index of the node.
            number: 1, or -1 to take it away.
        """
        own, free = self.conditions[sort], self.free[node]
        for index, amount in own.needs:
            free[index] -= amount * number
        for port in own.ports:
            self._ports[node][port] += number
        for tally in own.moves:
            tally.add(node, number)
