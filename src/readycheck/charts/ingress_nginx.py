"""What releases of the chart ingress-nginx bring (its values.yaml, and the templates of its Services)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from readycheck.charts.release import ChartRelease
from readycheck.charts.released_service import ReleasedService
from readycheck.charts.values import ChartValue
from readycheck.model import Path, Place

_CLASS = "controller.ingressClassResource"
_AUTOSCALED = (("controller.autoscaling", "minReplicas"), ("controller.keda", "minReplicas"))
_DEFAULT_CERTIFICATE = "controller.extraArgs"
_SERVICE = "controller.service"
_INTERNAL = f"{_SERVICE}.internal"
_PORTS = {"http": "enableHttp", "https": "enableHttps"}


def class_brought(release: ChartRelease) -> tuple[str, bool]:
    """The name of the class that a release serves, and whether it is the default.

    Raises:
        Unjudged: it cannot be told.
    """
    return release.string(f"{_CLASS}.name"), release.flag(f"{_CLASS}.default")


def replicas_of(release: ChartRelease) -> tuple[int, Place] | None:
    """The fewest replicas that the controller can run with, and what says so; None where it runs on each node.

    Raises:
        Unjudged: it cannot be told.
    """
    if release.string("controller.kind") == "DaemonSet":
        return None
    for scaler, floor in _AUTOSCALED:
        if release.flag(f"{scaler}.enabled"):
            return release.integer(f"{scaler}.{floor}"), release.value(f"{scaler}.{floor}").place
    return release.integer("controller.replicaCount"), release.value("controller.replicaCount").place


def has_default_certificate(release: ChartRelease) -> bool:
    """Whether the controller is told a Secret to take its default certificate from.

    Raises:
        Unjudged: it cannot be told.
    """
    return release.mapping(_DEFAULT_CERTIFICATE).get("default-ssl-certificate") is not None


def services_of(release: ChartRelease) -> list[ReleasedService]:
    """The Services that take requests to the controller: the external one, and the internal one.

    Raises:
        Unjudged: they cannot be told.
    """
    if not release.flag(f"{_SERVICE}.enabled"):
        return []
    found = []
    # Charts of before the switch have none.
    if release.value(f"{_SERVICE}.external.enabled").seen is not False:
        found.append(_service(release, _SERVICE))
    # Without annotations there is no internal one, whatever the switch says.
    if release.flag(f"{_INTERNAL}.enabled") and release.mapping(f"{_INTERNAL}.annotations"):
        found.append(_service(release, _INTERNAL))
    return found


def _service(release: ChartRelease, key: str) -> ReleasedService:
    def value(inner: str) -> ChartValue:
        own = release.value(f"{key}.{inner}")
        return own if own.seen or key == _SERVICE else release.value(f"{_SERVICE}.{inner}")

    type_, class_ = value("type"), release.value(f"{key}.loadBalancerClass")
    spec: dict[str, Any] = {"type": type_.seen, "ports": []}
    values: dict[Path, ChartValue] = {("spec", "type"): type_}
    if class_.seen:
        spec["loadBalancerClass"] = class_.seen
        values["spec", "loadBalancerClass"] = class_
    for name, switch in _PORTS.items():
        if release.flag(f"{_SERVICE}.{switch}"):
            target = value(f"targetPorts.{name}")
            values["spec", "ports", len(spec["ports"])] = target
            port = value(f"ports.{name}").seen
            spec["ports"].append({"name": name, "port": port, "protocol": "TCP", "targetPort": target.seen})
    spec["ports"] += _streams(release)
    return ReleasedService.of(release, spec, f"{key}.annotations", values)


def _streams(release: ChartRelease) -> Iterator[dict[str, Any]]:
    """The ports of what is passed on as it comes, whatever it is."""
    for protocol in ("tcp", "udp"):
        for key in release.mapping(protocol):
            number = str(key)
            name = f"{number}-{protocol}"
            port = int(number) if number.isdigit() else key
            yield {"name": name, "port": port, "protocol": protocol.upper(), "targetPort": name}
