"""The configurations of collectors, and where they send what they collect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from readycheck.documents.yaml import parse
from readycheck.model import Path
from readycheck.observability.collectors.alloy import alloy_destinations, is_alloy
from readycheck.observability.collectors.fluent import fluent_destinations, fluent_yaml_destinations, is_fluent
from readycheck.observability.collectors.opentelemetry import is_opentelemetry, opentelemetry_destinations
from readycheck.observability.collectors.prometheus import (
    agent_destinations,
    is_agent,
    is_prometheus,
    prometheus_destinations,
)
from readycheck.observability.collectors.vector import is_vector, vector_destinations
from readycheck.observability.destinations import Destination

_YAML_MARKS = ("remote_write:", "exporters:", "clients:", "client:", "outputs:", "sinks:")


def destinations_of_text(text: str, path: Path = ()) -> Iterator[Destination]:
    """Where what a text configures sends something; nothing where it is no configuration of a collector.

    Args:
        text: a file, or a value that holds one.
        path: where it stands.
    """
    plain = str.__str__(text)
    if is_alloy(plain):
        yield from alloy_destinations(plain, path)
    elif is_fluent(plain):
        yield from fluent_destinations(plain, path)
    elif "[sinks." in plain:
        yield from _of_toml(plain, path)
    elif any(mark in plain for mark in _YAML_MARKS):
        documents, _ = parse(plain, templated=False)
        for document in documents:
            if isinstance(document.body, Mapping):
                # What stands in a text stands in no place of its own.
                yield from (found.at(path) for found in destinations_of(document.body))


def destinations_of(body: Mapping[str, Any], path: Path = ()) -> Iterator[Destination]:
    """Where a configuration in YAML sends something; nothing where it is none of a collector.

    Args:
        body: the document.
        path: where it stands.
    """
    if is_opentelemetry(body):
        yield from opentelemetry_destinations(body, path)
    elif is_vector(body):
        yield from vector_destinations(body, path)
    elif is_agent(body):
        yield from agent_destinations(body, path)
    elif is_prometheus(body):
        yield from prometheus_destinations(body, path)
    elif "pipeline" in body:
        yield from fluent_yaml_destinations(body, path)


def _of_toml(text: str, path: Path) -> Iterator[Destination]:
    import tomllib  # noqa: PLC0415 - few configurations are written in TOML

    try:
        body = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    yield from (found.at(path) for found in vector_destinations(body))
