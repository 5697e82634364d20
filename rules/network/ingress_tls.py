"""Serve every host with TLS.

What is sent without it can be read and changed by whoever is on the way. An Ingress serves a host with TLS where one of
the parts of its `tls` is meant for it: a wildcard covers one label, and a part without hosts is meant for all. It must
name a Secret, and something must make that. A listener of a Gateway that ends TLS needs a certificate, and one for
plain HTTP should do nothing but redirect.

TLS that something else ends holds as well, and is said: a load balancer in front, a network for content delivery, an
annotation that the controller reads. Where Terraform makes a listener that ends TLS, and the controller has no load
balancer of its own, one may lead to the other. Certificates are judged by network/certificate-issuer.

In a live cluster the Secret itself must be there, and the controller of a Gateway must be content with its listeners
for TLS (their conditions ResolvedRefs and Programmed).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from readycheck.charts.ingress_nginx import has_default_certificate
from readycheck.inventory import Inventory
from readycheck.kubernetes.condition import is_ready
from readycheck.kubernetes.gateway import ANY_HOST, attachments_of
from readycheck.kubernetes.hosts import is_private
from readycheck.kubernetes.ingress_controller import default_certificate
from readycheck.kubernetes.ingress_tls import (
    SSL_REDIRECT,
    alb_listens_with_tls,
    ended_by_annotation,
    left_to_entry_point,
    serves_nothing,
    unserved,
)
from readycheck.kubernetes.issuers import proves_a_name
from readycheck.kubernetes.listeners import Listener, listeners_of, only_redirects_to_tls
from readycheck.kubernetes.load_balancer import CERTIFICATES, Design
from readycheck.model import Finding, Fix, Place, Resource, Severity, Unjudged, Unknown, Unresolved, Verdict, text_of
from readycheck.rule import apart, rule

_MESH = "HBONE"
_CERTIFICATE = ("metadata", "annotations", CERTIFICATES)


@rule("Ingress", "Gateway", "Route", severity=Severity.HIGH)
def ingress_tls(entry: Resource, inventory: Inventory) -> Iterator[Verdict]:
    yield from inventory.along(entry, _served(entry, inventory))


def _served(entry: Resource, inventory: Inventory) -> Iterator[Verdict]:
    if entry.kind == "Gateway":
        yield from _gateway(entry, inventory)
    elif entry.kind == "Route":
        yield from _openshift(entry)
    elif proves_a_name(entry):
        yield entry.not_applicable("is cert-manager's, to prove a name: ACME asks for that over plain HTTP")
    elif serves_nothing(entry):
        yield entry.not_applicable("serves nothing: it has neither rules nor a default backend")
    elif inventory.is_of_alb(entry):
        yield from _alb(entry)
    else:
        yield from _ingress(entry, inventory)


# Ingress -------------------------------------------------------------------------------------------------------------


def _alb(ingress: Resource) -> Iterator[Verdict]:
    place = alb_listens_with_tls(ingress)
    if place is not None:
        yield ingress.note("the Application Load Balancer ends TLS", at=place)
    else:
        yield ingress.finding(
            "its Application Load Balancer listens without TLS: neither listen-ports nor certificate-arn asks for it",
            at="metadata.annotations",
        )


def _ingress(ingress: Resource, inventory: Inventory) -> Iterator[Verdict]:
    without = unserved(ingress)
    unnamed = [index for index, tls in enumerate(ingress.mappings("spec.tls")) if not tls.get("secretName")]
    if not without and not unnamed:
        yield from apart(ingress, _redirect(ingress), *_secrets(ingress, inventory))
        return
    ended = ended_by_annotation(ingress) or _ended_before(ingress, inventory)
    if ended is not None:
        yield ingress.note(ended[0], at=ended[1])
        return
    questions = [_without(ingress, without, inventory), *(_unnamed(ingress, index, inventory) for index in unnamed)]
    yield from apart(ingress, *questions, *_secrets(ingress, inventory))


def _ended_before(ingress: Resource, inventory: Inventory) -> tuple[str, Place] | None:
    """What stands before an Ingress and ends TLS, in words."""
    controller = inventory.controller_of(ingress)
    if controller is not None and controller.ends_tls:
        return controller.ends_tls, ingress.at("spec.ingressClassName")
    for made in inventory.load_balancers_before(ingress):
        if any(listener.terminates for listener in made.listeners):
            name = "load balancer" if made.design is Design.UNTOLD else made.design.value
            return f"the {name} of {made.service.kind} {made.service.name} ends TLS", made.service.at(_CERTIFICATE)
    hosts = tuple(host for host, _ in unserved(ingress) if str.__str__(host) != ANY_HOST)
    before = inventory.distributions_before(hosts) if hosts else []
    if before:
        return "a CloudFront distribution ends TLS before it", before[0].resource.at(())
    return None


def _without(ingress: Resource, without: list[tuple[str, Place]], inventory: Inventory) -> Iterator[Verdict]:
    if not without:
        return
    default = _default_certificate(ingress, inventory)
    point = left_to_entry_point(ingress)
    hosts = [str.__str__(host) for host, _ in without]
    if default is not None:
        yield ingress.note("is served with the controller's default certificate, and plain requests too", at=default)
    elif point is not None:
        yield ingress.unknown("whether the entry points that it names end TLS is Traefik's to say", at=point)
    else:
        named = ", ".join("any host" if host == ANY_HOST else host for host in dict.fromkeys(hosts))
        inside = all(host != ANY_HOST and is_private(host) for host in hosts)
        before = None if inside else _perhaps_before(ingress, inventory)
        if before is not None:
            yield ingress.unknown(
                f"serves {named} without TLS, and whether {before.name}, which ends it, stands before cannot be told",
                at=without[0][1],
            )
            return
        yield ingress.finding(
            f"serves {named} without TLS, and nothing in the {inventory.extent} ends it before",
            at=without[0][1],
            severity=Severity.LOW if inside else None,
            fix=_certified(ingress, [host for host, _ in without]),
        )


def _perhaps_before(ingress: Resource, inventory: Inventory) -> Resource | None:
    """A listener of Terraform's that ends TLS and may lead to a controller without a load balancer of its own."""
    listeners = inventory.listeners_with_tls
    return listeners[0] if listeners and not any(inventory.load_balancers_before(ingress)) else None


