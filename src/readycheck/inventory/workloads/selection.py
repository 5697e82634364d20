"""Who selects whose pods, and what leads to them: Services, budgets, Ingresses and routes, spreading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property

from readycheck.inventory.core import mapping_at, remembered
from readycheck.inventory.workloads.pods import Pods
from readycheck.kubernetes.exposure import ENTRIES, Backend, Exposure, backends_of
from readycheck.kubernetes.operated import clues_in, clues_of, is_custom
from readycheck.kubernetes.selector import LabelIndex, Selector, SelectorIndex
from readycheck.kubernetes.topology import Spreading, spreadings
from readycheck.kubernetes.traffic import Target, service_ports, targeted
from readycheck.kubernetes.workload import Workload
from readycheck.model import Resource, Unjudged


class Selection(Pods):
    """The relations that labels make."""

    @cached_property
    def _workload_labels(self) -> LabelIndex[Workload]:
        return LabelIndex((workload, _pod_labels(workload)) for workload in self.workloads)

    @cached_property
    def _service_selectors(self) -> SelectorIndex[Resource]:
        return SelectorIndex(
            (service, Selector.of_labels(mapping_at(service, "spec.selector")).declared)
            for service in self.of("Service")
            # An ExternalName is an alias in DNS: whatever its selector says, it sends nothing to pods. A type that is
            # not decided yet may be any other.
            if str(mapping_at(service, "spec").get("type")) != "ExternalName"
        )

    @cached_property
    def _budget_selectors(self) -> SelectorIndex[Resource]:
        return SelectorIndex((budget, self.budget_selector(budget)) for budget in self._readable_budgets)

    @cached_property
    def _readable_budgets(self) -> list[Resource]:
        return [budget for budget in self.of("PodDisruptionBudget") if id(budget) not in self._unreadable_budgets]

    @cached_property
    def _unreadable_budgets(self) -> Mapping[int, tuple[Resource, Unjudged]]:
        unreadable = {}
        for budget in self.of("PodDisruptionBudget"):
            try:
                self.budget_selector(budget)
            except Unjudged as unjudged:
                unreadable[id(budget)] = (budget, unjudged)
        return unreadable

    def budget_selector(self, budget: Resource) -> Selector:
        """What a PodDisruptionBudget selects; the removed v1beta1 selected nothing with an empty selector.

        Raises:
            Unjudged: the selector has the wrong shape.
        """
        selector = budget.get("spec.selector")
        if selector == {} and budget.api_version == "policy/v1beta1":
            return Selector(None)
        return Selector.of(selector)

    def selected_by(self, selector: Selector, near: Resource) -> list[Workload]:
        """The workloads whose pods a selector of `near`'s namespace selects.

        Raises:
            Unjudged: whether it selects one of them is not decided yet.
        """
        return [
            workload
            for workload, labels in self._workload_labels.candidates(near.scope, selector)
            if self.together(near, workload) and self._selects(selector, workload, labels)
        ]

    def _selects(self, selector: Selector, workload: Workload, labels: Mapping[str, str]) -> bool:
        """Whether a selector selects pods of a workload: of those that run, one is enough.

        Raises:
            Unjudged: that is not decided yet, or cannot be told.
        """
        running = self.pods_of(workload) if self.live and selector.declared != selector else ()
        if not running:
            return selector.matches(labels)
        # Labels that are set at run time stand on the pods themselves.
        return any(selector.holds(pod.labels) for pod in running)

    @cached_property
    def _unlabelled(self) -> Mapping[str, list[Workload]]:
        by_namespace: dict[str, list[Workload]] = defaultdict(list)
        for workload in self.workloads:
            try:
                _ = workload.pod_labels
            except Unjudged:
                by_namespace[workload.scope].append(workload)
        return by_namespace

    def unlabelled(self, near: Resource) -> Workload | None:
        """A workload in `near`'s namespace whose pods' labels are not at hand: any selector may be meant for them."""
        return next((each for each in self._unlabelled.get(near.scope, ()) if self.together(near, each)), None)

    @cached_property
    def _custom_resources(self) -> Mapping[tuple[str, str], list[Resource]]:
        by_clue: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for resources in self._by_kind.values():
            for resource in filter(is_custom, resources):
                for clue in clues_of(resource):
                    by_clue[resource.scope, clue].append(resource)
        return by_clue

    def operated_for(self, selector: Selector, near: Resource) -> Resource | None:
        """A custom resource in `near`'s namespace whose operator may run the pods that a selector asks for."""
        for clue in clues_in(selector):
            for resource in self._custom_resources.get((near.scope, clue), ()):
                if self.together(near, resource):
                    return resource
        return None

    @remembered
    def services_of(self, workload: Workload) -> list[Resource]:
        """The Services that select a workload's pods."""
        return self._selecting(self._service_selectors, workload)

    @remembered
    def targets_of(self, workload: Workload) -> Mapping[str, Target]:
        """The containers of a workload that Services send requests to, by name."""
        services = self.services_of(workload)
        return targeted(workload, (port for service in services for port in service_ports(service)))

    @remembered
    def budgets_of(self, workload: Workload) -> list[Resource]:
        """The PodDisruptionBudgets that select a workload's pods, each object once.

        Raises:
            Unjudged: whether one does is not decided yet, or cannot be told.
        """
        budgets = self._selecting(self._budget_selectors, workload)
        for budget, unjudged in () if budgets else self._unreadable_budgets.values():
            if budget.scope == workload.scope and self.together(workload, budget):
                raise Unjudged(f"PodDisruptionBudget {budget.name} may select its pods: {unjudged.reason}")
        return budgets

    @cached_property
    def _budgets_anywhere(self) -> SelectorIndex[Resource]:
        selectors = ((budget, self.budget_selector(budget)) for budget in self._readable_budgets)
        # One that asks for no label in particular is not meant for another namespace's pods.
        return SelectorIndex((each for each in selectors if each[1].anchors), everywhere=True)

    def budget_elsewhere(self, workload: Workload) -> Resource | None:
        """A PodDisruptionBudget that would select a workload's pods if it stood in their namespace."""
        for budget, selector in self._budgets_anywhere.candidates("", workload.pod_labels):
            if (
                budget.scope != workload.scope
                and self.together(workload, budget)
                and _surely(selector, workload.pod_labels)
            ):
                return budget
        return None

    def _selecting(self, index: SelectorIndex[Resource], workload: Workload) -> list[Resource]:
        found: dict[str, Resource] = {}
        labels = workload.pod_labels
        for resource, selector in index.candidates(workload.scope, labels):
            if resource.name in found or not self.together(workload, resource):
                continue
            if self._selects(selector, workload, labels):
                found[resource.name] = resource
        return list(found.values())

    # What leads to a Service from outside -----------------------------------------------------------------------

    @cached_property
    def _backends(self) -> Mapping[tuple[str, str], list[tuple[Resource, Backend]]]:
        """Ingresses and routes, by the namespace and name of the Services behind them."""
        backends: dict[tuple[str, str], list[tuple[Resource, Backend]]] = defaultdict(list)
        for entry in self.of(*ENTRIES):
            for backend in backends_of(entry):
                backends[backend.scope, backend.name].append((entry, backend))
        return backends

    @remembered
    def exposures_of(self, workload: Workload) -> list[Exposure]:
        """What sends requests from outside the cluster to a workload's pods, by way of which ports of a Service.

        Raises:
            Unjudged: whether a Service is a load balancer, or which of its ports is meant, is not decided yet.
        """
        found = []
        for service in self.services_of(workload):
            if service.string("spec.type") == "LoadBalancer":
                found.append(Exposure(service, tuple(service_ports(service))))
            for entry, backend in self._backends.get((service.scope, service.name), ()):
                exposure = Exposure.of(entry, backend, service) if self.together(workload, entry) else None
                if exposure is not None:
                    found.append(exposure)
        return found

    @remembered
    def spreadings_of(self, workload: Workload) -> list[Spreading]:
        """What keeps a workload's pods apart, or means to.

        Raises:
            Unjudged: what one of them spreads is not decided yet.
        """
        return list(spreadings(workload, self._namespace_labels))

    def _namespace_labels(self, workload: Workload) -> Mapping[str, str] | None:
        namespace = self.find("Namespace", workload.scope, workload, namespace="")
        return namespace.labels if namespace is not None else None


def _surely(selector: Selector, labels: Mapping[str, str]) -> bool:
    try:
        return selector.matches(labels)
    except Unjudged:
        return False


def _pod_labels(workload: Workload) -> Mapping[str, str]:
    """Its pods' labels; none where they cannot be read, which the workload's own rules will say."""
    try:
        return workload.pod_labels
    except Unjudged:
        return {}
