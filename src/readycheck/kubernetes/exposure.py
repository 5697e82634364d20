"""What leads requests from outside the cluster to Services: Ingresses, routes and load balancers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from readycheck.kubernetes.traffic import Target, service_ports, targeted
from readycheck.kubernetes.workload import Workload
from readycheck.model import Place, Resource

# Where each kind names the Services behind it (its API reference); `*` is every item of a list.
_REFERENCES: Mapping[str, tuple[str, ...]] = {
    # `spec.backend` was the default backend until networking.k8s.io/v1.
    "Ingress": ("spec.defaultBackend", "spec.backend", "spec.rules.*.http.paths.*.backend"),
    **dict.fromkeys(("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"), ("spec.rules.*.backendRefs.*",)),
    "IngressRoute": ("spec.routes.*.services.*",),
    "IngressRouteTCP": ("spec.routes.*.services.*",),
    "HTTPProxy": ("spec.routes.*.services.*", "spec.tcpproxy.services.*"),
    "Route": ("spec.to", "spec.alternateBackends.*"),
    "TargetGroupBinding": ("spec.serviceRef",),
    "VirtualService": tuple(f"spec.{protocol}.*.route.*.destination" for protocol in ("http", "tls", "tcp")),
}

ENTRIES = tuple(_REFERENCES)
"""Kinds that send requests from outside to Services: Kubernetes, Gateway API, Traefik, Contour, OpenShift, AWS,
Istio."""

_MESH = "mesh"
"""What Istio calls all sidecars together, in the place of a gateway."""

_BY_ANNOTATION = "use-annotation"
"""The port of what is no Service but an action of the AWS load balancer controller, described in an annotation."""


@dataclass(frozen=True, slots=True)
class Backend:
    """A Service, by name, that something sends requests to."""

    scope: str
    name: str
    port: object
    """The number or name of its port; None for whichever it has."""


@dataclass(frozen=True, slots=True, eq=False)
class Exposure:
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
            if backend.port is None or backend.port in (place.seen.get("port"), place.seen.get("name"))
        )
        return cls(entry, ports) if ports else None


def backends_of(entry: Resource) -> Iterator[Backend]:
    """The Services that an Ingress, route or binding sends requests to."""
    if _within_mesh(entry):
        return
    for path in _REFERENCES[entry.kind]:
        for reference in _walk(entry.body, path.split(".")):
            backend = _backend(entry, reference)
            if backend is not None:
                yield backend


def _within_mesh(entry: Resource) -> bool:
    """Whether a route hangs on no Gateway: it directs what is in the cluster already (GAMMA; Istio, VirtualService)."""
    if entry.kind == "VirtualService":
        spec = entry.body.get("spec")
        gateways = spec.get("gateways") if isinstance(spec, Mapping) else None
        return not isinstance(gateways, list) or all(str(gateway) == _MESH for gateway in gateways)
    parents = _walk(entry.body, ["spec", "parentRefs", "*"])
    kinds = {str(parent.get("kind") or "Gateway") for parent in parents}
    return kinds == {"Service"}


def _walk(value: object, steps: list[str]) -> Iterator[Mapping[str, Any]]:
    if not steps:
        if isinstance(value, Mapping):
            yield value
    elif steps[0] == "*":
        for item in value if isinstance(value, list) else ():
            yield from _walk(item, steps[1:])
    elif isinstance(value, Mapping):
        yield from _walk(value.get(steps[0]), steps[1:])


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
        name, _, domain = str(reference.get("host")).partition(".")
        scope = domain.partition(".")[0] or entry.scope
        port = reference.get("port")
        port = port.get("number") if isinstance(port, Mapping) else None
    elif str(reference.get("kind") or "Service") == "Service":
        name, port = reference.get("name"), reference.get("port")
        scope = str(reference.get("namespace") or entry.scope)
    else:
        return None
    if name is None or str(port) == _BY_ANNOTATION:
        return None
    return Backend(scope, str(name), port)


def exposed(workload: Workload, exposures: Iterable[Exposure]) -> dict[str, tuple[Resource, Target]]:
    """The containers of a workload that requests from outside come to, by name, each with what leads there first."""
    found: dict[str, tuple[Resource, Target]] = {}
    for exposure in exposures:
        for name, target in targeted(workload, exposure.ports).items():
            found.setdefault(name, (exposure.entry, target))
    return found