def _certified(ingress: Resource, hosts: list[str]) -> Fix | None:
    if ingress.get("spec.tls") or any(isinstance(host, Unresolved) or host == ANY_HOST for host in hosts):
        return None
    part = {"hosts": list(dict.fromkeys(hosts)), "secretName": f"{ingress.name}-tls"}
    return ingress.set("spec.tls", [part], safe=False, title="serve its hosts with TLS; something must make the Secret")


def _unnamed(ingress: Resource, index: int, inventory: Inventory) -> Iterator[Verdict]:
    """A part of `tls` that names no Secret."""
    path = ("spec", "tls", index)
    default = _default_certificate(ingress, inventory)
    if default is not None:
        yield ingress.note("is served with the controller's default certificate", at=default)
    else:
        yield ingress.finding(
            "asks for TLS and names no Secret: the controller answers with a certificate that it made itself", at=path
        )


def _default_certificate(ingress: Resource, inventory: Inventory) -> Place | None:
    """What gives the controller of an Ingress a certificate for all that has none of its own."""
    for workload in inventory.serving(ingress):
        if default_certificate(workload):
            return workload.at("metadata.name")
    for release in inventory.chart_releases_serving(ingress):
        if has_default_certificate(release):
            return release.chart_place
    return None


def _redirect(ingress: Resource) -> Iterator[Verdict]:
    if ingress.mappings("spec.tls") and ingress.annotations.get(SSL_REDIRECT) == "false":
        yield ingress.note(
            "plain requests are answered too: ssl-redirect is false", at=("metadata", "annotations", SSL_REDIRECT)
        )


def _secrets(ingress: Resource, inventory: Inventory) -> Iterator[Iterator[Verdict]]:
    for index, tls in enumerate(ingress.mappings("spec.tls")):
        name = tls.get("secretName")
        if isinstance(name, str) and text_of(name):
            yield _secret(ingress, ingress.at(("spec", "tls", index, "secretName")), name, ingress.scope, inventory)


def _secret(entry: Resource, place: Place, name: str, namespace: str, inventory: Inventory) -> Iterator[Verdict]:
    text = text_of(name)
    if inventory.live:
        yield from _there(entry, place, text, namespace, inventory)
        return
    maker = inventory.maker_of_secret(text, namespace, entry)
    if maker is not None:
        if maker.kind == "Secret" and _holds_no_certificate(maker):
            yield entry.finding(f"Secret {text} holds no tls.crt", at=place, also=(maker.at("kind"),))
        return
    bringing = inventory.may_make_secret(namespace, entry)
    if isinstance(name, Unresolved):
        yield entry.unknown(f"`{text}` {name.reason}", at=place)
    elif bringing:
        yield entry.unknown(f"Secret {text} is not in the tree; {bringing} may bring it", at=place)
    else:
        where = f" in namespace {namespace}" if namespace else ""
        yield entry.finding(f"nothing makes the Secret {text}{where}", at=place)


def _there(entry: Resource, place: Place, name: str, namespace: str, inventory: Inventory) -> Iterator[Verdict]:
    """Whether a Secret of a live cluster is there."""
    certificate = inventory.certificate_for_secret(name, namespace)
    try:
        secret = inventory.secret_named(name, namespace, entry)
    except Unjudged:
        if certificate is not None and is_ready(certificate):
            return
        raise
    if secret is None and certificate is not None:
        yield entry.finding(
            f"Secret {name} does not exist: Certificate {certificate.name} has not made it",
            at=place,
            also=(certificate.at("status"),),
        )
    elif secret is None:
        yield entry.finding(f"Secret {name} does not exist in namespace {namespace}", at=place)
    elif _holds_no_certificate(secret):
        yield entry.finding(f"Secret {name} holds no tls.crt", at=place, also=(secret.at("kind"),))


