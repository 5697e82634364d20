"""Why pods cannot all be put into a room, by arguments that hold whatever is put where.

Each looks at what lasts only: what is free on the nodes that a pod can ever stand on. Where none of them applies the
pods may fit or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from readycheck.simulation.pods import Sort
from readycheck.simulation.requests import PODS, in_words
from readycheck.simulation.room import Room

Demand = Mapping[Sort, int]
"""How many pods of each sort are to be put."""

_MOST_GROUPS = 200
"""How many sets of nodes are looked at: more than pools of nodes that a cluster has."""


class Shortage(Struct, frozen=True, eq=False):
    """Why some pods cannot all be put.

    Args:
        sorts: the sorts of pods that cannot all be put.
        why: why not, to follow "finds no place: ".
    """

    sorts: frozenset[Sort]
    why: str


def without_nodes(room: Room, demand: Demand) -> Iterator[Shortage]:
    """The sorts of pods that no node can ever take, with what stands there."""
    for sort in demand:
        if all(room.lasting_obstacle(sort, node) for node in room.conditions[sort].nodes):
            yield Shortage(frozenset((sort,)), _why_nowhere(room, sort))


def shortages(room: Room, demand: Demand) -> Iterator[Shortage]:
    """Everything that is certainly short for pods each of which some node could take."""
    lasting = {sort: frozenset(room.lasting(sort)) for sort in demand}
    yield from _in_sum(room, demand, lasting)
    for sort, nodes in lasting.items():
        yield from _kept_apart(room, sort, demand[sort], nodes)
        yield from _unevenly_spread(room, demand, lasting, sort)


def _why_nowhere(room: Room, sort: Sort) -> str:
    """What stands in the way of a sort that no node can take: the first thing that leaves no node."""
    machines = [machine for machine in room.machines if machine.takes_pods]
    nodes = room.conditions[sort].nodes
    if not machines:
        return "no node remains that takes pods"
    for name, choice in sort.volumes:
        if not any(choice.admits(machine) for machine in machines):
            return f"no node that remains can reach its volume {name}"
    if not nodes:
        return "no node that remains has the labels that it asks for and only taints that it tolerates"
    return (
        _lacking(room, sort, nodes) or f"none of the nodes that it may stand on ({len(nodes)}) has all that it asks for"
    )


def _lacking(room: Room, sort: Sort, nodes: Sequence[int]) -> str:
    """The resource that none of these nodes has enough of, or that anti-affinity leaves none; "" where neither does."""
    for index, amount in room.conditions[sort].needs:
        most = max(room.free[node][index] for node in nodes)
        name = room.resources[index]
        if most < amount and name == PODS:
            return f"{_the_nodes(len(nodes))} can take no more pods"
        if most < amount:
            asked, free = in_words(name, amount), in_words(name, max(most, 0))
            return f"it asks for {asked}, and {_the_nodes(len(nodes))} {_has(len(nodes))} {free} free at most"
    if all(any(tally.at(node) for tally in room.conditions[sort].blocking) for node in nodes):
        return f"anti-affinity with pods that stand there keeps it from {_the_nodes(len(nodes))}"
    return ""


def _the_nodes(number: int) -> str:
    return "the one node that it may stand on" if number == 1 else f"the {number} nodes that it may stand on"


def _has(number: int) -> str:
    return "has" if number == 1 else "have"


def _in_sum(room: Room, demand: Demand, lasting: Mapping[Sort, frozenset[int]]) -> Iterator[Shortage]:
    """Where pods that only some nodes can take ask for more than those have, in sum or one by one."""
    masks = {sort: sum(1 << node for node in nodes) for sort, nodes in lasting.items()}
    everywhere = 0
    for mask in masks.values():
        everywhere |= mask
    sets = sorted({everywhere, *masks.values()}, key=lambda mask: (-mask.bit_count(), mask))
    for allowed in sets[:_MOST_GROUPS]:
        sorts = [sort for sort, mask in masks.items() if not mask & ~allowed]
        nodes = [node for node in range(len(room.machines)) if allowed >> node & 1]
        for index, name in enumerate(room.resources):
            why = _too_much(room, {sort: demand[sort] for sort in sorts}, nodes, index, name)
            if why:
                yield Shortage(frozenset(sort for sort in sorts if sort.requests.get(name)), why)


def _too_much(room: Room, demand: Demand, nodes: list[int], index: int, name: str) -> str:
    free = [max(0, room.free[node][index]) for node in nodes]
    where = "the one node" if len(nodes) == 1 else f"the {len(nodes)} nodes"
    asking = sorted(
        ((sort.requests[name], number) for sort, number in demand.items() if sort.requests.get(name)), reverse=True
    )
    wanted = sum(amount * number for amount, number in asking)
    if wanted > sum(free):
        asked, has = in_words(name, wanted), in_words(name, sum(free))
        return f"{asked} asked for by all that can only go to {where} with {has} free"
    larger = 0
    for position, (amount, number) in enumerate(asking):
        larger += number
        if position + 1 < len(asking) and asking[position + 1][0] == amount:
            continue
        places = sum(each // amount for each in free)
        if larger > places:
            return (
                f"{larger} pods ask for {in_words(name, amount)} or more each, and {where} that they may stand on"
                f" {_has(len(nodes))} room for {places} of them"
            )
    return ""


def _kept_apart(room: Room, sort: Sort, number: int, nodes: frozenset[int]) -> Iterator[Shortage]:
    """Where pods that keep apart from one another find fewer places than there are pods."""
    for term in sort.apart:
        values = [room.values_of(term.key)[node] for node in nodes]
        if sort.is_meant_by(term) and None not in values and number > len(set(values)):
            yield Shortage(
                frozenset((sort,)),
                f"its anti-affinity lets one pod stand on each {term.key}, and {len(set(values))} of them"
                f" can take one for {number} pods",
            )


def _unevenly_spread(
    room: Room, demand: Demand, lasting: Mapping[Sort, frozenset[int]], sort: Sort
) -> Iterator[Shortage]:
    """Where a spread constraint lets fewer pods in than there are, however they are put."""
    for tally in room.conditions[sort].spreads:
        taking = {value for node in lasting[sort] if (value := tally.values[node]) is not None}
        whole = len(tally.counts) >= tally.constraint.min_domains
        closed = [count for value, count in tally.counts.items() if value not in taking]
        if not tally.own or (whole and not closed):
            continue
        least = min(closed) if whole else 0
        places = sum(max(0, least + tally.constraint.max_skew - tally.counts[value]) for value in taking)
        if demand[sort] <= places:
            continue
        # Others of those that it counts may come between and raise the least.
        if not any(each is not sort and each.is_meant_by(tally.constraint.term) for each in demand):
            key = tally.constraint.term.key
            why = (
                f"minDomains {tally.constraint.min_domains} and {len(tally.counts)} left"
                if not whole
                else f"a {key} that takes no more of them holds {least}"
            )
            yield Shortage(
                frozenset((sort,)),
                f"its DoNotSchedule spread over {key} lets in {places} of {demand[sort]} pods: {why}",
            )
