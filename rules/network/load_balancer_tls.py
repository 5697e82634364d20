"""Terminate TLS at the Network Load Balancer.

There the certificate is AWS's to renew, and the keys never come into the cluster. A listener does so that has a
certificate (`aws-load-balancer-ssl-cert`) and is among `aws-load-balancer-ssl-ports`; its policy should want TLS 1.2 at
least, and the default of the API accepts TLS 1.0. What the annotations mean depends on who reads them: `ssl-ports: "*"`
is every port to the cloud provider for AWS and none to the AWS Load Balancer Controller. Passing TLS on to something
that terminates it is as good. What is behind the load balancer gets plain traffic, unless `backend-protocol` is `ssl`.

A listener of an `aws_lb` is judged by protocol, certificate and policy. What a policy takes the account tells, where
it was asked, else the user guide of Elastic Load Balancing. What the account shows that a Service's listener presents
must be for the names that lead to it.
"""

from collections.abc import Iterator

from readycheck.inventory import ENTRANCE_INSTALLER, Inventory
from readycheck.kubernetes.dns_annotations import annotated_hosts
from readycheck.kubernetes.load_balancer import (
    BACKEND_PROTOCOL,
    CERTIFICATES,
    POLICY,
    TLS_PORTS,
    Listener,
    LoadBalancer,
    Maker,
    annotation,
    unquoted,
)
from readycheck.kubernetes.tls_policy import DEFAULT, WANTED, accepts_old_versions
from readycheck.kubernetes.workload import Workload
from readycheck.model import Fix, Path, Resource, Severity, Unresolved, Verdict, first_of
from readycheck.rule import apart, rule
from readycheck.scope import no_load_balancer_of_aws
from readycheck.terraform.certificates import is_for, names_of
from readycheck.terraform.load_balancers import LISTENERS, names_no_policy, port_of
from readycheck.terraform.types import OF_WAYS

_TLS_PORTS = (443, 8443, 6443, 853, 993, 995, 465, 636, 8883)
_PLAIN_PORTS = (80, 8080)
_MOST_NAMED = 3


@rule(
    "Service",
    ENTRANCE_INSTALLER,
    *LISTENERS,
    severity=Severity.HIGH,
    unless=no_load_balancer_of_aws,
    asks=OF_WAYS,
)
def load_balancer_tls(entry: Resource, inventory: Inventory) -> Iterator[Verdict]:
    if entry.kind in LISTENERS:
        yield from _of_aws(entry, inventory)
        return
    for made in inventory.load_balancers_made(entry):
        yield from apart(entry, _quoted(made.service), inventory.along(entry, _of_kubernetes(made, inventory)))


# Services ------------------------------------------------------------------------------------------------------------


def _quoted(service: Resource) -> Iterator[Verdict]:
    for key, value in unquoted(service):
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        at = ("metadata", "annotations", key)
        yield service.finding(
            f"{_short(key)} is {shown} without quotes: the API takes strings only",
            at=at,
            fix=service.set(at, shown, safe=False, title="put it in quotes"),
        )


def _of_kubernetes(made: LoadBalancer, inventory: Inventory) -> Iterator[Verdict]:
    service = made.service
    listeners = made.listeners
    if listeners and all(listener.protocol == "UDP" for listener in listeners):
        yield service.not_applicable("listens on UDP only")
    elif made.aws is None:
        yield service.unknown(made.untold, at=made.place)
    elif any(listener.terminates for listener in listeners):
        yield from apart(
            service,
            _policy(made),
            _names(made, inventory),
            *(_terminated(made, listener) for listener in listeners if listener.terminates),
            *(_beside(made, listener, inventory) for listener in listeners if not listener.terminates),
        )
    elif annotation(service, CERTIFICATES):
        yield service.finding(
            f"has a certificate, and no port listens with TLS: ssl-ports `{annotation(service, TLS_PORTS)}` names none"
            f" to {made.maker.value if made.maker else 'any controller'}",
            at=_annotation(TLS_PORTS),
            also=[service.at(_annotation(CERTIFICATES))],
            fix=_listed(made),
        )
    else:
        yield from _without_certificate(made, inventory)


def _listed(made: LoadBalancer) -> Fix | None:
    port = next(filter(_asks_for_tls, made.listeners), None)
    if port is None:
        return None
    return made.service.set(_annotation(TLS_PORTS), port.name or str(port.port), safe=False)


