"""Let external-dns make the records of what is reached from outside.

A name that somebody enters by hand points to an old load balancer some day. external-dns takes names from the hosts of
Ingresses and routes, and of Services from the annotation `hostname` alone; on a Gateway it reads `target` and nothing
else. It must be told to look at the kind (`--source`). Up to v0.21 its annotations begin with
`external-dns.alpha.kubernetes.io/`, from v0.22 on with `external-dns.kubernetes.io/`, and only one of them is read:
with `--policy=sync` an update deletes the records of all that carries the other one. Write both until all are updated.

What is reached from inside only, or by names that no public DNS has, needs no record. Where no external-dns is in the
tree, what is asked for may be made by one that is installed apart; in a live cluster one must run, with a ready pod.
Where it makes records in Route 53 and the account was asked, the zone must hold them, and they must lead here.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from readycheck.inventory import Inventory
from readycheck.kubernetes.audience import sounds_internal
from readycheck.kubernetes.condition import is_younger
from readycheck.kubernetes.dns_annotations import (
    HOSTNAME,
    PREFIXES,
    TARGET,
    annotated,
    annotated_hosts,
    annotation,
    contradiction,
    left_out,
    meant_for_another,
)
from readycheck.kubernetes.exposure import GATEWAY_ROUTES
from readycheck.kubernetes.external_dns import ExternalDns, Ignored
from readycheck.kubernetes.hosts import covers, hosts_of, is_private
from readycheck.kubernetes.ingress_tls import serves_nothing
from readycheck.kubernetes.kinds import qualified_kind
from readycheck.kubernetes.proxies import is_proxy
from readycheck.kubernetes.selector import Selector
from readycheck.model import Edit, Fix, Needed, Resource, Severity, Verdict
from readycheck.rule import rule
from readycheck.terraform.names import targets_of
from readycheck.terraform.types import OF_WAYS

_ISTIO_GATEWAY = "Gateway.networking.istio.io"
_OTHERS = (_ISTIO_GATEWAY, "VirtualService", "IngressRoute", "HTTPProxy", "Route")


def _of_another(subject: Resource, _inventory: Inventory) -> str | None:
    controller = meant_for_another(subject)
    if left_out(subject):
        return "is to be left out, its annotation exclude says"
    return f"is meant for the controller {controller}, not for external-dns" if controller else None


@rule(
    "Service",
    "Ingress",
    "Gateway",
    *GATEWAY_ROUTES,
    *_OTHERS,
    severity=Severity.MEDIUM,
    unless=_of_another,
    asks=OF_WAYS,
)
def dns_records(subject: Resource, inventory: Inventory) -> Iterator[Verdict]:
    yield from inventory.along(subject, _recorded(subject, inventory))


def _recorded(subject: Resource, inventory: Inventory) -> Iterator[Verdict]:
    match qualified_kind(subject):
        case "Service":
            yield from _service(subject, inventory)
        case "Gateway":
            yield from _gateway(subject, inventory)
        case kind if kind in GATEWAY_ROUTES:
            yield from _route(subject, inventory)
        case "Ingress":
            yield from _ingress(subject, inventory)
        case _:
            yield from _entry(subject, inventory)


def _service(service: Resource, inventory: Inventory) -> Iterator[Verdict]:
    kind = service.string("spec.type", "ClusterIP")
    if kind != "LoadBalancer":
        yield service.not_applicable(f"has no load balancer of its own ({kind})")
    elif internal := inventory.why_internal(service):
        yield service.not_applicable(f"is reached from inside only ({internal})")
    elif annotated_hosts(service, inventory.dns_prefixes):
        yield from _managed(service, [], inventory)
    else:
        yield from _unnamed(service, inventory)


def _unnamed(service: Resource, inventory: Inventory) -> Iterator[Verdict]:
    """A load balancer that nobody gives a name, unless what it leads to gives names to what is behind it."""
    behind = next(inventory.entries_to(service), None)
    if behind is not None and _names_any(behind):
        yield service.note(f"{behind.kind} {behind.name} gives its host", also=(behind.at("spec"),))
        return
    selector = Selector.of_labels(service.mapping("spec.selector"))
    workloads = inventory.makers_of(service) if inventory.live else inventory.selected_by(selector, service)
    if any(map(is_proxy, workloads)):
        giver = inventory.host_giver(service)
        if giver is not None:
            yield service.note(f"the hosts come from what it serves, such as {giver.kind} {giver.name}")
        elif inventory.has_entries:
            yield service.finding(
                "has no hostname annotation, and no Ingress or route that it serves names a host",
                at="metadata.annotations",
            )
        elif inventory.live:
            yield service.not_applicable("leads to what serves Ingresses and routes, and there are none")
        else:
            yield service.unknown("the Ingresses and routes that it serves, which give the hosts, are not in the tree")
        return
    runner = "" if workloads else inventory.may_run(selector, service)
    if runner:
        yield service.unknown(f"whether what it leads to serves Ingresses cannot be told: {runner} may run it")
    elif template := next(filter(None, map(_template, inventory.external_dns_for(service))), ""):
        yield service.unknown(template)
    else:
        yield service.finding(
            "is reached from outside and has no hostname annotation for external-dns",
            at="metadata.annotations",
            fix=_naming(service),
        )


def _naming(subject: Resource) -> Fix:
    host = Needed("hostname", f"the host that {subject.kind} {subject.name} is reached by", text=True)
    places = [subject.at(("metadata", "annotations", prefix + HOSTNAME)) for prefix in PREFIXES]
    return Fix("name it for external-dns", tuple(Edit(each, host) for each in places), safe=False)


def _template(each: ExternalDns) -> str:
    return f"{each.named} makes names by a template (--fqdn-template)" if each.templated else ""


def _ingress(ingress: Resource, inventory: Inventory) -> Iterator[Verdict]:
    internal = inventory.why_internal(ingress)
    if internal:
        yield ingress.not_applicable(f"is reached from inside only ({internal})")
    else:
        yield from _entry(ingress, inventory)


def _entry(entry: Resource, inventory: Inventory) -> Iterator[Verdict]:
    hosts = hosts_of(entry)
    kind = qualified_kind(entry)
    if hosts or annotated_hosts(entry, inventory.dns_prefixes):
        yield from _managed(entry, hosts, inventory)
    elif kind == _ISTIO_GATEWAY:
        yield entry.not_applicable("takes every host: its VirtualServices name them")
    elif kind == "VirtualService":
        yield entry.not_applicable("names no host that is reached from outside")
    elif kind == "HTTPProxy":
        yield entry.not_applicable("is included by another HTTPProxy, which names the host")
    elif kind == "Ingress" and serves_nothing(entry):
        yield entry.not_applicable("serves nothing: it has neither rules nor a default backend")
    elif kind == "Route":
        yield entry.not_applicable("names no host: the router gives it one of its own domain")
    else:
        yield from _hostless(entry, inventory)


def _hostless(entry: Resource, inventory: Inventory) -> Iterator[Verdict]:
    template = next(filter(None, map(_template, inventory.external_dns_for(entry))), "")
    if template:
        yield entry.unknown(template)
    elif inside := _inside(entry):
        yield entry.not_applicable(inside)
    else:
        yield entry.finding(f"names no host: external-dns makes no record for this {entry.kind}", at="spec")


# Gateway API ---------------------------------------------------------------------------------------------------------


def _gateway(gateway: Resource, inventory: Inventory) -> Iterator[Verdict]:
    hosts = annotated_hosts(gateway, inventory.dns_prefixes)
    if not hosts:
        yield gateway.not_applicable("its routes ask for records")
        return
    given = [
        host
        for route in inventory.routes_of(gateway)
        for host in (*hosts_of(route), *annotated_hosts(route, inventory.dns_prefixes))
    ]
    missing = [host for host in hosts if not any(covers(name, host) for name in given)]
    if missing:
        yield gateway.finding(
            f"its annotation {HOSTNAME} is not read: on a Gateway external-dns reads target only,"
            f" and {missing[0]} belongs on the route",
            at=_hostname_at(gateway),
        )
    else:
        yield gateway.note(
            f"its annotation {HOSTNAME} is not read; its routes name the hosts", at=_hostname_at(gateway)
        )


def _hostname_at(subject: Resource) -> tuple[str, ...]:
    carried = (prefix for prefix in PREFIXES if prefix + HOSTNAME in subject.annotations)
    return ("metadata", "annotations", next(carried, PREFIXES[0]) + HOSTNAME)


def _route(route: Resource, inventory: Inventory) -> Iterator[Verdict]:
    parents = route.mappings("spec.parentRefs")
    if not parents:
        yield route.not_applicable("is attached to no Gateway")
    elif all(parent.get("kind") == "Service" for parent in parents):
        yield route.not_applicable("directs what is in the cluster already: it is attached to a Service")
    elif not any(each.get("backendRefs") for each in route.mappings("spec.rules")):
        yield route.not_applicable("sends requests to no backend: it redirects or answers by itself")
    elif (hosts := hosts_of(route)) or annotated_hosts(route, inventory.dns_prefixes):
        yield from _managed(route, hosts, inventory)
    else:
        yield from _by_listener(route, inventory)


def _by_listener(route: Resource, inventory: Inventory) -> Iterator[Verdict]:
    """A route without hosts takes those of the listeners that it is attached to."""
    if route.kind in ("TCPRoute", "UDPRoute"):
        # Their listeners take whatever comes to a port.
        endpoint = inventory.endpoint_beside(route)
        if endpoint is not None:
            yield route.unknown(
                f"names no host; whether DNSEndpoint {endpoint.name} names the address of its Gateway cannot be told"
            )
        else:
            yield from _hostless(route, inventory)
        return
    gateways = inventory.gateways_of(route)
    sections = {parent.get("sectionName") for parent in route.mappings("spec.parentRefs")}
    hosts = [
        listener["hostname"]
        for gateway in filter(None, gateways)
        for listener in gateway.mappings("spec.listeners")
        if isinstance(listener.get("hostname"), str)
        and listener["hostname"]
        and (None in sections or listener.get("name") in sections)
    ]
    if hosts:
        yield from _managed(route, hosts, inventory)
    elif inventory.live and gateways and all(map(_is_gateway, route.mappings("spec.parentRefs"))):
        # A Gateway that was not found does not exist.
        yield from _hostless(route, inventory)
    elif None in gateways or not gateways:
        yield route.unknown(
            "names no host itself; the Gateway that it is attached to, whose listeners may, was not read"
        )
    else:
        yield from _hostless(route, inventory)


def _is_gateway(parent: Mapping[str, Any]) -> bool:
    return (parent.get("kind") or "Gateway") == "Gateway"


# Who makes the records -----------------------------------------------------------------------------------------------


def _names_any(entry: Resource) -> bool:
    return bool(hosts_of(entry) or annotated_hosts(entry))


def _managed(subject: Resource, hosts: Sequence[str], inventory: Inventory) -> Iterator[Verdict]:
    asked = inventory.records_asked(subject, hosts)
    if not asked:
        yield subject.finding("none of its hosts counts: its annotation on where they come from leaves them out")
    elif all(map(is_private, asked)):
        yield subject.not_applicable(f"{str.__str__(asked[0])} is no name of public DNS, or needs no record")
    elif not inventory.external_dns_for(subject):
        yield _asked_of_nobody(subject, asked, inventory)
    else:
        yield from _made(subject, hosts, asked, inventory)


def _asked_of_nobody(subject: Resource, asked: Sequence[str], inventory: Inventory) -> Verdict:
    named = ", ".join(dict.fromkeys(map(str.__str__, asked)))
    if not inventory.live:
        return subject.unknown(f"asks for {named}; external-dns, which would make the record, is not in the tree")
    if inside := _inside(subject):
        return subject.not_applicable(inside)
    inventory.all_workloads_read()
    return subject.finding(
        f"asks for {named}, and no external-dns runs in the cluster to make the record", at=_shown_at(subject)
    )


def _made(subject: Resource, hosts: Sequence[str], asked: Sequence[str], inventory: Inventory) -> Iterator[Verdict]:
    left, ignored = inventory.records_left_out(subject, hosts, asked)
    if not left:
        if contradiction(subject):
            yield subject.note(f"its annotation {HOSTNAME} names other hosts under the prefix that is not read")
        yield from _in_zones(subject, asked, inventory)
        return
    named = ", ".join(map(str.__str__, left))
    if givers := inventory.given_elsewhere(left, subject):
        yield subject.note(f"{givers[0].kind} {givers[0].name} gives {named}")
    elif ignored:
        yield _explained(subject, ignored)
    else:
        yield subject.finding(f"{named} is not read", at=_shown_at(subject))


def _in_zones(subject: Resource, asked: Sequence[str], inventory: Inventory) -> Iterator[Verdict]:
    """What the zones of an account hold of names that external-dns makes in Route 53."""
    makers = inventory.external_dns_for(subject) if inventory.live else ()
    if not any("aws" in each.values("provider") for each in makers) or is_younger(subject, _PATIENCE, inventory.now):
        return
    addresses = {each.string("dns_name").lower(): each for each in inventory.balancers_before(subject)}
    at = _shown_at(subject) or ("spec",)
    for host in map(str.__str__, asked):
        records = inventory.records_of(host)
        if records is None:
            continue
        targets = {target for record in records for target in targets_of(record)}
        if not any(record.glimpse("type") in _LEADING for record in records):
            if inventory.records_of(f"*.{host.partition('.')[2]}"):
                continue
            yield subject.finding(f"asks for {host}, and its zone holds no record of it", at=at)
        elif (
            addresses
            and targets
            and targets.isdisjoint(addresses)
            and all(".elb." in each for each in targets)
            and not annotation(subject, TARGET)
        ):
            address, balancer = next(iter(addresses.items()))
            yield subject.finding(
                f"the record of {host} leads to {min(targets)}, and its load balancer is {address}",
                at=at,
                also=[records[0].at("name"), balancer.at("dns_name")],
            )


_LEADING = ("A", "AAAA", "CNAME")
_PATIENCE = 15 * 60
"""How many seconds external-dns may take to make a record."""


def _explained(subject: Resource, ignored: Sequence[Ignored]) -> Verdict:
    unsure = next((each for each in ignored if not each.sure), None)
    if unsure is not None:
        return subject.unknown(unsure.reason)
    if inside := _inside(subject):
        return subject.not_applicable(inside)
    first = ignored[0]
    return subject.finding(
        first.reason,
        at=_shown_at(subject),
        also=(first.place,) if first.place else (),
        fix=_respelled(subject, first.wanted_prefix) if first.wanted_prefix else None,
    )


def _respelled(subject: Resource, wanted: str) -> Fix:
    """The fix that writes each annotation with another prefix too: what reads the former one may still run."""
    edits = tuple(
        Edit(subject.at(("metadata", "annotations", wanted + key)), subject.annotations[prefix + key])
        for prefix, key in annotated(subject)
    )
    return Fix(f"write its annotations with {wanted} too", edits, safe=False)


def _inside(subject: Resource) -> str:
    """Why something is reached from inside only, going by the name of what serves it; "" where nothing says so."""
    name = next(filter(sounds_internal, _ways_in(subject)), "")
    return f"is reached from inside only, going by the name of what serves it ({name})" if name else ""


def _ways_in(subject: Resource) -> list[str]:
    """What the class of an Ingress is called, or the Gateways that a route is attached to."""
    parents = subject.mappings("spec.parentRefs") if subject.kind in GATEWAY_ROUTES else ()
    named = [str(subject.get("spec.ingressClassName") or "")] if subject.kind == "Ingress" else []
    return [*named, *(str(parent.get("name")) for parent in parents)]


def _shown_at(subject: Resource) -> tuple[str, ...]:
    return _hostname_at(subject) if annotation(subject, HOSTNAME) else ()
