"""Let an autoscaler keep at least two replicas of something that exists.

An autoscaler that may go down to one replica undoes every other precaution at night. One that names a target which does
not exist scales nothing, and so do two that share a target. One that aims at a share of a request needs that request on
every container of the pod, and nothing else may change it meanwhile.

Options:
    minimum: the fewest replicas that an autoscaler may keep
"""

from collections.abc import Iterator

from readycheck.inventory import AUTOSCALERS, Inventory
from readycheck.kubernetes.autoscaling import (
    ScaleTarget,
    UtilizationMetric,
    floor_of,
    made_by_keda,
    takes_over,
    target_reached,
    utilized,
)
from readycheck.kubernetes.kinds import UNSCALED
from readycheck.kubernetes.recommendation import changes
from readycheck.kubernetes.resources import CPU, MEMORY
from readycheck.kubernetes.workload import INJECTED_CONTAINERS, Workload
from readycheck.model import Resource, Severity, Verdict
from readycheck.rule import apart, rule
from readycheck.scope import keda_s_own, switched_off

_TARGET = "spec.scaleTargetRef"


@rule(*AUTOSCALERS, severity=Severity.HIGH, unless=(keda_s_own, switched_off))
def autoscaler_floor(autoscaler: Resource, inventory: Inventory, *, minimum: int = 2) -> Iterator[Verdict]:
    return apart(
        autoscaler,
        _floor(autoscaler, inventory, minimum),
        _target(autoscaler, inventory),
        _metrics(autoscaler, inventory),
    )


def _floor(autoscaler: Resource, inventory: Inventory, minimum: int) -> Iterator[Verdict]:
    floor = floor_of(autoscaler)
    if floor.count >= minimum:
        return
    target = inventory.workload_of(autoscaler)
    if floor.count == 0 and target is None:
        yield autoscaler.unknown("may rest at 0 replicas: whether a Service sends requests there cannot be told")
    elif floor.count == 0 and target is not None and not inventory.services_of(target):
        yield autoscaler.not_applicable("may rest at 0 replicas: no Service sends requests there")
    else:
        yield autoscaler.finding(
            f"may scale down to {floor.count} of at least {minimum} replicas",
            at=floor.place,
            fix=floor.raised_to(minimum, safe=target is not None and inventory.takes_replicas(target)),
        )


def _target(autoscaler: Resource, inventory: Inventory) -> Iterator[Verdict]:
    target = inventory.target_of(autoscaler)
    if target is None:
        yield from _missing(autoscaler, inventory)
        return
    if target.kind in UNSCALED:
        yield autoscaler.finding(
            f"scales {target.kind} {target.name}, which has no number of replicas", at=f"{_TARGET}.kind"
        )
    if autoscaler.kind == "HorizontalPodAutoscaler" and not autoscaler.string(f"{_TARGET}.apiVersion"):
        yield autoscaler.finding(
            f"scales nothing: without apiVersion, {target.kind} {target.name} is looked for in the core group",
            at=f"{_TARGET}.apiVersion",
            fix=autoscaler.set(f"{_TARGET}.apiVersion", target.api_version, safe=True),
        )
    if isinstance(target, Workload):
        for rival in _rivals(autoscaler, target, inventory):
            yield autoscaler.finding(
                f"scales {target.kind} {target.name}, and so does {rival.kind} {rival.name}:"
                " one target takes one autoscaler",
                at=f"{_TARGET}.name",
                also=(rival.at(f"{_TARGET}.name"),),
            )


def _missing(autoscaler: Resource, inventory: Inventory) -> Iterator[Verdict]:
    wanted = ScaleTarget.of(autoscaler)
    what, place = f"scales {wanted.kind} {wanted.name}", f"{_TARGET}.name"
    elsewhere = None if inventory.live else inventory.may_come_from(autoscaler.scope, autoscaler)
    namesake = inventory.find(wanted.kind, wanted.name, autoscaler)
    if elsewhere is not None:
        yield autoscaler.unknown(f"{what}, which does not exist here; {elsewhere.named} may bring it", at=place)
    elif namesake is not None:
        yield autoscaler.finding(
            f"{what} of {wanted.group or 'the core group'}, which does not exist: the one here is of {namesake.group}",
            at=f"{_TARGET}.apiVersion",
            also=(namesake.at("apiVersion"),),
        )
    elif wanted.custom and inventory.live:
        yield from _out_of_sight(autoscaler, what, place)
    elif wanted.custom:
        yield autoscaler.unknown(f"{what}, which does not exist here; an operator may make it", at=place)
    else:
        yield autoscaler.finding(f"{what}, which does not exist", at=place)


def _out_of_sight(autoscaler: Resource, what: str, place: str) -> Iterator[Verdict]:
    """What an autoscaler of a live cluster says of a target whose kind is not read."""
    reached = target_reached(autoscaler)
    if reached is None:
        yield autoscaler.unknown(f"{what}, which is of a kind that is not read from a cluster", at=place)
    elif not reached.holds:
        yield autoscaler.finding(f"{what}, whose scale its controller cannot get", at=place, also=(reached.place,))


def _rivals(autoscaler: Resource, target: Workload, inventory: Inventory) -> Iterator[Resource]:
    """Other autoscalers that act on the same target, each once."""
    own = (autoscaler.kind, autoscaler.name)
    others = {(other.kind, other.name): other for other in inventory.autoscalers_of(target)}
    for name, other in others.items():
        if name != own and not made_by_keda(other) and not takes_over(other) and not takes_over(autoscaler):
            yield other


def _metrics(autoscaler: Resource, inventory: Inventory) -> Iterator[Verdict]:
    target = inventory.target_of(autoscaler)
    if isinstance(target, Workload):
        metrics = [metric for metric in utilized(autoscaler) if metric.resource in (CPU, MEMORY)]
        for metric in metrics:
            yield from _divided(autoscaler, metric, target, inventory)
        yield from _contested(autoscaler, metrics, target, inventory)


def _divided(
    autoscaler: Resource, metric: UtilizationMetric, target: Workload, inventory: Inventory
) -> Iterator[Verdict]:
    """Whether each container that a metric measures has the request that its share is of."""
    what = f"aims{'' if metric.place.seen else ' by default'} at a share of the {metric.resource} request"
    names = {container.name for container in target.long_running} | INJECTED_CONTAINERS
    tell = autoscaler.unknown if target.custom else autoscaler.finding
    if metric.container and metric.container not in names:
        yield tell(
            f"{what} of container {metric.container}, which {target.kind} {target.name} does not run", at=metric.place
        )
    for container in filter(metric.measures, target.long_running):
        request = inventory.resources_of(container).requests.get(metric.resource)
        # A request of the whole pod is none of the one container that is measured.
        if request is None or (metric.container and request.resource is container.workload.pod):
            yield tell(
                f"{what}, and container {container.name} of {target.kind} {target.name} has none",
                at=metric.place,
                also=(container.at("resources"),),
            )


def _contested(
    autoscaler: Resource, metrics: list[UtilizationMetric], target: Workload, inventory: Inventory
) -> Iterator[Verdict]:
    for recommender in inventory.recommenders_of(target):
        contested = [
            metric
            for metric in metrics
            if any(
                metric.measures(container) and changes(recommender, container.name, metric.resource)
                for container in target.long_running
            )
        ]
        if contested:
            resources = " and ".join(sorted({metric.resource for metric in contested}))
            yield autoscaler.finding(
                f"scales by {resources} while VerticalPodAutoscaler {recommender.name}"
                " changes the requests that this is measured against",
                at=contested[0].place,
                also=(recommender.at("spec.updatePolicy.updateMode"),),
            )
