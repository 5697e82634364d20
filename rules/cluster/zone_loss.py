"""Survive the loss of a zone: every service keeps a ready pod, and what stood there fits the rest.

Zones of a cloud go down as a whole: what must not stop has to stand in two, and the others need room to spare.

Simulated, for each zone, on the cluster as it is now. The nodes of the zone are gone, and so are their pods. A service
all of whose ready pods stood there is down until it has come up elsewhere. What controllers make again has to fit the
nodes that remain: by what is requested and allocatable, taints, node selectors, affinity and anti-affinity, spread that
must hold, host ports, and where volumes can be reached from. Pods of DaemonSets end with their node, bare pods are lost
for good, and pods of negative priority give way.

Not reckoned with: nodes that an autoscaler would add, preemption among others, how many volumes a node can attach, and
lost nodes that stay listed, which DoNotSchedule spread goes on counting as empty domains. That there is no room is said
where no placement can exist; where none was found and none was ruled out, it is unknown.
`readycheck simulate zone-loss` shows what moves where.
"""

from collections.abc import Iterator

from readycheck.inventory import ZONE_LOST, Inventory
from readycheck.kubernetes.kinds import SERVICES
from readycheck.kubernetes.workload import Workload
from readycheck.model import Resource, Severity, Verdict, first_of
from readycheck.rule import rule
from readycheck.scope import helm_hook, parked

_EXAMPLES = 3
_SAFE = 2
"""In how many zones ready pods stand where the loss of one leaves some."""


@rule(*SERVICES, ZONE_LOST, severity=Severity.CRITICAL, sources=("cluster",))
def zone_loss(subject: Resource, inventory: Inventory) -> Iterator[Verdict]:
    if isinstance(subject, Workload):
        yield from _of_workload(subject, inventory)
    else:
        yield from _of_zone(subject, inventory)


def _of_workload(workload: Workload, inventory: Inventory) -> Iterator[Verdict]:
    ready = inventory.ready_zones(workload)
    zones = [zone for zone in ready if zone]
    reason = helm_hook(workload, inventory)
    if not reason and not ready:
        reason = parked(workload, inventory) or ("rests at 0 replicas" if inventory.declared_zero(workload) else None)
    if not reason and ready and not inventory.runs_on_machines(workload):
        reason = "runs on nodes that are no machines, such as Fargate's, which are left out"
    if reason:
        yield workload.not_applicable(reason)
    elif not ready:
        yield workload.unknown("none of its pods is ready now")
    elif len(zones) < len(ready) and len(zones) < _SAFE:
        yield workload.unknown("the zones of nodes that its ready pods stand on are not told")
    elif len(zones) < _SAFE:
        (zone,) = zones
        pods = ready[zone]
        where = f"its {len(pods)} ready pods all stand there" if len(pods) > 1 else "its only ready pod stands there"
        yield workload.finding(
            f"has no ready pod left when zone {zone} is lost: {where}",
            at="spec.replicas",
            also=[pod.at("spec.nodeName") for pod in pods],
        )


def _of_zone(zone: Resource, inventory: Inventory) -> Iterator[Verdict]:
    loss = inventory.loss_of(zone)
    lost = [each.named for each in loss.bare]
    also = f"; nothing makes Pod {first_of(lost, _EXAMPLES)} again" if lost else ""
    place = inventory.nodes_in(zone.name)[0].at("metadata.labels")
    if loss.room is None:
        yield zone.unknown(f"whether what stands there fits the other zones cannot be told: {loss.untold}", at=place)
    elif not loss.room:
        reasons = dict.fromkeys(f"{each.occupant.maker} ({each.why})" for each in loss.unplaced)
        yield zone.finding(
            f"finds no place in other zones for {len(loss.unplaced)} of the {loss.evicted} pods that it holds:"
            f" {first_of(list(reasons), _EXAMPLES)}{also}",
            at=place,
            also=[each.occupant.pod.at("spec.nodeName") for each in loss.unplaced],
        )
    elif loss.evicted:
        yield zone.note(f"pods to move: {loss.evicted}, nodes that remain: {loss.nodes}, and they fit{also}", at=place)
    else:
        yield zone.note(f"holds no pod that would have to stand elsewhere{also}", at=place)
