"""Prometheus, vmagent, Promtail and the Grafana Agent: what they write to (their configuration references)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from readycheck.model import Path
from readycheck.observability.destinations import Destination, destination
from readycheck.observability.programs import Signal


def written_to(signal: Signal, entries: object, path: Path, key: str = "url") -> Iterator[Destination]:
    """Where a list of receivers leads: `remote_write`, `remoteWrite`, `clients`.

    Args:
        signal: what is sent.
        entries: the list, or what stands in its place.
        path: where it stands.
        key: what holds the address.
    """
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        found = destination(signal, entry.get(key) if isinstance(entry, Mapping) else None, (*path, index))
        if found is not None:
            yield found


def is_prometheus(body: Mapping[str, Any]) -> bool:
    """Whether a document is the configuration of Prometheus, of vmagent or of Promtail.

    Args:
        body: the document.
    """
    return isinstance(body.get("remote_write"), list) or (
        "scrape_configs" in body and ("clients" in body or "client" in body)
    )


def prometheus_destinations(body: Mapping[str, Any], path: Path = ()) -> Iterator[Destination]:
    """Where Prometheus writes metrics, and Promtail logs.

    Args:
        body: the configuration.
        path: where that stands.
    """
    yield from written_to(Signal.METRICS, body.get("remote_write"), (*path, "remote_write"))
    yield from written_to(Signal.LOGS, body.get("clients"), (*path, "clients"))
    client = body.get("client")
    if isinstance(client, Mapping) and (found := destination(Signal.LOGS, client.get("url"), (*path, "client"))):
        yield found


_AGENT = (("metrics", Signal.METRICS, "remote_write", "url"), ("logs", Signal.LOGS, "clients", "url"),
          ("traces", Signal.TRACES, "remote_write", "endpoint"))  # fmt: skip


def is_agent(body: Mapping[str, Any]) -> bool:
    """Whether a document is the configuration of a Grafana Agent in its static mode.

    Args:
        body: the document.
    """
    return any(isinstance(body.get(part), Mapping) and "configs" in body[part] for part, *_ in _AGENT)


def agent_destinations(body: Mapping[str, Any], path: Path = ()) -> Iterator[Destination]:
    """Where a Grafana Agent in its static mode sends each signal.

    Args:
        body: the configuration.
        path: where that stands.
    """
    for part, signal, field, key in _AGENT:
        settings = body.get(part)
        if not isinstance(settings, Mapping):
            continue
        shared = settings.get("global")
        if isinstance(shared, Mapping):
            yield from written_to(signal, shared.get(field), (*path, part, "global", field), key)
        configs = settings.get("configs")
        for index, config in enumerate(configs if isinstance(configs, list) else ()):
            if isinstance(config, Mapping):
                yield from written_to(signal, config.get(field), (*path, part, "configs", index, field), key)
