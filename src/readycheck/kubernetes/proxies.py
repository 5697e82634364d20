"""Workloads that take requests for others: ingress controllers and the proxies of gateways.

Images are those of the projects' own manifests and charts, as they stood in August 2026.
"""

from __future__ import annotations

from readycheck.kubernetes.ingress_controller import ingress_controller
from readycheck.kubernetes.workload import Workload
from readycheck.model import Unjudged

# What stands beside the controllers' own programs: proxies that an operator starts for a Gateway.
_IMAGES = frozenset(
    {
        *("envoy", "envoyproxy/envoy", "emissary", "istio/proxyv2", "skipper", "voyager", "pomerium/pomerium"),
        *("cloudflare/cloudflared", "cilium-envoy", "kgateway-dev/envoy-wrapper", "nginx-gateway-fabric/nginx"),
    }
)


def is_proxy(workload: Workload) -> bool:
    """Whether a workload is what Ingresses or routes are served by, going by its images."""
    try:
        return (
            ingress_controller(workload) is not None
            or any(container.image.called(_IMAGES) for container in workload.long_running if not container.injected)
            or workload.pod_labels.get("istio") == "ingressgateway"
        )
    except Unjudged:
        return False
