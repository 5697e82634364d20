"""The observability stack as the tree declares it: its components, where they stand, and what they send where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from readycheck.charts.catalogue import known_chart
from readycheck.inventory.core import mapping_at, remembered
from readycheck.inventory.delivery.installations import Installations
from readycheck.inventory.workloads.scaling import Scaling
from readycheck.kubernetes import flux
from readycheck.kubernetes.controller import runs_controller
from readycheck.kubernetes.workload import Workload
from readycheck.model import Place, Resource, Unjudged, Unresolved
from readycheck.observability.collectors import destinations_of, destinations_of_text
from readycheck.observability.collectors.alloy import destinations_of_blocks
from readycheck.observability.components import belongs_to_stack, components_of, of_custom_resource, of_image
from readycheck.observability.custom_resources import (
    SENDING,
    destinations_of_resource,
    flaw_of,
    outside,
    switched_off,
)
from readycheck.observability.destinations import Destination, Reach
from readycheck.observability.managed import IN_ACCOUNTS, held_by, managed_by, why_idle
from readycheck.observability.programs import BY_KIND, GRAFANA, PROMETHEUS, Component, Signal
from readycheck.observability.releases import destinations_of_release, parts_of
from readycheck.observability.sightings import Sighting, Standing
from readycheck.secrets.placeholder import example_of
from readycheck.terraform.blocks import TERRAFORM_FILE, blocks_of

_FILES_OF_CONFIGURATION = ("ConfigFile", "AlloyConfig", "CollectorConfig")
_HOLDERS = {"ConfigMap": "data", "Secret": "stringData"}


class Observability(Scaling, Installations):
    """The relations of the observability stack."""

    @remembered
    def is_observability(self, workload: Workload) -> bool:
        """Whether a workload is the stack's own: it watches, and is not asked to be watched."""
        return belongs_to_stack(workload)

    @remembered
    def is_controller(self, workload: Workload) -> bool:
        """Whether a workload is a controller or another add-on of the cluster."""
        return runs_controller(workload)

    def sightings(self, signal: Signal) -> Sequence[Sighting]:
        """What was seen of the part of the stack that keeps or shows something.

        Args:
            signal: what it keeps or shows.
        """
        return self._sightings.get(signal, ())

    def seen_keeping(self, *signals: Signal) -> Sighting | None:
        """The first that counts of what was seen to keep or show something.

        Args:
            signals: what it may keep or show, the first of them first.
        """
        return next((each for signal in signals for each in self.sightings(signal) if each.counts), None)

    @cached_property
    def _sightings(self) -> Mapping[Signal, Sequence[Sighting]]:
        found: dict[Signal, dict[tuple[Standing, str, str], Sighting]] = {signal: {} for signal in Signal}
        for signal, sighting in self._stack_seen():
            # Overlays of one base declare one thing several times.
            found[signal].setdefault((sighting.standing, sighting.what, sighting.where), sighting)
        return {signal: list(sightings.values()) for signal, sightings in found.items()}

    def _stack_seen(self) -> Iterator[tuple[Signal, Sighting]]:
        yield from self._stack_workloads()
        yield from self._stack_resources()
        yield from self._stack_containers()
        yield from self._stack_platforms()
        yield from self._stack_releases()
        for resource, destinations in self._stack_destinations():
            if not _is_example(resource):
                yield from _of_destinations(resource, destinations, self._known)

    @property
    def _known(self) -> str:
        """What a destination beside its sender is not, for people."""
        return "a program that is known here" if self.live else "in the tree"

    # What runs ---------------------------------------------------------------------------------------------------

    def _stack_workloads(self) -> Iterator[tuple[Signal, Sighting]]:
        for workload in self.workloads:
            if workload.runs_to_completion or _is_example(workload):
                continue
            for component in components_of(workload):
                standing, why = self._stack_standing(component, workload)
                yield from _of_component(component, standing, _named(workload), workload.at(()), why)

    def _stack_standing(self, component: Component, workload: Workload) -> tuple[Standing, str]:
        if self.declared_zero(workload):
            return Standing.OFF, "is parked: it runs 0 replicas"
        if self.live and not workload.ready_pods:
            return Standing.BROKEN, "has no ready pod"
        if component is PROMETHEUS and _is_agent(workload):
            return Standing.OFF, "runs as an agent, which keeps nothing"
        replicas = mapping_at(workload, "spec").get("replicas")
        if isinstance(replicas, Unresolved):
            return Standing.OPEN, f"runs `{replicas!s}` replicas, which {replicas.reason}"
        return _running(component), ""

    def _stack_resources(self) -> Iterator[tuple[Signal, Sighting]]:
        for resource in self.of(*sorted({kind.partition(".")[0] for kind in BY_KIND})):
            component = of_custom_resource(resource)
            if component is None or _is_example(resource):
                continue
            off, flaw = switched_off(resource), flaw_of(resource)
            where, place = _named(resource), resource.at(())
            if flaw:
                sighting = Sighting(Standing.BROKEN, component.name, where, place, flaw)
                # What only ships carries metrics here: the agent of Prometheus.
                yield from ((signal, sighting) for signal in component.signals or (Signal.METRICS,))
            elif off:
                yield from _of_component(component, Standing.OFF, where, place, off)
            elif component is GRAFANA and (address := outside(resource)):
                what = f"Grafana at {address}"
                yield Signal.DASHBOARDS, Sighting(Standing.CENTRAL, what, where, resource.at("spec.external"))
            elif self.live and not component.ships:
                # Its pods are seen for themselves, where they run.
                yield from _of_component(component, Standing.OPEN, where, place, "is there, and no pod of it was seen")
            else:
                yield from _of_component(component, _running(component), where, place)

    def _stack_containers(self) -> Iterator[tuple[Signal, Sighting]]:
        """The services of compose files: beside what runs on a cluster they are for somebody's own machine."""
        local = bool(self.workloads or self.opaque)
        for file in self.of("Compose"):
            if _is_example(file):
                continue
            for name, service in mapping_at(file, "services").items():
                image = service.get("image") if isinstance(service, Mapping) else None
                component = of_image(image) if isinstance(image, str) else None
                if component is None:
                    continue
                place, where = file.at(("services", name)), f"the service {name} of {file.name}"
                why = "is of a compose file, beside what runs on a cluster" if local else ""
                standing = Standing.OFF if local else Standing.RUNS
                yield from _of_component(component, standing, where, place, why)

    def _stack_releases(self) -> Iterator[tuple[Signal, Sighting]]:
        for release in self.installations():
            if _is_example(release.resource):
                continue
            off = _suspended(release.resource)
            known = known_chart(release.chart)
            note = known.stale(release.repository) if known is not None else ""
            for component, on in parts_of(release):
                standing, why = (Standing.OFF, off) if off else _STANDING_OF_PART[on]
                yield from _of_component(component, standing, _named(release.resource), release.chart_place, why, note)
            if not off:
                yield from _of_destinations(release.resource, destinations_of_release(release), self._known, note)

    def _stack_platforms(self) -> Iterator[tuple[Signal, Sighting]]:
        for file in self.of(TERRAFORM_FILE):
            if _is_example(file):
                continue
            for block in blocks_of(file, "resource", "provider", "module"):
                for signal, platform in managed_by(block):
                    yield signal, Sighting(Standing.CENTRAL, platform, f"{block.name} in {file.name}", block.at())
        for thing in self.of(*(each for each in IN_ACCOUNTS if each not in self.unread)) if self.live else ():
            idle = why_idle(thing)
            for signal, platform in held_by(thing):
                yield (
                    signal,
                    Sighting(Standing.OFF if idle else Standing.CENTRAL, platform, thing.name, thing.at(()), idle),
                )

    # What is sent where ------------------------------------------------------------------------------------------

    def _stack_destinations(self) -> Iterator[tuple[Resource, Iterable[Destination]]]:
        for kind, field in _HOLDERS.items():
            for resource in self.of(kind):
                yield resource, _of_texts(resource, field)
        for resource in self.of(*_FILES_OF_CONFIGURATION):
            if resource.kind == "ConfigFile":
                yield resource, destinations_of(resource.body)
            elif resource.kind == "AlloyConfig":
                yield resource, destinations_of_blocks(resource.body)
            else:
                yield resource, destinations_of_text("\n".join(map(str.__str__, resource.body["lines"])))
        for resource in self.objects:
            if resource.kind in SENDING:
                yield resource, destinations_of_resource(resource)


