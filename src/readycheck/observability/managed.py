"""Platforms that Terraform declares: managed Prometheus and Grafana, the agents of clouds, stacks of Grafana Cloud.

The types and arguments are those of the providers aws, azurerm and grafana, and of the module of the EKS Blueprints'
add-ons (Terraform Registry).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from readycheck.observability.destinations import Reach, destination
from readycheck.observability.programs import Signal
from readycheck.terraform.blocks import Block

_RESOURCES: Mapping[str, tuple[tuple[Signal, ...], str]] = {
    "aws_prometheus_workspace": ((Signal.METRICS,), "Amazon Managed Service for Prometheus"),
    "aws_prometheus_scraper": ((Signal.METRICS,), "Amazon Managed Service for Prometheus"),
    "aws_grafana_workspace": ((Signal.DASHBOARDS,), "Amazon Managed Grafana"),
    "azurerm_dashboard_grafana": ((Signal.DASHBOARDS,), "Azure Managed Grafana"),
    "azurerm_monitor_workspace": ((Signal.METRICS,), "Azure Monitor's managed Prometheus"),
    "grafana_cloud_stack": ((Signal.DASHBOARDS,), "Grafana Cloud"),
}
_ADDONS: Mapping[str, tuple[tuple[Signal, ...], str]] = {
    "amazon-cloudwatch-observability": (
        (Signal.METRICS, Signal.LOGS, Signal.TRACES, Signal.DASHBOARDS),
        "CloudWatch, by its add-on for EKS",
    ),
}
_BLUEPRINTS = "eks-blueprints-addons"
_SWITCHES: Mapping[str, tuple[tuple[Signal, ...], str]] = {
    "enable_kube_prometheus_stack": ((Signal.METRICS, Signal.DASHBOARDS), "the chart kube-prometheus-stack"),
    "enable_aws_for_fluentbit": ((Signal.LOGS,), "CloudWatch, by Fluent Bit"),
    "enable_aws_cloudwatch_metrics": ((Signal.METRICS,), "CloudWatch"),
}


def managed_by(block: Block) -> Iterator[tuple[Signal, str]]:
    """The signals that a block gives a platform for, and the platform.

    Args:
        block: a `resource`, `provider` or `module`.
    """
    kind = block.labels[0] if block.labels else ""
    if block.type == "resource":
        signals, platform = _RESOURCES.get(kind, ((), ""))
        if kind == "aws_eks_addon":
            signals, platform = _ADDONS.get(block.decided("addon_name"), ((), ""))
        yield from ((signal, platform) for signal in signals)
    elif block.type == "provider" and kind == "grafana":
        found = destination(Signal.DASHBOARDS, block.attributes.get("url"))
        if found is not None and found.reach is Reach.ELSEWHERE:
            yield Signal.DASHBOARDS, f"Grafana at {found.to}"
    elif block.type == "module" and _BLUEPRINTS in block.decided("source"):
        for switch, (signals, platform) in _SWITCHES.items():
            if block.attributes.get(switch) is True:
                yield from ((signal, platform) for signal in signals)
