"""Send alerts to somebody.

Alerts that nobody gets are decoration. Some receiver that routes lead to must go to somebody: Alertmanager's
configuration (a file, a Secret, AlertmanagerConfig, VMAlertmanagerConfig, a chart's values), or Grafana's contact
points and policies (provisioning, its operator, Terraform). The receiver `null`, an empty webhook, Grafana's default
`<example@email.com>`, addresses of example.com and the like are placeholders; a reference to a secret is real. What
gets Watchdog alone hears nothing else.

Where the tree says nothing of receivers, or keeps them encrypted, that is unknown. So is what a live Alertmanager keeps
in a Secret, whose values are never read, and what Grafana keeps in its database; a cluster with neither of them, that
sends its metrics nowhere else, fails.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.model import Resource, Severity, Verdict
from readycheck.observability.programs import Signal
from readycheck.observability.routing import Routing
from readycheck.rule import FILES_AND_CLUSTER, rule


@rule("Environment", severity=Severity.MEDIUM, sources=FILES_AND_CLUSTER)
def alert_routing(environment: Resource, inventory: Inventory) -> Iterator[Verdict]:
    routings = inventory.routings
    if any(each.real for each in routings):
        return
    doubt = next(filter(None, (_doubt(each, inventory.extent) for each in routings)), "")
    if not routings and inventory.live:
        yield _unrouted(environment, inventory)
    elif not routings:
        yield environment.unknown(
            "the tree says nothing of where alerts are sent: no configuration of Alertmanager, "
            "no contact point of Grafana"
        )
    elif doubt:
        yield environment.unknown(doubt)
    else:
        for each in routings:
            receiver = each.first
            place = receiver.place if receiver is not None else each.place
            yield environment.finding(_nobody(each), at=place)


def _unrouted(environment: Resource, inventory: Inventory) -> Verdict:
    """What is said of a live cluster that tells of no receiver."""
    keeper = inventory.alertmanager
    if keeper is not None:
        return environment.unknown(
            f"where {keeper.kind} {keeper.name} sends alerts stands in a Secret, whose values are not read",
            at=keeper.at(()),
        )
    other = inventory.seen_keeping(Signal.DASHBOARDS, Signal.METRICS)
    if other is not None:
        return environment.unknown(f"where {other.what} sends alerts is not to be seen: {other.where}", at=other.place)
    return environment.finding("nothing in the cluster sends alerts: no Alertmanager, no Grafana, no central platform")


def _doubt(routing: Routing, extent: str) -> str:
    """What may send alerts to somebody after all, and cannot be told."""
    if routing.hidden:
        return routing.hidden
    if routing.reached is None and routing.unreached:
        return (
            f"whether alerts get to the contact point {routing.unreached} cannot be told: no policies in the {extent}"
        )
    return ""


def _nobody(routing: Routing) -> str:
    receiver = routing.first
    if receiver is None:
        return "the routes lead to no receiver"
    unreached = routing.unreached
    also = f"; no route leads to {unreached}" if unreached else ""
    return f"alerts get to nobody: receiver {receiver.name} {receiver.lacking}{also}"
