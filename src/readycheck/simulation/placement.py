"""Finding a place for each of many pods, or showing that there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from readycheck.simulation.pods import Sort
from readycheck.simulation.room import Room
from readycheck.simulation.shortage import Demand, shortages, without_nodes

_MOST_LOOKS = 1_000_000
"""How often a node is looked at for a pod before the search gives up: about a second."""
_MOST_PODS = 200

UNSETTLED = "no placement was found, and none was ruled out"


class Placement(Struct, frozen=True, eq=False):
    """Where pods were put.

    Args:
        nodes: the indexes of the nodes that pods of a sort were put on.
        possible: whether all of them can be put; None where nobody can tell.
        why: why pods of a sort were not put, for each that was left.
    """

    nodes: Mapping[Sort, Sequence[int]]
    possible: bool | None
    why: Mapping[Sort, str]


def place(room: Room, demand: Demand) -> Placement:
    """Put pods into a room: those that are hard to put first, each on the first node that can take it.

    Where that leaves some, what is certainly short is looked for; where nothing is, other orders are tried and, for few
    pods, every way to put them. Pods that no node can ever take stand in nobody's way.

    Args:
        room: the room, which is left as it was.
        demand: how many pods of each sort are to be put.
    """
    hopeless = {sort: shortage.why for shortage in without_nodes(room, demand) for sort in shortage.sorts}
    placement = _place(room, {sort: number for sort, number in demand.items() if sort not in hopeless})
    if not hopeless:
        return placement
    return Placement(placement.nodes, possible=False, why={**hopeless, **placement.why})


def _place(room: Room, demand: Demand) -> Placement:
    total = sum(demand.values())
    orders = _orders(room, demand)
    best = _first_fit(room, demand, next(orders))
    if _size(best) == total:
        return Placement(best, True, {})
    why: dict[Sort, str] = {}
    for shortage in shortages(room, demand):
        for sort in shortage.sorts:
            why.setdefault(sort, shortage.why)
    possible: bool | None = False if why else None
    for order in () if why else orders:
        put = _first_fit(room, demand, order)
        if _size(put) == total:
            return Placement(put, True, {})
        best = max(best, put, key=_size)
    if not why and total <= _MOST_PODS:
        possible, found = _Search(room, demand).run()
        if found:
            return Placement(found, True, {})
    otherwise = _OTHERS_FIRST if why else _TRIED if possible is False else UNSETTLED
    left = (sort for sort, number in demand.items() if len(best.get(sort, ())) < number)
    return Placement(best, possible, {sort: why.get(sort, otherwise) for sort in left})


_OTHERS_FIRST = "others take the room that there is"
_TRIED = "every way to put all of them was tried, and none leaves room for it"


def _size(put: Mapping[Sort, Sequence[int]]) -> int:
    return sum(map(len, put.values()))


def _orders(room: Room, demand: Demand) -> Iterator[Sequence[Sort]]:
    """The orders in which sorts are put: by how few nodes can take them, by size, by what they want of others."""
    capacity = [sum(max(0, free[index]) for free in room.free) or 1 for index in range(len(room.resources))]

    def share(sort: Sort) -> float:
        return max(amount / capacity[index] for index, amount in room.conditions[sort].needs)

    def choice(sort: Sort) -> int:
        return len(room.conditions[sort].nodes)

    def wants(sort: Sort) -> int:
        own = room.conditions[sort]
        return len(own.spreads) + len(own.near) + len(own.blocking)

    yield sorted(demand, key=lambda sort: (choice(sort), -share(sort)))
    yield sorted(demand, key=lambda sort: -share(sort))
    yield sorted(demand, key=lambda sort: (-wants(sort), choice(sort), -share(sort)))


def _first_fit(room: Room, demand: Demand, order: Sequence[Sort]) -> dict[Sort, list[int]]:
    """Put pods in an order; those that find no place yet are tried again as long as others find one."""
    put: dict[Sort, list[int]] = {}
    passed: dict[object, int] = {}
    waiting = list(order)
    moved = True
    while moved and waiting:
        moved = False
        for sort in list(waiting):
            nodes = put.setdefault(sort, [])
            before = len(nodes)
            for node in _places(room, sort, passed):
                room.put(sort, node)
                nodes.append(node)
                if len(nodes) == demand[sort]:
                    waiting.remove(sort)
                    break
            moved = moved or len(nodes) > before
    for sort, nodes in put.items():
        for node in nodes:
            room.put(sort, node, -1)
    return put


def _places(room: Room, sort: Sort, passed: dict[object, int]) -> Iterator[int]:
    """One place after the other for pods of a sort, each of which is taken before the next is asked for.

    Args:
        room: the room, to which pods are added alone.
        sort: the sort.
        passed: how many nodes are full for pods that ask for the same and mind no others; it is kept up to date.
    """
    own = room.conditions[sort]
    if own.spreads or own.near:
        while (node := next(room.openings(sort), None)) is not None:
            yield node
        return
    # What no node allows now it never will: no look back, and none by the next sort that asks for the same.
    asked = sort if own.blocking or own.ports else (id(own.nodes), *own.needs)
    for index in range(passed.get(asked, 0), len(own.nodes)):
        passed[asked] = index
        while not room.lasting_obstacle(sort, own.nodes[index]):
            yield own.nodes[index]


class _Search:
    """Every way to put some pods, up to a number of them.

    A state is what stands where, however it came to be. Where nothing has to wait for anything else one sort after the
    other is put; else every sort may come next, since some orders reach what others do not.
    """

    def __init__(self, room: Room, demand: Demand) -> None:
        self._room = room
        self._sorts = list(demand)
        self._left = dict(demand)
        self._put: dict[Sort, list[int]] = {sort: [] for sort in demand}
        self._seen: set[tuple[tuple[int, ...], ...]] = set()
        self._looks = 0
        self._waits = any(room.conditions[sort].spreads or room.conditions[sort].near for sort in demand)

    def run(self) -> tuple[bool | None, Mapping[Sort, Sequence[int]]]:
        """Whether all can be put, None where the search was given up, and where."""
        found = self._go()
        put = {sort: list(nodes) for sort, nodes in self._put.items()} if found else {}
        for sort, nodes in self._put.items():
            for node in nodes:
                self._room.put(sort, node, -1)
        return found, put

    def _go(self) -> bool | None:
        waiting = [sort for sort in self._sorts if self._left[sort]]
        if not waiting:
            return True
        state = tuple(tuple(sorted(self._put[sort])) for sort in self._sorts)
        if state in self._seen:
            return False
        self._seen.add(state)
        self._looks += sum(len(self._room.conditions[sort].nodes) for sort in waiting)
        if self._looks > _MOST_LOOKS:
            return None
        ways = {sort: self._room.lasting(sort) for sort in waiting}
        if not all(ways.values()):
            return False
        ordered = sorted(waiting, key=lambda sort: len(ways[sort]))
        for sort in ordered if self._waits else ordered[:1]:
            for node in list(self._room.openings(sort)):
                self._move(sort, node, 1)
                found = self._go()
                if found is not False:
                    return found
                self._move(sort, node, -1)
        return False

    def _move(self, sort: Sort, node: int, number: int) -> None:
        self._room.put(sort, node, number)
        self._left[sort] -= number
        if number > 0:
            self._put[sort].append(node)
        else:
            self._put[sort].pop()
