"""Whatever stands in a manifest, a scan ends with a verdict on it: no rule breaks, and nothing breaks the scan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.exemptions import Exemptions
from readycheck.inventory import Inventory
from readycheck.model import Status
from readycheck.sources.files import FilesRequest, collect
from tests.trees import places

LABELS = {"app": "web"}
SHOP: list[dict[str, Any]] = [
    {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "web", "namespace": "shop", "labels": LABELS, "annotations": {"a": "b"}},
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": LABELS},
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "50%"}},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}],
            "template": {
                "metadata": {"labels": LABELS},
                "spec": {
                    "terminationGracePeriodSeconds": 60,
                    "resources": {"requests": {"cpu": "1"}},
                    "nodeSelector": {"topology.kubernetes.io/zone": "a"},
                    "topologySpreadConstraints": [
                        {
                            "topologyKey": "topology.kubernetes.io/zone",
                            "whenUnsatisfiable": "ScheduleAnyway",
                            "labelSelector": {
                                "matchLabels": LABELS,
                                "matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}],
                            },
                        }
                    ],
                    "affinity": {
                        "podAntiAffinity": {
                            "requiredDuringSchedulingIgnoredDuringExecution": [
                                {
                                    "topologyKey": "kubernetes.io/hostname",
                                    "labelSelector": {"matchLabels": LABELS},
                                    "namespaces": ["shop"],
                                }
                            ],
                            "preferredDuringSchedulingIgnoredDuringExecution": [
                                {"weight": 1, "podAffinityTerm": {"topologyKey": "zone"}}
                            ],
                        },
                        "nodeAffinity": {
                            "requiredDuringSchedulingIgnoredDuringExecution": {
                                "nodeSelectorTerms": [
                                    {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}
                                ]
                            }
                        },
                    },
                    "volumes": [
                        {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
                        {"name": "tmp", "emptyDir": {}},
                    ],
                    "initContainers": [{"name": "proxy", "image": "proxy:1", "restartPolicy": "Always"}],
                    "containers": [
                        {
                            "name": "web",
                            "image": "registry:5000/postgres:16@sha256:abc",
                            "ports": [{"name": "http", "containerPort": 80}],
                            "volumeMounts": [{"name": "tmp", "mountPath": "/data"}],
                            "readinessProbe": {
                                "periodSeconds": 5,
                                "httpGet": {"path": "/", "port": "http", "httpHeaders": [{"name": "a", "value": "b"}]},
                            },
                            "livenessProbe": {"failureThreshold": 5, "exec": {"command": ["true"]}},
                            "startupProbe": {"grpc": {"port": 80, "service": "x"}},
                            "resources": {"limits": {"memory": "1Gi"}, "requests": {"memory": "1Gi", "cpu": 1}},
                            "lifecycle": {"preStop": {"exec": {"command": ["sh", "-c", "sleep 5"]}}},
                        }
                    ],
                },
            },
        },
    },
    {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "type": "LoadBalancer",
            "selector": LABELS,
            "ports": [{"name": "http", "port": 80, "targetPort": "http"}],
        },
    },
    {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "maxUnavailable": "50%",
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": {
                "matchLabels": LABELS,
                "matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}],
            },
        },
    },
    {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {
            "name": "web",
            "namespace": "shop",
            "ownerReferences": [{"controller": True, "kind": "X", "name": "y"}],
        },
        "spec": {
            "minReplicas": 2,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web"},
            "metrics": [
                {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization"}}},
                {"type": "ContainerResource", "containerResource": {"name": "cpu", "container": "web", "target": {}}},
            ],
        },
    },
    {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {"name": "other", "namespace": "shop", "annotations": {"autoscaling.keda.sh/paused-replicas": "1"}},
        "spec": {
            "minReplicaCount": 1,
            "idleReplicaCount": 0,
            "scaleTargetRef": {"name": "other"},
            "triggers": [{"type": "cpu", "metricType": "Utilization", "metadata": {"containerName": "web"}}],
        },
    },
    {
        "apiVersion": "autoscaling.k8s.io/v1",
        "kind": "VerticalPodAutoscaler",
        "metadata": {"name": "web", "namespace": "shop", "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {
            "targetRef": {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web"},
            "updatePolicy": {"updateMode": "Off"},
            "resourcePolicy": {"containerPolicies": [{"containerName": "web", "mode": "Auto"}]},
        },
        "status": {
            "conditions": [{"type": "LowConfidence", "status": "False"}],
            "recommendation": {
                "containerRecommendations": [
                    {"containerName": "web", "target": {"cpu": "1", "memory": "1Gi"}, "lowerBound": {"cpu": "1"}}
                ]
            },
        },
    },
    {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": {"name": "defaults", "namespace": "shop"},
        "spec": {"limits": [{"type": "Container", "default": {"cpu": "1"}, "min": {"memory": "1Mi"}}]},
    },
    {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "defaultBackend": {"service": {"name": "web"}},
            "rules": [{"http": {"paths": [{"backend": {"service": {"name": "web", "port": {"number": 80}}}}]}}],
        },
    },
    {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": "entry", "namespace": "shop"},
        "spec": {"gatewayClassName": "istio", "listeners": [{"name": "http", "port": 80, "protocol": "HTTP"}]},
    },
    {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "parentRefs": [{"name": "entry"}],
            "hostnames": ["shop.example"],
            "rules": [
                {"filters": [{"type": "RequestRedirect", "requestRedirect": {"scheme": "https"}}]},
                {"backendRefs": [{"kind": "Service", "name": "web", "namespace": "shop"}]},
            ],
        },
    },
    {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": {"name": "roll", "namespace": "shop"},
        "spec": {
            "workloadRef": {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web"},
            "strategy": {"canary": {}},
        },
    },
    {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": "chart", "namespace": "shop"},
        "spec": {
            "targetNamespace": "shop",
            "chart": {"spec": {"chart": "x", "sourceRef": {"kind": "GitRepository", "name": "y"}}},
            "values": {"a": 1},
        },
    },
    {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "app", "namespace": "argocd"},
        "spec": {
            "destination": {"namespace": "shop"},
            "source": {
                "repoURL": "https://example.com",
                "path": ".",
                "helm": {"valueFiles": ["a.yaml"], "values": "a: 1"},
            },
        },
    },
    {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": "shop"},
        "spec": {"accessModes": ["ReadWriteOnce"]},
    },
    {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "bare", "namespace": "shop"},
        "spec": {"containers": [{"name": "a", "image": "b"}]},
        "status": {"phase": "Running"},
    },
    {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": {"name": "default"},
        "spec": {
            "limits": {"cpu": 100},
            "template": {
                "spec": {
                    "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"},
                    "requirements": [
                        {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["eu-west-1a"]},
                        {"key": "karpenter.sh/capacity-type", "operator": "NotIn", "values": ["spot"]},
                    ],
                }
            },
        },
    },
    {
        "apiVersion": "eksctl.io/v1alpha5",
        "kind": "ClusterConfig",
        "metadata": {"name": "shop", "region": "eu-west-1", "version": "1.35"},
        "vpc": {"subnets": {"private": {"eu-west-1a": {"id": "subnet-0a"}}}},
        "managedNodeGroups": [{"name": "main", "desiredCapacity": 2, "subnets": ["subnet-0a"]}],
        "fargateProfiles": [{"name": "apps", "selectors": [{"namespace": "shop"}]}],
        "cloudWatch": {"clusterLogging": {"enableTypes": ["api"]}},
    },
]
ODD = ["${VARIABLE}", None, [], {}, 3, -1, "x", True, [None], [3], {"a": None}, 1.5]
SELECTIONS = [Selection.default(rule) for rule in packs.load()]


def with_odd(path: tuple[str | int, ...], odd: Any) -> str:
    objects = json.loads(json.dumps(SHOP))
    holder: Any = objects
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = odd
    return json.dumps(objects)


def complaints(folder: Path, text: str) -> list[str]:
    file = folder / "all.json"
    file.write_text(text, encoding="utf-8")
    collected = collect(FilesRequest(paths=(file,)))
    exemptions = Exemptions((), "", [selection.rule.id for selection in SELECTIONS], 0.0, 180)
    for resource in collected.resources:
        exemptions.note(resource)
    outcomes = exemptions.apply(judge(SELECTIONS, Inventory((collected,))))
    return [f"{outcome.rule}: {outcome.reason}" for outcome in outcomes if outcome.status is Status.ERROR]


@pytest.mark.parametrize("kind", [each["kind"] for each in SHOP])
def test_no_odd_value_anywhere_breaks_a_rule_or_the_scan(tmp_path: Path, kind: str) -> None:
    broken = []
    index = next(index for index, each in enumerate(SHOP) if each["kind"] == kind)
    for path in places(SHOP[index], (index,)):
        for odd in ODD:
            try:
                broken += [(path, odd, complaint) for complaint in complaints(tmp_path, with_odd(path, odd))]
            except Exception as error:  # noqa: BLE001 - any is what this test is about
                broken.append((path, odd, f"{type(error).__name__}: {error}"))
    assert broken == []
