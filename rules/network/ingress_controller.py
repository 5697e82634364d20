"""Let each Ingress and Gateway be served by a controller that one lost pod does not take away.

An Ingress names a class (`spec.ingressClassName`), or leaves that to the default class; a Gateway names a GatewayClass.
What no controller serves is an object that nobody acts on, and a controller with one replica is a gap in service at
each drain of its node. Classes and controllers are normally installed apart: where the tree does not hold them, nothing
can be told of them; a live cluster without them has none. Where requests are taken in outside of pods (a load balancer
of a cloud) or on each node, there is nothing to count. A live controller must have a ready pod, and a live Gateway must
have been taken by one (its conditions Accepted and Programmed).

Options:
    minimum: the number of replicas that the controller must never run fewer of
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes.condition import condition_of, is_younger, why
from readycheck.kubernetes.ingress_class import ANNOTATION, class_of, contradicting_class
from readycheck.kubernetes.ingress_controller import AWS_ALB, GOOGLE, IngressController
from readycheck.model import Finding, Path, Place, Resource, Severity, Unknown, Verdict
from readycheck.rule import apart, rule

_FIELD = "spec.ingressClassName"
_ANNOTATION = ("metadata", "annotations", ANNOTATION)
_STATUS = "status.loadBalancer"
_ADDRESS = f"{_STATUS}.ingress"
_SHOWING = (AWS_ALB, GOOGLE)
"""Controllers that run outside of pods, and write an address into whatever they have acted on."""
_PATIENCE_SECONDS = 15 * 60
"""How long a controller may take to act on something new."""


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
            yield _unserved(ingress, name, inventory)
    elif found is None and inventory.live:
        yield ingress.finding(f"IngressClass {name} does not exist", at=_FIELD)
    elif found is None and not _is_served(ingress, inventory):
        yield ingress.unknown(f"IngressClass {name} is not in the tree: it may be installed apart", at=_FIELD)


def _unserved(ingress: Resource, name: str, inventory: Inventory) -> Verdict:
    nothing = f"nothing in the {inventory.extent} serves the class {name}"
    if not inventory.live:
        return ingress.unknown(nothing, at=_ANNOTATION)
    if _has_address(ingress):
        return ingress.unknown(f"{nothing} that is known here, and something has given it an address", at=_ADDRESS)
    inventory.all_workloads_read()
    return ingress.finding(nothing, at=_ANNOTATION)


def _has_address(ingress: Resource) -> bool:
    """Whether a controller has acted on a live Ingress; one that is gone since leaves its address behind."""
    return bool(ingress.mappings(_ADDRESS))


def _is_served(entry: Resource, inventory: Inventory) -> bool:
    """Whether something in the tree runs or installs the controller of an entry, whose manifests bring its class."""
    controller = inventory.controller_of(entry)
    elsewhere = controller is not None and controller.elsewhere
    return bool(elsewhere or inventory.serving(entry) or inventory.installing(entry))


def _unnamed(ingress: Resource, default: Resource | None, inventory: Inventory) -> Iterator[Verdict]:
    if default is not None:
        yield ingress.note(
            f"names no class: the default, {default.name}, is meant", at=_FIELD, also=(default.at("kind"),)
        )
        return
    classes = [each for each in inventory.of("IngressClass") if inventory.together(ingress, each)]
    if inventory.live and _has_address(ingress):
        yield ingress.unknown(
            "names no class, no class is the default, and something has given it an address", at=_ADDRESS
        )
    elif classes and not inventory.any_installing(ingress):
        names = ", ".join(dict.fromkeys(each.name for each in classes))
        yield ingress.finding(
            f"names no class, and none of those in the {inventory.extent} ({names}) is the default", at=_FIELD
        )
    elif inventory.live:
        yield ingress.finding("names no class, and there is no IngressClass in the cluster", at=_FIELD)
    else:
        yield ingress.unknown("names no class, and whether the cluster has a default one is not in the tree", at=_FIELD)


def _gateway_class(gateway: Resource, inventory: Inventory) -> Iterator[Verdict]:
    name = gateway.string("spec.gatewayClassName")
    if not name:
        yield gateway.finding("names no class: gatewayClassName is required", at="spec.gatewayClassName")
    elif inventory.live:
        if inventory.gateway_class_of(gateway) is None:
            yield gateway.finding(f"GatewayClass {name} does not exist", at="spec.gatewayClassName")
        else:
            yield from _taken(gateway, inventory)
    elif inventory.gateway_class_of(gateway) is None and not _is_served(gateway, inventory):
        yield gateway.unknown(
            f"GatewayClass {name} is not in the tree: it may be installed apart", at="spec.gatewayClassName"
        )


def _taken(gateway: Resource, inventory: Inventory) -> Iterator[Verdict]:
    """Whether the controller of a live Gateway has taken it, and made what it asks for."""
    for kind in ("Accepted", "Programmed"):
        condition = condition_of(gateway, kind)
        if condition is not None and condition.get("status") == "True":
            continue
        if is_younger(gateway, _PATIENCE_SECONDS, inventory.now):
            yield gateway.unknown(f"its controller may still be at it: it is not {kind}{why(condition)}", at="status")
        else:
            yield gateway.finding(f"is not {kind}{why(condition)}", at="status")
        return


# Replicas ------------------------------------------------------------------------------------------------------------


def _replicas(entry: Resource, inventory: Inventory, minimum: int, *, noted: bool) -> Iterator[Verdict]:
    controller = inventory.controller_of(entry)
    if controller is not None and controller.elsewhere:
        if inventory.live and entry.kind == "Ingress" and controller in _SHOWING and not _has_address(entry):
            yield _without_address(entry, controller, inventory)
        elif not noted:
            yield entry.note(f"{controller.name} serves it, {controller.elsewhere}", at=_named_at(entry))
        return
    serving = inventory.serving(entry)
    if inventory.live and serving and not any(workload.ready_pods for workload in serving):
        yield entry.finding(
            f"is served by {_named(serving[0])}, none of whose pods is ready", at=serving[0].at("status")
        )
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
        if inventory.live and controller is not None and controller.images and not serving:
            inventory.all_workloads_read()
            yield entry.finding(f"{controller.name}, which is to serve it, does not run here", at=_named_at(entry))
        else:
            yield entry.unknown(_not_seen(entry, inventory), at=_named_at(entry))


def _without_address(ingress: Resource, controller: IngressController, inventory: Inventory) -> Verdict:
    if is_younger(ingress, _PATIENCE_SECONDS, inventory.now):
        return ingress.unknown(f"{controller.name} may still be at it: it has no address yet", at=_STATUS)
    return ingress.finding(f"has no address: {controller.name} has not acted on it", at=_STATUS)


def _named_at(entry: Resource) -> str | Path:
    if entry.kind == "Gateway":
        return "spec.gatewayClassName"
    return _FIELD if entry.string(_FIELD) or ANNOTATION not in entry.annotations else _ANNOTATION


def _not_seen(entry: Resource, inventory: Inventory) -> str:
    installing = inventory.installing(entry)
    if installing:
        return f"how many replicas its controller runs with is said by the chart of {_named(installing[0])} alone"
    if inventory.live:
        return "what serves it is none that is known here: how many replicas it runs with cannot be told"
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
