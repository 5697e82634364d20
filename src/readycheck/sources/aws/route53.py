"""Zones of DNS and their records (API: route53)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from readycheck.model import Unresolved
from readycheck.sources.aws.asking import Area
from readycheck.sources.aws.shapes import block

_STAR = r"\052"


def read(area: Area) -> None:
    """Read the zones of an account, and their records.

    Raises:
        CallFault: the zones cannot be listed.
    """
    route53 = area.service("route53")
    zones = route53.listed("list_hosted_zones", "HostedZones")
    for zone in zones:
        number = _number(zone)
        area.add(
            "aws_route53_zone",
            f"arn:{area.partition}:route53:::hostedzone/{number}",
            region=None,
            arn=f"arn:{area.partition}:route53:::hostedzone/{number}",
            id=number,
            zone_id=number,
            name=zone["Name"].rstrip("."),
            private=zone.get("Config", {}).get("PrivateZone", False),
        )
    answers = route53.each(
        lambda zone: route53.listed_of(
            "list_resource_record_sets", "ResourceRecordSets", f"zone {zone['Name']}", HostedZoneId=_number(zone)
        ),
        zones,
    )
    for zone, records in zip(zones, answers, strict=True):
        number = _number(zone)
        if isinstance(records, Unresolved):
            area.add_unread("aws_route53_record", number, records, region=None, id=number, zone_id=number)
            continue
        for record in records:
            _add(area, number, record)


def _number(zone: Mapping[str, Any]) -> str:
    """The id of a zone, which the API has in a path: `/hostedzone/Z2FDTNDATAQYW2`."""
    return str(zone["Id"]).rpartition("/")[2]


def _add(area: Area, zone: str, record: Mapping[str, Any]) -> None:
    name = record["Name"].rstrip(".").replace(_STAR, "*")
    identity = "_".join(filter(None, (zone, name, record["Type"], record.get("SetIdentifier", ""))))
    area.add(
        "aws_route53_record",
        identity,
        region=None,
        id=identity,
        zone_id=zone,
        name=name,
        fqdn=name,
        type=record["Type"],
        ttl=record.get("TTL"),
        set_identifier=record.get("SetIdentifier"),
        records=[each["Value"] for each in record.get("ResourceRecords", ())],
        alias=[
            {**each, "name": each["name"].rstrip(".")}
            for each in block(
                record.get("AliasTarget"),
                name="DNSName",
                zone_id="HostedZoneId",
                evaluate_target_health="EvaluateTargetHealth",
            )
        ],
    )
