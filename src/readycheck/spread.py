"""The verdict that both spread rules share."""

from __future__ import annotations

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes.selector import own_selector
from readycheck.kubernetes.topology import DEPRECATED_ZONE, HOSTNAME, OTHER_PODS, ZONE, Spreading, confinement
from readycheck.kubernetes.workload import Workload
from readycheck.model import Fix, Verdict

_OVER = {ZONE: "zones", HOSTNAME: "nodes"}
_IN = {ZONE: "in", HOSTNAME: "on"}
_MOST_SHOWN = 4


def judge_spread(workload: Workload, inventory: Inventory, key: str) -> Iterator[Verdict]:
    """Weigh what spreads a workload's pods over zones or nodes; of a live one, where its pods stand.

    Args:
        workload: the workload.
        inventory: tells what spreads it, and its floor.
        key: the node label that tells them apart: ZONE or HOSTNAME.
    """
    if inventory.live:
        yield from _standing(workload, inventory, key)
        return
    over = _OVER[key]
    confined = confinement(workload, key) or confinement(workload, HOSTNAME)
    if confined is not None:
        yield workload.finding(
            f"all pods are confined to {confined.where} where two {over} are wanted", at=confined.place
        )
        return
    floor = inventory.replica_floor(workload)
    found = [spreading for spreading in inventory.spreadings_of(workload) if spreading.key == key]
    applying = [spreading for spreading in found if not spreading.flaw]
    separating = next((spreading for spreading in applying if spreading.separates(floor.count)), None)
    if separating is not None:
        if separating.label == DEPRECATED_ZONE:
            yield workload.note(f"the label {DEPRECATED_ZONE} is deprecated: nodes may lack it", at=separating.place)
    elif applying:
        yield workload.note(_leniency(applying[0], floor.count), at=applying[0].place)
    elif found:
        idle = found[0]
        yield workload.finding(
            f"{idle.words} over {over} {idle.flaw}, so it spreads nothing", at=idle.place, fix=_aimed(workload, idle)
        )
    else:
        yield workload.finding(
            f"nothing spreads its {floor.count} replicas over {over}",
            at=workload.pod.at(()),
            also=(floor.place,),
            fix=_constrained(workload, key),
        )


def _standing(workload: Workload, inventory: Inventory, key: str) -> Iterator[Verdict]:
    """Where the pods of a live workload stand decides, whatever is declared."""
    over = _OVER[key]
    pods = inventory.running_pods(workload)
    where = inventory.zones_of(workload) if key == ZONE else inventory.hosts_of(workload)
    known = [name for name in where if name]
    if len(known) > 1:
        yield from _apart(workload, inventory, key, f"its pods run {_IN[key]} {len(known)} {over}")
    elif not pods:
        yield workload.unknown("none of its pods runs")
    elif len(known) < len(where):
        pod = where[""][0]
        yield workload.unknown(
            f"node {pod.node_name} of its pod {pod.name} does not tell its zone",
            also=[pod.at("spec.nodeName")],
        )
    elif len(pods) == 1:
        yield workload.unknown("only one of its pods runs", also=[pods[0].at("spec.nodeName")])
    else:
        yield _together(workload, inventory, key, f"{_IN[key]} {over[:-1]} {known[0]}")


def _apart(workload: Workload, inventory: Inventory, key: str, what: str) -> Iterator[Verdict]:
    """What is worth saying of pods that stand apart: whether they will tomorrow."""
    found = _declared(workload, inventory, key)
    applying = [spreading for spreading in found if not spreading.flaw]
    lasting = inventory.replica_floor(workload).count
    if applying and not any(spreading.separates(lasting) for spreading in applying):
        yield workload.note(f"{what}; {_leniency(applying[0], lasting)}", at=applying[0].place)
    elif found and not applying:
        yield workload.note(f"{what}; {found[0].words} {found[0].flaw}, so it spreads nothing", at=found[0].place)
    elif not found:
        yield workload.note(f"{what}, and nothing declares that they must", at=workload.pod.at(()))


def _together(workload: Workload, inventory: Inventory, key: str, where: str) -> Verdict:
    """The finding that all pods of a live workload stand in one zone or on one node."""
    pods = inventory.running_pods(workload)
    confined = confinement(workload, key) or confinement(workload, HOSTNAME)
    found = _declared(workload, inventory, key)
    if confined is not None:
        why, place = f": they are confined to {confined.where}", confined.place
    elif found:
        but = found[0].flaw or "is there to keep them apart"
        why, place = f", though {found[0].words} {but}", found[0].place
    else:
        why, place = ", and nothing spreads them", workload.pod.at(())
    return workload.finding(
        f"all {len(pods)} of its pods run {where} where two {_OVER[key]} are wanted{why}",
        at=place,
        also=[pod.at("spec.nodeName") for pod in pods[:_MOST_SHOWN]],
        fix=None if confined or found else _constrained(workload, key),
    )


def _declared(workload: Workload, inventory: Inventory, key: str) -> list[Spreading]:
    """What is there to spread a workload's pods, those first that do."""
    found = [
        spreading
        for spreading in inventory.spreadings_of(workload)
        # Pods that must not share a zone share no node either.
        if spreading.key == key or (spreading.key == ZONE and spreading.exclusive)
    ]
    return sorted(found, key=lambda spreading: bool(spreading.flaw))


def _leniency(spreading: Spreading, replicas: int) -> str:
    if spreading.required:
        return f"maxSkew {spreading.max_skew} lets all {replicas} replicas stand together"
    return f"{spreading.words} is a preference: the scheduler may still put all pods together"


def _aimed(workload: Workload, idle: Spreading) -> Fix | None:
    """The fix that lets a constraint select the pods that carry it; a required one may then leave pods waiting."""
    selector = own_selector(workload)
    if selector is None or idle.max_skew is None or idle.flaw != OTHER_PODS:
        return None
    place = workload.pod.at((*idle.place.path, "labelSelector"))
    return workload.set(place, selector, safe=not idle.required, title="let the constraint select the pods themselves")


def _constrained(workload: Workload, key: str) -> Fix | None:
    """The fix that adds a constraint which no pod waits for."""
    selector = own_selector(workload)
    if selector is None:
        return None
    constraint = {
        "maxSkew": 1,
        "topologyKey": key,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": selector,
    }
    present = len(workload.pod.mappings("topologySpreadConstraints"))
    path = ("topologySpreadConstraints", present) if present else ("topologySpreadConstraints",)
    return workload.set(
        workload.pod.at(path),
        constraint if present else [constraint],
        safe=True,
        title=f"spread the pods over {_OVER[key]} where that is possible",
    )
