"""What would become of pods if nodes went away: the simulations, asked of what was read of a live cluster."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from readycheck.inventory.core import remembered
from readycheck.inventory.workloads.pods import Pods
from readycheck.kubernetes.selector import Selector
from readycheck.kubernetes.workload import Workload
from readycheck.model import Resource
from readycheck.simulation.choice import Machine
from readycheck.simulation.pods import Sorter
from readycheck.simulation.zone_loss import Fate, Occupant, ZoneLoss, lose

ZONE_LOST = "Zone"
"""The kind of what a simulation of zone loss judges: a zone that nodes stand in, by its name."""


class Simulations(Pods):
    """The relations of pods to nodes as they would be if some of these were gone."""

    @cached_property
    def machines(self) -> Mapping[str, Machine]:
        """Every node as the scheduler sees it, by its name.

        Raises:
            Unjudged: nodes could not be read, or one is of another shape.
        """
        return {node.name: Machine.of(node, self.zone_of(node)) for node in self.nodes}

    @cached_property
    def zone_subjects(self) -> Sequence[Resource]:
        """The zones that machines stand in."""
        origin = self.environment.origin
        return [Resource(ZONE_LOST, zone, "", {}, origin) for zone in sorted(self._nodes_by_zone) if zone]

    @cached_property
    def _nodes_by_zone(self) -> Mapping[str, list[Resource]]:
        by_zone: dict[str, list[Resource]] = defaultdict(list)
        for node in self.nodes:
            if self.machines[node.name].real:
                by_zone[self.machines[node.name].zone].append(node)
        return by_zone

    def nodes_in(self, zone: str) -> Sequence[Resource]:
        """The machines that stand in a zone.

        Raises:
            Unjudged: nodes could not be read.
        """
        return self._nodes_by_zone.get(zone, ())

    @cached_property
    def occupants(self) -> Sequence[Occupant]:
        """Every pod that stands on a node and is neither finished nor on its way out.

        Raises:
            Unjudged: pods or what they refer to could not be read.
        """
        sorter = Sorter(self._volume_of, self._namespaces_selected)
        return [
            Occupant(pod, sorter.sort_of(pod), machine, self.top_owner(pod) or pod, Fate.of(pod))
            for pod in self.active_pods
            if (machine := self.machines.get(pod.node_name)) is not None
        ]

    @remembered
    def loss_of(self, zone: Resource) -> ZoneLoss:
        """What the loss of a zone would bring about.

        Args:
            zone: one of `zone_subjects`.

        Raises:
            Unjudged: nodes, pods or what they refer to could not be read.
        """
        return lose(zone.name, list(self.machines.values()), self.occupants)

    @remembered
    def ready_zones(self, workload: Workload) -> Mapping[str, Sequence[Workload]]:
        """The ready pods of a workload by the zone of their node; "" for nodes that tell none.

        Raises:
            Unjudged: pods, nodes or the controllers between could not be read.
        """
        ready = {zone: [pod for pod in pods if pod.ready] for zone, pods in self.zones_of(workload).items()}
        return {zone: pods for zone, pods in ready.items() if pods}

    def runs_on_machines(self, workload: Workload) -> bool:
        """Whether one of a workload's running pods stands on a machine, and not on a stand-in such as Fargate's.

        Raises:
            Unjudged: pods or nodes could not be read.
        """
        names = (pod.node_name for pod in self.running_pods(workload))
        return any(name not in self.machines or self.machines[name].real for name in names)

    def _volume_of(self, pod: Resource, claim: str) -> Resource | None:
        found = self.find("PersistentVolumeClaim", claim, pod)
        name = found.string("spec.volumeName") if found is not None else ""
        return self.find("PersistentVolume", name, pod, namespace="") if name else None

    def _namespaces_selected(self, selector: Selector) -> frozenset[str]:
        return frozenset(namespace.name for namespace in self.of("Namespace") if selector.holds(namespace.labels))
