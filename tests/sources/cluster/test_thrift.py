"""Pods of one workload are held in little memory, and say what they said."""

from __future__ import annotations

import copy
from typing import Any

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


def test_pods_say_what_they_said_and_share_what_is_alike() -> None:
    pods = [pod("a"), pod("b"), pod("c", tier="cache")]
    before = copy.deepcopy(pods)
    thrift = Thrift()
    for each in pods:
        each["metadata"]["managedFields"] = [{"manager": "kubelet"}]
        thrift.reduce(each)
    assert pods == before
    first, second, third = pods
    assert first["spec"]["tolerations"] is second["spec"]["tolerations"] is third["spec"]["tolerations"]
    assert first["metadata"]["labels"] is second["metadata"]["labels"] is not third["metadata"]["labels"]
    containers = [each["spec"]["containers"][0] for each in pods]
    assert containers[0]["readinessProbe"] is containers[2]["readinessProbe"]
    assert containers[0]["volumeMounts"] is not containers[1]["volumeMounts"]


def test_what_has_no_shape_of_an_object_is_left_as_it_is() -> None:
    shapes: list[object] = [None, "text", [], {}, {"metadata": None}, {"metadata": {}, "spec": {"containers": [None]}}]
    for odd in shapes:
        kept = copy.deepcopy(odd)
        Thrift().reduce(odd)
        assert odd == kept
