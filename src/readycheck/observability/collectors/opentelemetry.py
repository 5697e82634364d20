"""The OpenTelemetry collector: which exporters its pipelines end in (its configuration reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from readycheck.model import Path, Unresolved
from readycheck.observability.destinations import Destination, Reach, destination
from readycheck.observability.programs import Signal

_SIGNALS = {"metrics": Signal.METRICS, "logs": Signal.LOGS, "traces": Signal.TRACES}
_DISCARDING = frozenset({"debug", "logging", "nop"})
# Where the address stands in the settings of an exporter, by its type.
_ADDRESSES: Mapping[str, tuple[Path, ...]] = {
    **dict.fromkeys(
        ("otlp", "otlp_grpc", "otlphttp", "otlp_http", "prometheusremotewrite", "loki", "zipkin", "jaeger", "influxdb"),
        (("endpoint",),),
    ),
    "clickhouse": (("endpoint",),),
    "elasticsearch": (("endpoint",), ("endpoints", 0)),
    "opensearch": (("http", "endpoint"),),
    "splunk_hec": (("endpoint",),),
}
_PLATFORMS = {
    "alibabacloud_logservice": "Alibaba Cloud",
    "awscloudwatchlogs": "CloudWatch",
    "awsemf": "CloudWatch",
    "awsxray": "AWS X-Ray",
    "azuremonitor": "Azure Monitor",
    "coralogix": "Coralogix",
    "datadog": "Datadog",
    "googlecloud": "Google Cloud",
    "googlemanagedprometheus": "Google Cloud's Managed Service for Prometheus",
    "logzio": "Logz.io",
    "sapm": "Splunk",
    "sentry": "Sentry",
    "signalfx": "Splunk",
    "sumologic": "Sumo Logic",
}


def is_opentelemetry(body: Mapping[str, Any]) -> bool:
    """Whether a document is the configuration of a collector.

    Args:
        body: the document.
    """
    return isinstance(body.get("exporters"), Mapping) and isinstance(body.get("service"), Mapping)


def opentelemetry_destinations(body: Mapping[str, Any], path: Path = ()) -> Iterator[Destination]:
    """Where the pipelines of a collector end.

    Args:
        body: its configuration.
        path: where that stands.
    """
    exporters, service = body.get("exporters"), body.get("service")
    pipelines = service.get("pipelines") if isinstance(service, Mapping) else None
    if not isinstance(exporters, Mapping) or not isinstance(pipelines, Mapping):
        return
    ends: dict[Signal, list[str]] = {}
    for name, pipeline in pipelines.items():
        signal = _SIGNALS.get(name.partition("/")[0])
        named = pipeline.get("exporters") if isinstance(pipeline, Mapping) else None
        if signal is not None and isinstance(named, list):
            ends.setdefault(signal, []).extend(str(each) for each in named if not isinstance(each, Unresolved))
    for signal, named in ends.items():
        yield from _ends_of(signal, named, exporters, path)


def _ends_of(signal: Signal, named: list[str], exporters: Mapping[str, Any], path: Path) -> Iterator[Destination]:
    types = [name.partition("/")[0] for name in named]
    if named and _DISCARDING.issuperset(types):
        yield Destination(signal, types[0], Reach.NOWHERE, _existing(exporters, named[0], path))
        return
    for name, kind in zip(named, types, strict=True):
        place = _existing(exporters, name, path)
        if kind in _PLATFORMS:
            yield Destination(signal, _PLATFORMS[kind], Reach.ELSEWHERE, place)
        settings = exporters.get(name)
        for way in ((f"{signal.value}_endpoint",), *_ADDRESSES.get(kind, ())) if kind in _ADDRESSES else ():
            found = destination(signal, _at(settings, way), place)
            if found is not None:
                yield found
                break


def _existing(exporters: Mapping[str, Any], name: str, path: Path) -> Path:
    return (*path, "exporters", name) if name in exporters else (*path, "exporters")


def _at(settings: object, way: Path) -> object:
    for step in way:
        if isinstance(settings, Mapping):
            settings = settings.get(str(step))
        elif isinstance(settings, list) and isinstance(step, int) and step < len(settings):
            settings = settings[step]
        else:
            return None
    return settings
