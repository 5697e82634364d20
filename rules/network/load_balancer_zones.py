"""Let the load balancer span two zones, and send requests to targets in all of them.

A load balancer in one subnet is gone with that zone. A Network Load Balancer sends what comes in a zone to targets in
that zone only, unless cross-zone balancing is on, which it is not by default: where a zone has no target of its own, a
share of the requests fails. A single subnet or cross-zone balancing that is switched off can be seen in files and in a
live cluster; whether subnets that its maker looks for are in several zones, or each zone has targets, only AWS knows.
"""

from collections.abc import Iterator

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
            yield from apart(entry, _subnets(made, known), _balancing(made, known))


def _subnets(made: LoadBalancer, known: str) -> Iterator[Verdict]:
    at = ("metadata", "annotations", SUBNETS)
    if len(made.subnets) == 1:
        yield made.service.finding(f"stands in one subnet, {made.subnets[0]}: two zones at least are wanted", at=at)
    elif not made.subnets:
        yield made.service.unknown(f"which zones it stands in cannot be told from {known}: it names no subnets")


def _balancing(made: LoadBalancer, known: str) -> Iterator[Verdict]:
    if made.cross_zone is not None:
        on, place = made.cross_zone
        if not on:
            yield made.service.finding("cross-zone balancing is switched off", at=place)
    elif made.design is Design.CLASSIC:
        yield made.service.unknown(f"whether a Classic ELB balances across zones cannot be told from {known}")
    else:
        yield made.service.unknown(
            f"whether each zone has targets cannot be told from {known}: cross-zone balancing is off by default"
        )


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
