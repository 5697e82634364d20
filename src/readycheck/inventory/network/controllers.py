"""Which controller serves an Ingress or a Gateway, and what runs or installs it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from readycheck.charts import ingress_nginx, traefik
from readycheck.charts.ingress_nginx import class_brought
from readycheck.charts.release import ChartRelease
from readycheck.inventory.core import mapping_at, remembered
from readycheck.inventory.network.entrances import Entrances
from readycheck.kubernetes.gateway import gateway_served_by
from readycheck.kubernetes.ingress_class import class_of, controller_called, gateway_controller_called
from readycheck.kubernetes.ingress_controller import (
    INGRESS_NGINX,
    IngressController,
    Told,
    controller_of_chart,
    ingress_controller,
    told_classes,
)
from readycheck.kubernetes.load_balancer import LoadBalancer
from readycheck.kubernetes.workload import Workload
from readycheck.model import Place, Resource, Unjudged, Unresolved

INGRESS_CONTROLLER = "ingress controller"
"""The kind that rules on controllers judge: what runs one, else what installs it, else its class."""

_TRAEFIK = "traefik"
_CHART_AT = ("spec.chart.spec.chart", "spec.chartRef.name", "spec.source.chart")


class Controllers(Entrances):
    """The relations from Ingresses and Gateways to the controllers that serve them."""

    @remembered
    def gateway_class_of(self, gateway: Resource) -> Resource | None:
        """The GatewayClass of a Gateway; None where it was not read.

        Raises:
            Unjudged: which one it names is not decided yet.
        """
        return self.find("GatewayClass", gateway.string("spec.gatewayClassName"), gateway, namespace="")

    @remembered
    def controller_of(self, entry: Resource) -> IngressController | None:
        """The controller that serves an Ingress, a Gateway or a route; None where nothing tells which."""
        if entry.kind != "Gateway" or entry.group == "networking.istio.io":
            found = self.ingress_controller_of(entry)
            return INGRESS_NGINX if found is None and self._by_release(entry) else found
        try:
            name = entry.string("spec.gatewayClassName")
            gateway_class = self.gateway_class_of(entry)
            controller = gateway_class.string("spec.controllerName") if gateway_class else ""
            return gateway_controller_called(controller, name)
        except Unjudged:
            return None

    def _by_release(self, entry: Resource) -> bool:
        try:
            return self.ingress_class_of(entry) is None and bool(self.chart_releases_serving(entry))
        except Unjudged:
            return False

    @remembered
    def serving(self, entry: Resource) -> Sequence[Workload]:
        """The workloads that serve an Ingress or Gateway: those told its class or made for it, where some are."""
        controller = self.controller_of(entry)
        if entry.kind != "Ingress":
            made = self._made_for.get((entry.scope, entry.name), ())
            found = made or (self._entrances.get(controller.name, ()) if controller is not None else ())
            return [each for each in found if self.together(entry, each)]
        if controller is None:
            return [each for each in self._told_by_name(entry) if self.together(entry, each)]
        near = [each for each in self._entrances.get(controller.name, ()) if self.together(entry, each)]
        try:
            wanted = self._class_wanted(entry)
        except Unjudged:
            return near
        told = [(each, told_classes(each)) for each in near]
        if wanted.controller:
            # Who is told another class by what that calls its controller does not look at this one.
            told = [(each, said) for each, said in told if said.controller in ("", wanted.controller)]
        by_name = [each for each, said in told if wanted.name and said.name == wanted.name]
        by_controller = [each for each, said in told if wanted.controller and said.controller == wanted.controller]
        return by_name or by_controller or [each for each, _ in told]

    def _class_wanted(self, ingress: Resource) -> Told:
        """What the class of an Ingress calls its controller, and what it is called."""
        of_class = self.ingress_class_of(ingress)
        controller = str.__str__(of_class.string("spec.controller")) if of_class is not None else ""
        return Told(controller, str.__str__(class_of(ingress)))

    def _told_by_name(self, ingress: Resource) -> Sequence[Workload]:
        """The workloads that are told to serve a class which nobody knows by its name."""
        try:
            return self._entrances_by_class.get(str.__str__(class_of(ingress)), ())
        except Unjudged:
            return ()

    @cached_property
    def _entrances_by_class(self) -> Mapping[str, list[Workload]]:
        found: dict[str, list[Workload]] = defaultdict(list)
        for workload in (each for workloads in self._entrances.values() for each in workloads):
            name = told_classes(workload).name
            if name:
                found[name].append(workload)
        return found

    @cached_property
    def _made_for(self) -> Mapping[tuple[str, str], list[Workload]]:
        """The workloads that controllers have made for Gateways, by the Gateways' namespaces and names."""
        found: dict[tuple[str, str], list[Workload]] = defaultdict(list)
        for workload in self.workloads:
            gateway = gateway_served_by(workload)
            if gateway is not None:
                found[gateway].append(workload)
        return found

    # What installs controllers -------------------------------------------------------------------------------------

    @cached_property
    def _controller_installations(self) -> Mapping[str, list[Resource]]:
        """What installs charts that were not rendered, by the controller that they bring."""
        found: dict[str, dict[int, Resource]] = defaultdict(dict)
        for installer in (*self.chart_installers, *(opaque.resource for opaque in self.opaque)):
            for controller in self._controllers_of_charts(installer):
                found[controller.name][id(installer)] = installer
        return {name: list(installers.values()) for name, installers in found.items()}

    def _controllers_of_charts(self, resource: Resource) -> Iterator[IngressController]:
        """The controllers that something installs by well-known charts, else by charts that are called like those."""
        releases = self.installed_by(resource)
        charts = [release.chart for release in releases] or list(_charts_named(resource))
        yield from filter(None, map(controller_of_chart, charts))

    def installing(self, entry: Resource) -> Sequence[Resource]:
        """What may install the controller that serves an Ingress or Gateway."""
        controller = self.controller_of(entry)
        found = self._controller_installations.get(controller.name, ()) if controller is not None else ()
        return [each for each in found if self.together(entry, each)]

    @remembered
    def replicas_released(self, entry: Resource) -> Sequence[tuple[ChartRelease, tuple[int, Place] | None]]:
        """The charts whose values tell how many replicas serve an Ingress or Gateway, with the fewest of each.

        Nothing is said of what runs on each node.

        Raises:
            Unjudged: how many one runs cannot be told.
        """
        installed = (release for each in self.installing(entry) for release in self.installed_by(each))
        found = self.chart_releases_serving(entry) or [each for each in installed if each.chart == _TRAEFIK]
        counted = {_TRAEFIK: traefik.replicas_of, INGRESS_NGINX.name: ingress_nginx.replicas_of}
        return [(release, counted[release.chart](release)) for release in found]

    def any_installing(self, near: Resource) -> bool:
        """Whether the tree installs some controller by a chart, whose class is not at hand."""
        return any(self.together(near, each) for found in self._controller_installations.values() for each in found)

    @cached_property
    def _releases_by_class(self) -> Mapping[str, list[ChartRelease]]:
        """The releases of ingress-nginx, by the class that they bring; by "" those whose class is the default."""
        found: dict[str, list[ChartRelease]] = defaultdict(list)
        for release in self.installations(INGRESS_NGINX.name):
            try:
                name, default = class_brought(release)
            except Unjudged:
                continue
            found[str.__str__(name)].append(release)
            if default:
                found[""].append(release)
        return found

    @remembered
    def chart_releases_serving(self, entry: Resource) -> Sequence[ChartRelease]:
        """The releases of well-known charts that install the controller which serves an Ingress.

        Raises:
            Unjudged: which class it names is not decided yet.
        """
        if entry.kind != "Ingress":
            return ()
        found = self._releases_by_class.get(str.__str__(class_of(entry)), ())
        return [release for release in found if self.together(entry, release.resource)]

    def entrances_of(self, entry: Resource) -> Sequence[Workload]:
        """The workloads of the controller that serves an Ingress or route, as far as they stand in the tree."""
        controller = self.ingress_controller_of(entry)
        if controller is None:
            return ()
        return [each for each in self._entrances.get(controller.name, ()) if self.together(entry, each)]

    def load_balancers_before(self, entry: Resource) -> Iterator[LoadBalancer]:
        """The load balancers in front of the controller that serves an Ingress or route.

        Raises:
            Unjudged: what one of them becomes is not decided yet.
        """
        for release in self.chart_releases_serving(entry):
            yield from self.load_balancers_made(release.resource)
        seen = set[int]()
        for workload in self.entrances_of(entry):
            for service in self.services_of(workload):
                made = self.load_balancer_of(service) if id(service) not in seen else None
                seen.add(id(service))
                if made is not None:
                    yield made

    # What is judged ------------------------------------------------------------------------------------------------

    @cached_property
    def ingress_controllers(self) -> Sequence[Resource]:
        """Each controller of the tree: its workload, else what installs it, else its class."""
        running = [each for found in self._entrances.values() for each in found]
        installing = [each for found in self._controller_installations.values() for each in found]
        seen = {*self._entrances, *self._controller_installations}
        classes = [
            each
            for each in self.of("IngressClass", "GatewayClass")
            if (controller := self._of_class(each)) is None or controller.name not in seen
        ]
        return list({id(each): each for each in (*running, *installing, *classes)}.values())

    def _of_class(self, resource: Resource) -> IngressController | None:
        try:
            return _of_class(resource)
        except Unjudged:
            # What it says is not decided: its own verdict will say so.
            return None

    def controllers_in(self, resource: Resource) -> Sequence[IngressController]:
        """The controllers that a workload runs, a release installs or a class belongs to.

        Raises:
            Unjudged: whose the class is, is not decided yet.
        """
        if isinstance(resource, Workload):
            found = ingress_controller(resource)
        elif resource.kind in ("IngressClass", "GatewayClass"):
            found = _of_class(resource)
        else:
            return list(self._controllers_of_charts(resource))
        return [found] if found is not None else ()


def _of_class(resource: Resource) -> IngressController | None:
    if resource.kind == "IngressClass":
        controller = str.__str__(resource.string("spec.controller"))
        return controller_called(controller, resource.name) if controller else None
    controller = str.__str__(resource.string("spec.controllerName"))
    return gateway_controller_called(controller, resource.name) if controller else None


def _charts_named(resource: Resource) -> Iterator[str]:
    """The names of the charts that a HelmRelease or an Application installs."""
    charts = [mapping_at(resource, path.rpartition(".")[0]).get(path.rpartition(".")[2]) for path in _CHART_AT]
    sources = mapping_at(resource, "spec").get("sources")
    charts += [each.get("chart") for each in sources if isinstance(each, Mapping)] if isinstance(sources, list) else []
    for chart in charts:
        if isinstance(chart, str) and not isinstance(chart, Unresolved):
            yield chart.rpartition("/")[2]
