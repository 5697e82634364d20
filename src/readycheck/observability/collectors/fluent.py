"""Fluent Bit and Fluentd: what their outputs lead to (their manuals: outputs, output plugins)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from readycheck.model import Path, Unresolved
from readycheck.observability.destinations import Destination, Reach, destination
from readycheck.observability.programs import Signal

_PLATFORMS = {
    "azure": "Azure Monitor",
    "azure_logs_ingestion": "Azure Monitor",
    "cloudwatch": "CloudWatch",
    "cloudwatch_logs": "CloudWatch",
    "datadog": "Datadog",
    "google_cloud": "Google Cloud",
    "logdna": "Mezmo",
    "newrelic": "New Relic",
    "nrlogs": "New Relic",
    "oracle_log_analytics": "Oracle Cloud",
    "stackdriver": "Google Cloud",
    "sumologic": "Sumo Logic",
}
_DISCARDING = frozenset({"null", "stdout"})
# Plugins that send logs to a host, and where they name it.
_HOSTS = ("host", "url", "uri", "endpoint", "endpoint_url", "hosts", "hec_host")
_TO_HOSTS = frozenset(
    {"elasticsearch", "es", "forward", "gelf", "grafana-loki", "http", "loki", "opensearch", "opentelemetry", "splunk",
     "splunk_hec", "syslog", "tcp"}
)  # fmt: skip
_SECTION = re.compile(r"^[ \t]*\[(\w+)\][ \t]*$", re.MULTILINE)
_ENTRY = re.compile(r"^[ \t]*(\w+)[ \t]+(\S.*?)[ \t]*$", re.MULTILINE)
_MATCH = re.compile(r"<(?:match|store)\b[^>]*>(.*?)(?=<(?:/?match|/?store)\b)", re.DOTALL)
_FLUENTD_ENTRY = re.compile(r"^[ \t]*@?(\w+)[ \t]+(\S.*?)[ \t]*$", re.MULTILINE)


def is_fluent(text: str) -> bool:
    """Whether a text is a classic configuration of Fluent Bit, or one of Fluentd, that has outputs.

    Args:
        text: the text.
    """
    return "[OUTPUT]" in text or "[Output]" in text or ("<match" in text and "@type" in text)


def fluent_destinations(text: str, path: Path = ()) -> Iterator[Destination]:
    """Where the outputs of a configuration lead.

    Args:
        text: the configuration, or the part of one with its outputs.
        path: where it stands.
    """
    outputs = [*_classic(text), *_fluentd(text)]
    yield from _of_outputs([(settings, path) for settings in outputs])


def fluent_yaml_destinations(body: Mapping[str, Any], path: Path = ()) -> Iterator[Destination]:
    """Where the outputs of a configuration in YAML lead: `pipeline.outputs`.

    Args:
        body: the configuration.
        path: where it stands.
    """
    pipeline = body.get("pipeline")
    outputs = pipeline.get("outputs") if isinstance(pipeline, Mapping) else None
    found = []
    for index, output in enumerate(outputs if isinstance(outputs, list) else ()):
        if isinstance(output, Mapping):
            settings = {str(key).lower(): value for key, value in output.items()}
            found.append((settings, (*path, "pipeline", "outputs", index)))
    yield from _of_outputs(found)


def _of_outputs(outputs: Sequence[tuple[Mapping[str, Any], Path]]) -> Iterator[Destination]:
    discarded: list[Destination] = []
    kept = False
    for settings, path in outputs:
        plugin = str(settings.get("name") or settings.get("type") or "").lower()
        if plugin in _DISCARDING:
            discarded.append(Destination(Signal.LOGS, plugin, Reach.NOWHERE, path))
            continue
        kept = True
        if plugin in _PLATFORMS:
            yield Destination(Signal.LOGS, _PLATFORMS[plugin], Reach.ELSEWHERE, path)
        elif plugin in _TO_HOSTS or plugin == "prometheus_remote_write":
            signal = Signal.METRICS if plugin == "prometheus_remote_write" else Signal.LOGS
            address = next((settings[key] for key in _HOSTS if _is_given(settings.get(key))), None)
            found = destination(signal, address, path)
            if found is not None:
                yield found
    if not kept:
        yield from discarded[:1]


def _is_given(value: object) -> bool:
    return isinstance(value, Unresolved) or bool(value)


def _classic(text: str) -> Iterator[Mapping[str, str]]:
    sections = list(_SECTION.finditer(text))
    for index, section in enumerate(sections):
        if section[1].upper() == "OUTPUT":
            end = sections[index + 1].start() if index + 1 < len(sections) else len(text)
            yield {entry[1].lower(): entry[2] for entry in _ENTRY.finditer(text, section.end(), end)}


def _fluentd(text: str) -> Iterator[Mapping[str, str]]:
    for block in _MATCH.finditer(text) if "@type" in text else ():
        settings = {entry[1].lower(): entry[2] for entry in reversed(list(_FLUENTD_ENTRY.finditer(block[1])))}
        # A nested section (`<buffer>`) has a type of its own; the first one is the output's.
        if settings.get("type") not in (None, "copy", "relabel", "rewrite_tag_filter"):
            yield settings
