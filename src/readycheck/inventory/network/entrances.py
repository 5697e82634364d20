"""Where requests come into the cluster: ingress controllers, their Services, and what gives them certificates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from readycheck.charts.ingress_nginx import has_default_certificate
from readycheck.charts.released_service import ReleasedService
from readycheck.inventory.core import remembered
from readycheck.inventory.network.endpoints import Endpoints
from readycheck.inventory.network.load_balancers import LoadBalancers
from readycheck.kubernetes.certificates import CERTIFIED, certificates_in
from readycheck.kubernetes.ingress_class import class_of, controller_called, is_default
from readycheck.kubernetes.ingress_controller import (
    INGRESS_CONTROLLERS,
    INGRESS_NGINX,
    OPENSHIFT,
    IngressController,
    controller_of_chart,
    default_certificate,
    ingress_controller,
    told_classes,
)
from readycheck.kubernetes.selector import Selector
from readycheck.kubernetes.workload import Workload
from readycheck.model import Place, Resource, Unjudged


class Entrances(Endpoints, LoadBalancers):
    """The relations from what takes requests in to what stands before and behind it."""

    @cached_property
    def _entrances(self) -> Mapping[str, list[Workload]]:
        """The workloads of each ingress controller, by the controller's name."""
        found: dict[str, list[Workload]] = defaultdict(list)
        for workload in self.workloads:
            controller = ingress_controller(workload)
            if controller is not None:
                found[controller.name].append(workload)
        return found

    @cached_property
    def _told_controllers(self) -> Mapping[str, IngressController]:
        """The controllers of the tree that are told what their classes call them, by that."""
        told: dict[str, IngressController] = {}
        for found in self._entrances.values():
            for workload in found:
                controller, of_class = ingress_controller(workload), told_classes(workload).controller
                if controller is not None and of_class:
                    told[of_class] = controller
        return told

    @remembered
    def workloads_behind(self, service: Resource) -> Sequence[Workload]:
        """The workloads that a Service sends requests to.

        Raises:
            Unjudged: whether it does is not decided yet.
        """
        selector = Selector.of_labels(service.mapping("spec.selector"))
        return self.selected_by(selector, service) if selector.declared else ()

    def controller_behind(self, service: Resource) -> tuple[IngressController, Resource] | None:
        """The ingress controller that a Service leads to, with what runs or installs it; None for anything else.

        Raises:
            Unjudged: what it leads to is not decided yet.
        """
        if isinstance(service, ReleasedService):
            installed = controller_of_chart(service.release.chart)
            return (installed, service.release.resource) if installed is not None else None
        for workload in self.workloads_behind(service):
            controller = ingress_controller(workload)
            if controller is not None:
                return controller, workload
        return None

    def certificate_of(self, controller: IngressController, running: Resource) -> Place | None:
        """What gives an ingress controller a certificate; None where nothing in the tree does.

        Args:
            controller: the controller.
            running: the workload that runs it, or what installs it.

        Raises:
            Unjudged: whether something does is not decided yet.
        """
        if isinstance(running, Workload) and default_certificate(running):
            return running.at(())
        for release in self.installed_by(running):
            if release.chart == INGRESS_NGINX.name and has_default_certificate(release):
                return running.at(())
        found = (next(certificates_in(entry), None) for entry in self.served(controller, running))
        return next(filter(None, found), None)

    def served(self, controller: IngressController, running: Resource) -> Iterator[Resource]:
        """What the tree holds that an ingress controller serves.

        Args:
            controller: the controller.
            running: the workload that runs it, or what installs it.
        """
        for entry in self.of(*CERTIFIED):
            if self.together(running, entry) and self._served_by(entry, controller):
                yield entry

    def _served_by(self, entry: Resource, controller: IngressController) -> bool:
        """Whether an entry may be one of a controller's: it is not where its class is another's."""
        serving = self.ingress_controller_of(entry)
        return serving is None or serving == controller

    # Classes -----------------------------------------------------------------------------------------------------

    @cached_property
    def _default_ingress_classes(self) -> list[Resource]:
        return [each for each in self.of("IngressClass") if is_default(each)]

    @remembered
    def ingress_class_of(self, ingress: Resource) -> Resource | None:
        """The IngressClass of an Ingress: the one that it names, else the default; None where that was not read.

        Raises:
            Unjudged: which it names is not decided yet.
        """
        name = class_of(ingress)
        if name:
            return self.find("IngressClass", name, ingress, namespace="")
        return next((each for each in self._default_ingress_classes if self.together(ingress, each)), None)

    @remembered
    def ingress_controller_of(self, entry: Resource) -> IngressController | None:
        """The controller that serves an Ingress or a route of Traefik, Contour or Istio; None where nothing tells."""
        if entry.kind != "Ingress":
            return _BY_GROUP.get(entry.group)
        try:
            found = self.ingress_class_of(entry)
            name = class_of(entry)
            controller = found.string("spec.controller") if found is not None else ""
        except Unjudged:
            return None
        return controller_called(controller, name) or self._told_controllers.get(str.__str__(controller))


_BY_GROUP = {
    group: next(each for each in INGRESS_CONTROLLERS if each.name == name)
    for group, name in (
        ("traefik.io", "Traefik"),
        ("traefik.containo.us", "Traefik"),
        ("projectcontour.io", "Contour"),
        ("networking.istio.io", "Istio"),
        ("route.openshift.io", OPENSHIFT.name),
    )
}
