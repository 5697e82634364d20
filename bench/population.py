"""Fills an API server with a large company: nodes, workloads, and the pods that controllers would have made of them.

No controller runs while that happens: what it would have written is written as it would be, owners and status too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from tests.cluster.client import Client
from tests.cluster.nodes import ZONES, make_node, running

TEAMS = 20
_AT_ONCE = 24
_SINCE = "2026-03-01T08:00:00Z"
_TRUE = {"status": "True", "lastTransitionTime": _SINCE}


class Size(NamedTuple):
    """How large a company is."""

    nodes: int = 200
    workloads: int = 2_000
    pods: int = 10_000


def fill(client: Client, size: Size) -> None:
    """Make all of it, many requests at once."""
    each = size.pods // size.workloads
    client.apply(*({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": _team(n)}} for n in range(TEAMS)))
    _at_once(lambda number: _node(client, number), range(size.nodes))
    _at_once(lambda number: _workload(client, number, each, size.nodes), range(size.workloads))


def _at_once(make: Callable[[int], None], numbers: Iterable[int]) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for _ in pool.map(make, numbers):
            pass


def _node(client: Client, number: int) -> None:
    labels = {"karpenter.sh/capacity-type": "spot" if number % 4 == 0 else "on-demand"}
    room = {"cpu": "16", "memory": "64Gi"}
    make_node(client, f"node-{number:04}", ZONES[number % len(ZONES)], allocatable=room, labels=labels)


def _workload(client: Client, number: int, pods: int, nodes: int) -> None:
    name, namespace = f"service-{number:05}", _team(number)
    deployment = _put(client, _deployment(name, namespace, pods), _deployment_status(pods))
    replicas = _put(client, _replica_set(deployment, pods), _replica_set_status(pods))
    for pod, place in enumerate(range(number, number + pods)):
        made = client.create(_pod(replicas, pod, f"node-{place % nodes:04}"))
        path = client.path("v1", "Pod", namespace, made["metadata"]["name"])
        client.merge(
            f"{path}/status", {"status": running(made, address=f"10.{64 + number // 250}.{number % 250}.{pod + 1}")}
        )
    for beside, status in _beside(number, name, namespace, pods):
        _put(client, beside, status)


def _put(client: Client, manifest: dict[str, Any], status: dict[str, Any] | None) -> dict[str, Any]:
    made: dict[str, Any] = client.create(manifest)
    if status is not None:
        metadata = manifest["metadata"]
        path = client.path(manifest["apiVersion"], manifest["kind"], metadata["namespace"], metadata["name"])
        client.merge(f"{path}/status", {"status": status})
    return made


def _deployment(name: str, namespace: str, replicas: int) -> dict[str, Any]:
    labels = {"app.kubernetes.io/name": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {**labels, "app.kubernetes.io/part-of": "shop"},
            "annotations": {"deployment.kubernetes.io/revision": "1"},
        },
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels, "annotations": {"prometheus.io/scrape": "true"}},
                "spec": {
                    "terminationGracePeriodSeconds": 45,
                    "topologySpreadConstraints": [
                        {
                            "maxSkew": 1,
                            "topologyKey": "topology.kubernetes.io/zone",
                            "whenUnsatisfiable": "ScheduleAnyway",
                            "labelSelector": {"matchLabels": labels},
                        }
                    ],
                    "containers": [_container(name)],
                },
            },
        },
    }


def _container(name: str) -> dict[str, Any]:
    return {
        "name": "app",
        "image": f"registry.example.com:5000/shop/{name}:1.4.2",
        "ports": [{"name": "http", "containerPort": 8080}],
        "env": [
            {"name": "LOG_LEVEL", "value": "info"},
            {"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": {"name": name, "key": "url"}}},
        ],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}},
        "livenessProbe": {"httpGet": {"path": "/live", "port": "http"}, "failureThreshold": 5},
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
    }


def _deployment_status(replicas: int) -> dict[str, Any]:
    return {
        "observedGeneration": 1,
        "replicas": replicas,
        "updatedReplicas": replicas,
        "readyReplicas": replicas,
        "availableReplicas": replicas,
        "conditions": [
            {"type": "Available", "reason": "MinimumReplicasAvailable", "lastUpdateTime": _SINCE, **_TRUE},
            {"type": "Progressing", "reason": "NewReplicaSetAvailable", "lastUpdateTime": _SINCE, **_TRUE},
        ],
    }


def _replica_set(deployment: dict[str, Any], replicas: int) -> dict[str, Any]:
    spec, metadata = deployment["spec"], deployment["metadata"]
    labels = {**spec["selector"]["matchLabels"], "pod-template-hash": "5d4f9c7b6"}
    template = {**spec["template"], "metadata": {**spec["template"]["metadata"], "labels": labels}}
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{metadata['name']}-5d4f9c7b6",
            "namespace": metadata["namespace"],
            "labels": labels,
            "ownerReferences": [_owner(deployment, "Deployment")],
        },
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
    }


def _replica_set_status(replicas: int) -> dict[str, Any]:
    counts = ("replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas")
    return {"observedGeneration": 1, **dict.fromkeys(counts, replicas)}


def _pod(replica_set: dict[str, Any], number: int, node: str) -> dict[str, Any]:
    metadata, template = replica_set["metadata"], replica_set["spec"]["template"]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"{metadata['name']}-{number:05}",
            "namespace": metadata["namespace"],
            "labels": template["metadata"]["labels"],
            "annotations": template["metadata"]["annotations"],
            "ownerReferences": [_owner(replica_set, "ReplicaSet")],
        },
        "spec": {**template["spec"], "nodeName": node},
    }


def _owner(owner: dict[str, Any], kind: str) -> dict[str, Any]:
    metadata = owner["metadata"]
    named = {"name": metadata["name"], "uid": metadata["uid"]}
    return {"apiVersion": "apps/v1", "kind": kind, **named, "controller": True, "blockOwnerDeletion": True}


def _beside(
    number: int, name: str, namespace: str, pods: int
) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    labels = {"app.kubernetes.io/name": name}
    metadata = {"name": name, "namespace": namespace}
    yield (
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata,
            "spec": {"selector": labels, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]},
        },
        None,
    )
    yield _endpoint_slice(name, namespace, number, pods), None
    if number % 2:
        yield (
            {
                "apiVersion": "policy/v1",
                "kind": "PodDisruptionBudget",
                "metadata": metadata,
                "spec": {"maxUnavailable": 1, "selector": {"matchLabels": labels}},
            },
            {
                "observedGeneration": 1,
                "currentHealthy": pods,
                "desiredHealthy": pods - 1,
                "disruptionsAllowed": 1,
                "expectedPods": pods,
            },
        )
    if number % 4 == 0:
        yield (
            {
                "apiVersion": "autoscaling/v2",
                "kind": "HorizontalPodAutoscaler",
                "metadata": metadata,
                "spec": {
                    "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
                    "minReplicas": max(1, pods - 1),
                    "maxReplicas": pods * 2,
                },
            },
            {"currentReplicas": pods, "desiredReplicas": pods},
        )


def _endpoint_slice(name: str, namespace: str, number: int, pods: int) -> dict[str, Any]:
    endpoints = [
        {
            "addresses": [f"10.{64 + number // 250}.{number % 250}.{pod + 1}"],
            "conditions": {"ready": True, "serving": True, "terminating": False},
            "targetRef": {"kind": "Pod", "namespace": namespace, "name": f"{name}-5d4f9c7b6-{pod:05}"},
            "zone": ZONES[(number + pod) % len(ZONES)],
        }
        for pod in range(pods)
    ]
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{name}-x7k2p",
            "namespace": namespace,
            "labels": {"kubernetes.io/service-name": name},
        },
        "addressType": "IPv4",
        "endpoints": endpoints,
        "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
    }


def _team(number: int) -> str:
    return f"team-{number % TEAMS:02}"
