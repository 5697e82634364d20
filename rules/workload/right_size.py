"""Request what the container has been seen to need.

Goldilocks and the vertical pod autoscaler watch what containers use and recommend requests. Far above it, nodes are
paid for and idle; far below, containers are throttled and evicted. Measured figures come from VerticalPodAutoscaler
objects with a status: live, or exported into the tree. One that applies its figures itself is compared too: what is
declared runs whenever its webhook does not answer. Where the pods of a live cluster run with its figures, that holds.

Options:
    factor: how many times more or less than the recommended target a request may be
"""

from collections.abc import Iterator
from decimal import Decimal

from readycheck.inventory import Inventory
from readycheck.kubernetes.quantity import quantity
from readycheck.kubernetes.recommendation import Recommendation, figures_of, left_out, recommendation_for, sets, why_not
from readycheck.kubernetes.workload import Container, Role
from readycheck.model import Fix, Place, Severity, Verdict
from readycheck.rule import rule
from readycheck.scope import completing, unmeasured


@rule("Container", severity=Severity.MEDIUM, unless=completing, needs=unmeasured)
def right_size(container: Container, inventory: Inventory, *, factor: float = 2.0) -> Iterator[Verdict]:
    if container.role is Role.INIT:
        yield container.not_applicable("an init container ends before the others start")
        return
    recommenders = inventory.recommenders_of(container.workload)
    if not recommenders:
        yield container.unknown("no VerticalPodAutoscaler watches it")
        return
    if len(recommenders) > 1:
        names = " and ".join(sorted(recommender.name for recommender in recommenders))
        yield container.unknown(f"several VerticalPodAutoscalers watch it, which may contradict each other: {names}")
        return
    (recommender,) = recommenders
    reason = why_not(recommender, inventory.now)
    if reason:
        yield container.unknown(f"VerticalPodAutoscaler {recommender.name} {reason}")
        return
    found = recommendation_for(recommender, container.name)
    if found is None:
        lack = "is told to leave it out" if left_out(recommender, container.name) else "recommends nothing for it"
        yield container.unknown(f"VerticalPodAutoscaler {recommender.name} {lack}")
        return
    yield from _compare(container, found, inventory, factor)


def _compare(
    container: Container, recommendation: Recommendation, inventory: Inventory, factor: float
) -> Iterator[Verdict]:
    requests = inventory.resources_of(container).requests
    for resource, target in recommendation.targets():
        request = requests.get(resource)
        if _applied(container, resource, target, inventory, Decimal(str(factor))):
            yield container.note(
                f"runs with the {resource} that VerticalPodAutoscaler {target.resource.name} sets in its pods",
                at=target,
            )
        elif request is None and container.workload.custom:
            yield container.unknown(
                f"requests no {resource}; what runs {container.workload.kind} may add what is missing"
            )
        elif request is None:
            yield container.finding(
                f"requests no {resource} where {target.seen} is recommended",
                at=("resources", "requests", resource),
                also=(target, *recommendation.bounds(resource)),
                fix=_resize(container, resource, target, inventory),
            )
        elif request.resource.kind == "PodSpec" and len(container.workload.long_running) > 1:
            yield container.unknown(f"its pod requests {resource} for all of its containers together", at=request)
        elif not _within(request, target, Decimal(str(factor))):
            yield container.finding(
                f"requests {request.seen} {resource} where {target.seen} is recommended (factor {factor:g} allowed)",
                at=request,
                also=(target, *recommendation.bounds(resource)),
                fix=_resize(container, resource, target, inventory),
            )


def _applied(container: Container, resource: str, target: Place, inventory: Inventory, factor: Decimal) -> bool:
    """Whether a recommender sets the requests of pods, and those of a live cluster are near what it recommends."""
    if not inventory.live or not sets(target.resource, container.name, resource):
        return False
    path = ("resources", "requests", resource)
    running = [
        alike.at(path)
        for pod in inventory.running_pods(container.workload)
        for alike in pod.containers
        if alike.name == container.name and alike.get(path) is not None
    ]
    return bool(running) and all(_within(request, target, factor) for request in running)


def _within(request: Place, target: Place, factor: Decimal) -> bool:
    asked, wanted = quantity(request.seen), quantity(target.seen)
    return wanted <= asked * factor and asked <= wanted * factor


def _resize(container: Container, resource: str, target: Place, inventory: Inventory) -> Fix | None:
    """The request that is recommended; none where a limit stands below it, which has to be thought about first."""
    limit = inventory.resources_of(container).limits.get(resource)
    if limit is not None and quantity(limit.seen) < quantity(target.seen):
        return None
    recommendation = inventory.recommendation_of(container)
    note = figures_of(recommendation, [resource]) if recommendation else ""
    return container.set(("resources", "requests", resource), target.seen, safe=True, note=note)