def _policy(made: LoadBalancer) -> Iterator[Verdict]:
    service = made.service
    policy = annotation(service, POLICY)
    old = accepts_old_versions(policy)
    fix = service.set(_annotation(POLICY), WANTED, safe=False)
    if policy and old:
        yield service.finding(
            f"{policy} accepts TLS 1.0 or 1.1: 1.2 or later is wanted", at=_annotation(POLICY), fix=fix
        )
    elif policy and old is None:
        yield service.unknown(f"which versions of TLS {policy} accepts cannot be told", at=_annotation(POLICY))
    elif old and made.maker is Maker.IN_TREE:
        # It sets a policy when it makes the listener and never sets one back that somebody gave it since.
        yield service.note(
            f"names no ssl-negotiation-policy: a listener is made with {DEFAULT}, which accepts TLS 1.0,"
            " and keeps what it is given by hand",
            at=_annotation(CERTIFICATES),
        )
    elif old:
        yield service.finding(
            f"names no ssl-negotiation-policy: the default, {DEFAULT}, accepts TLS 1.0",
            at=_annotation(CERTIFICATES),
            severity=Severity.LOW,
            fix=fix,
        )


def _terminated(made: LoadBalancer, listener: Listener) -> Iterator[Verdict]:
    """What is behind a port that TLS ends at."""
    target = listener.place.seen.get("targetPort", listener.port)
    named = f"port {listener.port} goes to {target}"
    place = listener.place
    if not listener.reencrypts:
        yield made.service.note(f"traffic behind the {made.design.value} is plain: {named}", at=place)
    elif target in ("http", 80):
        yield made.service.finding(
            f"speaks TLS to what is behind it, and {named}, which takes plain requests",
            at=place,
            also=[made.service.at(_annotation(BACKEND_PROTOCOL))],
        )


def _names(made: LoadBalancer, inventory: Inventory) -> Iterator[Verdict]:
    """Whether what the account's listeners present is for the names that lead to a Service."""
    balancer = inventory.balancer_in_account(made.service) if inventory.live else None
    if balancer is None:
        return
    hosts = annotated_hosts(made.service, inventory.dns_prefixes)
    for port in (each for each in made.listeners if each.terminates):
        listener = inventory.listener_in_account(balancer, port.port)
        given = inventory.certificates_presented(listener) if listener is not None else None
        for host in map(str.__str__, hosts if listener is not None and given else ()):
            if not any(is_for(each, host) for each in given or ()):
                names = first_of([name for each in given or () for name in names_of(each)], _MOST_NAMED)
                yield made.service.finding(
                    f"no certificate that port {port.port} presents is for {host}: they are for {names}",
                    at=port.place,
                    also=[each.at("domain_name") for each in given or ()],
                )


def _beside(made: LoadBalancer, listener: Listener, inventory: Inventory) -> Iterator[Verdict]:
    """A port that is passed on as it comes, beside one that TLS ends at."""
    if listener.protocol == "UDP":
        return
    if _asks_for_tls(listener):
        yield from _passed_on(made, listener, inventory)
    else:
        yield made.service.note(f"port {listener.port} is passed on as it comes", at=listener.place)


def _without_certificate(made: LoadBalancer, inventory: Inventory) -> Iterator[Verdict]:
    service = made.service
    streams = [listener for listener in made.listeners if listener.protocol != "UDP"]
    secure = [listener for listener in streams if _asks_for_tls(listener)]
    plain = next(filter(_is_plain, streams), None)
    if secure:
        yield from apart(service, *(_passed_on(made, listener, inventory) for listener in secure))
    elif plain is not None:
        yield service.finding(
            f"nothing terminates TLS: the {made.design.value} has no certificate, and passes port {plain.port} on as it"
            " comes",
            at=plain.place,
        )
    elif streams:
        yield service.unknown(
            f"whether what comes on port {streams[0].port} has an encryption of its own cannot be told",
            at=streams[0].place,
        )


