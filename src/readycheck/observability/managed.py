"""Platforms that Terraform declares or an account holds: managed Prometheus and Grafana, clouds' agents, Grafana Cloud.

The types and arguments are those of the providers aws, azurerm and grafana, and of the module of the EKS Blueprints'
add-ons (Terraform Registry).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from readycheck.model import Resource
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


IN_ACCOUNTS = ("aws_prometheus_workspace", "aws_prometheus_scraper", "aws_grafana_workspace", "aws_eks_addon")
"""The types of which an account tells."""
REACHING_INTO_CLUSTERS = IN_ACCOUNTS[1:]
"""Those that need nothing in a cluster that sends to them."""
_IDLE = frozenset({"CREATING", "CREATION_FAILED", "CREATE_FAILED", "DEGRADED", "DELETING", "FAILED"})


def telling_of(signal: Signal) -> Sequence[str]:
    """The types of an account's things of which each is a platform for a signal.

    Args:
        signal: the signal.
    """
    return [kind for kind in IN_ACCOUNTS if signal in _RESOURCES.get(kind, ((), ""))[0]]


def held_by(thing: Resource) -> Iterator[tuple[Signal, str]]:
    """The signals that a thing of an account is a platform for, and the platform.

    Args:
        thing: a thing of one of those types.
    """
    addon = thing.glimpse("addon_name")
    yield from _platforms_of(thing.kind, addon if isinstance(addon, str) else "")


def why_idle(thing: Resource) -> str:
    """Why a platform of an account does not work, to follow its name; "" where it does.

    Raises:
        Unjudged: its state could not be read.
    """
    status = thing.string("status")
    return f"is {status}" if status in _IDLE else ""


def _platforms_of(kind: str, addon: str) -> Iterator[tuple[Signal, str]]:
    signals, platform = _ADDONS.get(addon, ((), "")) if kind == "aws_eks_addon" else _RESOURCES.get(kind, ((), ""))
    yield from ((signal, platform) for signal in signals)


def managed_by(block: Block) -> Iterator[tuple[Signal, str]]:
    """The signals that a block gives a platform for, and the platform.

    Args:
        block: a `resource`, `provider` or `module`.
    """
    kind = block.labels[0] if block.labels else ""
    if block.type == "resource":
        yield from _platforms_of(kind, block.decided("addon_name"))
    elif block.type == "provider" and kind == "grafana":
        found = destination(Signal.DASHBOARDS, block.attributes.get("url"))
        if found is not None and found.reach is Reach.ELSEWHERE:
            yield Signal.DASHBOARDS, f"Grafana at {found.to}"
    elif block.type == "module" and _BLUEPRINTS in block.decided("source"):
        for switch, (signals, platform) in _SWITCHES.items():
            if block.attributes.get(switch) is True:
                yield from ((signal, platform) for signal in signals)
