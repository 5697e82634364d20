"""Small live clusters to simulate on, written as the API answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from readycheck.inventory import NOWHERE, Inventory
from readycheck.model import Collected, Resource

Body = dict[str, Any]

ZONE = "topology.kubernetes.io/zone"
HOSTNAME = "kubernetes.io/hostname"


def node(
    name: str,
    zone: str,
    *,
    cpu: str = "4",
    pods: int = 10,
    labels: Mapping[str, str] | None = None,
    taints: Sequence[Mapping[str, str]] = (),
    ready: bool = True,
    **allocatable: str,
) -> Body:
    """A node."""
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {HOSTNAME: name, ZONE: zone, **(labels or {})}},
        "spec": {"taints": list(taints)},
        "status": {
            "allocatable": {"cpu": cpu, "memory": "8Gi", "pods": str(pods), **allocatable},
            "conditions": [{"type": "Ready", "status": "True" if ready else "Unknown"}],
        },
    }


def pod(
    name: str,
    on: str,
    *,
    app: str = "web",
    cpu: str = "0",
    namespace: str = "shop",
    owner: str = "ReplicaSet",
    ports: Iterable[int] = (),
    **spec: Any,
) -> Body:
    """A pod that runs and is ready, and that a controller of the kind `owner` makes again; "" for a bare one."""
    container: Body = {"name": "main", "image": "main:1", "resources": {"requests": {"cpu": cpu}}}
    if ports:
        container["ports"] = [{"containerPort": port, "hostPort": port, "protocol": "TCP"} for port in ports]
    references = [{"apiVersion": "apps/v1", "kind": owner, "name": app, "uid": app, "controller": True}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {"app": app},
            **({"ownerReferences": references} if owner else {}),
        },
        "spec": {"nodeName": on, "containers": [container], **spec},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
    }


def inventory_of(*bodies: Body, unread: Mapping[str, str] | None = None) -> Inventory:
    """The inventory of a live cluster that holds these objects."""
    resources = [
        Resource(body["kind"], body["metadata"]["name"], body["metadata"].get("namespace", ""), body, NOWHERE)
        for body in bodies
    ]
    return Inventory((Collected("cluster", resources, unread=unread or {}),))
