"""Workloads that take requests for others: ingress controllers and the proxies of gateways.

Images are those of the projects' own manifests and charts, as they stood in August 2026.
"""

from __future__ import annotations

from readycheck.kubernetes.workload import Workload
from readycheck.model import Unjudged

_IMAGES = frozenset(
    {
        *("ingress-nginx/controller", "nginx-ingress-controller", "nginx/nginx-ingress", "nginxinc/nginx-ingress"),
        *("traefik", "haproxy-ingress", "haproxytech/kubernetes-ingress", "kong", "kong/kubernetes-ingress-controller"),
        *(
            "envoy",
            "envoyproxy/envoy",
            "emissary",
            "istio/proxyv2",
            "apisix",
            "skipper",
            "voyager",
            "pomerium/pomerium",
        ),
        *("cloudflare/cloudflared", "cilium-envoy", "kgateway-dev/envoy-wrapper", "nginx-gateway-fabric/nginx"),
    }
)


def is_proxy(workload: Workload) -> bool:
    """Whether a workload is what Ingresses or routes are served by, going by its images."""
    try:
        return any(
            container.image.called(_IMAGES) for container in workload.long_running if not container.injected
        ) or (workload.pod_labels.get("istio") == "ingressgateway")
    except Unjudged:
        return False
