"""Let each Ingress and Gateway be served by a controller that one lost pod does not take away.

An Ingress names a class (`spec.ingressClassName`), or leaves that to the default class; a Gateway names a GatewayClass.
What no controller serves is an object that nobody acts on, and a controller with one replica is a gap in service at
each drain of its node. Classes and controllers are normally installed apart: where the tree does not hold them, nothing
can be told of them. Where requests are taken in outside of pods (a load balancer of a cloud) or on each node, there is
nothing to count.

Options:
    minimum: the number of replicas that the controller must never run fewer of
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes.ingress_class import ANNOTATION, class_of, contradicting_class
from readycheck.model import Finding, Path, Place, Resource, Severity, Unknown, Verdict
from readycheck.rule import apart, rule

_FIELD = "spec.ingressClassName"
_ANNOTATION = ("metadata", "annotations", ANNOTATION)


@rule("Ingress", "Gateway", severity=Severity.HIGH)
def ingress_controller(entry: Resource, inventory: Inventory, *, minimum: int = 2) -> Iterator[Verdict]:
    yield from inventory.along(entry, _served(entry, inventory, minimum))


def _served(entry: Resource, inventory: Inventory, minimum: int) -> Iterator[Verdict]:
    of_class = _gateway_class if entry.kind == "Gateway" else _ingress_class
    said = list(of_class(entry, inventory))
    yield from said
    if not any(isinstance(each, Finding | Unknown) for each in said):
        yield from apart(entry, _replicas(entry, inventory, minimum, noted=bool(said)))


# Classes -------------------------------------------------------------------------------------------------------------


def _ingress_class(ingress: Resource, inventory: Inventory) -> Iterator[Verdict]:
    other = contradicting_class(ingress)
    name = class_of(ingress)
    found = inventory.ingress_class_of(ingress)
    if other:
        yield ingress.finding(
            f"names the class {name}, and {other} in the annotation {ANNOTATION}: the API takes no such Ingress",
            at=_FIELD,
            also=(ingress.at(_ANNOTATION),),
        )
    elif not name:
        yield from _unnamed(ingress, found, inventory)
    elif not ingress.string(_FIELD):
        yield ingress.note(
            f"names its class by the annotation {ANNOTATION}, which is deprecated: {_FIELD} is meant", at=_ANNOTATION
        )
        if not _is_served(ingress, inventory):
            yield ingress.unknown(f"nothing in the tree serves the class {name}", at=_ANNOTATION)
    elif found is None and not _is_served(ingress, inventory):
        yield ingress.unknown(f"IngressClass {name} is not in the tree: it may be installed apart", at=_FIELD)


def _is_served(entry: Resource, inventory: Inventory) -> bool:
    """Whether something in the tree runs or installs the controller of an entry, whose manifests bring its class."""
    controller = inventory.controller_of(entry)
    return controller is not None and bool(
        controller.elsewhere or inventory.serving(entry) or inventory.installing(entry)
    )


def _unnamed(ingress: Resource, default: Resource | None, inventory: Inventory) -> Iterator[Verdict]:
    if default is not None:
        yield ingress.note(
            f"names no class: the default, {default.name}, is meant", at=_FIELD, also=(default.at("kind"),)
        )
        return
    classes = [each for each in inventory.of("IngressClass") if inventory.together(ingress, each)]
    if classes and not inventory.any_installing(ingress):
        names = ", ".join(dict.fromkeys(each.name for each in classes))
        yield ingress.finding(f"names no class, and none of those in the tree ({names}) is the default", at=_FIELD)
    else:
        yield ingress.unknown("names no class, and whether the cluster has a default one is not in the tree", at=_FIELD)


def _gateway_class(gateway: Resource, inventory: Inventory) -> Iterator[Verdict]:
    name = gateway.string("spec.gatewayClassName")
    if not name:
        yield gateway.finding("names no class: gatewayClassName is required", at="spec.gatewayClassName")
    elif inventory.gateway_class_of(gateway) is None and not _is_served(gateway, inventory):
        yield gateway.unknown(
            f"GatewayClass {name} is not in the tree: it may be installed apart", at="spec.gatewayClassName"
        )


# Replicas ------------------------------------------------------------------------------------------------------------


def _replicas(entry: Resource, inventory: Inventory, minimum: int, *, noted: bool) -> Iterator[Verdict]:
    controller = inventory.controller_of(entry)
    if controller is not None and controller.elsewhere:
        if not noted:
            yield entry.note(f"{controller.name} serves it, {controller.elsewhere}", at=_named_at(entry))
        return
    counts = [*_running(entry, inventory), *_released(entry, inventory)]
    few = [each for each in counts if each[0] < minimum]
    if counts and len(few) == len(counts):
        count, what, place = few[0]
        yield entry.finding(
            f"is served by {what}, which can run with {count} replica{'' if count == 1 else 's'}: at least {minimum} "
            "are wanted",
            at=place,
        )
    elif few:
        yield entry.unknown(
            f"which of {len(counts)} controllers serves it cannot be told: {few[0][1]} may run with fewer"
        )
    elif not counts and not _on_each_node(entry, inventory):
        yield entry.unknown(_not_seen(entry, inventory), at=_named_at(entry))


def _named_at(entry: Resource) -> str | Path:
    if entry.kind == "Gateway":
        return "spec.gatewayClassName"
    return _FIELD if entry.string(_FIELD) or ANNOTATION not in entry.annotations else _ANNOTATION


def _not_seen(entry: Resource, inventory: Inventory) -> str:
    installing = inventory.installing(entry)
    if installing:
        return f"how many replicas its controller runs with is said by the chart of {_named(installing[0])} alone"
    return "the controller that serves it is not in the tree: how many replicas it runs with cannot be told"


def _named(resource: Resource) -> str:
    return f"{resource.kind} {resource.name}"


def _running(entry: Resource, inventory: Inventory) -> Iterator[tuple[int, str, Place]]:
    for workload in inventory.serving(entry):
        if workload.kind != "DaemonSet":
            floor = inventory.replica_floor(workload)
            yield floor.count, _named(workload), floor.place


def _released(entry: Resource, inventory: Inventory) -> Iterator[tuple[int, str, Place]]:
    for release, floor in () if inventory.serving(entry) else inventory.replicas_released(entry):
        if floor is not None:
            count, place = floor
            yield count, f"the chart of {_named(release.resource)}", place


def _on_each_node(entry: Resource, inventory: Inventory) -> bool:
    return any(workload.kind == "DaemonSet" for workload in inventory.serving(entry)) or any(
        floor is None for _, floor in inventory.replicas_released(entry)
    )
