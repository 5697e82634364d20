"""Let a controller own every pod.

A Pod of its own is not started again when its node goes, and nothing rolls it out. One that a live cluster shows
without the owner that its labels tell of has been left behind.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes.ownership import MIRROR, lineage_of
from readycheck.kubernetes.workload import Workload
from readycheck.model import Severity, Verdict
from readycheck.rule import rule


@rule("Pod", severity=Severity.MEDIUM)
def naked_pod(pod: Workload, inventory: Inventory) -> Iterator[Verdict]:
    if pod.helm_hook:
        yield pod.not_applicable("a Helm hook ends by itself")
    elif pod.get("metadata.ownerReferences") or MIRROR in pod.annotations:
        return
    elif pod.ended:
        yield pod.not_applicable("has finished")
    elif (lineage := lineage_of(pod)) is None:
        yield pod.finding("has no controller that would start it again", at="kind")
    elif inventory.live:
        yield pod.finding(
            f"has no controller that would start it again: ReplicaSet {lineage.replica_set} has left it behind",
            at="metadata.ownerReferences",
        )
    else:
        yield pod.note("is named and labelled like a ReplicaSet's pod: its owner was left out", at="kind")
