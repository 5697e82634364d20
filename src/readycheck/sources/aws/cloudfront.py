"""Distributions of CloudFront (API: cloudfront)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from readycheck.sources.aws.asking import Area
from readycheck.sources.aws.shapes import block


def read(area: Area) -> None:
    """Read the distributions of an account.

    Raises:
        CallFault: they cannot be listed.
    """
    for each in area.service("cloudfront").listed("list_distributions", "DistributionList.Items"):
        _add(area, each)


def _add(area: Area, distribution: Mapping[str, Any]) -> None:
    area.add(
        "aws_cloudfront_distribution",
        distribution["ARN"],
        # It stands in no region.
        region=None,
        arn=distribution["ARN"],
        id=distribution["Id"],
        domain_name=distribution.get("DomainName"),
        enabled=distribution.get("Enabled"),
        status=distribution.get("Status"),
        aliases=_items(distribution.get("Aliases")),
        origin=[_origin(each) for each in _items(distribution.get("Origins"))],
        default_cache_behavior=_behaviour(distribution.get("DefaultCacheBehavior")),
        ordered_cache_behavior=[
            behaviour for each in _items(distribution.get("CacheBehaviors")) for behaviour in _behaviour(each)
        ],
        viewer_certificate=block(
            distribution.get("ViewerCertificate"),
            acm_certificate_arn="ACMCertificateArn",
            cloudfront_default_certificate="CloudFrontDefaultCertificate",
            minimum_protocol_version="MinimumProtocolVersion",
            ssl_support_method="SSLSupportMethod",
        ),
    )


def _items(answer: Mapping[str, Any] | None) -> list[Any]:
    """What stands in one of CloudFront's lists, which say how many they are first."""
    return list((answer or {}).get("Items") or ())


def _behaviour(answer: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """How what is asked for is served; of some paths alone where it names one."""
    names = {"target_origin_id": "TargetOriginId", "viewer_protocol_policy": "ViewerProtocolPolicy"}
    return block(answer, **names, path_pattern="PathPattern")


def _origin(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "origin_id": answer.get("Id"),
        "domain_name": answer.get("DomainName"),
        "origin_path": answer.get("OriginPath", ""),
        "origin_access_control_id": answer.get("OriginAccessControlId", ""),
        "s3_origin_config": block(answer.get("S3OriginConfig"), origin_access_identity="OriginAccessIdentity"),
        "custom_origin_config": block(
            answer.get("CustomOriginConfig"), origin_protocol_policy="OriginProtocolPolicy", https_port="HTTPSPort"
        ),
    }
