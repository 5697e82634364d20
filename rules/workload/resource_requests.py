"""Reserve the CPU and memory that each container needs.

The scheduler counts requests only: without them a pod lands on a node that has no room for it, and it is the first to
be evicted when memory runs short. A limit stands for a request that is absent; what the pod as a whole or a LimitRange
of the namespace says counts too.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes.recommendation import measured_fix
from readycheck.kubernetes.resources import CPU, MEMORY, implausible
from readycheck.kubernetes.workload import Container, Role
from readycheck.model import Severity, Verdict
from readycheck.rule import rule
from readycheck.scope import finished, helm_hook


@rule("Container", severity=Severity.HIGH, unless=(helm_hook, finished))
def resource_requests(container: Container, inventory: Inventory) -> Iterator[Verdict]:
    if container.role is Role.INIT:
        yield container.not_applicable("an init container ends before the others start")
        return
    requests = inventory.resources_of(container).requests
    missing = [resource for resource in (CPU, MEMORY) if resource not in requests]
    if missing and container.workload.custom:
        yield container.unknown(
            f"requests no {' and no '.join(missing)}; what runs {container.workload.kind} may add requests"
        )
    elif missing:
        yield container.finding(
            f"requests no {' and no '.join(missing)}",
            at="resources.requests",
            fix=measured_fix(container, inventory.recommendation_of(container), "requests", missing, safe=True),
        )
    for resource, place in requests.items():
        verdict = implausible(container, resource, place, "request")
        if verdict:
            yield verdict
    filled = {place.resource.name for place in requests.values() if place.resource.kind == "LimitRange"}
    if filled:
        yield container.note(f"LimitRange {', '.join(sorted(filled))} fills in its requests", at="resources.requests")
