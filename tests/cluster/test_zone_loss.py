"""What the simulation says of a lost zone is what the real scheduler does once its nodes are gone."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.client import Client
from tests.cluster.conftest import Find
from tests.cluster.nodes import kubelets, make_namespace, make_node, settle, storage_class, three_zones
from tests.cluster.servers import ApiServer, api_server, controllers

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

ZONE = "topology.kubernetes.io/zone"
HOSTNAME = "kubernetes.io/hostname"
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
LOST = "eu-west-1a"
NAMESPACE = "shop"
TAINT = {"key": "dedicated", "value": "disks", "effect": "NoSchedule"}
REST_SECONDS = 3.0
MOST_SECONDS = 60.0


def workload(name: str, replicas: int, *, cpu: str = "100m", kind: str = "Deployment", **spec: Any) -> dict[str, Any]:
    container = {
        "name": "main",
        "image": "registry.example.com/main:1",
        "resources": {"requests": {"cpu": cpu}},
        **spec.pop("container", {}),
    }
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container], **spec}},
        },
    }


def near(key: str, app: str) -> list[dict[str, Any]]:
    return [{"topologyKey": key, "labelSelector": {"matchLabels": {"app": app}}}]


def spread(app: str, **also: Any) -> list[dict[str, Any]]:
    selector = {"matchLabels": {"app": app}}
    always = {"maxSkew": 1, "topologyKey": ZONE, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": selector}
    return [{**always, **also}]


def shop() -> Iterator[dict[str, Any]]:
    """Workloads that each try one condition; zone `a` holds two of six nodes, and `c` a third one that is tainted."""
    yield workload("even", 6, topologySpreadConstraints=spread("even"))
    yield workload("three-domains", 3, topologySpreadConstraints=spread("three-domains", minDomains=3))
    yield workload("apart", 3, affinity={"podAntiAffinity": {REQUIRED: near(ZONE, "apart")}})
    # Five of six nodes before, four after.
    yield workload("large", 5, cpu="2500m", affinity={"podAntiAffinity": {REQUIRED: near(HOSTNAME, "large")}})
    yield workload("beside", 2, affinity={"podAffinity": {REQUIRED: near(ZONE, "even")}})
    port = {"ports": [{"containerPort": 8080, "hostPort": 8080}]}
    yield workload("port", 6, container=port)
    for name, tolerations in (("disks", [{**TAINT, "operator": "Equal"}]), ("no-disks", [])):
        yield workload(name, 1, nodeSelector={"disks": "many"}, tolerations=tolerations)
    store = workload("store", 3, kind="StatefulSet", topologySpreadConstraints=spread("store"))
    store["spec"] |= {
        "serviceName": "store",
        "podManagementPolicy": "Parallel",
        "volumeClaimTemplates": [
            {
                "metadata": {"name": "data"},
                "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
            }
        ],
    }
    yield store


@pytest.fixture(scope="module")
def server(find: Find, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A cluster of its own: its nodes do not come back."""
    with api_server(tmp_path_factory.mktemp("losing"), find) as server, controllers(server, find):
        three_zones(server.client)
        make_node(server.client, "a-disks", LOST, labels={"disks": "many"}, allocatable={"cpu": "1"})
        storage_class(server.client)
        make_namespace(server.client, NAMESPACE)
        server.client.apply(*shop())
        settle(server.client, NAMESPACE)
        taints: tuple[Mapping[str, str], ...] = (TAINT,)
        make_node(
            server.client, "c-disks", "eu-west-1c", labels={"disks": "many"}, allocatable={"cpu": "1"}, taints=taints
        )
        yield server


def simulated(server: ApiServer, folder: Path) -> dict[str, Any]:
    config = folder / "readycheck.yaml"
    cluster = {"context": "test", "kubeconfig": str(server.admin())}
    config.write_text(yaml.safe_dump({"environments": {"prod": {"cluster": cluster}}}), "utf-8")
    command = [sys.executable, "-m", "readycheck", "simulate", "zone-loss", "--env", "prod", "--config", str(config)]
    done = subprocess.run(
        [*command, "--zone", LOST, "-o", "json"], capture_output=True, text=True, timeout=120, check=True
    )
    zone: dict[str, Any] = json.loads(done.stdout)["zones"][LOST]
    return zone


def lose(client: Client) -> None:
    """Take the nodes of the zone away with what stands on them."""
    gone = [node["metadata"]["name"] for node in client.items("v1", "Node") if node["metadata"]["labels"][ZONE] == LOST]
    for name in gone:
        client.ask("DELETE", client.path("v1", "Node", name=name))
    for pod in client.items("v1", "Pod", NAMESPACE):
        if pod["spec"].get("nodeName") in gone:
            path = client.path("v1", "Pod", NAMESPACE, pod["metadata"]["name"])
            client.ask("DELETE", path, {"gracePeriodSeconds": 0})


def come_to_rest(client: Client) -> list[dict[str, Any]]:
    """Answer for kubelets until nothing changes any more.

    Returns:
        The pods, those without a node among them.
    """
    until, rest, before = time.monotonic() + MOST_SECONDS, time.monotonic(), None
    while time.monotonic() < until:
        changed = kubelets(client)
        pods = client.items("v1", "Pod", NAMESPACE)
        now = sorted((pod["metadata"]["name"], pod["spec"].get("nodeName", "")) for pod in pods)
        if changed or now != before:
            rest, before = time.monotonic(), now
        elif time.monotonic() - rest > REST_SECONDS:
            return pods
        time.sleep(0.1)
    raise TimeoutError("the cluster does not come to rest")


def test_what_stays_pending_is_what_was_said_to_find_no_place(server: ApiServer, tmp_path: Path) -> None:
    zone = simulated(server, tmp_path)
    said = Counter(each["workload"].rpartition("/")[2] for each in zone["unplaced"])
    lose(server.client)
    pods = come_to_rest(server.client)
    pending = Counter(pod["metadata"]["labels"]["app"] for pod in pods if not pod["spec"].get("nodeName"))
    assert said == pending
    # Neither side is right by saying nothing.
    assert {"three-domains", "apart", "large", "store", "no-disks"} <= pending.keys()
    assert {"even", "beside", "disks"}.isdisjoint(pending)
    assert zone["room"] is False
    assert {move["zone"] for move in zone["moves"]} == {"eu-west-1b", "eu-west-1c"}
    assert zone["reason"] is None
