"""Nodes of a live cluster: where they stand, how they are paid for, and what may run on them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from readycheck.kubernetes.topology import DEPRECATED_ZONE, ZONE
from readycheck.model import Resource

_ZONE_OF_AWS = re.compile(r"aws:///([a-z0-9-]+)/i-[0-9a-f]+")
"""`spec.providerID` of a node in EC2 (cloud-provider-aws)."""
_CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
_COMPUTE_TYPE = "eks.amazonaws.com/compute-type"
_SPOT = frozenset(
    {
        ("karpenter.sh/capacity-type", "spot"),
        ("eks.amazonaws.com/capacityType", "SPOT"),
        ("node.kubernetes.io/lifecycle", "spot"),
        ("lifecycle", "Ec2Spot"),
        ("cloud.google.com/gke-spot", "true"),
        ("cloud.google.com/gke-preemptible", "true"),
        ("kubernetes.azure.com/scalesetpriority", "spot"),
    }
)
"""Labels of nodes that are taken away at short notice (Karpenter, EKS groups managed and not, GKE, AKS)."""
_ON_DEMAND = frozenset(
    {
        ("karpenter.sh/capacity-type", "on-demand"),
        ("karpenter.sh/capacity-type", "reserved"),
        ("eks.amazonaws.com/capacityType", "ON_DEMAND"),
        ("eks.amazonaws.com/capacityType", "CAPACITY_BLOCK"),
        ("node.kubernetes.io/lifecycle", "normal"),
    }
)


def zone_of(node: Resource) -> str:
    """The zone that a node stands in: by its label, by the deprecated one, by its provider ID; "" where none tells."""
    labels = node.labels
    for label in (ZONE, DEPRECATED_ZONE):
        if labels.get(label):
            return str(labels[label])
    match = _ZONE_OF_AWS.fullmatch(node.string("spec.providerID"))
    return match[1] if match else ""


def is_cordoned(node: Resource) -> bool:
    """Whether nothing new is put on it."""
    return node.get("spec.unschedulable") is True


def is_control_plane(node: Resource) -> bool:
    """Whether it is there for the control plane, by its role label."""
    return any(label in node.labels for label in _CONTROL_PLANE)


def is_virtual(node: Resource) -> bool:
    """Whether it is no machine but a stand-in: one pod on Fargate, or what Virtual Kubelet shows for another system."""
    return is_fargate(node) or node.labels.get("type") == "virtual-kubelet"


def is_fargate(node: Resource) -> bool:
    """Whether it is a pod's own machine on EKS Fargate (EKS user guide; cloud-provider-aws, provider ID)."""
    return node.labels.get(_COMPUTE_TYPE) == "fargate" or "/fargate-" in node.string("spec.providerID")


def is_of_aws(node: Resource) -> bool:
    """Whether it runs on AWS, by its provider ID."""
    return node.string("spec.providerID").startswith("aws://")


def is_spot(node: Resource) -> bool | None:
    """Whether it may be taken away at short notice; None where no label tells how it is paid for."""
    labels = node.labels
    if any(labels.get(label) == value for label, value in _SPOT):
        return True
    return False if any(labels.get(label) == value for label, value in _ON_DEMAND) else None


def wants_spot(pod: Resource) -> bool:
    """Whether a pod lets itself be put on nodes alone that may be taken away at short notice.

    Args:
        pod: the spec of the pod.

    Raises:
        Unjudged: what it asks of nodes has another shape.
    """
    if any(wanted in _SPOT for wanted in pod.mapping("nodeSelector").items()):
        return True
    terms = ("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
    return bool(pod.mappings(terms)) and all(
        any(_is_of_spot(each) for each in pod.mappings((*terms, index, "matchExpressions")))
        for index in range(len(pod.mappings(terms)))
    )


def _is_of_spot(expression: Mapping[str, Any]) -> bool:
    values = expression.get("values")
    if expression.get("operator") != "In" or not isinstance(values, list) or not values:
        return False
    return all((expression.get("key"), value) in _SPOT for value in values)
