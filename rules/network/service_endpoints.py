"""Lead every Service to pods, and every route to a Service.

A selector that matches no pod, or a port that nothing has, is an outage that no deploy reports: the Service has an
address and nobody answers. What may be run by an operator, or stand in a chart that is not at hand, is unknown. A
number that no container declares is tried all the same, so it passes with a note. A route of the Gateway API that names
a Service of another namespace needs a ReferenceGrant there.

In a live cluster the endpoints themselves are looked at: some must be ready, and stand in two zones, by the nodes that
they run on. Where no more than one pod has to run, or a Service leads to the one that has been elected, being ready is
enough. What runs no pods on purpose is not applicable.

Options:
    zones: the number of zones that the ready endpoints of a live Service stand in
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from readycheck.inventory import Inventory
from readycheck.kubernetes.exposure import BY_ANNOTATION, ENTRIES, GATEWAY_ROUTES, Backend, Reference, references_of
from readycheck.kubernetes.selector import Selector
from readycheck.kubernetes.service_port import Leading, is_headless, target_of
from readycheck.kubernetes.workload import Workload
from readycheck.model import Place, Resource, Severity, Verdict
from readycheck.rule import apart, rule

_EXTERNAL_NAME = "ExternalName"
_SEVERAL = 2
"""How many replicas can stand in more than one zone."""
_SHOWN = 3
"""How many of a Service's pods or endpoints are shown."""
_ACTIONS = "alb.ingress.kubernetes.io/actions."


@rule("Service", *ENTRIES, severity=Severity.HIGH)
def service_endpoints(subject: Resource, inventory: Inventory, *, zones: int = 2) -> Iterator[Verdict]:
    if subject.kind in ENTRIES:
        yield from _route(subject, inventory)
    elif subject.get("spec.type") == _EXTERNAL_NAME:
        yield subject.not_applicable("is an alias in DNS and has no pods of its own (ExternalName)")
    elif not subject.mapping("spec.selector"):
        yield from _without_selector(subject, inventory)
    elif inventory.live:
        yield from _answered(subject, inventory, zones)
    else:
        yield from _selecting(subject, inventory)


# Live Services -------------------------------------------------------------------------------------------------------


def _answered(service: Resource, inventory: Inventory, zones: int) -> Iterator[Verdict]:
    makers = inventory.makers_of(service)
    ready = any(endpoint.ready for endpoint in inventory.endpoints_of(service))
    if not makers:
        selector = Selector.of_labels(service.mapping("spec.selector"))
        said = f"selects no pods ({selector})"
        if not ready:
            inventory.all_workloads_read()
        yield (
            service.note(f"{said}, and has endpoints that somebody wrote", at="spec.selector")
            if ready
            else service.finding(f"{said}: nobody answers", at="spec.selector")
        )
    elif not ready:
        yield _unanswered(service, makers, inventory)
    else:
        yield from apart(service, _spread(service, inventory, zones), _ports(service, makers, inventory))


def _unanswered(service: Resource, makers: Sequence[Workload], inventory: Inventory) -> Verdict:
    first = makers[0]
    some = f"{first.kind} {first.name}"
    if all(maker.runs_to_completion for maker in makers):
        return service.not_applicable(f"leads to {some}, which ends by itself")
    if not inventory.fewest_behind(service):
        return service.not_applicable(f"leads to {some}, which runs no pods on purpose")
    pods = inventory.selected_pods(service)
    if not pods:
        selector = Selector.of_labels(service.mapping("spec.selector"))
        return service.finding(
            f"no pod carries what it selects ({selector}) now: {some} would run them",
            at="spec.selector",
            also=(first.at("status"),),
        )
    none = "its pod is not ready" if len(pods) == 1 else f"none of its {len(pods)} pods is ready"
    return service.finding(
        f"{none}: nobody answers", at="spec.selector", also=tuple(pod.at("status.phase") for pod in pods[:_SHOWN])
    )


def _spread(service: Resource, inventory: Inventory, wanted: int) -> Iterator[Verdict]:
    """Whether the ready endpoints stand in several zones, where several pods are to answer."""
    apart_by = inventory.told_apart_by(service)
    if apart_by:
        yield service.note(f"leads to those pods of a workload that carry {apart_by}", at="spec.selector")
        return
    fewest = inventory.fewest_behind(service)
    found = inventory.zones_answering(service)
    wanted = min(wanted, fewest)
    told = [zone for zone in found if zone]
    if fewest < _SEVERAL or len(told) >= wanted:
        return
    also = [endpoint.place for endpoints in found.values() for endpoint in endpoints][:_SHOWN]
    ready = sum(map(len, found.values()))
    if "" in found:
        yield service.unknown(
            f"the zones of its {ready} ready endpoints cannot be told: their nodes have no zone label", also=also
        )
    else:
        stands = f"its {ready} ready endpoints stand" if ready > 1 else "its only ready endpoint stands"
        yield service.finding(
            f"{stands} in {' and '.join(told)}: at least {wanted} zones are wanted", at="spec.selector", also=also
        )


