"""Which containers of a pod a Service sends requests to (Kubernetes API, ServicePort.targetPort)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from readycheck.kubernetes.workload import Container, Role, Workload
from readycheck.model import Path, Place, Resource

_PORTS: Path = ("spec", "ports")
_SELECTOR: Path = ("spec", "selector")


class Target(Struct, frozen=True, eq=False):
    """A container that a Service sends requests to."""

    place: Place
    """What says so."""
    certain: bool
    """Whether no other container of the pod may be meant in its place."""


def service_ports(service: Resource) -> list[Place]:
    """Each port of a Service; its selector where it names none, which stands for whichever the pods have."""
    ports = service.mappings("spec.ports")
    return [service.at((*_PORTS, index)) for index in range(len(ports))] or [service.at(_SELECTOR)]


def port_at(place: Place) -> Mapping[str, Any]:
    """The port that stands where `service_ports` says; nothing where a selector stands for the ports."""
    seen = place.seen
    return seen if isinstance(seen, Mapping) and place.path[:-1] == _PORTS else {}


def targeted(workload: Workload, ports: Iterable[Place]) -> dict[str, Target]:
    """The long-running containers that ports of Services lead to, by name.

    Where a port leads to no container that declares it, any that declares no ports may serve it; where a Service has
    no ports, any container.
    """
    found: dict[str, Target] = {}
    for place in ports:
        if place.path == _SELECTOR:
            _add(found, _candidates(workload), place, certain=False)
            continue
        port = place.seen
        target = port.get("targetPort")
        declaring = _declaring(workload, port.get("port") if target is None else target)
        _add(found, declaring or _silent(workload), place, certain=bool(declaring))
    return found


def _add(found: dict[str, Target], containers: list[Container], place: Place, *, certain: bool) -> None:
    target = Target(place, certain or len(containers) == 1)
    for container in containers:
        known = found.get(container.name)
        if known is None or (target.certain and not known.certain):
            found[container.name] = target


def _declaring(workload: Workload, port: object) -> list[Container]:
    return [
        container
        for container in workload.long_running
        if any(port in (declared.get("name"), declared.get("containerPort")) for declared in container.ports)
    ]


def _silent(workload: Workload) -> list[Container]:
    """The containers that may serve a port that none declares: those without ports, or the only one."""
    candidates = _candidates(workload)
    return [container for container in candidates if not container.ports] or (
        candidates if len(candidates) == 1 else []
    )


def _candidates(workload: Workload) -> list[Container]:
    """The containers that may serve a port that none declares: not sidecars, and not what a mesh puts there."""
    return [container for container in workload.long_running if container.role is Role.MAIN and not container.injected]
