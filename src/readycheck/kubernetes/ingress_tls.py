"""Which hosts of an Ingress are served with TLS, by itself or by what its controller is told in annotations.

Kubernetes, Ingress; AWS Load Balancer Controller, Ingress annotations and certificate discovery; GKE, Ingress for
external Application Load Balancers; Traefik, Kubernetes Ingress annotations; OpenShift, Ingress to Route.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from readycheck.kubernetes.certificates import secret_for
from readycheck.kubernetes.content_delivery import proxied
from readycheck.kubernetes.gateway import ANY_HOST
from readycheck.model import Path, Place, Resource, Unjudged, Unresolved

ALB_CERTIFICATE = "alb.ingress.kubernetes.io/certificate-arn"
ALB_PORTS = "alb.ingress.kubernetes.io/listen-ports"
ALB_GROUP = "alb.ingress.kubernetes.io/group.name"
_OF_GOOGLE = (
    "ingress.gcp.kubernetes.io/pre-shared-cert",
    "networking.gke.io/managed-certificates",
    "networking.gke.io/certmap",
)
_ROUTER_TLS = "traefik.ingress.kubernetes.io/router.tls"
_ROUTER_ENTRY_POINTS = "traefik.ingress.kubernetes.io/router.entrypoints"
_TERMINATION = "route.openshift.io/termination"
_HTTPS = re.compile(r'"HTTPS"\s*:')
SSL_REDIRECT = "nginx.ingress.kubernetes.io/ssl-redirect"


def serves_nothing(ingress: Resource) -> bool:
    """Whether an Ingress has neither rules nor a default backend: a chart's values are to add them.

    Raises:
        Unjudged: they are not decided yet.
    """
    backends = (ingress.get("spec.defaultBackend"), ingress.get("spec.backend"))
    return not ingress.mappings("spec.rules") and not any(backends)


def hosts_served(ingress: Resource) -> Iterator[tuple[str, Place]]:
    """The hosts that an Ingress answers to, each with its place; `*` where a rule or its backend names none.

    Raises:
        Unjudged: they are not decided yet.
    """
    rules = ingress.mappings("spec.rules")
    for index, rule in enumerate(rules):
        path: Path = ("spec", "rules", index)
        host = rule.get("host")
        if isinstance(host, str) and str.__str__(host) not in ("", ANY_HOST):
            yield host, ingress.at((*path, "host"))
        else:
            yield ANY_HOST, ingress.at(path)
    if not rules:
        yield ANY_HOST, ingress.at("spec")


def unserved(ingress: Resource) -> list[tuple[str, Place]]:
    """The hosts that no part of `tls` is meant for.

    Raises:
        Unjudged: they are not decided yet.
    """
    return [(host, place) for host, place in hosts_served(ingress) if _secret(ingress, host) is None]


def _secret(ingress: Resource, host: str) -> str | None:
    text = str.__str__(host)
    if text != ANY_HOST:
        for index in range(len(ingress.mappings("spec.tls"))):
            named = ingress.strings(("spec", "tls", index, "hosts"))
            if any(isinstance(each, Unresolved) and str.__str__(each) == text for each in named):
                return str(ingress.body["spec"]["tls"][index].get("secretName") or "")
        return secret_for(ingress, host)
    # Who answers to any host has no name that a certificate could be asked for: any part of `tls` will do.
    return "" if ingress.mappings("spec.tls") else None


def alb_listens_with_tls(ingress: Resource) -> Place | None:
    """What makes the Application Load Balancer of an Ingress listen with TLS; None where nothing does.

    Without `listen-ports` it listens on 443 where a certificate is named, else on 80; with HTTPS among them and no
    certificate named the controller looks for one by the hosts.

    Raises:
        Unjudged: an annotation is not decided yet, or another Ingress of its group may say so.
    """
    for key in (ALB_PORTS, ALB_CERTIFICATE):
        said = ingress.annotations.get(key)
        if isinstance(said, Unresolved):
            raise Unjudged(f"`{said!s}` {said.reason}", ingress.at(("metadata", "annotations", key)))
        if said and key == ALB_PORTS and not _HTTPS.search(str(said)):
            return None
        if said:
            return ingress.at(("metadata", "annotations", key))
    if ALB_GROUP in ingress.annotations:
        place = ingress.at(("metadata", "annotations", ALB_GROUP))
        raise Unjudged("another Ingress of its group may have the load balancer listen with TLS", place)
    return None


def ended_by_annotation(ingress: Resource) -> tuple[str, Place] | None:
    """What of an Ingress's annotations has TLS ended without its `tls`, in words; None where nothing does."""
    annotations = ingress.annotations
    for key in _OF_GOOGLE:
        if annotations.get(key):
            return "Google Cloud's load balancer ends TLS", ingress.at(("metadata", "annotations", key))
    if annotations.get(_ROUTER_TLS) in ("true", True):
        return "Traefik ends TLS by its own choice of certificate", ingress.at(("metadata", "annotations", _ROUTER_TLS))
    if annotations.get(_TERMINATION):
        return "OpenShift's router ends TLS", ingress.at(("metadata", "annotations", _TERMINATION))
    if proxied(ingress):
        return "Cloudflare, which stands before it, ends TLS", ingress.at("metadata.annotations")
    return None


def left_to_entry_point(ingress: Resource) -> Place | None:
    """Where an Ingress names entry points of Traefik, which may have TLS of their own; None where it names none."""
    said = str.__str__(str(ingress.annotations.get(_ROUTER_ENTRY_POINTS) or ""))
    names = {each.strip() for each in said.split(",")}
    return ingress.at(("metadata", "annotations", _ROUTER_ENTRY_POINTS)) if said and "web" not in names else None
