"""What asks for metrics to be scraped: monitors of operators, annotations, OpenTelemetry, static targets.

Formats: the Prometheus operator's, VictoriaMetrics' and Google Managed Prometheus' custom resources; the annotations of
Prometheus' examples and of Grafana's k8s-monitoring; the OpenTelemetry operator's annotations and the variables of its
specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from msgspec import Struct

from readycheck.kubernetes.workload import Container, Workload
from readycheck.model import Place, Resource, Unjudged, Unresolved
from readycheck.observability.components import of_image

SERVICE_MONITORS = {
    "ServiceMonitor.monitoring.coreos.com": "endpoints",
    "ServiceMonitor.monitoring.rhobs": "endpoints",
    "ServiceMonitor.azmonitoring.coreos.com": "endpoints",
    "VMServiceScrape.operator.victoriametrics.com": "endpoints",
}
"""What scrapes the endpoints of Services that it selects, with the field that lists their ports."""
POD_MONITORS = {
    "PodMonitor.monitoring.coreos.com": "podMetricsEndpoints",
    "PodMonitor.monitoring.rhobs": "podMetricsEndpoints",
    "PodMonitor.azmonitoring.coreos.com": "podMetricsEndpoints",
    "VMPodScrape.operator.victoriametrics.com": "podMetricsEndpoints",
    "PodMonitoring.monitoring.googleapis.com": "endpoints",
    "ClusterPodMonitoring.monitoring.googleapis.com": "endpoints",
}
"""What scrapes pods that it selects, with the field that lists their ports."""

_SCRAPE = ("prometheus.io/scrape", "prometheus.io.scrape", "k8s.grafana.com/scrape")
_INJECTING = "instrumentation.opentelemetry.io/inject-"
_SIDECAR = "sidecar.opentelemetry.io/inject"
_DATADOG = "ad.datadoghq.com/"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT")
"""The variables that let OpenTelemetry's libraries send metrics."""
_EXPORTER = "OTEL_METRICS_EXPORTER"
_OFF = "OTEL_SDK_DISABLED"


class Asking(Struct, frozen=True, eq=False):
    """What asks for something to be scraped, or not to be.

    Args:
        place: where it stands.
        wanted: whether it is to be.
    """

    place: Place
    wanted: bool = True


def asked_by_annotations(
    annotated: Resource, annotations: Mapping[str, object], path: tuple[str, ...]
) -> Iterator[Asking]:
    """What annotations of pods or of a Service ask for.

    Args:
        annotated: what carries them.
        annotations: the annotations.
        path: where they stand.
    """
    for key, value in annotations.items():
        text = str.__str__(value) if isinstance(value, str) else str(value)
        if key in _SCRAPE:
            # A value that is not decided yet says that somebody decides it.
            yield Asking(annotated.at((*path, key)), text.lower() != "false")
        elif _asks(key) and text.lower() != "false":
            yield Asking(annotated.at((*path, key)))


def _asks(key: str) -> bool:
    if key.startswith(_DATADOG):
        return key.rpartition(".")[2] in ("checks", "check_names")
    return key.startswith(_INJECTING) or key == _SIDECAR


def sends_metrics(workload: Workload) -> Iterator[Place]:
    """Where the containers of a workload are told to send metrics by OpenTelemetry, or a collector runs beside them."""
    for container in workload.long_running:
        with suppress(Unjudged):
            variables = {str(each.get("name")): index for index, each in enumerate(container.mappings("env"))}
            if _is_on(container, variables):
                yield from (container.at(("env", variables[name])) for name in ENDPOINTS if name in variables)
        with suppress(Unjudged):
            component = of_image(container.string("image")) if len(workload.long_running) > 1 else None
            if component is not None and component.ships:
                yield container.at("image")


def _is_on(container: Container, variables: Mapping[str, int]) -> bool:
    def value(name: str) -> str:
        seen: Any = container.mappings("env")[variables[name]].get("value") if name in variables else None
        return seen.lower() if isinstance(seen, str) and not isinstance(seen, Unresolved) else ""

    return value(_EXPORTER) != "none" and value(_OFF) != "true"


