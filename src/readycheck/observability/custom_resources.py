"""What the custom resources of the stack's operators say: what runs, what is switched off, and what is sent where.

The fields are those of the operators of Prometheus, VictoriaMetrics, Grafana, OpenTelemetry, Fluent and of Alloy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from readycheck.model import Resource
from readycheck.observability.collectors import destinations_of, destinations_of_text
from readycheck.observability.collectors.prometheus import written_to
from readycheck.observability.destinations import Destination, host_of
from readycheck.observability.programs import Signal

_REPLICAS = {
    "Grafana": ("spec", "deployment", "spec", "replicas"),
    "VMSingle": ("spec", "replicaCount"),
    "VLSingle": ("spec", "replicaCount"),
    "VTSingle": ("spec", "replicaCount"),
    "VMCluster": ("spec", "vmstorage", "replicaCount"),
    "VLCluster": ("spec", "vlstorage", "replicaCount"),
    "VTCluster": ("spec", "vtstorage", "replicaCount"),
}


def switched_off(resource: Resource) -> str:
    """Why what a custom resource declares does not run, to follow its name; "" where it does.

    Args:
        resource: one of a kind of the stack's operators.
    """
    path = _REPLICAS.get(resource.kind, ("spec", "replicas"))
    replicas = resource.glimpse(path)
    return "is parked: it runs 0 replicas" if replicas == 0 and isinstance(replicas, int) else ""


_AGENTS = frozenset({"PrometheusAgent", "VMAgent"})
_FORMER_GRAFANA = "integreatly.org"
"""The API group of Grafana's operator up to version 4 (its page on the migration from version 4 to 5)."""


def flaw_of(resource: Resource) -> str:
    """Why what a custom resource declares cannot do its part, to follow its name; "" where it can.

    Args:
        resource: one of a kind of the stack's operators.
    """
    if resource.kind in _AGENTS and not resource.glimpse(("spec", "remoteWrite")):
        return "has no remoteWrite: an agent keeps nothing, so what it collects is lost"
    if resource.kind == "Grafana" and resource.group == _FORMER_GRAFANA:
        return f"has {resource.api_version}, which Grafana's operator does not serve since version 5"
    return ""


def outside(grafana: Resource) -> str:
    """The host of a Grafana that its operator reaches but does not run; "" where it runs it.

    Args:
        grafana: a Grafana of its operator.
    """
    url = grafana.glimpse(("spec", "external", "url"))
    return host_of(str.__str__(url)) if isinstance(url, str) else ""


def destinations_of_resource(resource: Resource) -> Iterator[Destination]:
    """Where a custom resource says that something is sent.

    Args:
        resource: any object.
    """
    read = _READERS.get(f"{resource.kind}.{resource.group}")
    if read is not None:
        yield from read(resource)


def _remote_write(resource: Resource) -> Iterator[Destination]:
    path = ("spec", "remoteWrite")
    return written_to(Signal.METRICS, resource.glimpse(path), path)


def _clients(resource: Resource) -> Iterator[Destination]:
    path = ("spec", "clients")
    return written_to(Signal.LOGS, resource.glimpse(path), path)


def _collector(resource: Resource) -> Iterator[Destination]:
    """The configuration of a collector: a mapping since v1beta1, a text before."""
    config = resource.glimpse(("spec", "config"))
    if isinstance(config, Mapping):
        yield from destinations_of(config, ("spec", "config"))
    elif isinstance(config, str):
        yield from destinations_of_text(config, ("spec", "config"))


def _alloy(resource: Resource) -> Iterator[Destination]:
    path = ("spec", "alloy", "configMap", "content")
    content = resource.glimpse(path)
    if isinstance(content, str):
        yield from destinations_of_text(content, path)


def _output(resource: Resource) -> Iterator[Destination]:
    """An output of the operators of Fluent Bit and Fluentd: its plugin is a field of its specification."""
    spec = resource.glimpse(("spec",))
    outputs = [
        {"name": plugin.lower(), **settings}
        for plugin, settings in (spec.items() if isinstance(spec, Mapping) else ())
        if isinstance(settings, Mapping)
    ]
    for found in destinations_of({"pipeline": {"outputs": outputs}}):
        yield found.at(("spec",))


def _forwarder(resource: Resource) -> Iterator[Destination]:
    """OpenShift's ClusterLogForwarder: `spec.outputs[]`, each with a type and its settings under the type's name."""
    outputs = resource.glimpse(("spec", "outputs"))
    for index, output in enumerate(outputs if isinstance(outputs, list) else ()):
        if isinstance(output, Mapping) and isinstance(output.get("type"), str):
            settings = output.get(str.__str__(output["type"]))
            entry = {"url": output.get("url"), **(settings if isinstance(settings, Mapping) else {})}
            entry["name"] = _OPENSHIFT.get(str.__str__(output["type"]), str.__str__(output["type"])).lower()
            for found in destinations_of({"pipeline": {"outputs": [entry]}}):
                yield found.at(("spec", "outputs", index))


_OPENSHIFT = {"googleCloudLogging": "google_cloud", "azureMonitor": "azure", "otlp": "opentelemetry"}
_READERS: Mapping[str, Callable[[Resource], Iterator[Destination]]] = {
    "Prometheus.monitoring.coreos.com": _remote_write,
    "PrometheusAgent.monitoring.coreos.com": _remote_write,
    "VMAgent.operator.victoriametrics.com": _remote_write,
    "MetricsInstance.monitoring.grafana.com": _remote_write,
    "LogsInstance.monitoring.grafana.com": _clients,
    "OpenTelemetryCollector.opentelemetry.io": _collector,
    "Alloy.collectors.grafana.com": _alloy,
    "Output.fluentbit.fluent.io": _output,
    "ClusterOutput.fluentbit.fluent.io": _output,
    "Output.fluentd.fluent.io": _output,
    "ClusterOutput.fluentd.fluent.io": _output,
    "Output.logging.banzaicloud.io": _output,
    "ClusterOutput.logging.banzaicloud.io": _output,
    "ClusterLogForwarder.logging.openshift.io": _forwarder,
    "ClusterLogForwarder.observability.openshift.io": _forwarder,
}
SENDING = frozenset(kind.partition(".")[0] for kind in _READERS)
"""The kinds, whatever their groups, of the custom resources that may say that something is sent."""
