"""Vector: what its sinks lead to (Vector's reference: sinks)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from readycheck.model import Path
from readycheck.observability.destinations import Destination, Reach, destination
from readycheck.observability.programs import Signal

_PLATFORMS = {
    "aws_cloudwatch_logs": (Signal.LOGS, "CloudWatch"),
    "aws_cloudwatch_metrics": (Signal.METRICS, "CloudWatch"),
    "axiom": (Signal.LOGS, "Axiom"),
    "azure_monitor_logs": (Signal.LOGS, "Azure Monitor"),
    "datadog_logs": (Signal.LOGS, "Datadog"),
    "datadog_metrics": (Signal.METRICS, "Datadog"),
    "datadog_traces": (Signal.TRACES, "Datadog"),
    "gcp_stackdriver_logs": (Signal.LOGS, "Google Cloud"),
    "gcp_stackdriver_metrics": (Signal.METRICS, "Google Cloud"),
    "honeycomb": (Signal.LOGS, "Honeycomb"),
    "mezmo": (Signal.LOGS, "Mezmo"),
    "new_relic": (Signal.LOGS, "New Relic"),
    "sematext_logs": (Signal.LOGS, "Sematext"),
    "sematext_metrics": (Signal.METRICS, "Sematext"),
}
_TO_HOSTS = {
    "elasticsearch": Signal.LOGS,
    "humio_logs": Signal.LOGS,
    "http": Signal.LOGS,
    "loki": Signal.LOGS,
    "papertrail": Signal.LOGS,
    "prometheus_remote_write": Signal.METRICS,
    "splunk_hec_logs": Signal.LOGS,
    "splunk_hec_metrics": Signal.METRICS,
    "vector": Signal.LOGS,
}
_ADDRESSES = ("endpoint", "endpoints", "uri", "address")
_DISCARDING = frozenset({"blackhole", "console"})


def is_vector(body: Mapping[str, Any]) -> bool:
    """Whether a document is a configuration of Vector.

    Args:
        body: the document.
    """
    return isinstance(body.get("sinks"), Mapping) and isinstance(body.get("sources"), Mapping)


def vector_destinations(body: Mapping[str, Any], path: Path = ()) -> Iterator[Destination]:
    """Where the sinks of a configuration lead.

    Args:
        body: the configuration.
        path: where it stands.
    """
    sinks = body.get("sinks")
    discarded: list[Destination] = []
    kept = False
    for name, sink in sinks.items() if isinstance(sinks, Mapping) else ():
        kind = str(sink.get("type")) if isinstance(sink, Mapping) else ""
        place = (*path, "sinks", name)
        if kind in _DISCARDING:
            discarded.append(Destination(Signal.LOGS, kind, Reach.NOWHERE, place))
            continue
        kept = True
        if kind in _PLATFORMS:
            yield Destination(*_PLATFORMS[kind], Reach.ELSEWHERE, place)
        elif kind in _TO_HOSTS:
            address = next((sink[key] for key in _ADDRESSES if sink.get(key)), None)
            found = destination(_TO_HOSTS[kind], address[0] if isinstance(address, list) else address, place)
            if found is not None:
                yield found
    if not kept:
        yield from discarded[:1]
