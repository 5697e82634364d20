"""Let the kubelet restart a container that hangs.

A process that is stuck but has not ended stays stuck until somebody notices. A startup probe is no replacement: it
stops asking once the container has started.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes.probe import LIVENESS
from readycheck.kubernetes.workload import Container, Role
from readycheck.model import Severity, Verdict
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
            yield container.finding("has no livenessProbe", at=LIVENESS)
