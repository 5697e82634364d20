"""Let an autoscaler keep at least two replicas of something that exists.

An autoscaler that may go down to one replica undoes every other precaution at night. One that names a target which does
not exist scales nothing, and one that aims at a share of a request needs that request on every container of the pod.

Options:
    minimum: the fewest replicas that an autoscaler may keep
"""

from collections.abc import Iterator

from readycheck.inventory import AUTOSCALERS, Inventory
from readycheck.kubernetes.autoscaling import ScaleTarget, floor_of, utilized
from readycheck.kubernetes.resources import CPU, MEMORY
from readycheck.kubernetes.workload import Workload
from readycheck.model import Resource, Severity, Verdict
from readycheck.rule import rule


@rule(*AUTOSCALERS, severity=Severity.HIGH)
def autoscaler_floor(autoscaler: Resource, inventory: Inventory, *, minimum: int = 2) -> Iterator[Verdict]:
    if autoscaler.kind == "HorizontalPodAutoscaler" and inventory.owner(autoscaler) is not None:
        yield autoscaler.not_applicable("a ScaledObject owns it and is judged in its place")
        return
    target = inventory.target_of(autoscaler)
    if target is None:
        yield _missing(autoscaler, inventory)
    if isinstance(target, Workload):
        yield from _without_request(autoscaler, target, inventory)
        yield from _contested(autoscaler, target, inventory)
    floor = floor_of(autoscaler)
    if floor.count == 0 and not (isinstance(target, Workload) and inventory.services_of(target)):
        yield autoscaler.not_applicable("may rest at 0 replicas: no Service sends requests there")
    elif floor.count < minimum:
        yield autoscaler.finding(
            f"may scale down to {floor.count} of at least {minimum} replicas",
            at=floor.place,
            fix=autoscaler.set(floor.place, minimum, safe=True),
        )


def _missing(autoscaler: Resource, inventory: Inventory) -> Verdict:
    wanted = ScaleTarget.of(autoscaler)
    message = f"scales {wanted.kind} {wanted.name}, which does not exist"
    elsewhere = inventory.may_come_from(autoscaler.scope, autoscaler)
    if elsewhere is None:
        return autoscaler.finding(message, at="spec.scaleTargetRef.name")
    return autoscaler.unknown(
        f"{message} here; {elsewhere.resource.kind} {elsewhere.resource.name} may bring it",
        at="spec.scaleTargetRef.name",
    )


def _without_request(autoscaler: Resource, target: Workload, inventory: Inventory) -> Iterator[Verdict]:
    for metric in utilized(autoscaler):
        for container in target.long_running:
            if metric.container not in ("", container.name):
                continue
            if metric.resource in (CPU, MEMORY) and metric.resource not in inventory.resources_of(container).requests:
                yield autoscaler.finding(
                    f"aims at a share of the {metric.resource} request, and container {container.name}"
                    f" of {target.kind} {target.name} has none",
                    at=metric.place,
                    also=(container.at("resources"),),
                )


def _contested(autoscaler: Resource, target: Workload, inventory: Inventory) -> Iterator[Verdict]:
    resources = {metric.resource for metric in utilized(autoscaler)}
    for recommender in inventory.recommenders_of(target):
        mode = recommender.get("spec.updatePolicy.updateMode")
        if resources and mode not in ("Off", "Initial", False):
            yield autoscaler.finding(
                f"scales by {' and '.join(sorted(resources))} while VerticalPodAutoscaler {recommender.name}"
                " changes the requests that this is measured against",
                at="spec.metrics",
                also=(recommender.at("spec.updatePolicy.updateMode"),),
            )