def _passed_on(made: LoadBalancer, listener: Listener, inventory: Inventory) -> Iterator[Verdict]:
    """A port for TLS that the load balancer does not end it at."""
    service = made.service
    behind = inventory.controller_behind(service)
    passes = f"passes TLS on port {listener.port} on"
    if behind is None:
        yield service.unknown(
            f"{passes}, and whether what is behind it terminates TLS cannot be told", at=listener.place
        )
        return
    controller, running = behind
    certificate = inventory.certificate_of(controller, running)
    hidden = next((each for each in inventory.opaque if each.resource is not running), None)
    if certificate is not None:
        named = f"{certificate.resource.kind} {certificate.resource.name}"
        yield service.note(
            f"{passes} to {controller.name}, which terminates it (with the certificate of {named})", at=listener.place
        )
    elif hidden is not None:
        yield service.unknown(
            f"{passes} to {controller.name}, whose certificates may come from {hidden.named}",
            at=listener.place,
        )
    elif not isinstance(running, Workload) and not any(inventory.served(controller, running)):
        yield service.unknown(
            f"{passes} to {controller.name}, and nothing in the tree that it serves tells with which certificate",
            at=listener.place,
        )
    else:
        answers = "has none but one that it made itself" if controller.own_certificate else "is given none"
        yield service.finding(
            f"no certificate for TLS on port {listener.port}: the {made.design.value} has none, and {controller.name}"
            f" behind it {answers}",
            at=listener.place,
            also=[running.at("kind")],
        )


def _asks_for_tls(listener: Listener) -> bool:
    return (
        listener.port in _TLS_PORTS or "https" in listener.name or listener.place.seen.get("appProtocol") == "https"
    ) and listener.protocol != "UDP"


def _is_plain(listener: Listener) -> bool:
    return listener.port in _PLAIN_PORTS or listener.name in ("http", "web")


def _annotation(key: str) -> Path:
    return ("metadata", "annotations", key)


def _short(key: str) -> str:
    return key.rpartition("/")[2]


# Listeners as such ---------------------------------------------------------------------------------------------------


def _of_aws(listener: Resource, inventory: Inventory) -> Iterator[Verdict]:
    protocol, port = listener.string("protocol"), port_of(listener)
    if protocol in ("HTTP", "HTTPS"):
        yield listener.not_applicable("is a listener of an Application Load Balancer: another design")
    elif protocol == "TLS":
        yield from apart(listener, _certificate(listener), _policy_of_listener(listener, inventory))
    elif protocol in ("UDP", "GENEVE", "QUIC"):
        yield listener.not_applicable(f"listens on {protocol}")
    elif not protocol:
        yield from _without_protocol(listener, inventory)
    elif port in _PLAIN_PORTS:
        yield from _in_plain(listener, port, inventory)
    else:
        yield listener.unknown(
            f"passes port {port} on as it comes, and whether TLS is terminated behind it cannot be told",
            at="protocol",
        )


def _in_plain(listener: Resource, port: int | None, inventory: Inventory) -> Iterator[Verdict]:
    """A listener for plain requests: fine where the same load balancer takes encrypted ones too."""
    others = [each for each in inventory.listeners_beside(listener) if each is not listener]
    secure = next((each for each in others if port_of(each) in _TLS_PORTS), None)
    if any(each.get("protocol") == "TLS" for each in others):
        yield listener.note(f"port {port} is passed on as it comes, beside a listener with TLS", at="protocol")
    elif secure is not None:
        yield listener.unknown(
            f"passes port {port} on as it comes, beside port {port_of(secure)}: whether TLS is terminated behind that"
            " cannot be told",
            at="protocol",
            also=[secure.at("port")],
        )
    else:
        yield listener.finding(f"passes port {port} on as it comes: TLS with a certificate is wanted", at="protocol")


def _without_protocol(listener: Resource, inventory: Inventory) -> Iterator[Verdict]:
    made = inventory.balanced_by(listener)
    design = made.string("load_balancer_type", "application") if made is not None else ""
    if design in ("application", "gateway"):
        yield listener.not_applicable(f"is a listener of a load balancer of type {design}: another design")
    else:
        yield listener.unknown("names no protocol", at="protocol")


def _certificate(listener: Resource) -> Iterator[Verdict]:
    certificate = listener.glimpse("certificate_arn")
    if not isinstance(certificate, Unresolved) and not certificate:
        yield listener.finding("listens with TLS and has no certificate", at="certificate_arn")


def _policy_of_listener(listener: Resource, inventory: Inventory) -> Iterator[Verdict]:
    fix = listener.set("ssl_policy", WANTED, safe=False)
    if names_no_policy(listener):
        yield listener.finding(
            f"names no ssl_policy: the default, {DEFAULT}, accepts TLS 1.0",
            at="ssl_policy",
            severity=Severity.LOW,
            fix=fix,
        )
        return
    policy, old = listener.string("ssl_policy"), inventory.accepts_old(listener)
    if old:
        yield listener.finding(f"{policy} accepts TLS 1.0 or 1.1: wanted is 1.2", at="ssl_policy", fix=fix)
    elif old is None:
        yield listener.unknown(f"which versions of TLS {policy} accepts cannot be told", at="ssl_policy")
