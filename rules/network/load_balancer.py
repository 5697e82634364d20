"""Enter through a Network Load Balancer on AWS.

A Network Load Balancer keeps its addresses, takes millions of connections and passes them on in all zones; a Classic
Load Balancer is a product of the last decade. Which of them a Service of type LoadBalancer becomes is decided by who
takes it: `spec.loadBalancerClass: service.k8s.aws/nlb` (the AWS Load Balancer Controller), `eks.amazonaws.com/nlb` (EKS
Auto Mode), or the annotation `aws-load-balancer-type`. With neither, the cloud provider of old makes a Classic one,
while the webhooks of the newer controllers make it an NLB: which it is cannot be told unless the tree shows them.
Load balancers of other clouds are not judged, and an ALB is another design. What installs ingress-nginx by its chart is
judged by the Service that the chart makes of its values. An ingress controller whose Service only opens ports of nodes
waits for a load balancer that somebody makes apart.

In a live cluster the name that AWS has given tells what was made, whatever is asked for since. What has been given no
address in a while has no load balancer at all.
"""

from collections.abc import Iterator

from readycheck.inventory import ENTRANCE_INSTALLER, Inventory
from readycheck.kubernetes.condition import is_younger
from readycheck.kubernetes.load_balancer import (
    LOAD_BALANCER_CLASS,
    TYPE,
    Design,
    LoadBalancer,
    annotation,
)
from readycheck.model import Resource, Severity, Verdict
from readycheck.rule import apart, rule
from readycheck.scope import no_entry_of_aws
from readycheck.terraform.load_balancers import LOAD_BALANCERS
from readycheck.terraform.types import OF_LOAD_BALANCERS

_STATUS = "status.loadBalancer"
_PATIENCE_SECONDS = 15 * 60
"""How long AWS may take to make a load balancer and to give it a name."""


@rule(
    "Service",
    ENTRANCE_INSTALLER,
    *LOAD_BALANCERS,
    severity=Severity.MEDIUM,
    unless=no_entry_of_aws,
    asks=OF_LOAD_BALANCERS,
)
def load_balancer(entry: Resource, inventory: Inventory) -> Iterator[Verdict]:
    if entry.kind in LOAD_BALANCERS:
        design = entry.string("load_balancer_type", "application")
        if design != "network":
            yield entry.not_applicable(f"is of type {design}: another design than a Network Load Balancer")
        return
    made = inventory.load_balancers_made(entry)
    waiting = inventory.waits_for_load_balancer(entry) if not made else None
    if waiting is not None:
        yield entry.unknown(
            f"opens ports of nodes to {waiting.name}, and what stands before them is not in the {inventory.extent}:"
            " an NLB is wanted",
            at="spec.type",
        )
    yield from apart(entry, *(_of_kubernetes(each, inventory) for each in made))


def _of_kubernetes(made: LoadBalancer, inventory: Inventory) -> Iterator[Verdict]:
    service, said = made.service, annotation(made.service, TYPE)
    if made.design is Design.CLASSIC and made.observed:
        yield service.finding("is a Classic ELB, by the name that AWS has given it", at=made.place)
    elif made.design is Design.CLASSIC:
        yield service.finding(
            "becomes a Classic ELB: it names neither a class nor a type, and the cloud provider for AWS takes it"
            if not said
            else f"becomes a Classic ELB: its type {said} is none that the cloud provider for AWS knows",
            at=made.place,
            fix=service.set(("metadata", "annotations", TYPE), "nlb", safe=True),
        )
    elif made.design is Design.UNTOLD:
        yield service.unknown(f"may or may not become an NLB: {made.untold}", at=made.place)
    elif inventory.live and made.pending:
        yield from _pending(service, inventory)
    elif service.get(LOAD_BALANCER_CLASS) and said not in ("", "external", "nlb-ip"):
        yield service.note(
            f"is an NLB by its class {service.get(LOAD_BALANCER_CLASS)}, which leaves its type {said} unread",
            at=("metadata", "annotations", TYPE),
        )


def _pending(service: Resource, inventory: Inventory) -> Iterator[Verdict]:
    """A live Service that asks for an NLB and has been given no address."""
    if is_younger(service, _PATIENCE_SECONDS, inventory.now):
        yield service.unknown("its load balancer is still being made", at=_STATUS)
    else:
        yield service.finding("asks for an NLB, and nothing has made it: it has no address", at=_STATUS)
