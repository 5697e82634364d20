"""The programs that take requests into a cluster, and how they are recognised.

Values of `spec.controller` of IngressClasses, images and charts are those of the projects' own manifests and charts, as
they stood in November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

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
        elsewhere: where it takes requests, where that is not in pods whose number somebody sets.
        ends_tls: how it ends TLS whatever an Ingress says of that; "" where that is up to the Ingress.
    """

    name: str
    controllers: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()
    own_certificate: bool = False
    elsewhere: str = ""
    ends_tls: str = ""


AWS_ALB = IngressController(
    "AWS Load Balancer Controller",
    ("ingress.k8s.aws/alb", "eks.amazonaws.com/alb", "gateway.k8s.aws/alb", "gateway.k8s.aws/nlb"),
    elsewhere="in a load balancer of AWS",
)
GOOGLE = IngressController(
    "Google Cloud's load balancer",
    ("k8s.io/ingress-gce", "networking.gke.io/gateway"),
    elsewhere="in a load balancer of Google Cloud",
)
OPENSHIFT = IngressController(
    "OpenShift's router", ("openshift.io/ingress-to-route",), elsewhere="in OpenShift's router"
)
_TUNNEL = "in a network outside of the cluster"
INGRESS_NGINX = IngressController(
    "ingress-nginx",
    ("k8s.io/ingress-nginx",),
    ("ingress-nginx/controller", "controller-chroot", "nginx-ingress-controller"),
    ("ingress-nginx", "stable/nginx-ingress"),
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
    IngressController(
        "Traefik",
        ("traefik.io/ingress-controller", "traefik.io/gateway-controller"),
        ("traefik", "mirrored-library-traefik"),
        ("traefik",),
        own_certificate=True,
    ),
    IngressController(
        "HAProxy",
        ("haproxy-ingress.github.io/controller", "haproxy.org/ingress-controller/haproxy"),
        ("haproxytech/kubernetes-ingress", "haproxy-ingress"),
        ("kubernetes-ingress", "haproxy-ingress"),
    ),
    IngressController(
        "Kong",
        ("ingress-controllers.konghq.com/kong", "konghq.com/kic-gateway-controller"),
        ("kong", "kong/kong-gateway"),
        ("kong",),
    ),
    IngressController(
        "Contour",
        ("projectcontour.io/projectcontour/contour", "projectcontour.io/gateway-controller"),
        (),
        ("contour", "bitnami/contour"),
    ),
    IngressController(
        "Istio", ("istio.io/ingress-controller", "istio.io/gateway-controller"), ("istio/proxyv2",), ("gateway",)
    ),
    AWS_ALB,
    GOOGLE,
    OPENSHIFT,
    IngressController(
        "Azure Application Gateway",
        ("azure/application-gateway", "alb.networking.azure.io/alb-controller"),
        elsewhere="in a load balancer of Azure",
    ),
    IngressController(
        "Cilium", ("cilium.io/ingress-controller", "io.cilium/gateway-controller"), elsewhere="on each node"
    ),
    IngressController(
        "Tailscale", ("tailscale.com/ts-ingress",), elsewhere=_TUNNEL, ends_tls="Tailscale ends TLS for its own names"
    ),
    IngressController(
        "ngrok", ("k8s.ngrok.com/ingress-controller",), elsewhere=_TUNNEL, ends_tls="ngrok ends TLS in its own network"
    ),
    IngressController(
        "Cloudflare Tunnel",
        ("strrl.dev/cloudflare-tunnel-ingress-controller",),
        elsewhere=_TUNNEL,
        ends_tls="Cloudflare ends TLS in its own network",
    ),
    IngressController("Envoy Gateway", ("gateway.envoyproxy.io/gatewayclass-controller",), (), ("gateway-helm",)),
    IngressController(
        "NGINX Gateway Fabric", ("gateway.nginx.org/nginx-gateway-controller",), (), ("nginx-gateway-fabric",)
    ),
    IngressController("kgateway", ("kgateway.dev/kgateway", "solo.io/gloo-gateway"), (), ("kgateway", "gloo")),
    IngressController(
        "APISIX", ("apisix.apache.org/apisix-ingress-controller",), ("apisix", "apache/apisix"), ("apisix",)
    ),
    IngressController(
        "AWS ALB Ingress Controller",
        (),
        ("aws-alb-ingress-controller",),
        ("aws-alb-ingress-controller",),
        elsewhere="in a load balancer of AWS",
    ),
)

# What the chart of ingress-nginx and its own manifests label the pods with that take requests.
_LABELS = {"app.kubernetes.io/name": INGRESS_NGINX.name, "app.kubernetes.io/component": "controller"}
_CLASS_FLAGS = ("--controller-class", "--ingress-class")
_BY_CHART = {chart: controller for controller in INGRESS_CONTROLLERS for chart in controller.charts}
_BY_IMAGE = {image: controller for controller in INGRESS_CONTROLLERS for image in controller.images}


def controller_of_chart(chart: str) -> IngressController | None:
    """The program that a chart installs to take requests into the cluster; None where it installs another.

    Args:
        chart: the chart's name; of a second publisher of that name, `publisher/name`.
    """
    return _BY_CHART.get(chart)


def ingress_controller(workload: Workload) -> IngressController | None:
    """The program that takes requests into the cluster, where a workload runs one: by its image, else by its labels.

    A proxy that a mesh puts beside something else is none. Images are often copied under names of somebody's own; the
    labels of the charts stay.
    """
    for container in _running(workload):
        for ending in container.image.endings:
            if ending in _BY_IMAGE:
                return _BY_IMAGE[ending]
    return INGRESS_NGINX if _is_labelled(workload) else None


def _is_labelled(workload: Workload) -> bool:
    try:
        return not workload.runs_to_completion and _LABELS.items() <= workload.pod_labels.items()
    except Unjudged:
        return False


class Told(NamedTuple):
    """What an ingress-nginx is told of the classes that it serves; "" where it is told nothing.

    Args:
        controller: what they call their controller.
        name: what they are called.
    """

    controller: str = ""
    name: str = ""


def told_classes(workload: Workload) -> Told:
    """What a controller is told of the classes that it serves (ingress-nginx, command line arguments)."""
    said = dict.fromkeys(_CLASS_FLAGS, "")
    try:
        for container in _running(workload):
            for argument in container.strings("args"):
                flag, _, value = str.__str__(argument).partition("=")
                if flag in said:
                    said[flag] = value
    except Unjudged:
        return Told()
    return Told(*said.values())


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
