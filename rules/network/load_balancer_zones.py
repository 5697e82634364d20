"""Let the load balancer span two zones, and send requests to targets in all of them.

A load balancer in one subnet is gone with that zone. A Network Load Balancer sends what comes in a zone to targets in
that zone only, unless cross-zone balancing is on, which it is not by default: where a zone has no target of its own, a
share of the requests fails. Of a Service, a single subnet or cross-zone balancing that is switched off can be seen in
files and in a live cluster, where targets that stand ready in each zone are as good; which subnets its maker has found
tells the account, where it is asked.

An `aws_lb` is judged by its subnets, of which AWS takes one for each zone, and by the attribute of its target groups,
which overrides its own. States and accounts record cross-zone balancing as off where nobody has said so: then the
targets decide, which an account alone shows.
"""

from collections.abc import Iterator, Sequence

from readycheck.inventory import ENTRANCE_INSTALLER, Inventory
from readycheck.kubernetes.load_balancer import SUBNETS, Design, LoadBalancer
from readycheck.model import Resource, Severity, Unjudged, Verdict
from readycheck.rule import apart, rule
from readycheck.scope import no_load_balancer_of_aws
from readycheck.terraform.load_balancers import (
    CROSS_ZONE,
    LOAD_BALANCERS,
    TARGETS_CROSS_ZONE,
    Balancing,
    balancing_of,
    balancing_to,
    subnets_of,
)
from readycheck.terraform.things import DeclaredResource
from readycheck.terraform.types import OF_LOAD_BALANCERS


@rule(
    "Service",
    ENTRANCE_INSTALLER,
    *LOAD_BALANCERS,
    severity=Severity.HIGH,
    unless=no_load_balancer_of_aws,
    asks=OF_LOAD_BALANCERS,
)
def load_balancer_zones(entry: Resource, inventory: Inventory) -> Iterator[Verdict]:
    if entry.kind in LOAD_BALANCERS:
        yield from _of_aws(entry, inventory)
        return
    for made in inventory.load_balancers_made(entry):
        if made.aws is None:
            yield entry.unknown(made.untold, at=made.place)
        else:
            known = "the cluster" if inventory.live else "files"
            balancer = inventory.balancer_in_account(made.service) if inventory.live else None
            yield from apart(entry, _subnets(made, balancer, known), _balancing(made, balancer, inventory, known))


def _subnets(made: LoadBalancer, balancer: Resource | None, known: str) -> Iterator[Verdict]:
    at = ("metadata", "annotations", SUBNETS)
    zones = balancer.glimpse("availability_zones") if balancer is not None else None
    if balancer is not None and isinstance(zones, list) and zones:
        if len(zones) == 1:
            yield made.service.finding(
                f"stands in one zone, {zones[0]}, as the account shows: two at least are wanted",
                at=balancer.at("availability_zones"),
            )
    elif len(made.subnets) == 1:
        yield made.service.finding(f"stands in one subnet, {made.subnets[0]}: two zones at least are wanted", at=at)
    elif not made.subnets:
        yield made.service.unknown(f"which zones it stands in cannot be told from {known}: it names no subnets")


def _balancing(made: LoadBalancer, balancer: Resource | None, inventory: Inventory, known: str) -> Iterator[Verdict]:
    service = made.service
    on, place = made.cross_zone or (None, service.at(()))
    if on or (balancer is not None and balancer.glimpse(CROSS_ZONE) is True):
        return
    left = _left_out(made, inventory)
    if left == ():
        yield service.note("cross-zone balancing is off, and each zone of the cluster has targets", at=place)
    elif on is False:
        told = f", and nothing is ready in {' and '.join(left)}" if left else ""
        yield service.finding(f"cross-zone balancing is switched off{told}", at=place)
    elif made.design is Design.CLASSIC:
        yield service.unknown(f"whether a Classic ELB balances across zones cannot be told from {known}")
    else:
        yield service.unknown(
            f"whether each zone has targets cannot be told from {known}: cross-zone balancing is off by default"
        )


def _left_out(made: LoadBalancer, inventory: Inventory) -> Sequence[str] | None:
    """The zones of a live cluster that have no targets of an NLB; None where that cannot be told."""
    if not inventory.live or made.design is not Design.NLB:
        return None
    if made.leads_to_nodes:
        return ()
    found = inventory.zones_without(made.service)
    return tuple(found) if found is not None else None


# Load balancers as such ----------------------------------------------------------------------------------------------


def _of_aws(made: Resource, inventory: Inventory) -> Iterator[Verdict]:
    if made.string("load_balancer_type", "application") == "gateway":
        yield made.not_applicable("is of type gateway: it leads through appliances, and to no service")
        return
    known = "files" if inventory.extent == "tree" else f"the {inventory.extent}"
    yield from apart(made, _standing(made, inventory, known), _spreading(made, inventory, known))


def _standing(made: Resource, inventory: Inventory, known: str) -> Iterator[Verdict]:
    try:
        subnets = subnets_of(made)
    except Unjudged as unjudged:
        waits = "" if isinstance(made, DeclaredResource) else f": {unjudged.reason}"
        yield made.unknown(f"which zones it stands in cannot be told from {known}{waits}", at="subnets")
        return
    if not subnets:
        yield made.unknown(f"which zones it stands in cannot be told from {known}", at="subnets")
    elif len(subnets) == 1:
        yield made.finding("stands in one subnet: two zones at least are wanted", at=subnets[0])
    else:
        zones = inventory.zones_stood_in(made)
        if zones is not None and len(zones) == 1:
            yield made.finding(
                f"all its subnets lie in one zone, {', '.join(zones)}: two zones at least are wanted",
                at=subnets[0],
                also=subnets[1:],
            )


def _spreading(made: Resource, inventory: Inventory, known: str) -> Iterator[Verdict]:
    """Whether requests find a target wherever they come in."""
    usual = balancing_of(made)
    groups = [(group, balancing_to(group, usual)) for group in inventory.target_groups_of(made)]
    for group, balancing in groups:
        if balancing is not Balancing.ON:
            yield from _without_balancing(made, group, balancing, inventory, known)
    if groups or usual is Balancing.ON:
        return
    if usual is Balancing.OFF:
        yield made.finding("cross-zone balancing is switched off", at=CROSS_ZONE)
    else:
        yield made.unknown(
            f"whether each zone has targets cannot be told from {known}: cross-zone balancing is off by default"
        )


def _without_balancing(
    made: Resource, group: Resource, balancing: Balancing, inventory: Inventory, known: str
) -> Iterator[Verdict]:
    """What it means for a target group that requests stay in the zone that they came to."""
    said = (
        group.at(TARGETS_CROSS_ZONE) if group.glimpse(TARGETS_CROSS_ZONE) in (False, "false") else made.at(CROSS_ZONE)
    )
    ready = inventory.zones_ready(group)
    zones = inventory.zones_stood_in(made) if ready else None
    if ready and zones is not None:
        if left := sorted(zones - ready):
            yield made.finding(
                f"cross-zone balancing is switched off, and nothing is ready in {' and '.join(left)}",
                at=said,
                also=[group.at("targets")],
            )
        else:
            yield made.note("cross-zone balancing is off, and each of its zones has targets", at=said)
    elif isinstance(made, DeclaredResource) and balancing is Balancing.OFF:
        yield made.finding("cross-zone balancing is switched off", at=said)
    else:
        yield made.unknown(
            f"whether each zone has targets cannot be told from {known}: cross-zone balancing is off", at=said
        )