# Services ------------------------------------------------------------------------------------------------------------


def _selecting(service: Resource, inventory: Inventory) -> Iterator[Verdict]:
    selector = Selector.of_labels(service.mapping("spec.selector"))
    workloads = inventory.selected_by(selector, service)
    if not workloads:
        yield _selects_nothing(service, selector, inventory)
    else:
        yield from _ports(service, workloads, inventory)


def _ports(service: Resource, workloads: Sequence[Workload], inventory: Inventory) -> Iterator[Verdict]:
    ports = service.mappings("spec.ports")
    if not ports and not is_headless(service):
        yield service.finding("has no ports, which only a headless Service may do", at="spec.ports")
    yield from apart(service, *(_port(service, index, port, workloads, inventory) for index, port in enumerate(ports)))


def _port(
    service: Resource, index: int, port: Mapping[str, Any], workloads: Sequence[Workload], inventory: Inventory
) -> Iterator[Verdict]:
    found = {inventory.declared_ports(workload).led_to(port) for workload in workloads}
    if Leading.DECLARED in found:
        return
    target = target_of(port)
    named = port.get("name") or port.get("port")
    at = ("spec", "ports", index, "targetPort") if port.get("targetPort") is not None else ("spec", "ports", index)
    first = workloads[0]
    some = f"{first.kind} {first.name}"
    if isinstance(target, int):
        yield service.note(f"port {named} leads to {target}, which no container of {some} declares", at=at)
    elif target.isdigit():
        yield service.finding(
            f'port {named} leads to "{target}" in quotes: that is no number, and no port has such a name', at=at
        )
    elif any(workload.custom for workload in workloads):
        yield service.unknown(f"port {named} leads to {target}; what runs {some} may declare it", at=at)
    elif Leading.OTHER_PROTOCOL in found:
        protocol = port.get("protocol") or "TCP"
        yield service.finding(f"port {named} leads to {target}, which is no {protocol} port of {some}", at=at)
    else:
        yield service.finding(f"port {named} leads to {target}, a name that no container of {some} declares", at=at)


def _selects_nothing(service: Resource, selector: Selector, inventory: Inventory) -> Verdict:
    runner = inventory.may_run(selector, service)
    if runner:
        return service.unknown(f"selects nothing here ({selector}); {runner} may run it", at="spec.selector")
    if inventory.addresses_of(service):
        return service.finding(
            f"selects no pods ({selector}), and what is written as its endpoints counts only without a selector",
            at="spec.selector",
        )
    return service.finding(f"selects no pods ({selector})", at="spec.selector")


def _without_selector(service: Resource, inventory: Inventory) -> Iterator[Verdict]:
    written = inventory.addresses_of(service)
    if inventory.live:
        yield from _kept(service, inventory)
    elif not written:
        yield service.unknown("has no selector, and nothing of the tree writes its endpoints")
    if not written:
        return
    ports = [place for endpoints in written for place in _ports_of(endpoints)]
    names = {place.resource.string((*place.path, "name")) for place in ports}
    for index, port in enumerate(service.mappings("spec.ports")):
        name = service.string(("spec", "ports", index, "name"))
        if ports and name not in names:
            called = f"called {name}" if name else "without a name"
            yield service.finding(
                f"port {port.get('port')} finds no port {called} among its endpoints", at=("spec", "ports", index)
            )


def _kept(service: Resource, inventory: Inventory) -> Iterator[Verdict]:
    """Whether a live Service without a selector leads anywhere: somebody else keeps its endpoints."""
    endpoints = inventory.endpoints_of(service)
    if any(endpoint.ready for endpoint in endpoints):
        return
    if endpoints:
        yield service.finding(f"none of its {len(endpoints)} endpoints is ready: nobody answers")
    elif service.mappings("spec.ports"):
        yield service.finding("has no selector, and nothing gives it endpoints: nobody answers", at="spec")
    else:
        yield service.not_applicable("has neither a selector nor ports: it leads nowhere, on purpose")


def _ports_of(endpoints: Resource) -> Iterator[Place]:
    if endpoints.kind == "EndpointSlice":
        yield from (endpoints.at(("ports", index)) for index in range(len(endpoints.mappings("ports"))))
        return
    for index in range(len(endpoints.mappings("subsets"))):
        path = ("subsets", index, "ports")
        yield from (endpoints.at((*path, each)) for each in range(len(endpoints.mappings(path))))


# Ingresses and routes ------------------------------------------------------------------------------------------------


