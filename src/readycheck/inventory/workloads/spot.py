"""What runs on nodes that are taken away at short notice."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from readycheck.inventory.core import remembered
from readycheck.inventory.workloads.pods import Pods
from readycheck.kubernetes.kinds import SERVICES, qualified_kind
from readycheck.kubernetes.node import is_spot
from readycheck.kubernetes.workload import Workload

SPOT_SERVICE = "service on spot nodes"
"""The kind that stands for the services that have a pod on a spot node: an outcome names the workload."""


class Spot(Pods):
    """The relations of workloads to spot nodes."""

    @cached_property
    def spot_services(self) -> Sequence[Workload]:
        """The services that have a running pod on a spot node.

        Raises:
            Unjudged: nodes, pods or the controllers between could not be read.
        """
        # Where nobody can list nodes, none of them is known to be none of these.
        self.of("Node")
        return [
            workload
            for workload in self.workloads
            if qualified_kind(workload) in SERVICES and self.pods_on_spot(workload)
        ]

    @cached_property
    def _spot_nodes(self) -> frozenset[str]:
        return frozenset(node.name for node in self.nodes if is_spot(node))

    @remembered
    def pods_on_spot(self, workload: Workload) -> Sequence[Workload]:
        """The running pods of a workload that stand on spot nodes.

        Raises:
            Unjudged: nodes, pods or the controllers between could not be read.
        """
        return [pod for pod in self.running_pods(workload) if pod.node_name in self._spot_nodes]
