"""What releases of the chart ingress-nginx bring (its values.yaml)."""

from __future__ import annotations

from readycheck.charts.release import ChartRelease
from readycheck.kubernetes.load_balancer import CERTIFICATES
from readycheck.model import Place

_CLASS = "controller.ingressClassResource"
_AUTOSCALED = (("controller.autoscaling", "minReplicas"), ("controller.keda", "minReplicas"))
_DEFAULT_CERTIFICATE = "controller.extraArgs"


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


def certificate_before(release: ChartRelease) -> Place | None:
    """What gives the load balancer before the controller a certificate of AWS's; None where nothing does.

    Raises:
        Unjudged: it cannot be told.
    """
    annotations = release.value("controller.service.annotations")
    given = annotations.seen.get(CERTIFICATES) if isinstance(annotations.seen, dict) else None
    return annotations.place if given else None
