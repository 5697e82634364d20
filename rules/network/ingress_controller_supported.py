"""Take requests in by a controller that is still maintained.

What stands open to the network gets attacked first, and what is found in a program without maintainers is not mended.
ingress-nginx was retired in March 2026: its last releases are controller v1.15.1 and chart 4.15.1. It goes on working,
and the finding is of low severity for that reason. The ways on are the Gateway API with one of its implementations
(Envoy Gateway, Istio, Cilium, NGINX Gateway Fabric, Traefik and others), or another ingress controller; InGate, which
was meant to follow, was retired with it. F5's NGINX Ingress Controller is another product and is maintained.

Judged is what runs a controller, else what installs it, else the class that belongs to it.
"""

from collections.abc import Iterator

from readycheck.inventory import INGRESS_CONTROLLER, Inventory
from readycheck.kubernetes.retirement import RETIRED
from readycheck.kubernetes.workload import Workload
from readycheck.model import Path, Place, Resource, Severity, Verdict
from readycheck.rule import FILES_AND_CLUSTER, rule

_SHOWN_AT = {
    "IngressClass": ("spec.controller",),
    "GatewayClass": ("spec.controllerName",),
    "HelmRelease": ("spec.chart.spec.chart", "spec.chartRef"),
    "Application": ("spec.source.chart", "spec.sources"),
}


@rule(INGRESS_CONTROLLER, severity=Severity.LOW, sources=FILES_AND_CLUSTER)
def ingress_controller_supported(subject: Resource, inventory: Inventory) -> Iterator[Verdict]:
    found = inventory.controllers_in(subject)
    if not found:
        yield subject.unknown("its controller is none that is known here", at=_SHOWN_AT[subject.kind][0])
    for controller in found:
        if controller.name in RETIRED:
            yield subject.finding(RETIRED[controller.name], at=_shown_at(subject, inventory))


def _shown_at(subject: Resource, inventory: Inventory) -> str | Path | Place:
    if isinstance(subject, Workload):
        running = (each for each in subject.long_running if len(subject.containers) == 1 or not each.injected)
        container = next(running, None)
        return (*container.path, "image") if container is not None else "metadata.labels"
    paths = _SHOWN_AT.get(subject.kind, ())
    shown = next((path for path in paths if subject.get(path) is not None), None)
    if shown is not None:
        return shown
    return next((release.chart_place for release in inventory.installed_by(subject)), subject.at(()))
