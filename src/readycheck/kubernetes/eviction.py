"""What keeps a drain from evicting a pod.

Semantics: Kubernetes, Safely Drain a Node; API-initiated Eviction; Specifying a Disruption Budget (unhealthy pods).
"""

from __future__ import annotations

from collections.abc import Iterator

from readycheck.kubernetes.budget import BudgetStatus
from readycheck.kubernetes.condition import condition_of, said
from readycheck.kubernetes.ownership import MIRROR, lineage_of
from readycheck.kubernetes.topology import HOSTNAME
from readycheck.kubernetes.workload import Workload
from readycheck.model import Resource, Unjudged

_ALWAYS = "AlwaysAllow"


def is_bare(pod: Workload) -> bool:
    """Whether nothing makes a pod again: a drain refuses to delete it."""
    return pod.controller is None and lineage_of(pod) is None and not is_static(pod)


def is_static(pod: Workload) -> bool:
    """Whether a node runs a pod by itself, from a manifest that lies there."""
    owner = pod.controller
    return MIRROR in pod.annotations or (owner is not None and owner.kind == "Node")


def is_of_daemon_set(pod: Workload) -> bool:
    """Whether a pod belongs to its node: a DaemonSet makes it there, cordoned or not."""
    return pod.controller is not None and pod.controller.kind == "DaemonSet"


def refusal(pod: Workload, budget: Resource, status: BudgetStatus | None) -> str:
    """Why a budget does not let a pod go now; "" where it does.

    Args:
        pod: a pod that the budget selects, and no other budget does.
        budget: the PodDisruptionBudget.
        status: what the disruption controller says of it; None where that is not of the budget as it is now.

    Raises:
        Unjudged: the budget's status is not of its spec as it is now.
    """
    if pod.get(("status", "phase")) == "Pending":
        return ""
    if status is None:
        raise Unjudged(
            f"the status of PodDisruptionBudget {budget.name} is not of its spec as it is now", budget.at("status")
        )
    if not pod.ready:
        policy = budget.string("spec.unhealthyPodEvictionPolicy")
        if policy == _ALWAYS or status.healthy >= status.desired > 0:
            return ""
    if status.allowed > 0:
        return ""
    failed = condition_of(budget, "DisruptionAllowed")
    if failed is not None and failed.get("reason") == "SyncFailed":
        return f"allows no eviction: {said(failed)}"
    return f"allows no eviction now: {status.healthy} of its pods are healthy where {status.desired} have to be"


def stays_on_node(volume: Resource) -> bool:
    """Whether a PersistentVolume is a part of a node: what uses it cannot come up on another one."""
    spec = volume.mapping("spec")
    return "local" in spec or "hostPath" in spec or HOSTNAME in _asked_labels(volume)


def _asked_labels(volume: Resource) -> Iterator[str]:
    terms = ("spec", "nodeAffinity", "required", "nodeSelectorTerms")
    for index in range(len(volume.mappings(terms))):
        for expression in volume.mappings((*terms, index, "matchExpressions")):
            yield str(expression.get("key"))


def fleeting_data_of(pod: Workload) -> Iterator[str]:
    """The volumes of a pod that end with it: a drain deletes what is in them, where it is told to."""
    for volume in pod.pod.mappings("volumes"):
        if volume.get("emptyDir") is not None:
            yield str(volume.get("name"))
