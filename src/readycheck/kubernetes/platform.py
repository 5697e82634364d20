"""What a cluster comes with, or what is installed apart from the things that use it, by its name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import translate

MANAGED_NAMESPACES: Mapping[str, tuple[str, ...]] = {
    "kubernetes": ("kube-system", "kube-public", "kube-node-lease"),
    "eks": ("amazon-cloudwatch", "amazon-guardduty", "amazon-vpc-lattice", "aws-observability"),
    "gke": ("gke-managed-*", "gke-gmp-*", "gmp-system", "gmp-public", "config-management-system"),
    "aks": ("aks-command", "app-routing-system", "azure-arc", "gatekeeper-system"),
    "openshift": ("openshift", "openshift-*"),
}
"""The namespaces that come with a cluster or that its maker manages, as patterns, by who brings them."""

_SYSTEM_NAMESPACE = re.compile(
    r"kube-system|kube-public|gke-(?:managed|gmp)-.*|gmp-(?:system|public)|openshift(?:-.*)?"
)

_OF_THE_CLUSTER = frozenset(
    {
        *("control-plane", "etcd", "kube-apiserver", "kube-controller-manager", "kube-dns", "kube-proxy"),
        *("kube-scheduler", "metrics-server"),
    }
)
_SERVICES_OF_THE_CLUSTER = frozenset({("default", "kubernetes"), ("default", "openshift")})

# Controllers, dashboards and the observability stack: what they are called, or begin with.
_APART = re.compile(
    r"(?:argo-?cd|argo-?rollouts|argo-workflows|argo-server|flux|webhook-receiver|notification-controller|"
    r"source-controller|weave-gitops|ingress-nginx|nginx-ingress|traefik|haproxy-ingress|kong|contour|envoy-gateway|"
    r"istio|istiod|kiali|linkerd|cert-manager|external-dns|external-secrets|sealed-secrets|vault|openbao|keda|karpenter|"
    r"kubernetes-dashboard|headlamp|rancher|longhorn|rook-ceph|hubble|cilium|metallb|"
    r"grafana|kube-prometheus|prometheus|alertmanager|thanos|mimir|loki|tempo|alloy|promtail|jaeger|zipkin|"
    r"kube-state-metrics|node-exporter|opentelemetry|otel|otelcol|fluentd|fluent-bit|kibana|goldilocks|trivy)(?:-.*)?"
    r"|.*-exporter|.*-prometheus|.*-grafana|.*-alertmanager"
)


def managed_namespaces(profiles: Iterable[str] = ()) -> re.Pattern[str]:
    """What the names of managed namespaces match.

    Args:
        profiles: keys of `MANAGED_NAMESPACES`, or patterns of names; all of the table where none is given.
    """
    chosen = tuple(profiles) or tuple(MANAGED_NAMESPACES)
    patterns = [pattern for name in chosen for pattern in MANAGED_NAMESPACES.get(name, (name,))]
    return re.compile("|".join(map(translate, patterns)))


def is_of_the_cluster(namespace: str, name: str) -> bool:
    """Whether a Service, or what has a label of some value, comes with the cluster: no manifest brings it.

    Args:
        namespace: its namespace.
        name: its name, or the value of a label.
    """
    return (
        _SYSTEM_NAMESPACE.fullmatch(namespace) is not None
        or name in _OF_THE_CLUSTER
        or (namespace, name) in _SERVICES_OF_THE_CLUSTER
    )


def is_installed_apart(name: str) -> bool:
    """Whether something is one of the controllers or a part of the observability stack, going by its name.

    Those are normally installed apart from what uses them, and a tree without them is no tree that lacks them.

    Args:
        name: the name of a Service, or the value of a label.
    """
    return _APART.fullmatch(name) is not None
