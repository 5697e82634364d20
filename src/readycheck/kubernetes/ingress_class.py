"""Which class an Ingress is of, and whose class that is (Kubernetes, IngressClass)."""

from __future__ import annotations

from readycheck.kubernetes.ingress_controller import INGRESS_CONTROLLERS, IngressController
from readycheck.model import Resource

_ANNOTATION = "kubernetes.io/ingress.class"
_DEFAULT = "ingressclass.kubernetes.io/is-default-class"
ALB_CONTROLLERS = ("ingress.k8s.aws/alb", "eks.amazonaws.com/alb")
"""The controllers that make an Application Load Balancer of AWS for each Ingress."""

# What the classes are called that the controllers' own manifests and charts make.
_USUAL_NAMES = {"nginx": "ingress-nginx", "traefik": "Traefik", "kong": "Kong", "haproxy": "HAProxy", "istio": "Istio"}


def class_of(ingress: Resource) -> str:
    """The name of the class that an Ingress asks for; "" where it leaves that to the default.

    Raises:
        Unjudged: it is not decided yet.
    """
    return ingress.string("spec.ingressClassName") or ingress.string(("metadata", "annotations", _ANNOTATION))


def is_default(ingress_class: Resource) -> bool:
    """Whether an IngressClass is that of the Ingresses that name none."""
    return bool(ingress_class.body.get("metadata", {}).get("annotations", {}).get(_DEFAULT) == "true")


def controller_called(controller: str, name: str) -> IngressController | None:
    """The ingress controller of a class.

    Args:
        controller: what the class calls its controller (`spec.controller`); "" where the class was not read.
        name: the name of the class.
    """
    usual = _USUAL_NAMES.get(name) if not controller else None
    for each in INGRESS_CONTROLLERS:
        if controller in each.controllers or each.name == usual:
            return each
    return None
