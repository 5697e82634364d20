"""Let the kubelet restart a container that hangs.

A process that is stuck but has not ended stays stuck until somebody notices. A startup probe is no replacement: it
stops asking once the container has started.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes.probe import DEFAULT_FAILURES, LIVENESS, READINESS
from readycheck.kubernetes.workload import Container, Role
from readycheck.model import Edit, Fix, Severity, Verdict
from readycheck.rule import rule
from readycheck.scope import completing


@rule("Container", severity=Severity.MEDIUM, unless=completing)
def liveness_probe(container: Container, inventory: Inventory) -> Iterator[Verdict]:
    if container.role is Role.INIT:
        yield container.not_applicable("an init container ends by itself")
    elif container.injected:
        yield container.not_applicable("an injected proxy: what injects it sets its probes")
    elif LIVENESS not in inventory.probes_of(container):
        if container.workload.custom:
            yield container.unknown(f"has no livenessProbe; what runs {container.workload.kind} may add one")
        else:
            fix = _patient(container, inventory)
            yield container.finding("has no livenessProbe", at=LIVENESS, fix=fix)


def _patient(container: Container, inventory: Inventory) -> Fix | None:
    """The question that readiness asks, with three times its patience; None where there is none to go by."""
    readiness = inventory.probes_of(container).get(READINESS)
    if readiness is None:
        return None
    period = container.integer((READINESS, "periodSeconds"), 0)
    probe = {
        readiness.handler: dict(readiness.body),
        **({"periodSeconds": period} if period else {}),
        "failureThreshold": 3 * (container.integer((READINESS, "failureThreshold"), 0) or DEFAULT_FAILURES),
    }
    title = "ask what readiness asks, three times as patiently; better ask less"
    edits = tuple(Edit(container.at((LIVENESS, field)), value) for field, value in probe.items())
    return Fix(title, edits, safe=False)
