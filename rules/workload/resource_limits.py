"""Bound the memory, and if you hold with it the CPU, of each container.

A container without a memory limit can take its whole node down. A CPU limit is contested: it keeps neighbours apart and
makes latency predictable, but throttles a container that could use idle cores, and requests share CPU fairly without
it. It is asked for at severity low; the option switches that off.

Options:
    cpu: whether a CPU limit is asked for too
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes.quantity import quantity
from readycheck.kubernetes.recommendation import measured_fix
from readycheck.kubernetes.resources import CPU, MEMORY, EffectiveResources, amount, implausible
from readycheck.kubernetes.workload import Container, Role
from readycheck.model import Fix, Needed, Severity, Unjudged, Verdict
from readycheck.rule import rule
from readycheck.scope import finished, helm_hook


@rule("Container", severity=Severity.MEDIUM, unless=(helm_hook, finished))
def resource_limits(container: Container, inventory: Inventory, *, cpu: bool = True) -> Iterator[Verdict]:
    if container.role is Role.INIT:
        yield container.not_applicable("an init container ends before the others start")
        return
    effective = inventory.resources_of(container)
    for resource, severity in ((MEMORY, None), (CPU, Severity.LOW)):
        if resource in effective.limits or (resource == CPU and not cpu):
            continue
        if container.workload.custom:
            yield container.unknown(f"has no {resource} limit; what runs {container.workload.kind} may add one")
            continue
        yield container.finding(
            f"has no {resource} limit",
            at=("resources", "limits", resource),
            severity=severity,
            fix=_measured(container, resource, inventory),
        )
    yield from _contradictions(container, effective)
    filled = {place.resource.name for place in effective.limits.values() if place.resource.kind == "LimitRange"}
    if filled:
        yield container.note(f"LimitRange {', '.join(sorted(filled))} fills in its limits", at="resources.limits")


def _measured(container: Container, resource: str, inventory: Inventory) -> Fix | None:
    """The recommended target as limit, where the request leaves room for it; what a person gives where none is."""
    fix = measured_fix(container, inventory.recommendation_of(container), "limits", (resource,), safe=False)
    if isinstance(fix.edits[0].value, Needed):
        return fix
    request = inventory.resources_of(container).requests.get(resource)
    if request is None:
        return fix
    try:
        return fix if amount(request) <= quantity(fix.edits[0].value) else None
    except Unjudged:
        return None


def _contradictions(container: Container, effective: EffectiveResources) -> Iterator[Verdict]:
    for resource, limit in effective.limits.items():
        verdict = implausible(container, resource, limit, "limit") or _exceeded(container, resource, effective)
        if verdict:
            yield verdict


def _exceeded(container: Container, resource: str, effective: EffectiveResources) -> Verdict | None:
    request, limit = effective.requests.get(resource), effective.limits[resource]
    if request is None:
        return None
    try:
        exceeded = amount(request) > amount(limit)
    except Unjudged as unjudged:
        return container.unknown(unjudged.reason, at=request)
    if not exceeded:
        return None
    return container.finding(
        f"requests {request.seen} {resource}, more than its limit of {limit.seen}: the API server refuses it",
        at=request,
        also=(limit,),
    )
