"""Tell a Service when a container can take requests.

Without a readiness probe a Service sends requests to a container from its first second on, while it still starts, and
goes on sending them when it cannot answer. Asked of the containers that a Service sends requests to.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes.probe import READINESS
from readycheck.kubernetes.traffic import Target, port_at
from readycheck.kubernetes.workload import Container, Role, Workload
from readycheck.model import Fix, Severity, Verdict
from readycheck.rule import rule
from readycheck.scope import completing


@rule("Container", severity=Severity.HIGH, unless=completing)
def readiness_probe(container: Container, inventory: Inventory) -> Iterator[Verdict]:
    if container.role is Role.INIT:
        yield container.not_applicable("an init container ends before requests come")
        return
    if container.injected:
        yield container.not_applicable("an injected proxy: what injects it sets its probes")
        return
    targets = inventory.targets_of(container.workload)
    target = targets.get(container.name)
    if target is None:
        selected = inventory.services_of(container.workload)
        yield container.not_applicable("no Service sends requests to it" if selected else "no Service selects its pods")
    elif READINESS not in inventory.probes_of(container):
        service = target.place.resource.name
        asking = [other.name for other in _asking(container.workload, inventory) if other.name in targets]
        if asking and not target.certain:
            yield container.unknown(
                f"has no readinessProbe; whether Service {service} sends requests to it or {asking[0]} cannot be told"
            )
        elif container.workload.custom:
            yield container.unknown(f"has no readinessProbe; what runs {container.workload.kind} may add one")
        else:
            yield container.finding(
                f"has no readinessProbe, and Service {service} sends requests to it",
                at=READINESS,
                also=(target.place,),
                fix=_asked(container, target),
            )


def _asked(container: Container, target: Target) -> Fix | None:
    """A probe of the port that the Service sends requests to: that it is open is all that is known of it."""
    port = port_at(target.place)
    asked = port.get("targetPort") or port.get("port")
    if not target.certain or not isinstance(asked, (int, str)) or port.get("protocol") not in (None, "TCP"):
        return None
    return container.set(
        (READINESS, "tcpSocket", "port"),
        asked,
        safe=False,
        title=f"ask port {asked}, which Service {target.place.resource.name} sends requests to; better ask a path",
    )


def _asking(workload: Workload, inventory: Inventory) -> list[Container]:
    return [container for container in workload.long_running if READINESS in inventory.probes_of(container)]
