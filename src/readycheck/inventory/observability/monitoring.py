"""What scrapes which workload, and which monitors and rules a Prometheus of the tree takes up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from msgspec import Struct, field

from readycheck.inventory.absence import Absence
from readycheck.inventory.core import mapping_at, remembered
from readycheck.inventory.delivery.installations import Installations
from readycheck.inventory.observability.stack import Observability
from readycheck.inventory.workloads.selection import Selection
from readycheck.kubernetes.kinds import SERVICES
from readycheck.kubernetes.selector import LabelIndex, Selector, SelectorIndex
from readycheck.kubernetes.workload import Workload
from readycheck.model import Place, Resource, Unjudged, Unresolved
from readycheck.observability import monitors
from readycheck.observability.monitors import POD_MONITORS, SERVICE_MONITORS, Asking

_STACK = "kube-prometheus-stack"
_METADATA_NAME = "kubernetes.io/metadata.name"


class Scrape(Struct, frozen=True, eq=False):
    """How a monitor is about a workload.

    Args:
        monitor: the monitor.
        place: where its port stands; the monitor itself where it names none.
        missing: what lacks the port that it asks for; None where the port is there.
    """

    monitor: Resource
    place: Place
    missing: Resource | None = None


class Scrapes(Struct, eq=False):
    """What the monitors of the tree are about.

    Args:
        by_thing: the Services and workloads that they select, by identity.
        astray: those that select nothing.
        unread: those of which cannot be told what they select, with the reason.
    """

    by_thing: dict[int, list[Scrape]] = field(default_factory=lambda: defaultdict(list))
    astray: list[tuple[Resource, Selector]] = field(default_factory=list)
    unread: list[tuple[Resource, str]] = field(default_factory=list)


class Selecting(Struct, frozen=True, eq=False):
    """A Prometheus of the tree: what it takes up.

    Args:
        resource: the object, or what installs it.
        namespace: where it runs.
        selectors: its selectors, as the API has them, by field.
    """

    resource: Resource
    namespace: str
    selectors: Mapping[str, object]


class Monitoring(Selection, Absence, Observability, Installations):
    """The relations of scraping."""

    def custom(self, kind: str) -> Sequence[Resource]:
        """The custom resources of a kind that is written `Kind.group`."""
        name, _, group = kind.partition(".")
        return [resource for resource in self.of(name) if resource.group == group]

    # Monitors --------------------------------------------------------------------------------------------------

    @cached_property
    def _service_labels(self) -> LabelIndex[Resource]:
        return LabelIndex((service, mapping_at(service, "metadata.labels")) for service in self.of("Service"))

    @cached_property
    def _scrapes(self) -> Scrapes:
        found = Scrapes()
        indexes: tuple[tuple[Mapping[str, str], LabelIndex[Any]], ...] = (
            (SERVICE_MONITORS, self._service_labels),
            (POD_MONITORS, self._workload_labels),
        )
        for kind, ports, index in ((kind, kinds[kind], index) for kinds, index in indexes for kind in kinds):
            for monitor in self.custom(kind):
                try:
                    self._scrape(monitor, ports, index, found)
                except Unjudged as unjudged:
                    found.unread.append((monitor, unjudged.reason))
        return found

    def unread_monitor(self, workload: Workload) -> tuple[Resource, str] | None:
        """A monitor that may scrape a workload, and of which cannot be told what it selects, with the reason."""
        for monitor, reason in self._scrapes.unread:
            if self.together(workload, monitor) and monitors.may_look_in(monitor, workload.scope):
                return monitor, reason
        return None

    def _scrape(self, monitor: Resource, listed: str, index: LabelIndex[Any], found: Scrapes) -> None:
        selector = Selector.of(monitor.get("spec.selector"))
        namespaces = monitors.namespaces_of(monitor)
        ports = list(monitors.ports_of(monitor, listed))
        any_found = False
        for namespace in self._namespaces_in_use if namespaces is None else namespaces:
            for thing, labels in index.candidates(namespace, selector):
                if self.together(monitor, thing) and selector.matches(labels):
                    any_found = True
                    found.by_thing[id(thing)].append(_scrape_of(monitor, thing, ports))
        if not any_found:
            found.astray.append((monitor, selector))

    @cached_property
    def _namespaces_in_use(self) -> Sequence[str]:
        return list(dict.fromkeys(each.scope for each in (*self.of("Service"), *self.workloads)))

    @remembered
    def scrapes_of(self, workload: Workload) -> Sequence[Scrape]:
        """How monitors are about a workload, those whose port is not there too."""
        found = list(self._scrapes.by_thing.get(id(workload), ()))
        for service in self.services_of(workload):
            found += self._scrapes.by_thing.get(id(service), ())
        return found

    @remembered
    def monitors_of(self, workload: Workload) -> Sequence[Resource]:
        """The monitors that scrape a workload."""
        return list({id(each.monitor): each.monitor for each in self.scrapes_of(workload) if not each.missing}.values())

    @cached_property
    def _astray_by_labels(self) -> SelectorIndex[Resource]:
        return SelectorIndex((each for each in self._scrapes.astray if each[1].anchors), everywhere=True)

    def monitor_elsewhere(self, workload: Workload) -> Resource | None:
        """A monitor that selects nothing, and would scrape a workload if it looked in its namespace."""
        labels = [mapping_at(service, "metadata.labels") for service in self.services_of(workload)]
        try:
            for kinds, carried in ((SERVICE_MONITORS, labels), (POD_MONITORS, [workload.pod_labels])):
                for each in carried:
                    for monitor, selector in self._astray_by_labels.candidates("", each):
                        if f"{monitor.kind}.{monitor.group}" in kinds and selector.matches(each):
                            return monitor
        except Unjudged:
            pass
        return None

    # What asks for itself ----------------------------------------------------------------------------------------

    @remembered
    def askings_of(self, workload: Workload) -> Sequence[Asking]:
        """What the annotations and variables of a workload, or of its Services, say of scraping it."""
        found: list[Asking] = []
        try:
            shown = workload.shown
            path = (*shown.template, "metadata", "annotations")
            found += monitors.asked_by_annotations(shown, shown.mapping(path), tuple(map(str, path)))
            found += (Asking(place) for place in monitors.sends_metrics(workload))
        except Unjudged:
            pass
        for service in self.services_of(workload):
            annotations = mapping_at(service, "metadata.annotations")
            found += monitors.asked_by_annotations(service, annotations, ("metadata", "annotations"))
        found += (Asking(place) for place in self._sent_by_maps(workload))
        return found

    def _sent_by_maps(self, workload: Workload) -> Iterator[Place]:
        """Where a ConfigMap that a workload takes its variables from tells it to send metrics."""
        try:
            sources = [each for container in workload.long_running for each in container.mappings("envFrom")]
        except Unjudged:
            return
        for source in sources:
            reference = source.get("configMapRef")
            name = reference.get("name") if isinstance(reference, Mapping) else None
            config_map = self.find("ConfigMap", str(name), workload) if isinstance(name, str) else None
            data = mapping_at(config_map, "data") if config_map is not None else {}
            for variable in monitors.ENDPOINTS:
                if config_map is not None and data.get(variable):
                    yield config_map.at(("data", variable))

    @remembered
    def scraped_by(self, workload: Workload) -> Place | None:
        """What has a workload scraped, or lets it send metrics; None where nothing of the tree does."""
        asking = next((each.place for each in self.askings_of(workload) if each.wanted), None)
        if asking is not None:
            return asking
        found = next((each for each in self.monitors_of(workload) if self.monitor_left_out(each) is None), None)
        return found.at(()) if found is not None else self.static_target(workload)

    @cached_property
    def _scraped_by_world(self) -> Mapping[str, Workload]:
        first: dict[str, Workload] = {}
        for workload in self.workloads:
            if workload.origin.world in first or workload.kind not in SERVICES:
                continue
            if self.is_observability(workload) or self.is_controller(workload):
                continue
            if self.scraped_by(workload) is not None:
                first[workload.origin.world] = workload
        return first

    def scraped_beside(self, workload: Workload) -> Workload | None:
        """Another service of the tree that is scraped, and stands beside this one."""
        return self._scraped_by_world.get(workload.origin.world)

    # Configuration of Prometheus and of collectors -----------------------------------------------------------------

    @cached_property
    def _scrape_files(self) -> Sequence[tuple[Place, str]]:
        found: list[tuple[Place, str]] = []
        for config_map in self.of("ConfigMap"):
            for key, text in mapping_at(config_map, "data").items():
                if isinstance(text, str) and monitors.is_scrape_file(str.__str__(text)):
                    found.append((config_map.at(("data", key)), str.__str__(text)))
        return found

    @cached_property
    def _static_targets(self) -> Mapping[str, Place]:
        found: dict[str, Place] = {}
        for place, text in self._scrape_files:
            for host in monitors.static_hosts(text):
                found.setdefault(host, place)
        for each in self.custom("ScrapeConfig.monitoring.coreos.com"):
            for host in monitors.static_hosts_of(mapping_at(each, "spec")):
                found.setdefault(host, each.at("spec.staticConfigs"))
        return found

    def static_target(self, workload: Workload) -> Place | None:
        """The configuration that names a Service of a workload among its targets."""
        if self._static_targets:
            for service in self.services_of(workload):
                for host in (service.name, f"{service.name}.{service.scope}"):
                    place = self._static_targets.get(host)
                    if place is not None and self.together(workload, place.resource):
                        return place
        return None

    @cached_property
    def discovering(self) -> Place | None:
        """A configuration that finds pods or Services by itself: which of them, its relabelling says."""
        return next((place for place, text in self._scrape_files if monitors.discovers(text)), None)

    # What a Prometheus takes up --------------------------------------------------------------------------------------

    @cached_property
    def _prometheuses(self) -> Sequence[Selecting]:
        found = [
            Selecting(each, each.scope, mapping_at(each, "spec"))
            for kind in ("Prometheus", "PrometheusAgent", "ThanosRuler")
            for each in self.custom(f"{kind}.monitoring.coreos.com")
        ]
        for release in self.installations(_STACK):
            spec: dict[str, object] = {}
            try:
                if (on := release.given("prometheus.enabled")) is not None and on.seen is False:
                    continue
                for name in ("rule", "serviceMonitor", "podMonitor"):
                    given = release.given(f"prometheus.prometheusSpec.{name}Selector")
                    nil = release.given(f"prometheus.prometheusSpec.{name}SelectorNilUsesHelmValues")
                    own = {"matchLabels": {"release": release.name}} if nil is None or nil.seen is not False else {}
                    spec[f"{name}Selector"] = given.seen if given is not None and given.seen else own
                    space = release.given(f"prometheus.prometheusSpec.{name}NamespaceSelector")
                    spec[f"{name}NamespaceSelector"] = space.seen if space is not None and space.seen else {}
            except Unjudged:
                # Values that are not at hand may let it take up everything.
                spec = {}
            found.append(Selecting(release.resource, release.namespace, spec))
        return found

    def monitor_left_out(self, monitor: Resource) -> Resource | None:
        """The Prometheus of the tree that does not take a monitor up, where none does."""
        name = {"ServiceMonitor": "serviceMonitor", "PodMonitor": "podMonitor"}.get(monitor.kind)
        if name is None or monitor.group != "monitoring.coreos.com":
            return None
        return self.left_out(monitor, f"{name}Selector", f"{name}NamespaceSelector")

    def left_out(self, resource: Resource, selector: str, namespace_selector: str) -> Resource | None:
        """The Prometheus of the tree that does not take up an object, where none does.

        Args:
            resource: the monitor or the rules.
            selector: the field of its selector.
            namespace_selector: the field of its selector of namespaces.
        """
        seen: Resource | None = None
        for each in self._prometheuses:
            if not self.together(resource, each.resource):
                continue
            if not each.selectors or self._takes_up(each, resource, selector, namespace_selector):
                return None
            seen = seen or each.resource
        return None if seen is None or self._taken_up_otherwise else seen

    def _takes_up(self, prometheus: Selecting, resource: Resource, own: str, namespace_field: str) -> bool:
        try:
            if not Selector.of(prometheus.selectors.get(own)).matches(mapping_at(resource, "metadata.labels")):
                return False
            spaces = prometheus.selectors.get(namespace_field)
            if spaces is None:
                # What names no namespace may be installed in that one.
                return not (resource.scope and prometheus.namespace) or resource.scope == prometheus.namespace
            selector = Selector.of(spaces)
            if not selector.requirements or not resource.scope:
                return selector.requirements is not None
            namespace = self.find("Namespace", resource.scope, resource, namespace="")
            labels = {_METADATA_NAME: resource.scope}
            if namespace is not None:
                labels.update(mapping_at(namespace, "metadata.labels"))
            elif any(term.key != _METADATA_NAME for term in selector.requirements):
                # The labels of a namespace that is not in the tree are not known.
                return True
            return selector.matches(labels)
        except Unjudged:
            return True

    @cached_property
    def _taken_up_otherwise(self) -> bool:
        """Whether a collector of the tree takes up the Prometheus operator's objects by itself."""
        return any(monitors.takes_up_objects(text) for _, text in self._scrape_files)


def _scrape_of(monitor: Resource, thing: Resource, ports: Sequence[tuple[Place, str, object]]) -> Scrape:
    """How a monitor scrapes what it selects: by the first of its ports that is there."""
    missing: Place | None = None
    for place, name, port in ports:
        if isinstance(port, Unresolved) or monitors.has_port(thing, name, port):
            return Scrape(monitor, place)
        missing = missing or place
    return Scrape(monitor, monitor.at(())) if missing is None else Scrape(monitor, missing, thing)
