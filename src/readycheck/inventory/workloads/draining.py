"""What stands on a node, and what would keep it from being drained."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from readycheck.inventory.core import remembered
from readycheck.inventory.workloads.scaling import Scaling
from readycheck.inventory.workloads.selection import Selection
from readycheck.inventory.workloads.simulations import Simulations
from readycheck.kubernetes.budget import Budget, BudgetStatus
from readycheck.kubernetes.eviction import is_of_daemon_set, is_static, stays_on_node
from readycheck.kubernetes.kinds import REPLICATED, qualified_kind
from readycheck.kubernetes.storage import claims_of
from readycheck.kubernetes.workload import Workload
from readycheck.model import Resource


class Draining(Simulations, Selection, Scaling):
    """The relations of nodes to the pods that a drain evicts, and of those to their budgets."""

    @cached_property
    def _evictable(self) -> Mapping[str, list[Workload]]:
        by_node: dict[str, list[Workload]] = defaultdict(list)
        for pod in self.active_pods:
            if not is_static(pod) and not is_of_daemon_set(pod):
                by_node[pod.node_name].append(pod)
        return by_node

    def evictable_on(self, node: Resource) -> Sequence[Workload]:
        """The pods on a node that a drain evicts: not those of DaemonSets or of the node itself, nor finished ones.

        Raises:
            Unjudged: pods could not be read.
        """
        return self._evictable.get(node.name, ())

    @remembered
    def budgets_on(self, pod: Workload) -> Sequence[Resource]:
        """The PodDisruptionBudgets that select a live pod, by the labels that it has.

        Raises:
            Unjudged: budgets could not be read.
        """
        return [
            budget
            for budget, selector in self._budget_selectors.candidates(pod.scope, pod.labels)
            if selector.holds(pod.labels)
        ]

    @remembered
    def budget_status(self, budget: Resource) -> BudgetStatus | None:
        """What the disruption controller says of a PodDisruptionBudget; None where that is not of it as it is now.

        Raises:
            Unjudged: its status has another shape.
        """
        return BudgetStatus.of(budget)

    @remembered
    def floor_blocked(self, budget: Resource) -> str:
        """Why a budget allows no eviction at the floor of an autoscaler; "" where it does, or where nothing scales.

        Raises:
            Unjudged: the floor or the budget cannot be told.
        """
        workloads = [
            each for each in self.selected_by(self.budget_selector(budget), budget) if self.run_by(each) is None
        ]
        if not workloads or any(qualified_kind(each) not in REPLICATED for each in workloads):
            return ""
        floors = [self.replica_floor(each) for each in workloads]
        pods = sum(floor.count for floor in floors)
        scaled = next((floor for floor in floors if floor.autoscaler is not None), None)
        if scaled is None or not pods or Budget.of(budget).disruptions(pods) > 0:
            return ""
        return f"allows none of {pods} pods to go at the floor{scaled.by}"

    def local_volumes_of(self, pod: Workload) -> Iterator[Resource]:
        """The PersistentVolumes of a pod that are parts of its node.

        Raises:
            Unjudged: claims or volumes could not be read.
        """
        for use in claims_of(pod):
            volume = self._volume_of(pod, use.name)
            if volume is not None and stays_on_node(volume):
                yield volume
