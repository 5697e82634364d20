"""Ask different questions for readiness and liveness, of ports that exist.

When both probes ask the same with the same patience, a slow dependency does not only take the pod out of the Service,
it restarts it, and all of its siblings with it. Liveness should ask less, or wait longer before it acts. A probe of a
named port that the container does not declare never succeeds.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes.probe import LIVENESS, READINESS
from readycheck.kubernetes.workload import Container, Role
from readycheck.model import Severity, Verdict
from readycheck.rule import rule
from readycheck.scope import completing


@rule("Container", severity=Severity.MEDIUM, unless=completing)
def distinct_probes(container: Container, inventory: Inventory) -> Iterator[Verdict]:
    if container.role is Role.INIT or container.injected:
        yield container.not_applicable("an init container or an injected proxy")
        return
    probes = inventory.probes_of(container)
    for probe in probes.values():
        if isinstance(probe.port, str) and container.workload.port_number(container, probe.port) is None:
            yield container.finding(
                f"{probe.field} asks port {probe.port}, which the container does not declare",
                at=(probe.field, probe.handler, "port"),
                also=(container.at("ports"),),
            )
    readiness, liveness = probes.get(READINESS), probes.get(LIVENESS)
    if readiness is None or liveness is None:
        yield container.not_applicable("has no readiness and liveness probe to compare")
    elif liveness.asks_the_same(readiness) and liveness.patience <= readiness.patience:
        yield container.finding(
            "livenessProbe asks the same as readinessProbe and gives up no later"
            f" ({liveness.patience} s, readiness {readiness.patience} s)",
            at=LIVENESS,
            also=(readiness.place,),
        )
