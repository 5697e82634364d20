"""What is a part of the cluster's own machinery, and is asked for no monitor and no alert."""

from __future__ import annotations

from pathlib import Path

import pytest

from readycheck.inventory import Inventory
from readycheck.scope import machinery
from readycheck.sources.files import FilesRequest, collect

WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, labels: {labels}}}
spec:
  template:
    metadata: {{labels: {labels}}}
    spec:
      containers: {containers}
"""
STACK = "is a part of the observability stack"
CONTROLLER = "is a controller of the cluster"


def reason(folder: Path, labels: str, *images: str) -> str | None:
    containers = ", ".join(f'{{name: c{index}, image: "{image}"}}' for index, image in enumerate(images))
    (folder / "web.yaml").write_text(WORKLOAD.format(labels=labels, containers=f"[{containers}]"))
    inventory = Inventory((collect(FilesRequest(paths=(folder,))),))
    return machinery(inventory.workloads[0], inventory)


@pytest.mark.parametrize(
    ("labels", "images", "expected"),
    [
        ("{}", ["grafana/grafana:12.0.0"], STACK),
        ("{}", ["registry.example.com:5000/mirror/grafana/loki:3.5.0"], STACK),
        ("{app.kubernetes.io/name: loki}", ["docker.io/library/memcached:1.6"], STACK),
        ("{app.kubernetes.io/part-of: kube-prometheus}", ["acme/check:1"], STACK),
        ("{}", ["grafana/loki-canary:3.5.0"], STACK),
        ("{}", ["quay.io/prometheuscommunity/postgres-exporter:v0.17.0"], STACK),
        ("{}", ["quay.io/prometheus/prometheus:v3.5.0", "kiwigrid/k8s-sidecar:1.30.0"], STACK),
        ("{}", ["gcr.io/datadoghq/agent:7"], STACK),
        ("{}", ["registry.k8s.io/ingress-nginx/controller:v1.12.0"], CONTROLLER),
        ("{}", ["acme/shop-operator:1"], CONTROLLER),
        ("{control-plane: controller-manager}", ["acme/manager:1", "kube-rbac-proxy:1"], CONTROLLER),
        ("{k8s-app: kube-dns}", ["acme/dns:1"], CONTROLLER),
        ("{}", ["acme/shop:1"], None),
        ("{}", ["acme/shop:1", "fluent/fluent-bit:4.0"], None),
        ("{}", ["redis:8", "oliver006/redis_exporter:v1.70.0"], None),
        ("{}", ["acme/tempo:1"], None),
        ('{app.kubernetes.io/name: "${NAME}"}', ["${IMAGE}"], None),
    ],
)
def test_the_stack_and_controllers_are_told_from_services(
    tmp_path: Path, labels: str, images: list[str], expected: str | None
) -> None:
    assert reason(tmp_path, labels, *images) == expected
