"""What runs: pods, the workloads that made them, and the nodes and zones that they stand on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from readycheck.inventory.core import Core, remembered
from readycheck.kubernetes import node as nodes
from readycheck.kubernetes.condition import is_ready
from readycheck.kubernetes.workload import Workload
from readycheck.model import Resource


class Pods(Core):
    """The relations of pods to what made them and to where they run. Empty on a side that only declares."""

    @property
    def nodes(self) -> list[Resource]:
        """Every node.

        Raises:
            Unjudged: nodes could not be read.
        """
        return self.of("Node")

    @cached_property
    def workers(self) -> Sequence[Resource]:
        """The nodes that are machines for workloads: none of the control plane, no stand-ins such as Fargate's.

        Raises:
            Unjudged: nodes could not be read.
        """
        return [node for node in self.nodes if not nodes.is_control_plane(node) and not nodes.is_virtual(node)]

    @cached_property
    def open_workers(self) -> Sequence[Resource]:
        """The workers that are Ready and not cordoned: where pods can go now.

        Raises:
            Unjudged: nodes could not be read.
        """
        return [node for node in self.workers if is_ready(node) and not nodes.is_cordoned(node)]

    @remembered
    def zone_of(self, node: Resource) -> str:
        """The zone that a node stands in; "" where nothing tells.

        Raises:
            Unjudged: its labels cannot be read.
        """
        return nodes.zone_of(node)

    @cached_property
    def _nodes_by_name(self) -> Mapping[str, Resource]:
        return {node.name: node for node in self.nodes}

    def node_of(self, pod: Workload) -> Resource | None:
        """The node that a pod is bound to; None while it has none.

        Raises:
            Unjudged: nodes could not be read.
        """
        return self._nodes_by_name.get(pod.node_name)

    @remembered
    def top_owner(self, pod: Resource) -> Workload | None:
        """The top controller that a pod comes from; None for one without, or whose maker is no workload.

        Raises:
            Unjudged: a controller on the way could not be read.
        """
        maker = self.owner(pod)
        if not isinstance(maker, Workload):
            return None
        return maker if maker is pod else self.top_owner(maker) or maker

    @cached_property
    def pods(self) -> Sequence[Workload]:
        """Every pod.

        Raises:
            Unjudged: pods could not be read.
        """
        return [pod for pod in self.of("Pod") if isinstance(pod, Workload)]

    @cached_property
    def active_pods(self) -> Sequence[Workload]:
        """The pods that are there to stay: neither finished nor on their way out.

        Raises:
            Unjudged: pods could not be read, or one is of another shape.
        """
        return [pod for pod in self.pods if pod.active]

    @cached_property
    def _pod_twins(self) -> Mapping[tuple[str, ...], list[Workload]]:
        """The pods of each maker that is no workload, by what they have in common."""
        found: dict[tuple[str, ...], list[Workload]] = defaultdict(list)
        for pod in self.pods:
            alike = pod.twins
            if alike is not None:
                found[alike].append(pod)
        return found

    @cached_property
    def _pods_by_maker(self) -> Mapping[int, list[Workload]]:
        made: dict[int, list[Workload]] = defaultdict(list)
        grouped = {id(pod) for alike in self._pod_twins.values() for pod in alike}
        for pod in self.pods:
            if id(pod) not in grouped:
                made[id(self.top_owner(pod) or pod)].append(pod)
        made.update((id(next(filter(self.is_top, alike), alike[0])), alike) for alike in self._pod_twins.values())
        return made

    def pods_of(self, workload: Workload) -> Sequence[Workload]:
        """The pods that come from a top workload; a pod without one is its own, and stands for those alike.

        Raises:
            Unjudged: pods, or the controllers between, could not be read.
        """
        return self._pods_by_maker.get(id(workload), ())

    @remembered
    def running_pods(self, workload: Workload) -> Sequence[Workload]:
        """Those of its pods that run or are about to, on a node: neither finished nor on their way out.

        Raises:
            Unjudged: pods, or the controllers between, could not be read.
        """
        return [pod for pod in self.pods_of(workload) if pod.node_name and pod.active]

    @remembered
    def zones_of(self, workload: Workload) -> Mapping[str, Sequence[Workload]]:
        """The running pods of a workload by the zone of their node; "" for nodes that tell none.

        Raises:
            Unjudged: pods, nodes or the controllers between could not be read.
        """
        zones: dict[str, list[Workload]] = defaultdict(list)
        for pod in self.running_pods(workload):
            node = self.node_of(pod)
            zones[self.zone_of(node) if node is not None else ""].append(pod)
        return zones

    @remembered
    def hosts_of(self, workload: Workload) -> Mapping[str, Sequence[Workload]]:
        """The running pods of a workload by the name of their node.

        Raises:
            Unjudged: pods, or the controllers between, could not be read.
        """
        hosts: dict[str, list[Workload]] = defaultdict(list)
        for pod in self.running_pods(workload):
            hosts[pod.node_name].append(pod)
        return hosts
