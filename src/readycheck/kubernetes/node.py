"""Nodes of a live cluster: where they stand, how they are paid for, and what may run on them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from readycheck.kubernetes.topology import DEPRECATED_ZONE, ZONE
from readycheck.model import Resource

_ZONE_OF_AWS = re.compile(r"aws:///([a-z0-9-]+)/i-[0-9a-f]+")
"""`spec.providerID` of a node in EC2 (cloud-provider-aws)."""
_CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
_VIRTUAL: Mapping[str, str] = {"eks.amazonaws.com/compute-type": "fargate", "type": "virtual-kubelet"}
"""Labels of nodes that are no machine: EKS on Fargate, and what Virtual Kubelet stands in for."""
_SPOT: Mapping[str, str] = {
    "karpenter.sh/capacity-type": "spot",
    "eks.amazonaws.com/capacityType": "SPOT",
    "node.kubernetes.io/lifecycle": "spot",
    "cloud.google.com/gke-spot": "true",
    "cloud.google.com/gke-preemptible": "true",
    "kubernetes.azure.com/scalesetpriority": "spot",
}
"""Labels of nodes that are taken away at short notice (Karpenter, EKS groups managed and not, GKE, AKS)."""
_ON_DEMAND: Mapping[str, str] = {
    "karpenter.sh/capacity-type": "on-demand",
    "eks.amazonaws.com/capacityType": "ON_DEMAND",
    "node.kubernetes.io/lifecycle": "normal",
}


def zone_of(node: Resource) -> str:
    """The zone that a node stands in: by its label, by the deprecated one, by its provider ID; "" where none tells."""
    labels = node.labels
    for label in (ZONE, DEPRECATED_ZONE):
        if labels.get(label):
            return str(labels[label])
    match = _ZONE_OF_AWS.fullmatch(node.string("spec.providerID"))
    return match[1] if match else ""


def is_ready(node: Resource) -> bool:
    """Whether the kubelet says that the node is Ready; a node that says nothing is not."""
    return any(
        condition.get("type") == "Ready" and condition.get("status") == "True"
        for condition in node.mappings("status.conditions")
    )


def is_cordoned(node: Resource) -> bool:
    """Whether nothing new is put on it."""
    return node.get("spec.unschedulable") is True


def is_control_plane(node: Resource) -> bool:
    """Whether it is there for the control plane, by its role label."""
    return any(label in node.labels for label in _CONTROL_PLANE)


def is_virtual(node: Resource) -> bool:
    """Whether it is no machine but a stand-in: one pod on Fargate, or Virtual Kubelet."""
    return _says(node.labels, _VIRTUAL)


def is_fargate(node: Resource) -> bool:
    """Whether it is a pod's own machine on EKS Fargate."""
    return node.labels.get("eks.amazonaws.com/compute-type") == "fargate"


def is_spot(node: Resource) -> bool | None:
    """Whether it may be taken away at short notice; None where no label tells how it is paid for."""
    if _says(node.labels, _SPOT):
        return True
    return False if _says(node.labels, _ON_DEMAND) else None


def _says(labels: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return any(labels.get(label) == value for label, value in wanted.items())
