"""Pods of one workload are held in little memory, and say what they said."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from msgspec import Raw

from readycheck.sources.cluster.thrift import Thrift


def pod(name: str, tier: str = "web") -> dict[str, Any]:
    probe = {"httpGet": {"path": "/ready", "port": 8080}}
    token = {"name": f"kube-api-access-{name}", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}
    return {
        "metadata": {"name": name, "labels": {"tier": tier}, "annotations": {}},
        "spec": {
            "nodeName": "one",
            "containers": [{"name": "web", "readinessProbe": probe, "volumeMounts": [token]}],
            "tolerations": [{"key": "spot", "operator": "Exists"}],
        },
        "status": {"phase": "Running"},
    }


def raw(value: object) -> Raw:
    return Raw(orjson.dumps(value))


def test_pods_say_what_they_said_and_share_what_is_alike() -> None:
    pods = [pod("a"), pod("b"), pod("c", tier="cache")]
    thrift = Thrift()
    parsed = []
    for each in pods:
        metadata = {**each["metadata"], "managedFields": [{"manager": "kubelet"}]}
        parsed.append(thrift.parse(raw({**each, "metadata": metadata})))
    assert orjson.dumps(parsed) == orjson.dumps(pods)
    first, second, third = parsed
    assert first["spec"]["tolerations"] is second["spec"]["tolerations"] is third["spec"]["tolerations"]
    assert first["metadata"]["labels"] is second["metadata"]["labels"] is not third["metadata"]["labels"]
    containers = [each["spec"]["containers"][0] for each in parsed]
    assert containers[0]["readinessProbe"] is containers[2]["readinessProbe"]
    assert containers[0]["volumeMounts"] is not containers[1]["volumeMounts"]


@pytest.mark.parametrize(
    "shape",
    [
        None,
        "text",
        [],
        {},
        {"metadata": None},
        {"metadata": {}, "spec": None},
        {"metadata": {}, "spec": {"containers": [None]}},
        {"spec": {"containers": []}, "status": {}},
        {"metadata": {}, "data": {"key": "value"}, "replicas": 3},
    ],
)
def test_what_has_another_shape_is_taken_as_it_is(shape: object) -> None:
    assert Thrift().parse(raw(shape)) == shape


@pytest.mark.parametrize(
    "text",
    [
        b'{"metadata": {"name": "\xff"}}',
        b'{"metadata": {"\xff": "name"}}',
        b'{"metadata": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
)
def test_what_is_no_json_is_not_taken(text: bytes) -> None:
    with pytest.raises(orjson.JSONDecodeError):
        Thrift().parse(Raw(text))
