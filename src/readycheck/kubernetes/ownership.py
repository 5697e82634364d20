"""Who made a thing: by its owner references, and for a ReplicaSet or a pod by its name where those were left out.

The controllers name what they make after it and after the hash of its template, which they put on as a label too
(Kubernetes, Deployment, pod-template-hash label; Argo Rollouts). References are often left out of what is exported.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from readycheck.kubernetes.kinds import WORKLOADS, qualified
from readycheck.model import Resource, Unjudged, Unresolved

MIRROR = "kubernetes.io/config.mirror"
"""The annotation of a static pod's image in the API (Kubernetes, static pods): its manifest lies on its node."""

_MAKERS = {"pod-template-hash": "Deployment", "rollouts-pod-template-hash": "Rollout"}


class Lineage(NamedTuple):
    """The names that a pod or ReplicaSet has inherited."""

    replica_set: str
    kind: str
    """Deployment or Rollout."""
    name: str


def lineage_of(resource: Resource) -> Lineage | None:
    """Where a ReplicaSet or pod comes from by its name and labels; None where they do not tell."""
    if resource.kind == "Pod":
        replica_set = resource.name.rpartition("-")[0]
    elif resource.kind == "ReplicaSet":
        replica_set = resource.name
    else:
        return None
    try:
        labels = resource.labels
    except Unjudged:
        return None
    for label, kind in _MAKERS.items():
        template_hash = labels.get(label)
        if isinstance(template_hash, str) and not isinstance(template_hash, Unresolved):
            name = replica_set.removesuffix(f"-{template_hash}")
            if name != replica_set:
                return Lineage(replica_set, kind, name)
    return None


class OwnerReference(NamedTuple):
    """The controller that a thing names as its owner."""

    kind: str
    api_version: str
    name: str

    @property
    def qualified_kind(self) -> str:
        """The kind as the inventory calls it."""
        return _qualified(self.kind, self.api_version)


_qualified = lru_cache(qualified)
"""There are few kinds, and a reference of each pod."""


def controller_of(resource: Resource) -> OwnerReference | None:
    """The owner reference that says `controller: true`; None where there is none that can be read."""
    try:
        references = resource.get(("metadata", "ownerReferences"))
    except Unjudged:
        # What its metadata hides, its own verdicts will say.
        return None
    for reference in references if isinstance(references, list) else ():
        if isinstance(reference, Mapping) and reference.get("controller"):
            kind, api_version, name = reference.get("kind"), reference.get("apiVersion"), reference.get("name")
            return OwnerReference(str(kind or ""), str(api_version or ""), str(name or ""))
    return None


def is_past_revision(resource: Resource) -> bool:
    """Whether it is a ReplicaSet or ReplicationController that is kept, without pods, to roll back to."""
    if resource.kind not in ("ReplicaSet", "ReplicationController"):
        return False
    replicas = resource.glimpse("spec.replicas")
    return isinstance(replicas, int) and not replicas


def twins_of(resource: Resource, owner: OwnerReference | None) -> tuple[str, ...] | None:
    """What a pod has in common with those that the same maker made, where the maker is no workload; else None.

    Such pods are alike: one static pod runs on each control plane node, and an operator makes several of one sort.

    Args:
        resource: a pod, or what makes pods.
        owner: the controller that it names as its owner.
    """
    if resource.kind not in ("Pod", "ReplicaSet", "Job"):
        return None
    if owner is None or owner.qualified_kind in WORKLOADS:
        return None
    if owner.kind == "Node":
        return (resource.scope, "Node", resource.name.removesuffix(f"-{owner.name}"))
    return (resource.scope, resource.kind, *owner)
