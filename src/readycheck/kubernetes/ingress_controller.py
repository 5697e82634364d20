"""The programs that take requests into a cluster, and how they are recognised.

Values of `spec.controller` of IngressClasses, images and charts are those of the projects' own manifests and charts, as
they stood in November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from readycheck.kubernetes.workload import Container, Workload
from readycheck.model import Unjudged


class IngressController(Struct, frozen=True):
    """A program that takes requests into a cluster.

    Args:
        name: what people call it.
        controllers: what IngressClasses and GatewayClasses call it.
        images: the images of what takes the requests, by the last one or two parts.
        charts: the names of its charts.
        own_certificate: whether it answers with a certificate that it made itself where it is given none.
    """

    name: str
    controllers: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()
    own_certificate: bool = False


INGRESS_NGINX = IngressController(
    "ingress-nginx",
    ("k8s.io/ingress-nginx",),
    ("ingress-nginx/controller", "controller-chroot", "nginx-ingress-controller"),
    ("ingress-nginx",),
    own_certificate=True,
)
INGRESS_CONTROLLERS = (
    INGRESS_NGINX,
    IngressController(
        "F5 NGINX Ingress Controller",
        ("nginx.org/ingress-controller",),
        ("nginx/nginx-ingress", "nginxinc/nginx-ingress"),
        ("nginx-ingress",),
    ),
    IngressController("Traefik", ("traefik.io/ingress-controller",), ("traefik",), ("traefik",), own_certificate=True),
    IngressController(
        "HAProxy",
        ("haproxy-ingress.github.io/controller", "haproxy.org/ingress-controller/haproxy"),
        ("haproxytech/kubernetes-ingress", "haproxy-ingress"),
        ("kubernetes-ingress", "haproxy-ingress"),
    ),
    IngressController("Kong", ("ingress-controllers.konghq.com/kong",), ("kong", "kong/kong-gateway"), ("kong",)),
    IngressController("Contour", ("projectcontour.io/projectcontour/contour",), (), ("contour",)),
    IngressController(
        "Istio", ("istio.io/ingress-controller", "istio.io/gateway-controller"), ("istio/proxyv2",), ("gateway",)
    ),
)


def ingress_controller(workload: Workload) -> IngressController | None:
    """The program that takes requests into the cluster, where a workload runs one.

    A proxy that a mesh puts beside something else is none.
    """
    for container in _running(workload):
        for controller in INGRESS_CONTROLLERS:
            if container.image.called(controller.images):
                return controller
    return None


def default_certificate(workload: Workload) -> str:
    """The Secret that ingress-nginx takes its default certificate from; "" where none is named.

    Raises:
        Unjudged: the arguments are not decided yet.
    """
    for container in _running(workload):
        for argument in container.strings("args"):
            name, _, value = argument.lstrip("-").partition("=")
            if name == "default-ssl-certificate":
                return value
    return ""


def _running(workload: Workload) -> Iterator[Container]:
    try:
        containers = [each for each in workload.long_running if len(workload.containers) == 1 or not each.injected]
        for container in containers:
            _ = container.image
    except Unjudged:
        return
    yield from containers
