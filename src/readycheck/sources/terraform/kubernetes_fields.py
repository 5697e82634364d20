"""How the provider hashicorp/kubernetes names what Kubernetes' API names otherwise (its documentation; version 2).

It writes snake case, each object as a block, and the blocks of a list in the singular.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

KINDS: Mapping[str, tuple[str, str]] = {
    "config_map": ("v1", "ConfigMap"),
    "cron_job": ("batch/v1", "CronJob"),
    "cron_job_v1": ("batch/v1", "CronJob"),
    "daemon_set_v1": ("apps/v1", "DaemonSet"),
    "daemonset": ("apps/v1", "DaemonSet"),
    "deployment": ("apps/v1", "Deployment"),
    "horizontal_pod_autoscaler": ("autoscaling/v1", "HorizontalPodAutoscaler"),
    "horizontal_pod_autoscaler_v1": ("autoscaling/v1", "HorizontalPodAutoscaler"),
    "horizontal_pod_autoscaler_v2": ("autoscaling/v2", "HorizontalPodAutoscaler"),
    "horizontal_pod_autoscaler_v2beta2": ("autoscaling/v2", "HorizontalPodAutoscaler"),
    "ingress_class": ("networking.k8s.io/v1", "IngressClass"),
    "ingress_v1": ("networking.k8s.io/v1", "Ingress"),
    "job": ("batch/v1", "Job"),
    "limit_range": ("v1", "LimitRange"),
    "namespace": ("v1", "Namespace"),
    "network_policy": ("networking.k8s.io/v1", "NetworkPolicy"),
    "persistent_volume_claim": ("v1", "PersistentVolumeClaim"),
    "pod": ("v1", "Pod"),
    "pod_disruption_budget": ("policy/v1", "PodDisruptionBudget"),
    "priority_class": ("scheduling.k8s.io/v1", "PriorityClass"),
    "replication_controller": ("v1", "ReplicationController"),
    "resource_quota": ("v1", "ResourceQuota"),
    "secret": ("v1", "Secret"),
    "service": ("v1", "Service"),
    "service_account": ("v1", "ServiceAccount"),
    "stateful_set": ("apps/v1", "StatefulSet"),
    "storage_class": ("storage.k8s.io/v1", "StorageClass"),
}
"""The provider's types without `kubernetes_`, and without the `_v1` that most have besides; version and kind."""

LISTS: Mapping[str, str] = {
    "allowed_topologies": "allowedTopologies",
    "condition": "conditions",
    "container": "containers",
    "egress": "egress",
    "env": "env",
    "env_from": "envFrom",
    "from": "from",
    "host_aliases": "hostAliases",
    "http_header": "httpHeaders",
    "image_pull_secret": "imagePullSecrets",
    "image_pull_secrets": "imagePullSecrets",
    "ingress": "ingress",
    "init_container": "initContainers",
    "items": "items",
    "limit": "limits",
    "match_expressions": "matchExpressions",
    "match_fields": "matchFields",
    "match_label_expressions": "matchLabelExpressions",
    "metric": "metrics",
    "node_selector_term": "nodeSelectorTerms",
    "option": "options",
    "policy": "policies",
    "ports": "ports",
    "preferred_during_scheduling_ignored_during_execution": "preferredDuringSchedulingIgnoredDuringExecution",
    "readiness_gate": "readinessGates",
    "rule": "rules",
    "sources": "sources",
    "sysctl": "sysctls",
    "tls": "tls",
    "to": "to",
    "toleration": "tolerations",
    "topology_spread_constraint": "topologySpreadConstraints",
    "volume": "volumes",
    "volume_claim_template": "volumeClaimTemplates",
    "volume_device": "volumeDevices",
    "volume_mount": "volumeMounts",
}
"""Blocks that stand for the items of a list wherever they stand."""

LISTS_IN: Mapping[tuple[str, str], str] = {
    ("container", "port"): "ports",
    ("init_container", "port"): "ports",
    ("spec", "port"): "ports",
    ("http", "path"): "paths",
    ("pod_affinity", "required_during_scheduling_ignored_during_execution"): (
        "requiredDuringSchedulingIgnoredDuringExecution"
    ),
    ("pod_anti_affinity", "required_during_scheduling_ignored_during_execution"): (
        "requiredDuringSchedulingIgnoredDuringExecution"
    ),
}
"""Blocks that stand for the items of a list only in some other block."""

MAPS = frozenset(
    [
        *("annotations", "binary_data", "data", "default", "default_request", "hard", "labels", "limits"),
        *("match_labels", "max", "max_limit_request_ratio", "min", "node_selector", "parameters", "requests"),
        *("selector_map", "volume_attributes"),
    ]
)
"""Attributes whose keys are the user's own."""

INTEGERS = frozenset(["replicas", "max_surge", "max_unavailable", "min_available", "port", "target_port"])
"""What is written as text and may be a number: the API takes a number for one."""

_ABBREVIATED: Mapping[str, str] = {
    "cluster_ip": "clusterIP",
    "cluster_ips": "clusterIPs",
    "external_ips": "externalIPs",
    "fs_group": "fsGroup",
    "host_ip": "hostIP",
    "host_ipc": "hostIPC",
    "host_pid": "hostPID",
    "load_balancer_ip": "loadBalancerIP",
    "pod_ip": "podIP",
}
_NEXT_WORD = re.compile(r"_([a-z0-9])")


def api_name(name: str) -> str:
    """What the API calls an attribute: `termination_grace_period_seconds` is `terminationGracePeriodSeconds`."""
    return _ABBREVIATED.get(name) or _NEXT_WORD.sub(lambda match: match[1].upper(), name)
