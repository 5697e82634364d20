"""What would become of the pods of a zone if its nodes were gone.

The pods that a controller makes again have to find a place on the nodes of the other zones, beside what stands there.
Bare pods are lost. DaemonSets' pods and static pods end with their node, and what stands on nodes that are no machines
is left out. So are pods of negative priority: they give way to whatever is put, which is what placeholders are for that
keep room free (Kubernetes, Node Autoscaling, overprovision node capacity).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import Enum

from msgspec import Struct

from readycheck.kubernetes.eviction import is_bare, is_of_daemon_set, is_static
from readycheck.kubernetes.workload import Workload
from readycheck.simulation.choice import Machine
from readycheck.simulation.placement import UNSETTLED, place
from readycheck.simulation.pods import Sort
from readycheck.simulation.room import Room

MODELLED = (
    "requests against allocatable (CPU, memory, pods and whatever else pods ask for)",
    "cordons, taints, node selectors and required node affinity",
    "required pod affinity, and required anti-affinity in both directions",
    "DoNotSchedule spread, host ports, and the zones and nodes that volumes can be reached from",
    "pods of negative priority, which give way",
)
"""What decides here where a pod can go, for people."""
NOT_MODELLED = (
    "nodes that an autoscaler would add",
    "preemption among pods of other priorities, pods that already wait for a node, resizes under way",
    "how many volumes a node can attach, device claims",
    "scheduler plug-ins and other schedulers",
    "lost nodes that are still listed, which DoNotSchedule spread goes on counting as a domain without pods",
)
"""What does not, and may."""


def named(workload: Workload) -> str:
    """A workload as results name it: `shop/Deployment/basket`."""
    return f"{workload.scope}/{workload.kind}/{workload.name}"


class Fate(Enum):
    """What becomes of a pod whose node is gone."""

    RETURNS = "its controller makes it again, wherever there is room"
    ENDS = "it ends with its node"
    IS_LOST = "nothing makes it again"
    GIVES_WAY = "it makes room for others, on any node"

    @classmethod
    def of(cls, pod: Workload) -> Fate:
        """The fate of a pod.

        Args:
            pod: the pod.

        Raises:
            Unjudged: it is of another shape than pods are.
        """
        if pod.integer(("spec", "priority"), 0) < 0:
            return cls.GIVES_WAY
        if is_of_daemon_set(pod) or is_static(pod):
            return cls.ENDS
        return cls.IS_LOST if is_bare(pod) else cls.RETURNS


class Occupant(Struct, frozen=True, eq=False):
    """A pod on a node: it runs or is about to, and is not on its way out.

    Args:
        pod: the pod.
        sort: its sort.
        machine: the node that it stands on.
        top: the workload that it comes from; itself where that is not to be seen.
        fate: what becomes of it without its node.
    """

    pod: Workload
    sort: Sort
    machine: Machine
    top: Workload
    fate: Fate

    @property
    def named(self) -> str:
        """Its namespace and name."""
        return f"{self.pod.scope}/{self.pod.name}"

    @property
    def maker(self) -> str:
        """What it comes from: namespace, kind and name."""
        return named(self.top)


class Move(Struct, frozen=True, eq=False):
    """Where a pod would come up again."""

    occupant: Occupant
    to: Machine


class Unplaced(Struct, frozen=True, eq=False):
    """A pod that finds no place, and why not."""

    occupant: Occupant
    why: str


class ZoneLoss(Struct, frozen=True, eq=False):
    """What the loss of a zone would bring about.

    Args:
        zone: its name.
        nodes: how many nodes remain that take pods.
        moves: the pods that find a place.
        unplaced: those that do not.
        bare: the pods that nothing makes again.
        room: whether all that would be made again fit what remains; None where nobody can tell.
        untold: why not, where nobody can tell.
    """

    zone: str
    nodes: int
    moves: Sequence[Move]
    unplaced: Sequence[Unplaced]
    bare: Sequence[Occupant]
    room: bool | None
    untold: str = ""

    @property
    def evicted(self) -> int:
        """How many pods would have to be put elsewhere."""
        return len(self.moves) + len(self.unplaced)


def lose(zone: str, machines: Sequence[Machine], occupants: Sequence[Occupant]) -> ZoneLoss:
    """Take the nodes of a zone away and find a place for what stood there.

    Args:
        zone: the name of the zone.
        machines: all nodes of the cluster.
        occupants: all pods on them.
    """
    occupants = [each for each in occupants if each.fate is not Fate.GIVES_WAY]
    staying = [machine for machine in machines if machine.zone != zone or not machine.real]
    index = {machine: number for number, machine in enumerate(staying)}
    gone = [each for each in occupants if each.machine not in index]
    bare = [each for each in gone if each.fate is Fate.IS_LOST]
    evicted = [each for each in gone if each.fate is Fate.RETURNS]
    demand = Counter(each.sort for each in evicted)
    standing = ((each.sort, index[each.machine]) for each in occupants if each.machine in index)
    placement = place(Room(staying, standing, demand), demand)
    nodes = {sort: iter(found) for sort, found in placement.nodes.items()}
    moves: list[Move] = []
    unplaced: list[Unplaced] = []
    for each in evicted:
        node = next(nodes.get(each.sort, iter(())), None)
        if node is None:
            unplaced.append(Unplaced(each, placement.why[each.sort]))
        else:
            moves.append(Move(each, staying[node]))
    untold = UNSETTLED if placement.possible is None else ""
    if placement.possible:
        untold = next((each.sort.untold for each in evicted if each.sort.untold), "") or _without_zone(staying)
    room = None if untold else placement.possible
    return ZoneLoss(zone, sum(machine.takes_pods for machine in staying), moves, unplaced, bare, room, untold)


def _without_zone(machines: Sequence[Machine]) -> str:
    nameless = next((machine for machine in machines if machine.real and not machine.zone), None)
    return f"the zone that node {nameless.name} stands in is not told" if nameless else ""
