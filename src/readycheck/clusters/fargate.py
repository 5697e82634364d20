"""Pods that ask for Fargate, and the profiles that take them (Amazon EKS user guide, Fargate)."""

from __future__ import annotations

from readycheck.kubernetes.workload import Workload
from readycheck.model import Path, Place, Resource, Unjudged

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


def namespaces_selected(profile: Resource, path: Path) -> frozenset[str]:
    """The namespaces that the selectors of a profile name.

    Args:
        profile: what declares the profile.
        path: where its selectors stand there.

    Raises:
        Unjudged: one of them is not decided.
    """
    selectors = range(len(profile.mappings(path)))
    return frozenset(filter(None, (profile.string((*path, index, "namespace")) for index in selectors)))
