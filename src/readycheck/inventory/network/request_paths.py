"""The ways that requests take: from a name by a load balancer, a controller and a Service to a port of pods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, takewhile
from typing import Any

from msgspec.structs import replace

from readycheck.inventory.core import remembered
from readycheck.inventory.network.account_hops import AccountHops
from readycheck.inventory.network.controllers import Controllers
from readycheck.inventory.network.dns import Dns
from readycheck.inventory.network.hops import UNTOLD, Hop, RequestPath, shown_certificate
from readycheck.kubernetes.certificates import secret_for
from readycheck.kubernetes.dns_annotations import annotated_hosts
from readycheck.kubernetes.exposure import ENTRIES, GATEWAY_ROUTES, Backend, Exposure, Reference, references_of
from readycheck.kubernetes.gateway import ANY_HOST, Attachment, attachments_of, certificate_for
from readycheck.kubernetes.hosts import covers, hosts_at
from readycheck.kubernetes.ingress_class import ALB_CONTROLLERS, class_of
from readycheck.kubernetes.ingress_controller import IngressController
from readycheck.kubernetes.load_balancer import Design, Listener, LoadBalancer
from readycheck.kubernetes.selector import Selector
from readycheck.kubernetes.service_port import Leading, target_of
from readycheck.kubernetes.traffic import port_at
from readycheck.kubernetes.workload import Workload
from readycheck.model import Evidence, Finding, Path, Place, Resource, Unjudged, Verdict
from readycheck.terraform.certificates import is_for
from readycheck.terraform.load_balancers import LOAD_BALANCERS

_TLS: Path = ("spec", "tls")
_LISTENERS: Path = ("spec", "listeners")
_OF_ALB = "alb.ingress.kubernetes.io/"
_PORTS_OF_ALB = (443, 80)
_ALB_CERTIFICATE = "alb.ingress.kubernetes.io/certificate-arn"


class RequestPaths(Controllers, Dns, AccountHops):
    """The relations that lead from names to pods."""

    @remembered
    def paths_of(self, entry: Resource) -> Sequence[RequestPath]:
        """The ways of the requests that an Ingress or a route leads on, one for each name and each thing it names."""
        return [path for reference in references_of(entry) for path in self.paths_by(reference)]

    def along(self, subject: Resource, verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
        """Verdicts on something that requests come by: what is wrong is said with the way that it stands in.

        Args:
            subject: an Ingress, a route, a Gateway, a Service, or what installs what makes one.
            verdicts: what a rule says of it.
        """
        for verdict in verdicts:
            path = self._path_at(subject, verdict.place) if isinstance(verdict, Finding) else None
            if path is not None and path.told and isinstance(verdict, Finding):
                evidence = (*verdict.evidence, *map(Evidence.at, path.places))
                yield replace(verdict, message=f"{verdict.message} ({path.line})", evidence=evidence)
            else:
                yield verdict

    def _path_at(self, subject: Resource, place: Place) -> RequestPath | None:
        """The way of requests that a place in something is on; None where that leads nowhere."""
        try:
            if subject.kind == "Gateway":
                leading = (path for route in self.routes_of(subject) for path in self.paths_of(route))
                return next((_by_listener(path, subject, place) for path in leading), None)
            if subject.kind in ENTRIES:
                return self._path_from(subject, place)
            made = self.load_balancers_made(subject)
            return self._path_through(made[0], place) if made else None
        except Unjudged:
            return None

    def _path_from(self, entry: Resource, place: Place) -> RequestPath | None:
        at = place.path if place.resource is entry else ()
        reference = max(references_of(entry), key=lambda each: _shared(each.place.path, at), default=None)
        if reference is None:
            return None
        paths = self.paths_of(entry) if at[:2] == _TLS else list(self.paths_by(reference))
        hosts = entry.strings((*at[:3], "hosts")) if at[:2] == _TLS else ()
        return next((path for path in paths if path.host in hosts), paths[0])

    def _path_through(self, made: LoadBalancer, place: Place) -> RequestPath:
        """The way of the requests that come by a load balancer: the first that is led on behind it."""
        meant = next((each for each in made.listeners if each.place.seen == place.seen), None)
        host = next(iter(annotated_hosts(made.service, self.dns_prefixes)), ANY_HOST)
        behind = self.controller_behind(made.service)
        if behind is None:
            return RequestPath(host, (*self._balanced(made, host, meant), *self._straight(made, meant)))
        for entry in self.served(*behind):
            for path in self.paths_of(entry) if entry.kind in ENTRIES else ():
                return RequestPath(path.host, (*self._balanced(made, path.host, meant), *path.hops[path.before :]))
        controller, running = behind
        hops = (*self._balanced(made, host, meant), Hop(controller.name, running.at("kind")), Hop(""))
        return RequestPath(host, hops)

    def _straight(self, made: LoadBalancer, meant: Listener | None) -> Iterator[Hop]:
        """The way from a load balancer to pods that no ingress controller stands before."""
        for listener in [meant] if meant is not None else made.listeners[:1]:
            yield Hop(f"{made.service.name}:{listener.port}", listener.place)
            yield self._pods(made.service, listener.place)

    def paths_by(self, reference: Reference) -> Iterator[RequestPath]:
        """The ways of the requests that an entry sends to one of the things that it names, one for each name."""
        try:
            hosts = hosts_at(reference.place.resource, reference.place.path) or [ANY_HOST]
        except Unjudged:
            hosts = [UNTOLD]
        behind = tuple(self._to_the_pods(reference))
        for host in hosts:
            to_the_entry = tuple(self._to_the_entry(reference.place.resource, host))
            yield RequestPath(host, (*to_the_entry, *behind), max(1, len(to_the_entry) - 1))

    # Before the entry --------------------------------------------------------------------------------------------

    def _to_the_entry(self, entry: Resource, host: str) -> Iterator[Hop]:
        try:
            if entry.kind in GATEWAY_ROUTES:
                yield from self._by_gateway(entry, host)
            elif entry.kind == "Ingress" and self.is_of_alb(entry):
                arn = entry.string(("metadata", "annotations", _ALB_CERTIFICATE))
                asked = Hop("ALB", entry.at("kind"), shown_certificate(arn) if arn else "")
                yield from self._made(asked, self.balancer_in_account(entry), _PORTS_OF_ALB, host)
            else:
                made = next(self.load_balancers_before(entry), None)
                yield from self._balanced(made, host) if made is not None else [Hop("")]
                yield self._controlled(entry, host)
        except Unjudged:
            yield Hop("")

    def _balanced(self, made: LoadBalancer, host: str, meant: Listener | None = None) -> Iterator[Hop]:
        """A load balancer, with the certificate of the listener that is meant, else of the first that has one.

        Where an account shows what was made, so do these hops, with the record that leads there.
        """
        listeners = made.listeners if meant is None else [meant]
        certificate = next((shown_certificate(each.certificates[0]) for each in listeners if each.terminates), "")
        name = "load balancer" if made.design is Design.UNTOLD else made.design.value
        asked = Hop(name, made.service.at("spec.type"), certificate)
        yield from self._made(asked, self.balancer_in_account(made.service), [each.port for each in listeners], host)

    def _made(self, asked: Hop, balancer: Resource | None, ports: Sequence[int], host: str) -> Iterator[Hop]:
        """A load balancer as an account shows it, with the record that leads there; else as it was asked for.

        Args:
            asked: the hop, as what asks for it has it.
            balancer: what was made; None where that is not seen.
            ports: where requests may come in.
            host: the name that they ask for.
        """
        if balancer is None:
            yield asked
            return
        leading = (each for each in self.names_in_account(balancer) if covers(str(each.body.get("name")), host))
        yield from (Hop("Route 53", record.at("name")) for record in islice(leading, 1))
        found = (self.listener_in_account(balancer, port) for port in ports)
        listening = [each for each in found if each is not None]
        secure = next((each for each in listening if each.glimpse("certificate_arn")), None)
        given = (self.certificates_presented(secure) if secure is not None else None) or ()
        presented = next((each for each in given if is_for(each, host)), next(iter(given), None))
        certificate = asked.certificate
        if secure is not None:
            arn = presented.body["arn"] if presented is not None else secure.body["certificate_arn"]
            certificate = shown_certificate(str(arn))
        more = [each.at("port") for each in listening[:1]] if secure is None else [secure.at("certificate_arn")]
        if presented is not None:
            more.append(presented.at("domain_name"))
        yield Hop(f"{asked.name} {balancer.glimpse('name')}", balancer.at("dns_name"), certificate, more=tuple(more))

    def balancers_before(self, subject: Resource) -> Sequence[Resource]:
        """The load balancers of an account that the requests for something come by; none where one is not seen.

        Args:
            subject: a Service, an Ingress or a route.
        """
        try:
            own = subject.kind == "Service"
            if subject.kind == "Ingress" and self.is_of_alb(subject):
                alb = self.balancer_in_account(subject)
                return () if alb is None else (alb,)
            made = list(self.load_balancers_made(subject) if own else self.load_balancers_before(subject))
        except Unjudged:
            return ()
        seen = [self.balancer_in_account(each.service) for each in made]
        known = [each for each in seen if each is not None]
        return known if len(known) == len(seen) else ()

    def is_of_alb(self, ingress: Resource) -> bool:
        """Whether an Application Load Balancer of AWS is made for an Ingress.

        Raises:
            Unjudged: its class is not decided yet.
        """
        found = self.ingress_class_of(ingress)
        if found is not None:
            return found.string("spec.controller") in ALB_CONTROLLERS
        name = class_of(ingress)
        # The default class was not read; annotations that no other controller knows tell whose it is.
        return name == "alb" if name else any(key.startswith(_OF_ALB) for key in ingress.annotations)

    def alb_before(self, service: Resource) -> Resource | None:
        """The Ingress by which an Application Load Balancer of AWS sends requests to a Service; None where none does.

        Raises:
            Unjudged: the class of one is not decided yet.
        """
        entries = (each for each in self.entries_to(service) if each.kind == "Ingress")
        return next((each for each in entries if self.is_of_alb(each)), None)

    def waits_for_load_balancer(self, service: Resource) -> IngressController | None:
        """The ingress controller that a Service opens ports of nodes to, in AWS, with nothing in the tree before them.

        None where that is not so.

        Raises:
            Unjudged: that is not decided yet.
        """
        if service.string("spec.type") != "NodePort" or any(self.entries_to(service)):
            return None
        in_aws = self.cloud is not None and self.cloud.aws and not self.of(*LOAD_BALANCERS)
        if not in_aws:
            return None
        behind = self.controller_behind(service)
        if behind is None:
            return None
        controller, running = behind
        beside = self.services_of(running) if isinstance(running, Workload) else ()
        return None if any(self.load_balancer_of(each) for each in beside) else controller

    def _controlled(self, entry: Resource, host: str) -> Hop:
        controller = self.ingress_controller_of(entry)
        name = controller.name if controller is not None else ""
        if entry.kind != "Ingress":
            return Hop(name, entry.at("kind"))
        name = name or class_of(entry)
        secret = secret_for(entry, host)
        certificate = "" if secret is None else f"Secret {secret}" if secret else "its default certificate"
        return Hop(name, entry.at("kind"), certificate)

    def _by_gateway(self, route: Resource, host: str) -> Iterator[Hop]:
        for attachment in attachments_of(route):
            gateway = self.find("Gateway", attachment.name, route, namespace=attachment.namespace)
            yield Hop("")
            yield self._gateway(attachment, gateway, host)
            return
        yield Hop("")

    def _gateway(self, attachment: Attachment, gateway: Resource | None, host: str) -> Hop:
        named = f"Gateway {attachment.name}"
        if gateway is None:
            return Hop(named, attachment.place)
        certificate = certificate_for(gateway, attachment, host)
        return Hop(named, gateway.at("kind"), f"Secret {certificate}" if certificate else "")

    # Behind it ---------------------------------------------------------------------------------------------------

    def _to_the_pods(self, reference: Reference) -> Iterator[Hop]:
        backend = reference.backend
        if backend is None:
            yield Hop(_other(reference.place.seen), reference.place)
            return
        try:
            reference.decide()
            yield from self._by_service(reference, backend)
        except Unjudged:
            yield Hop("")

    def _by_service(self, reference: Reference, backend: Backend) -> Iterator[Hop]:
        entry = reference.place.resource
        service = next(iter(self.services_called(backend.name, backend.scope, entry)), None)
        if service is None:
            told = backend.outside or self.may_bring(backend.name, backend.scope, entry)
            yield Hop("", reference.place, broken="" if told else f"no Service {backend.name}")
            return
        broken = self._refused(entry, backend)
        exposure = Exposure.of(entry, backend, service)
        if broken:
            yield Hop("", reference.place, broken=broken)
            return
        if exposure is None:
            yield Hop("", reference.place, broken=f"Service {service.name} has no port {backend.port}")
            return
        place = exposure.ports[0]
        port = port_at(place).get("port") if backend.port is not None or len(exposure.ports) == 1 else None
        yield Hop(f"{service.name}:{port}" if port is not None else service.name, place)
        yield self._pods(service, place)

    def _refused(self, entry: Resource, backend: Backend) -> str:
        """Why a route of the Gateway API may not send requests where it names; "" where it may."""
        if entry.kind not in GATEWAY_ROUTES:
            return ""
        if backend.port is None:
            return f"no port of Service {backend.name} is named"
        # A route that names no namespace may stand in any.
        if backend.scope == entry.scope or not entry.scope or self.may_hold(backend.scope, entry):
            return ""
        granted = self.grant_for(entry, backend.scope, backend.name) is not None
        return "" if granted else f"no ReferenceGrant of namespace {backend.scope} lets it name Service {backend.name}"

    def _pods(self, service: Resource, place: Place) -> Hop:
        if service.get("spec.type") == "ExternalName":
            return Hop(service.string("spec.externalName"), service.at("spec.externalName"))
        selector = Selector.of_labels(service.mapping("spec.selector"))
        workloads = self.workloads_behind(service)
        if not workloads:
            told = not selector.declared or self.addresses_of(service) or self.may_run(selector, service)
            broken = "" if told else f"Service {service.name} selects no pods"
            return Hop("", service.at("spec.selector"), broken=broken)
        port = port_at(place)
        for workload in workloads:
            led = self.declared_ports(workload).led_to(port) if port.get("port") is not None else Leading.UNDECLARED
            if led in (Leading.DECLARED, Leading.UNDECLARED):
                target = target_of(port)
                named = f"{workload.kind} {workload.name}"
                return Hop(f"{named}:{target}" if target is not None else named, workload.at("kind"))
        target = target_of(port)
        return Hop("", place, broken=f"no container declares the port {target}")


def _by_listener(path: RequestPath, gateway: Resource, place: Place) -> RequestPath:
    """A way by a Gateway as requests take it that come to one of its listeners."""
    if place.resource is not gateway or place.path[:2] != _LISTENERS:
        return path
    listener = (*place.path[:3], "tls", "certificateRefs", 0, "name")
    secret = gateway.string(listener)
    certificate = f"Secret {secret}" if secret else ""
    hops = (replace(hop, certificate=certificate) if _is_of(hop, gateway) else hop for hop in path.hops)
    return RequestPath(path.host, tuple(hops))


def _is_of(hop: Hop, resource: Resource) -> bool:
    return hop.place is not None and hop.place.resource is resource


def _shared(one: Path, other: Path) -> int:
    """How many steps two paths have in common."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _other(named: Mapping[str, Any]) -> str:
    """What is no Service, for people: an action of the AWS Load Balancer Controller, or a thing of another kind."""
    action = named.get("service")
    if isinstance(action, Mapping) or "serviceName" in named:
        return f"action {action.get('name') if isinstance(action, Mapping) else named['serviceName']}"
    resource = named.get("resource")
    named = resource if isinstance(resource, Mapping) else named
    return f"{named.get('kind')} {named.get('name')}"