def _of_texts(holder: Resource, field: str) -> Iterator[Destination]:
    for key, text in mapping_at(holder, field).items():
        # Dashboards are the largest of all ConfigMaps, and configure nothing.
        if isinstance(text, str) and not key.endswith(".json"):
            yield from destinations_of_text(text, (field, key))


def _of_component(
    component: Component, standing: Standing, where: str, place: Place, why: str = "", note: str = ""
) -> Iterator[tuple[Signal, Sighting]]:
    for signal in component.signals:
        yield signal, Sighting(standing, _what(component, signal), where, place, why, note)


def _running(component: Component) -> Standing:
    return Standing.CENTRAL if component.ships else Standing.RUNS


def _what(component: Component, signal: Signal) -> str:
    return f"{component.name}, in place of {signal.wanted}" if component.instead else component.name


_STANDING_OF_PART: Mapping[bool | None, tuple[Standing, str]] = {
    True: (Standing.RUNS, ""),
    False: (Standing.OFF, "switches it off in its values"),
    None: (Standing.OPEN, "takes from elsewhere whether it installs it"),
}


def _suspended(resource: Resource) -> str:
    try:
        return "is suspended" if resource.kind == flux.HELM_RELEASE and flux.suspended(resource) else ""
    except Unjudged:
        return ""


