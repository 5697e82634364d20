"""What names Services as its backends: Ingresses and the routes of the Gateway API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from readycheck.model import Resource

ROUTES = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute")


def backends_of(entry: Resource) -> Iterator[tuple[str, str]]:
    """The namespaces and names of the Services that an Ingress or a route sends requests to."""
    spec = entry.body.get("spec")
    if not isinstance(spec, Mapping):
        return
    if entry.kind == "Ingress":
        for name in _ingress_backends(spec):
            yield entry.scope, name
        return
    for rule in _mappings(spec.get("rules")):
        for reference in _mappings(rule.get("backendRefs")):
            if str(reference.get("kind") or "Service") == "Service":
                yield str(reference.get("namespace") or entry.scope), str(reference.get("name"))


def _ingress_backends(spec: Mapping[str, Any]) -> Iterator[str]:
    backends = [spec.get("defaultBackend"), spec.get("backend")]
    for rule in _mappings(spec.get("rules")):
        http = rule.get("http")
        paths = http.get("paths") if isinstance(http, Mapping) else None
        backends += [path.get("backend") for path in _mappings(paths)]
    for backend in backends:
        if isinstance(backend, Mapping):
            service = backend.get("service")
            # v1beta1 named the Service beside the port.
            name = service.get("name") if isinstance(service, Mapping) else backend.get("serviceName")
            if name is not None:
                yield str(name)


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    for item in value if isinstance(value, list) else ():
        if isinstance(item, Mapping):
            yield item
