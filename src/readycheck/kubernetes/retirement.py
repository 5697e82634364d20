"""Which programs that take requests into clusters are no longer maintained.

Dates are those of the projects' own announcements (Kubernetes blog, Ingress NGINX Retirement, November 2025; AWS Load
Balancer Controller, upgrade from v1), as they stood in November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping

_MOVING = "the Gateway API with a maintained implementation, or another maintained ingress controller"

RETIRED: Mapping[str, str] = {
    "ingress-nginx": (
        "ingress-nginx was retired in March 2026, and what is found in it since is not mended: move to "
        f"{_MOVING} (InGate, once meant to follow it, is retired too)"
    ),
    "AWS ALB Ingress Controller": (
        "the AWS ALB Ingress Controller was replaced in October 2020 by the AWS Load Balancer Controller: move to that"
    ),
}
"""What is no longer maintained, by the names of `kubernetes/ingress_controller`, with what to do."""
