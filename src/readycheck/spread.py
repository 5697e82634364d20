"""The verdict that both spread rules share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from readycheck.inventory import Inventory
from readycheck.kubernetes.topology import Spreading
from readycheck.kubernetes.workload import Workload
from readycheck.model import Verdict


def judge_spread(workload: Workload, found: Sequence[Spreading], over: str, inventory: Inventory) -> Iterator[Verdict]:
    """Weigh what spreads a workload's pods over zones or nodes.

    Args:
        workload: the workload.
        found: what means to spread it over them.
        over: `zones` or `nodes`, for the message.
        inventory: tells the floor, for evidence.
    """
    applying = [spreading for spreading in found if spreading.applies]
    if any(spreading.required for spreading in applying):
        return
    if applying:
        preferred = applying[0]
        yield workload.note(
            f"{preferred.words} is a preference: the scheduler may still put all pods together", at=preferred.place
        )
    elif found:
        idle = found[0]
        yield workload.finding(
            f"{idle.words} over {over} does not select the pods' own labels, so it spreads nothing", at=idle.place
        )
    else:
        floor = inventory.replica_floor(workload)
        yield workload.finding(
            f"nothing spreads its {floor.count} replicas over {over}", at=workload.pod_path, also=(floor.place,)
        )
