"""Pods that ask for Fargate (Amazon EKS user guide, Fargate)."""

from __future__ import annotations

from readycheck.kubernetes.workload import Workload
from readycheck.model import Place, Unjudged

_COMPUTE_TYPE = "eks.amazonaws.com/compute-type"
_PROFILE = "eks.amazonaws.com/fargate-profile"
_SCHEDULER = "fargate-scheduler"


def runs_on_fargate(workload: Workload) -> Place | None:
    """Where a workload asks for Fargate; None where it does not, or its pods are not at hand.

    Args:
        workload: the workload.
    """
    try:
        if workload.pod.get("schedulerName") == _SCHEDULER:
            return workload.pod.at("schedulerName")
        if workload.pod.mapping("nodeSelector").get(_COMPUTE_TYPE) == "fargate":
            return workload.pod.at(("nodeSelector", _COMPUTE_TYPE))
        if _PROFILE in workload.pod_labels:
            return workload.shown.at((*workload.shown.template, "metadata", "labels", _PROFILE))
    except Unjudged:
        return None
    return None
