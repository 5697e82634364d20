"""Who made a ReplicaSet or a pod, told without its owner references.

The controllers name what they make after it and after the hash of its template, which they put on as a label too
(Kubernetes, Deployment, pod-template-hash label; Argo Rollouts). References are often left out of what is exported.
"""

from __future__ import annotations

from typing import NamedTuple

from readycheck.model import Resource, Unjudged, Unresolved

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
