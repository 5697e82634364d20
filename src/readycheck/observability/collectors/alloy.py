"""Grafana Alloy: what its components write to (Grafana Alloy documentation: components)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from readycheck.documents.alloy import as_written, parse_alloy
from readycheck.model import Path, Unresolved
from readycheck.observability.destinations import Destination, Reach, destination
from readycheck.observability.programs import Signal

_MARK = re.compile(r"\b(?:prometheus\.remote_write|loki\.write|otelcol\.exporter\.\w+)\b")
_WRITES = {"prometheus_remote_write": Signal.METRICS, "loki_write": Signal.LOGS}
_EXPORTS = frozenset({"otelcol_exporter_otlp", "otelcol_exporter_otlphttp"})
_DEBUG = "otelcol_exporter_debug"
_SIGNALS = {"metrics": Signal.METRICS, "logs": Signal.LOGS, "traces": Signal.TRACES}


def is_alloy(text: str) -> bool:
    """Whether a text is a configuration of Alloy that sends something.

    Args:
        text: the text.
    """
    return _MARK.search(text) is not None and "{" in text


def alloy_destinations(text: str, path: Path = ()) -> Iterator[Destination]:
    """Where the components of a configuration send what they get.

    Args:
        text: the configuration.
        path: where it stands.
    """
    documents, _ = parse_alloy(text)
    for document in documents:
        yield from destinations_of_blocks(document.body, path)


def destinations_of_blocks(body: Mapping[str, Any], path: Path = ()) -> Iterator[Destination]:
    """The same of a configuration that was read.

    Args:
        body: its document.
        path: where it stands.
    """
    fed = _fed(body)
    for block in _blocks(body):
        kind, labels = block["type"], block["labels"]
        name = f"{kind}.{labels[0]}" if labels else kind
        for inner in _blocks(block):
            if kind in _WRITES and inner["type"] == "endpoint":
                yield from _to(_WRITES[kind], inner["attributes"].get("url"), path)
            elif kind in _EXPORTS and inner["type"] == "client":
                for signal in fed.get(name, ()):
                    yield from _to(signal, inner["attributes"].get("endpoint"), path)
        if kind == _DEBUG:
            for signal in fed.get(name, ()):
                if not any(signal in signals for other, signals in fed.items() if other != name and _leads_on(other)):
                    yield Destination(signal, "debug", Reach.NOWHERE, path)


def _to(signal: Signal, address: object, path: Path) -> Iterator[Destination]:
    if isinstance(address, Unresolved):
        address = Unresolved(as_written(str.__str__(address)), address.reason)
    found = destination(signal, address, path)
    if found is not None:
        yield found


def _leads_on(name: str) -> bool:
    return name.startswith("otelcol_exporter_")


def _fed(body: Mapping[str, Any]) -> Mapping[str, set[Signal]]:
    """Which signals are handed to each exporter: `output { traces = [otelcol.exporter.otlp.default.input] }`."""
    fed: dict[str, set[Signal]] = {}
    waiting = list(_blocks(body))
    while waiting:
        block = waiting.pop()
        waiting += _blocks(block)
        if block["type"] != "output":
            continue
        for field, signal in _SIGNALS.items():
            targets = block["attributes"].get(field)
            for target in targets if isinstance(targets, list) else ():
                *component, name, _ = (
                    f"{str.__str__(target)}".split(".") if "." in str.__str__(target) else ("", "", "")
                )
                fed.setdefault(f"{'_'.join(component)}.{name}", set()).add(signal)
    return fed


def _blocks(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    blocks: list[Mapping[str, Any]] = body.get("blocks", [])
    return blocks
