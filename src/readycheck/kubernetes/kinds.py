"""Which kinds mean what, told apart by their API group.

A kind alone is not a name: Knative has a Service too, and two projects a Kustomization.
"""

from __future__ import annotations

from readycheck.kubernetes.apis import GROUPS
from readycheck.model import Path, Resource

SERVICES = ("Deployment", "StatefulSet", "Rollout")
"""What keeps a number of replicas running: the subjects of the rules on availability."""

REPLICATED = (*SERVICES, "ReplicaSet", "ReplicationController")
"""What has a number of replicas at all."""

UNSCALED = ("DaemonSet", "Job", "CronJob")
"""What runs as many pods as there are nodes or tasks, and has no scale to read or to set."""

WORKLOADS = (*SERVICES, "DaemonSet", "ReplicaSet", "ReplicationController", "Pod", "Job", "CronJob")
"""Every kind of Kubernetes and Argo Rollouts that runs pods."""

RUN_TO_COMPLETION = ("Job", "CronJob")
"""What ends by itself: nothing there is kept available."""

CLUSTER_SCOPED = frozenset(
    {
        "APIService",
        "CSIDriver",
        "ClusterIssuer",
        "ClusterPolicy",
        "ClusterRole",
        "ClusterRoleBinding",
        "ClusterSecretStore",
        "CustomResourceDefinition",
        "EC2NodeClass",
        "GatewayClass",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "NodeClass",
        "NodePool",
        "PersistentVolume",
        "PriorityClass",
        "RuntimeClass",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingWebhookConfiguration",
        "VolumeSnapshotClass",
    }
)
"""Kinds that live in no namespace, as far as their names are known without asking a cluster."""

_TEMPLATES: dict[str, Path] = {
    "Pod": (),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
_TEMPLATE: Path = ("spec", "template")


def is_of_kubernetes(kind: str) -> bool:
    """Whether a kind is one of Kubernetes, or of a well-known extension of it, that a cluster can hold."""
    return kind in GROUPS


def qualified_kind(resource: Resource) -> str:
    """The kind where its group is the one that rules mean by it, else `Kind.group`, as kubectl writes it.

    What is no Kubernetes object (a `Folder`, an `aws_lb`) has no group and is named by its kind.
    """
    return qualified(resource.kind, resource.api_version)


def qualified(kind: str, api_version: str) -> str:
    """As `qualified_kind`, of what is only named.

    Args:
        kind: the kind.
        api_version: its `apiVersion`; "" for what is no Kubernetes object.
    """
    groups = GROUPS.get(kind)
    if groups is None or not api_version:
        return kind
    group = api_version.rpartition("/")[0]
    if group in groups:
        return kind
    return f"{kind}.{group}" if group else f"{kind}.core"


def template_path(resource: Resource) -> Path | None:
    """Where the pod template of a workload stands; None for what has none.

    Custom resources that carry a pod template where Deployments do are workloads too.
    """
    kind = qualified_kind(resource)
    if kind in WORKLOADS:
        return _TEMPLATES.get(kind, _TEMPLATE)
    spec = resource.body.get("spec")
    template = spec.get("template") if isinstance(spec, dict) else None
    pod = template.get("spec") if isinstance(template, dict) else None
    containers = pod.get("containers") if isinstance(pod, dict) else None
    return _TEMPLATE if isinstance(containers, list) and containers else None