def _holds_no_certificate(secret: Resource) -> bool:
    held = {**secret.mapping("data"), **secret.mapping("stringData")}
    return bool(held) and "tls.crt" not in held


# OpenShift -----------------------------------------------------------------------------------------------------------


def _openshift(route: Resource) -> Iterator[Verdict]:
    if not route.mapping("spec.tls").get("termination"):
        yield route.finding("serves its host without TLS: it has no spec.tls", at="spec")
    elif route.get("spec.tls.insecureEdgeTerminationPolicy") == "Allow":
        yield route.note("plain requests are answered too", at="spec.tls.insecureEdgeTerminationPolicy")


# Gateway API ---------------------------------------------------------------------------------------------------------


def _gateway(gateway: Resource, inventory: Inventory) -> Iterator[Verdict]:
    listeners = list(listeners_of(gateway))
    judged = [each for each in listeners if each.plain or each.secure]
    before = gateway.mapping("spec.infrastructure.annotations").get(CERTIFICATES)
    if before:
        yield gateway.note("the load balancer before it ends TLS", at="spec.infrastructure.annotations")
    elif not judged:
        mesh = any(each.protocol == _MESH for each in listeners)
        yield gateway.not_applicable("is a waypoint of the mesh" if mesh else "has no listener for HTTP or TLS")
    else:
        yield from apart(
            gateway, *(_listener(each, inventory) for each in judged), _only_plain(gateway, judged, inventory)
        )


def _listener(listener: Listener, inventory: Inventory) -> Iterator[Verdict]:
    gateway = listener.gateway
    if listener.plain:
        yield from _plain(listener, inventory)
    elif listener.passes_on:
        yield gateway.note(f"listener {listener.name} passes TLS on to what is behind it", at=listener.place)
    elif not listener.certificates:
        managed = listener.managed
        if managed:
            yield gateway.note(f"listener {listener.name} has its certificate by {managed}", at=listener.place)
        else:
            yield gateway.finding(f"listener {listener.name} is to end TLS and names no certificate", at=listener.place)
    else:
        said = list(_certificates(listener, inventory))
        trouble = listener.trouble
        if trouble is not None and not any(isinstance(verdict, Finding) for verdict in said):
            words, place = trouble
            yield gateway.finding(f"listener {listener.name} does not end TLS: {words}", at=place)
        elif listener.resolved:
            # Its controller has read what it names, whoever else may.
            yield from (verdict for verdict in said if not isinstance(verdict, Unknown))
        else:
            yield from said


def _certificates(listener: Listener, inventory: Inventory) -> Iterator[Verdict]:
    gateway = listener.gateway
    for index, reference in enumerate(listener.certificates):
        place = gateway.at((*listener.path, "tls", "certificateRefs", index, "name"))
        yield from apart(gateway, _certificate(listener, place, reference, inventory))


def _certificate(
    listener: Listener, place: Place, reference: Mapping[str, Any], inventory: Inventory
) -> Iterator[Verdict]:
    gateway = listener.gateway
    if (reference.get("kind") or "Secret") != "Secret":
        yield gateway.unknown(f"whether {reference.get('kind')} holds a certificate cannot be told", at=place)
        return
    name = reference.get("name") or ""
    namespace = gateway.string((*place.path[:-1], "namespace"), gateway.scope)
    text = text_of(name)
    if namespace != gateway.scope and inventory.grant_for(gateway, namespace, text, "Secret") is None:
        bringing = inventory.may_make_secret(namespace, gateway)
        missing = f"no ReferenceGrant of namespace {namespace} lets it name Secret {text} there"
        if bringing:
            yield gateway.unknown(f"{missing}; {bringing} may bring one", at=place)
        else:
            yield gateway.finding(missing, at=place)
        return
    yield from _secret(gateway, place, name, namespace, inventory)


def _plain(listener: Listener, inventory: Inventory) -> Iterator[Verdict]:
    gateway = listener.gateway
    for route in inventory.routes_of(gateway):
        if route.kind not in ("HTTPRoute", "GRPCRoute") or only_redirects_to_tls(route) or proves_a_name(route):
            continue
        taken = [listener.takes(route, each) for each in attachments_of(route) if each.name == gateway.name]
        if True in taken and route.mappings("spec.rules"):
            yield gateway.finding(
                f"listener {listener.name} serves {route.kind} {route.name} without TLS: a redirect to https is wanted",
                at=listener.place,
                also=(route.at("spec.parentRefs"),),
            )
            return


def _only_plain(gateway: Resource, listeners: list[Listener], inventory: Inventory) -> Iterator[Verdict]:
    """A Gateway without TLS whose routes are not in the tree."""
    if any(each.secure for each in listeners) or inventory.routes_of(gateway):
        return
    if inventory.live:
        yield gateway.not_applicable("serves nothing: no route hangs on it")
    else:
        yield gateway.unknown(
            "has no listener with TLS, and which routes hang on it is not in the tree", at="spec.listeners"
        )