_STANDINGS = {
    Reach.ELSEWHERE: Standing.CENTRAL,
    Reach.BESIDE: Standing.OPEN,
    Reach.OPEN: Standing.OPEN,
    Reach.NOWHERE: Standing.BROKEN,
}
_WHY = {
    Reach.BESIDE: "sends {signal} to {to}, which stands beside it and is not {known}",
    Reach.OPEN: "sends {signal} to {to}, which is not decided here",
    Reach.NOWHERE: "sends {signal} to {to} alone, which keeps none of them",
}


def _of_destinations(
    resource: Resource, destinations: Iterable[Destination], known: str, note: str = ""
) -> Iterator[tuple[Signal, Sighting]]:
    for each in destinations:
        standing, signal = _STANDINGS[each.reach], each.signal.value
        why = _WHY.get(each.reach, "").format(signal=signal, to=each.to, known=known)
        place, where = resource.at(each.path), _named(resource)
        yield each.signal, Sighting(standing, f"{signal} go to {each.to}", where, place, why, note)
        if each.signal is Signal.METRICS and each.reach is Reach.ELSEWHERE and each.shows:
            shown = f"metrics go to {each.to}, and are to be shown there"
            yield Signal.DASHBOARDS, Sighting(standing, shown, where, place)


def _named(resource: Resource) -> str:
    if not resource.api_version:
        return resource.name
    return f"{resource.kind} {resource.scope}/{resource.name}" if resource.scope else f"{resource.kind} {resource.name}"


def _is_agent(workload: Workload) -> bool:
    for container in workload.long_running:
        args = container.body.get("args")
        for argument in args if isinstance(args, list) else ():
            if str.__str__(argument) in ("--agent", "--enable-feature=agent") if isinstance(argument, str) else False:
                return True
    return False


def _is_example(resource: Resource) -> bool:
    return example_of(resource.origin.file) in ("an example", "a test")
