"""Let a controller own every pod.

A Pod of its own is not started again when its node goes, and nothing rolls it out.
"""

from collections.abc import Iterator

from readycheck.kubernetes.ownership import lineage_of
from readycheck.kubernetes.workload import Workload
from readycheck.model import Severity, Verdict
from readycheck.rule import rule


@rule("Pod", severity=Severity.MEDIUM)
def naked_pod(pod: Workload) -> Iterator[Verdict]:
    if pod.helm_hook:
        yield pod.not_applicable("a Helm hook ends by itself")
    elif pod.get("metadata.ownerReferences") or "kubernetes.io/config.mirror" in pod.annotations:
        return
    elif pod.get("status.phase") in ("Succeeded", "Failed"):
        yield pod.not_applicable("has finished")
    elif lineage_of(pod) is not None:
        yield pod.note("is named and labelled like a ReplicaSet's pod: its owner was left out", at="kind")
    else:
        yield pod.finding("has no controller that would start it again", at="kind")
