"""What cluster/drain says of budgets is what the eviction API of a real server answers."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.client import Client, Refused
from tests.cluster.nodes import make_namespace, set_ready, settle
from tests.cluster.scans import scan_of
from tests.cluster.servers import ApiServer

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

NAMESPACE = "draining"
MOST_SECONDS = 30.0


def deployment(name: str, replicas: int) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "main", "image": "registry.example.com/main:1"}]},
            },
        },
    }


def budget(name: str, app: str, **spec: object) -> dict[str, Any]:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"selector": {"matchLabels": {"app": app}}, **spec},
    }


WORKLOADS = [
    *(deployment("web", 3), budget("web", "web", maxUnavailable=1)),
    *(deployment("tight", 2), budget("tight", "tight", minAvailable=2)),
    *(deployment("twice", 2), budget("twice", "twice", minAvailable=1), budget("twice-too", "twice", minAvailable=1)),
    *(deployment("sick", 3), budget("sick", "sick", minAvailable=2)),
    *(deployment("down", 2), budget("down", "down", minAvailable=1)),
    *(deployment("let-go", 2), budget("let-go", "let-go", minAvailable=1, unhealthyPodEvictionPolicy="AlwaysAllow")),
    deployment("free", 1),
]
UNREADY = {"sick": 1, "down": 2, "let-go": 2}
HEALTHY = {"web": 3, "tight": 2, "sick": 2, "down": 0, "let-go": 0}


def pods_of(client: Client, app: str) -> list[str]:
    pods = client.items("v1", "Pod", NAMESPACE)
    return sorted(pod["metadata"]["name"] for pod in pods if pod["metadata"]["labels"]["app"] == app)


def healthy(client: Client) -> dict[str, int]:
    budgets = client.items("policy/v1", "PodDisruptionBudget", NAMESPACE)
    # Of two budgets on one pod the controller keeps one up to date only.
    return {
        each["metadata"]["name"]: each.get("status", {}).get("currentHealthy", -1)
        for each in budgets
        if not each["metadata"]["name"].startswith("twice")
    }


@pytest.fixture(scope="module")
def client(cluster: ApiServer) -> Iterator[Client]:
    """Workloads, some of whose pods are not ready, and budgets that have noticed."""
    client = cluster.client
    make_namespace(client, NAMESPACE)
    client.apply(*WORKLOADS)
    settle(client, NAMESPACE)
    for app, number in UNREADY.items():
        for name in pods_of(client, app)[:number]:
            set_ready(client, NAMESPACE, name, ready=False)
    until = time.monotonic() + MOST_SECONDS
    while healthy(client) != HEALTHY and time.monotonic() < until:
        time.sleep(0.1)
    assert healthy(client) == HEALTHY
    yield client
    client.ask("DELETE", client.path("v1", "Namespace", name=NAMESPACE))


def refused(client: Client, name: str) -> bool:
    """Whether the server would not evict a pod, asked without doing it."""
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "deleteOptions": {"dryRun": ["All"]},
    }
    try:
        client.ask("POST", f"{client.path('v1', 'Pod', NAMESPACE, name)}/eviction", eviction)
    except Refused as answer:
        if answer.status not in (429, 500):
            raise
        return True
    return False


def test_the_pods_that_are_said_to_block_are_those_that_the_server_does_not_evict(
    cluster: ApiServer, client: Client, tmp_path: Path
) -> None:
    report = scan_of(cluster.admin(), tmp_path).report
    told = [each["message"] for each in report["findings"] if each["rule"] == "cluster/drain"]
    said = {name for message in told for name in re.findall(rf"{NAMESPACE}/([a-z0-9-]+)(?=[,) ])", message)}
    said -= {each["metadata"]["name"] for each in WORKLOADS}
    pods = [
        name for app in ("web", "tight", "twice", "sick", "down", "let-go", "free") for name in pods_of(client, app)
    ]
    held = {name for name in pods if refused(client, name)}
    assert said == held
    assert {name.rsplit("-", 2)[0] for name in held} == {"tight", "twice", "sick", "down"}
    # The pod that is not ready may go, the two that are may not.
    assert pods_of(client, "sick")[0] not in held
