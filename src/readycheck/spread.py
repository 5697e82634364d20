"""The verdict that both spread rules share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from readycheck.inventory import Inventory
from readycheck.kubernetes.selector import Selector
from readycheck.kubernetes.topology import DEPRECATED_ZONE, HOSTNAME, OTHER_PODS, ZONE, Spreading, confinement
from readycheck.kubernetes.workload import Workload
from readycheck.model import Fix, Verdict

_OVER = {ZONE: "zones", HOSTNAME: "nodes"}


def judge_spread(workload: Workload, inventory: Inventory, key: str) -> Iterator[Verdict]:
    """Weigh what spreads a workload's pods over zones or nodes.

    Args:
        workload: the workload.
        inventory: tells what spreads it, and its floor.
        key: the node label that tells them apart: ZONE or HOSTNAME.
    """
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


def _leniency(spreading: Spreading, replicas: int) -> str:
    if spreading.required:
        return f"maxSkew {spreading.max_skew} lets all {replicas} replicas stand together"
    return f"{spreading.words} is a preference: the scheduler may still put all pods together"


def _aimed(workload: Workload, idle: Spreading) -> Fix | None:
    """The fix that lets a constraint select the pods that carry it; a required one may then leave pods waiting."""
    selector = _own_selector(workload)
    if selector is None or idle.max_skew is None or idle.flaw != OTHER_PODS:
        return None
    place = workload.pod.at((*idle.place.path, "labelSelector"))
    return workload.set(place, selector, safe=not idle.required, title="let the constraint select the pods themselves")


def _constrained(workload: Workload, key: str) -> Fix | None:
    """The fix that adds a constraint which no pod waits for."""
    selector = _own_selector(workload)
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


def _own_selector(workload: Workload) -> dict[str, Any] | None:
    """A selector of the workload's own pods: its own, else all their labels."""
    selector = workload.mapping("spec.selector")
    if selector and Selector.of(selector).matches(workload.pod_labels):
        return dict(selector)
    return {"matchLabels": dict(workload.pod_labels)} if workload.pod_labels else None
