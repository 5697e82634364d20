"""What an account watches its clusters with: log groups, managed Prometheus and Grafana (APIs: logs, amp, grafana)."""

from __future__ import annotations

from readycheck.model import Unresolved
from readycheck.sources.aws.asking import Area
from readycheck.sources.aws.shapes import block

_LOG_GROUP = "aws_cloudwatch_log_group"


def read_logs(area: Area) -> None:
    """Read the log groups of the clusters of a region."""
    logs = area.service("logs")
    names = [f"/aws/eks/{cluster['name']}/" for cluster in area.things("aws_eks_cluster")]
    answers = logs.each(
        lambda name: logs.listed_of("describe_log_groups", "logGroups", name, logGroupNamePrefix=name), names
    )
    for name, groups in zip(names, answers, strict=True):
        if isinstance(groups, Unresolved):
            area.add_unread(_LOG_GROUP, area.arn("logs", f"log-group:{name}*"), groups, id=name)
            continue
        for group in groups:
            arn = str(group["arn"]).removesuffix(":*")
            area.add(
                _LOG_GROUP,
                arn,
                arn=arn,
                id=group["logGroupName"],
                name=group["logGroupName"],
                # What is kept for ever has no number of days.
                retention_in_days=group.get("retentionInDays", 0),
                kms_key_id=group.get("kmsKeyId"),
            )


def read_prometheus(area: Area) -> None:
    """Read the workspaces of Prometheus of a region, and what scrapes into them.

    Raises:
        CallFault: the workspaces cannot be listed.
    """
    amp = area.service("amp")
    for each in amp.listed_if_told("list_scrapers", "scrapers"):
        area.add(
            "aws_prometheus_scraper",
            each["arn"],
            arn=each["arn"],
            id=each["scraperId"],
            alias=each.get("alias"),
            status=each.get("status", {}).get("statusCode"),
            source=[{"eks": block(each.get("source", {}).get("eksConfiguration"), cluster_arn="clusterArn")}],
            destination=[
                {"amp": block(each.get("destination", {}).get("ampConfiguration"), workspace_arn="workspaceArn")}
            ],
        )
    for each in amp.listed("list_workspaces", "workspaces"):
        area.add(
            "aws_prometheus_workspace",
            each["arn"],
            arn=each["arn"],
            id=each["workspaceId"],
            alias=each.get("alias"),
            status=each.get("status", {}).get("statusCode"),
        )


def read_grafana(area: Area) -> None:
    """Read the workspaces of Grafana of a region.

    Raises:
        CallFault: they cannot be listed.
    """
    for each in area.service("grafana").listed("list_workspaces", "workspaces"):
        arn = area.arn("grafana", f"/workspaces/{each['id']}")
        area.add(
            "aws_grafana_workspace",
            arn,
            arn=arn,
            id=each["id"],
            name=each.get("name"),
            endpoint=each.get("endpoint"),
            status=each.get("status"),
        )
