"""How long zone loss takes on a cluster of 200 nodes, 2,000 workloads and 10,000 pods, made in memory.

Every workload spreads over zones and keeps its pods from sharing a node; some are pinned to a pool with a taint of its
own, and StatefulSets stay where their volumes are.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from typing import Any

from readycheck.inventory import NOWHERE, Inventory
from readycheck.model import Collected, Resource

ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")

Body = dict[str, Any]


def cluster(nodes: int, workloads: int, pods: int) -> list[Body]:
    """The objects of a cluster."""
    chance = random.Random(7)  # noqa: S311 - a cluster, no secret
    per_workload = pods // workloads
    found: list[Body] = [_node(number) for number in range(nodes)]
    for number in range(workloads):
        first = chance.randrange(nodes)
        found += _workload(number, per_workload, first, nodes)
    return found


def _node(number: int) -> Body:
    name, zone = f"node-{number:03}", ZONES[number % len(ZONES)]
    pool = "memory" if number % 20 < len(ZONES) else "general"
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {"kubernetes.io/hostname": name, "topology.kubernetes.io/zone": zone, "pool": pool},
        },
        "spec": {},
        "status": {
            "allocatable": {"cpu": "31", "memory": "120Gi", "pods": "110"},
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }


def _workload(number: int, pods: int, first: int, nodes: int) -> Iterator[Body]:
    name, namespace = f"app-{number}", f"team-{number % 40}"
    labels = {"app.kubernetes.io/name": name, "pod-template-hash": f"{number:x}"}
    selector = {"matchLabels": {"app.kubernetes.io/name": name}}
    kept = number % 10 == 0
    spec: Body = {
        "containers": [
            {
                "name": "main",
                "image": "main:1",
                "resources": {"requests": {"cpu": f"{100 + number % 5 * 50}m", "memory": f"{256 + number % 7 * 64}Mi"}},
            }
        ],
        "tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"}],
        "topologySpreadConstraints": [
            {
                "maxSkew": 2,
                "topologyKey": "topology.kubernetes.io/zone",
                "whenUnsatisfiable": "DoNotSchedule",
                "labelSelector": selector,
            }
        ],
        "affinity": {
            "podAntiAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": [
                    {"topologyKey": "kubernetes.io/hostname", "labelSelector": selector}
                ]
            }
        },
    }
    if number % 25 == 0:
        spec["nodeSelector"] = {"pool": "general"}
    kind = "StatefulSet" if kept else "ReplicaSet"
    yield {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"replicas": pods, "selector": selector, "template": {"metadata": {"labels": labels}, "spec": spec}},
    }
    for index in range(pods):
        yield {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": f"{name}-{index}",
                "namespace": namespace,
                "labels": labels,
                "ownerReferences": [
                    {"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": name, "controller": True}
                ],
            },
            "spec": {**spec, "nodeName": f"node-{(first + index) % nodes:03}"},
            "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
        }


def seconds(nodes: int = 200, workloads: int = 2_000, pods: int = 10_000) -> float:
    """The CPU seconds that losing each of the three zones takes, one after the other."""
    resources = [
        Resource(body["kind"], body["metadata"]["name"], body["metadata"].get("namespace", ""), body, NOWHERE)
        for body in cluster(nodes, workloads, pods)
    ]
    inventory = Inventory((Collected("cluster", resources),))
    begun = time.process_time()
    for zone in inventory.of("Zone"):
        inventory.loss_of(zone)
    return time.process_time() - begun
