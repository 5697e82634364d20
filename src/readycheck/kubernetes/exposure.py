"""What leads requests from outside the cluster to Services: Ingresses, routes and load balancers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from readycheck.kubernetes.traffic import Target, port_at, service_ports, targeted
from readycheck.kubernetes.workload import Workload
from readycheck.model import Path, Place, Resource, Unjudged, Unresolved

GATEWAY_ROUTES = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")
"""The routes of the Gateway API."""

# Where each kind names the Services behind it (its API reference); `*` is every item of a list.
_REFERENCES: Mapping[str, tuple[str, ...]] = {
    # `spec.backend` was the default backend until networking.k8s.io/v1.
    "Ingress": ("spec.defaultBackend", "spec.backend", "spec.rules.*.http.paths.*.backend"),
    **dict.fromkeys(GATEWAY_ROUTES, ("spec.rules.*.backendRefs.*",)),
    "IngressRoute": ("spec.routes.*.services.*",),
    "IngressRouteTCP": ("spec.routes.*.services.*",),
    "IngressRouteUDP": ("spec.routes.*.services.*",),
    "HTTPProxy": ("spec.routes.*.services.*", "spec.tcpproxy.services.*"),
    "Route": ("spec.to", "spec.alternateBackends.*"),
    "TargetGroupBinding": ("spec.serviceRef",),
    "VirtualService": tuple(f"spec.{protocol}.*.route.*.destination" for protocol in ("http", "tls", "tcp")),
}

ENTRIES = tuple(_REFERENCES)
"""Kinds that send requests from outside to Services: Kubernetes, Gateway API, Traefik, Contour, OpenShift, AWS,
Istio."""

_NAMING = frozenset({"host", "name", "namespace", "number", "port", "service", "serviceName", "servicePort"})
"""The fields by which a reference names a Service and its port."""

_MESH = "mesh"
"""What Istio calls all sidecars together, in the place of a gateway."""

BY_ANNOTATION = "use-annotation"
"""The port of what is no Service but an action of the AWS load balancer controller, described in an annotation."""


class Backend(Struct, frozen=True):
    """A Service, by name, that something sends requests to."""

    scope: str
    name: str
    port: object
    """The number or name of its port; None for whichever it has."""
    outside: bool = False
    """Whether the name is a host of DNS that may be anybody's."""


class Exposure(Struct, frozen=True, eq=False):
    """Something that sends requests from outside to ports of a Service."""

    entry: Resource
    """The Ingress, route or binding, or the Service itself where it is a load balancer."""
    ports: tuple[Place, ...]

    @classmethod
    def of(cls, entry: Resource, backend: Backend, service: Resource) -> Exposure | None:
        """How an entry leads to the Service that its backend names; None where the Service has no such port.

        Raises:
            Unjudged: which port is meant is not decided yet.
        """
        ports = tuple(
            place
            for place in service_ports(service)
            if backend.port is None or backend.port in (port_at(place).get("port"), port_at(place).get("name"))
        )
        return cls(entry, ports) if ports else None


class Reference(Struct, frozen=True, eq=False):
    """What an Ingress, route or binding names as the receiver of requests."""

    place: Place
    """Where it is named."""
    backend: Backend | None
    """The Service; None where something of another kind is named."""

    def decide(self) -> None:
        """Make sure that it is told what is named.

        Raises:
            Unjudged: a name or a port is not decided yet.
        """
        waiting = [self.place.seen]
        while waiting:
            for key, value in waiting.pop().items():
                if key in _NAMING and isinstance(value, Unresolved):
                    raise Unjudged(f"`{value!s}` {value.reason}", self.place)
                if key in _NAMING and isinstance(value, Mapping):
                    waiting.append(value)


def references_of(entry: Resource) -> Iterator[Reference]:
    """All that an Ingress, route or binding names as receivers, routes within a mesh too."""
    for way in _REFERENCES[entry.kind]:
        for path, named in _walk(entry.body, way.split(".")):
            yield Reference(entry.at(path), _backend(entry, named))


def backends_of(entry: Resource) -> Iterator[Backend]:
    """The Services that an Ingress, route or binding sends requests from outside to."""
    if not _within_mesh(entry):
        yield from (reference.backend for reference in references_of(entry) if reference.backend is not None)


def _within_mesh(entry: Resource) -> bool:
    """Whether a route hangs on no Gateway: it directs what is in the cluster already (GAMMA; Istio, VirtualService)."""
    if entry.kind == "VirtualService":
        spec = entry.body.get("spec")
        gateways = spec.get("gateways") if isinstance(spec, Mapping) else None
        return not isinstance(gateways, list) or all(str(gateway) == _MESH for gateway in gateways)
    parents = _walk(entry.body, ["spec", "parentRefs", "*"])
    kinds = {str(parent.get("kind") or "Gateway") for _, parent in parents}
    return kinds == {"Service"}


def _walk(value: object, steps: list[str], path: Path = ()) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    if not steps:
        if isinstance(value, Mapping):
            yield path, value
    elif steps[0] == "*":
        for index, item in enumerate(value if isinstance(value, list) else ()):
            yield from _walk(item, steps[1:], (*path, index))
    elif isinstance(value, Mapping):
        yield from _walk(value.get(steps[0]), steps[1:], (*path, steps[0]))


def _backend(entry: Resource, reference: Mapping[str, Any]) -> Backend | None:
    if entry.kind == "Ingress":
        service = reference.get("service")
        if isinstance(service, Mapping):
            name, port = service.get("name"), service.get("port")
            port = (port.get("number") or port.get("name")) if isinstance(port, Mapping) else None
        else:
            name, port = reference.get("serviceName"), reference.get("servicePort")
        scope = entry.scope
    elif entry.kind == "VirtualService":
        # A host of DNS: `web`, or `web.shop.svc.cluster.local`.
        host = reference.get("host")
        name, _, domain = str(host).partition(".")
        scope, _, zone = domain.partition(".")
        port = reference.get("port")
        port = port.get("number") if isinstance(port, Mapping) else None
        return Backend(scope or entry.scope, name, port, outside=bool(scope) and not f"{zone}.".startswith("svc."))
    elif str(reference.get("kind") or "Service") == "Service" and not reference.get("group"):
        name, port = reference.get("name"), reference.get("port")
        scope = str(reference.get("namespace") or entry.scope)
    else:
        return None
    if name is None or str(port) == BY_ANNOTATION:
        return None
    return Backend(scope, str(name), port)


def exposed(workload: Workload, exposures: Iterable[Exposure]) -> dict[str, tuple[Resource, Target]]:
    """The containers of a workload that requests from outside come to, by name, each with what leads there first."""
    found: dict[str, tuple[Resource, Target]] = {}
    for exposure in exposures:
        for name, target in targeted(workload, exposure.ports).items():
            found.setdefault(name, (exposure.entry, target))
    return found
