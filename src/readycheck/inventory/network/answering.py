"""What answers for the Services of a live cluster: ready endpoints, their zones, and whose pods they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from readycheck.inventory.core import remembered
from readycheck.inventory.network.endpoints import Endpoints
from readycheck.inventory.workloads.scaling import Scaling
from readycheck.kubernetes.endpoint_slice import Endpoint, endpoints_in
from readycheck.kubernetes.kinds import RUN_TO_COMPLETION
from readycheck.kubernetes.selector import HASHES, LabelIndex, Selector
from readycheck.kubernetes.workload import Workload
from readycheck.model import Resource, Unjudged


class Answering(Endpoints, Scaling):
    """The relations from Services to the pods that answer for them now. Empty on a side that only declares."""

    @remembered
    def endpoints_of(self, service: Resource) -> Sequence[Endpoint]:
        """The endpoints of a Service, each once: those with two addresses stand in a slice for each of their families.

        Raises:
            Unjudged: EndpointSlices could not be read, or one has another shape.
        """
        slices = (each for each in self.addresses_of(service) if each.kind == "EndpointSlice")
        found: dict[str, Endpoint] = {}
        for endpoint in (endpoint for each in slices for endpoint in endpoints_in(each)):
            if endpoint.ready or endpoint.target not in found:
                found[endpoint.target] = endpoint
        return list(found.values())

    @remembered
    def zones_answering(self, service: Resource) -> Mapping[str, Sequence[Endpoint]]:
        """The ready endpoints of a Service by the zone of their node, else that of their slice; "" where none tells.

        Raises:
            Unjudged: EndpointSlices or nodes could not be read.
        """
        zones: dict[str, list[Endpoint]] = defaultdict(list)
        for endpoint in self.endpoints_of(service):
            if endpoint.ready:
                zones[self._zone_of_endpoint(endpoint)].append(endpoint)
        return zones

    @cached_property
    def _worker_zones(self) -> Sequence[str]:
        return sorted({zone for node in self.open_workers if (zone := self.zone_of(node))})

    def zones_without(self, service: Resource) -> Sequence[str] | None:
        """The zones of the cluster in which no ready endpoint of a Service stands; None where no zone is told.

        Raises:
            Unjudged: EndpointSlices or nodes could not be read.
        """
        answering = self.zones_answering(service)
        return [zone for zone in self._worker_zones if zone not in answering] if self._worker_zones else None

    def _zone_of_endpoint(self, endpoint: Endpoint) -> str:
        try:
            node = self._nodes_by_name.get(endpoint.node)
            zone = self.zone_of(node) if node is not None else ""
        except Unjudged:
            if not endpoint.zone:
                raise
            zone = ""
        return zone or endpoint.zone

    # Whose pods they are -----------------------------------------------------------------------------------------

    @cached_property
    def _pod_labels(self) -> LabelIndex[Workload]:
        return LabelIndex((pod, _labels(pod)) for pod in self.pods)

    @remembered
    def selected_pods(self, service: Resource) -> Sequence[Workload]:
        """The pods that a Service selects by the labels that they carry now, but for those that have ended.

        Raises:
            Unjudged: pods, or the selector, could not be read.
        """
        selector = Selector.of_labels(service.mapping("spec.selector"))
        return [
            pod
            for pod, labels in self._pod_labels.candidates(service.scope, selector)
            if selector.holds(labels) and not pod.ended
        ]

    @remembered
    def makers_of(self, service: Resource) -> Sequence[Workload]:
        """The workloads that a Service's pods come from, or would: a pod without one is its own.

        Raises:
            Unjudged: pods, or a controller on the way, could not be read.
        """
        selector = Selector.of_labels(service.mapping("spec.selector")).declared
        by_template = self.selected_by(selector, service) if selector.requirements else ()
        found = {id(workload): workload for workload in by_template if workload.kind != "Pod"}
        for pod in self.selected_pods(service):
            maker = self.top_owner(pod) or pod
            found[id(maker)] = maker
        return list(found.values())

    @remembered
    def fewest_behind(self, service: Resource) -> int:
        """How few pods are to answer for a Service at least.

        Of what leads to one revision of a workload, such as a canary, no more than run of that.

        Raises:
            Unjudged: that is not told.
        """
        fewest = sum(map(self._fewest_of, self.makers_of(service)))
        of_a_revision = not HASHES.isdisjoint(service.mapping("spec.selector"))
        return min(fewest, len(self.selected_pods(service))) if of_a_revision else fewest

    def _fewest_of(self, workload: Workload) -> int:
        if workload.kind == "DaemonSet":
            return workload.integer("status.desiredNumberScheduled", 0)
        if workload.kind in RUN_TO_COMPLETION:
            return 0
        return 1 if workload.kind == "Pod" else self.replica_floor(workload).count

    def told_apart_by(self, service: Resource) -> str:
        """The label by which a Service selects some of what one maker runs, as it runs; "" where it selects all.

        What leads to the one that has been elected, or to one pod by its name, cannot stand in two zones.
        """
        asked = service.mapping("spec.selector")
        selector = Selector.of_labels({key: value for key, value in asked.items() if key not in HASHES})
        for pod in self.selected_pods(service):
            maker = self.top_owner(pod)
            alike = pod.twins if maker is None else None
            others = [_labels(each) for each in self._pod_twins.get(alike, ())] if alike is not None else []
            for labels in [_labels(maker)] if maker is not None else others:
                missed = selector.missed_by(labels)
                if missed:
                    return missed
        return ""


def _labels(workload: Workload) -> Mapping[str, str]:
    """The labels of its pods; none where they cannot be read, which its own rules will say."""
    try:
        return workload.pod_labels
    except Unjudged:
        return {}
