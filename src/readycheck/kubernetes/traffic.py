"""Which containers of a pod a Service sends requests to (Kubernetes API, ServicePort.targetPort)."""

from __future__ import annotations

from collections.abc import Iterable

from readycheck.kubernetes.workload import Container, Role, Workload
from readycheck.model import Place, Resource


def targeted(workload: Workload, services: Iterable[Resource]) -> dict[str, Place]:
    """The long-running containers that Services send requests to, by name, with what says so.

    Where a port leads to no container that declares it, any that declares no ports may serve it; where a Service has
    no ports, any container.
    """
    found: dict[str, Place] = {}
    for service in services:
        ports = service.mappings("spec.ports")
        for index, port in enumerate(ports):
            target = port.get("targetPort")
            wanted = port.get("port") if target is None else target
            for container in _serving(workload, wanted):
                found.setdefault(container.name, service.at(("spec", "ports", index)))
        if not ports:
            for container in _candidates(workload):
                found.setdefault(container.name, service.at("spec.selector"))
    return found


def _serving(workload: Workload, port: object) -> list[Container]:
    declaring = [
        container
        for container in workload.long_running
        if any(port in (declared.get("name"), declared.get("containerPort")) for declared in container.ports)
    ]
    if declaring:
        return declaring
    silent = [container for container in _candidates(workload) if not container.ports]
    return silent or [container for container in _candidates(workload) if len(_candidates(workload)) == 1]


def _candidates(workload: Workload) -> list[Container]:
    """The containers that may serve a port that none declares: not sidecars, and not what a mesh puts there."""
    return [container for container in workload.long_running if container.role is Role.MAIN and not container.injected]
