"""Which class an Ingress is of, and whose class that is (Kubernetes, IngressClass)."""

from __future__ import annotations

from readycheck.kubernetes.ingress_controller import GOOGLE, INGRESS_CONTROLLERS, IngressController
from readycheck.model import Resource, Unjudged

ANNOTATION = "kubernetes.io/ingress.class"
"""The deprecated way to name a class."""
_DEFAULT = "ingressclass.kubernetes.io/is-default-class"
ALB_CONTROLLERS = ("ingress.k8s.aws/alb", "eks.amazonaws.com/alb")
"""The controllers that make an Application Load Balancer of AWS for each Ingress."""

# What the classes are called that the controllers' own manifests and charts make.
_USUAL_NAMES = {
    "nginx": "ingress-nginx",
    "traefik": "Traefik",
    "kong": "Kong",
    "haproxy": "HAProxy",
    "istio": "Istio",
    "alb": "AWS Load Balancer Controller",
    "gce": "Google Cloud's load balancer",
    "gce-internal": "Google Cloud's load balancer",
    "openshift-default": "OpenShift's router",
    "cilium": "Cilium",
    "tailscale": "Tailscale",
    "ngrok": "ngrok",
    "cloudflare-tunnel": "Cloudflare Tunnel",
}
_USUAL_GATEWAYS = {
    "cilium": "Cilium",
    "eg": "Envoy Gateway",
    "envoy": "Envoy Gateway",
    "envoy-gateway": "Envoy Gateway",
    "istio": "Istio",
    "kgateway": "kgateway",
    "traefik": "Traefik",
}
_OF_GOOGLE = "gke-"


def class_of(ingress: Resource) -> str:
    """The name of the class that an Ingress asks for; "" where it leaves that to the default.

    Raises:
        Unjudged: it is not decided yet.
    """
    return ingress.string("spec.ingressClassName") or ingress.string(("metadata", "annotations", ANNOTATION))


def is_default(ingress_class: Resource) -> bool:
    """Whether an IngressClass is that of the Ingresses that name none."""
    try:
        return bool(ingress_class.annotations.get(_DEFAULT) == "true")
    except Unjudged:
        # What its metadata hides, its own verdict will say.
        return False


def controller_called(controller: str, name: str) -> IngressController | None:
    """The ingress controller of a class.

    Args:
        controller: what the class calls its controller (`spec.controller`); "" where the class was not read.
        name: the name of the class.
    """
    return _called(controller, "" if controller else _USUAL_NAMES.get(name, ""))


def gateway_controller_called(controller: str, name: str) -> IngressController | None:
    """The controller of a GatewayClass.

    Args:
        controller: what the class calls its controller (`spec.controllerName`); "" where the class was not read.
        name: the name of the class.
    """
    if not controller and name.startswith(_OF_GOOGLE):
        return GOOGLE
    return _called(controller, "" if controller else _USUAL_GATEWAYS.get(name, ""))


def _called(controller: str, usual: str) -> IngressController | None:
    return next((each for each in INGRESS_CONTROLLERS if controller in each.controllers or each.name == usual), None)


def contradicting_class(ingress: Resource) -> str:
    """The annotation's class where the field names another one, which the API rejects; "" else.

    Raises:
        Unjudged: one of them is not decided yet.
    """
    field = ingress.string("spec.ingressClassName")
    said = ingress.string(("metadata", "annotations", ANNOTATION))
    return said if field and said and field != said else ""