def _route(entry: Resource, inventory: Inventory) -> Iterator[Verdict]:
    references = list(references_of(entry))
    if any(reference.backend for reference in references) or _actions(references):
        said = (_backend(entry, reference, inventory) for reference in references)
        yield from inventory.along(entry, apart(entry, *said))
    elif references:
        yield entry.not_applicable("sends requests to no Service: what it names is of other kinds")
    else:
        yield entry.not_applicable("sends requests to no Service")


def _actions(references: Sequence[Reference]) -> list[Reference]:
    """The references to what the AWS load balancer controller does by itself: redirects, fixed answers, groups."""
    return [each for each in references if each.backend is None and _action_of(each)]


def _action_of(reference: Reference) -> str:
    named = reference.place.resource.mapping((*reference.place.path, "service"))
    port = named.get("port")
    name = port.get("name") if isinstance(port, Mapping) else reference.place.seen.get("servicePort")
    return str(named.get("name") or reference.place.seen.get("serviceName")) if name == BY_ANNOTATION else ""


def _backend(entry: Resource, reference: Reference, inventory: Inventory) -> Iterator[Verdict]:
    reference.decide()
    backend = reference.backend
    if backend is None:
        action = _action_of(reference)
        if action and f"{_ACTIONS}{action}" not in entry.annotations:
            yield entry.finding(
                f"names the action {action}, which no annotation {_ACTIONS}{action} describes", at=reference.place
            )
        return
    if backend.outside:
        yield entry.unknown(f"whether the host {backend.name} answers cannot be told from here", at=reference.place)
        return
    if entry.kind in GATEWAY_ROUTES and backend.scope != entry.scope:
        yield from _across(entry, reference.place, backend, inventory)
    services = inventory.services_called(backend.name, backend.scope, entry)
    if services:
        # Where several variants of one Service stand in the tree, one of them is meant.
        verdicts = [list(_at_port(entry, reference.place, backend, service)) for service in services]
        yield from min(verdicts, key=len)
        return
    bringing = inventory.may_bring(backend.name, backend.scope, entry)
    if bringing:
        yield entry.unknown(f"Service {backend.name} was not read; {bringing} may bring it", at=reference.place)
        return
    other = inventory.service_elsewhere(backend.name, entry)
    if other is not None and not other.scope:
        yield entry.unknown(
            f"whether Service {backend.name}, which names no namespace, is applied to {backend.scope} cannot be told",
            at=reference.place,
        )
        return
    where = f": it stands in {_space(other.scope)}" if other is not None else ""
    yield entry.finding(f"Service {backend.name} does not exist in {_space(backend.scope)}{where}", at=reference.place)


def _space(namespace: str) -> str:
    return f"namespace {namespace}" if namespace else "the namespace that is not named"


def _across(entry: Resource, place: Place, backend: Backend, inventory: Inventory) -> Iterator[Verdict]:
    if inventory.grant_for(entry, backend.scope, backend.name) is not None:
        return
    if not entry.scope:
        yield entry.unknown(
            f"whether it stands in namespace {backend.scope} like Service {backend.name} is not said", at=place
        )
        return
    bringing = inventory.may_hold(backend.scope, entry)
    missing = f"no ReferenceGrant of namespace {backend.scope} lets it name Service {backend.name} there"
    if bringing:
        yield entry.unknown(f"{missing}; {bringing} may bring one", at=place)
    else:
        yield entry.finding(missing, at=place)


def _at_port(entry: Resource, place: Place, backend: Backend, service: Resource) -> Iterator[Verdict]:
    ports = service.mappings("spec.ports")
    if backend.port is None:
        if entry.kind in GATEWAY_ROUTES:
            yield entry.finding(f"names no port of Service {service.name}", at=place)
        return
    # Without ports, requests go to the port that is asked for: an alias in DNS, or a headless Service.
    if not ports or any(backend.port in (port.get("port"), port.get("name")) for port in ports):
        return
    if service.get("spec.type") == _EXTERNAL_NAME and not isinstance(backend.port, str):
        return
    declared = ", ".join(str(port.get("name") or port.get("port")) for port in ports)
    if any(backend.port == port.get("targetPort") for port in ports) and _of_nginx(entry):
        yield entry.note(
            f"port {backend.port} is where Service {service.name} leads to and no port of it: only ingress-nginx takes"
            " that for one",
            at=place,
        )
        return
    yield entry.finding(
        f"Service {service.name} has no port {backend.port}: it has {declared}",
        at=place,
        also=(service.at("spec.ports"),),
    )


def _of_nginx(entry: Resource) -> bool:
    named = entry.get("spec.ingressClassName") or entry.annotations.get("kubernetes.io/ingress.class") or ""
    return entry.kind == "Ingress" and "nginx" in named
