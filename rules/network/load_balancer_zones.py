"""Let the load balancer span two zones, and send requests to targets in all of them.

A load balancer in one subnet is gone with that zone. A Network Load Balancer sends what comes in a zone to targets in
that zone only, unless cross-zone balancing is on, which it is not by default: where a zone has no target of its own, a
share of the requests fails. A single subnet or cross-zone balancing that is switched off can be seen in files and in a
live cluster, where targets that stand ready in each zone are as good. Whether the subnets that its maker looks for are
in several zones, only AWS knows.
"""

from collections.abc import Iterator, Sequence

from readycheck.inventory import ENTRANCE_INSTALLER, Inventory
from readycheck.kubernetes.load_balancer import SUBNETS, Design, LoadBalancer
from readycheck.model import Place, Resource, Severity, Verdict
from readycheck.rule import apart, rule
from readycheck.scope import no_load_balancer_of_aws
from readycheck.terraform.load_balancers import LOAD_BALANCERS, has_dynamic, subnets_of
from readycheck.terraform.things import DeclaredResource

_CROSS_ZONE = "enable_cross_zone_load_balancing"


@rule("Service", ENTRANCE_INSTALLER, *LOAD_BALANCERS, severity=Severity.HIGH, unless=no_load_balancer_of_aws)
def load_balancer_zones(entry: Resource, inventory: Inventory) -> Iterator[Verdict]:
    if isinstance(entry, DeclaredResource):
        yield from apart(entry, _subnets_of_terraform(entry), _balancing_of_terraform(entry))
        return
    for made in inventory.load_balancers_made(entry):
        if made.aws is None:
            yield entry.unknown(made.untold, at=made.place)
        else:
            known = "the cluster" if inventory.live else "files"
            yield from apart(entry, _subnets(made, known), _balancing(made, inventory, known))


def _subnets(made: LoadBalancer, known: str) -> Iterator[Verdict]:
    at = ("metadata", "annotations", SUBNETS)
    if len(made.subnets) == 1:
        yield made.service.finding(f"stands in one subnet, {made.subnets[0]}: two zones at least are wanted", at=at)
    elif not made.subnets:
        yield made.service.unknown(f"which zones it stands in cannot be told from {known}: it names no subnets")


def _balancing(made: LoadBalancer, inventory: Inventory, known: str) -> Iterator[Verdict]:
    service = made.service
    on, place = made.cross_zone or (None, service.at(()))
    if on:
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


def _subnets_of_terraform(made: DeclaredResource) -> Iterator[Verdict]:
    subnets = list(subnets_of(made))
    if has_dynamic(made, "subnet_mapping") or not subnets or _names_all(subnets[0]):
        yield made.unknown("which zones it stands in cannot be told from files", at="subnets")
    elif len(subnets) == 1:
        yield made.finding("stands in one subnet: two zones at least are wanted", at=subnets[0])


def _names_all(subnet: Place) -> bool:
    """Whether an expression in the place of one subnet stands for all of them (`aws_subnet.public[*].id`)."""
    return isinstance(subnet.seen, str) and "*" in str.__str__(subnet.seen)


def _balancing_of_terraform(made: DeclaredResource) -> Iterator[Verdict]:
    if made.string("load_balancer_type", "application") == "application":
        return
    on = made.get(_CROSS_ZONE)
    if on is False:
        yield made.finding("cross-zone balancing is switched off", at=_CROSS_ZONE)
    elif on is None:
        yield made.unknown(
            "whether each zone has targets cannot be told from files: cross-zone balancing is off by default"
        )
    elif on is not True:
        yield made.unknown(f"{_CROSS_ZONE} is neither true nor false", at=_CROSS_ZONE)