def ports_of(monitor: Resource, field: str) -> Iterator[tuple[Place, str, object]]:
    """The ports that a monitor scrapes: where each stands, the field that names it, and what that says.

    Args:
        monitor: the monitor.
        field: the field that lists them.
    """
    for index, endpoint in enumerate(monitor.mappings(("spec", field))):
        for name in ("port", "targetPort", "portNumber"):
            if endpoint.get(name) is not None:
                yield monitor.at(("spec", field, index, name)), name, endpoint[name]
                break


def namespaces_of(monitor: Resource) -> list[str] | None:
    """The namespaces that a monitor looks in; None for all."""
    if monitor.kind == "ClusterPodMonitoring":
        return None
    selector = monitor.mapping("spec.namespaceSelector")
    if selector.get("any") is True:
        return None
    return list(monitor.strings("spec.namespaceSelector.matchNames")) or [monitor.scope]


def may_look_in(monitor: Resource, namespace: str) -> bool:
    """Whether a monitor looks in a namespace, as far as that can be told."""
    try:
        namespaces = namespaces_of(monitor)
    except Unjudged:
        return True
    return namespaces is None or any(isinstance(each, Unresolved) or each == namespace for each in namespaces)


def has_port(thing: Resource, field: str, port: object) -> bool:
    """Whether a Service or a workload has a port that a monitor asks for, as far as it can be told.

    Args:
        thing: the Service or the workload.
        field: the field of the monitor that names the port.
        port: what it says.
    """
    try:
        if isinstance(thing, Workload):
            declared = [each for container in thing.containers for each in container.ports]
            # A number needs no declaration.
            return isinstance(port, int) or any(each.get("name") == port for each in declared)
        if field == "port":
            return any(each.get("name") == port for each in thing.mappings("spec.ports"))
    except Unjudged:
        pass
    # A port of the pods, by number or by name.
    return True


# Configuration files -------------------------------------------------------------------------------------------------

_HOST = re.compile(r"(?:https?://)?([a-z0-9][a-z0-9.-]*):\d+")
_STATIC = re.compile(r"targets:\s*(\[[^\]]*\]|(?:\n\s*-[^\n]*)+)")
_SCRAPING = ("scrape_configs:", "discovery.kubernetes", "prometheus.scrape", "prometheus.operator.", "mimir.rules.")


def is_scrape_file(text: str) -> bool:
    """Whether a text configures what Prometheus, an agent or a collector scrapes."""
    return any(mark in text for mark in _SCRAPING)


def discovers(text: str) -> bool:
    """Whether a configuration finds its targets in Kubernetes."""
    return "kubernetes_sd_configs" in text or "discovery.kubernetes" in text


def takes_up_objects(text: str) -> bool:
    """Whether a configuration of Alloy or the agent takes up the Prometheus operator's objects."""
    return "prometheus.operator." in text or "mimir.rules.kubernetes" in text


def static_hosts(text: str) -> Iterator[str]:
    """The hosts that a configuration names as targets: `web`, `web.shop`."""
    for targets in _STATIC.findall(text):
        yield from map(_short, _HOST.findall(targets))


def static_hosts_of(spec: Mapping[str, Any]) -> Iterator[str]:
    """The hosts that a ScrapeConfig names as targets."""
    configs = spec.get("staticConfigs")
    for config in configs if isinstance(configs, list) else ():
        targets = config.get("targets") if isinstance(config, Mapping) else None
        for target in targets if isinstance(targets, list) else ():
            if host := short_host(target):
                yield host


def short_host(target: object) -> str:
    """The host of a target, as static_hosts gives it; "" where it is not decided."""
    match = _TARGET.match(target) if isinstance(target, str) and not isinstance(target, Unresolved) else None
    return _short(match[1]) if match is not None else ""


_TARGET = re.compile(r"(?:https?://)?([a-z0-9][a-z0-9.-]*)")


def _short(host: str) -> str:
    return host.removesuffix(".cluster.local").removesuffix(".svc")
