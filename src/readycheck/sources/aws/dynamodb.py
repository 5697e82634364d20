"""Tables that lock states (API: dynamodb)."""

from __future__ import annotations

from readycheck.model import Unresolved
from readycheck.sources.aws.asking import Area

_KIND = "aws_dynamodb_table"


def read(area: Area) -> None:
    """Read the tables of a region that backends name."""
    dynamodb = area.service("dynamodb")
    for name in sorted({name for region, name in area.named.lock_tables if region == area.region}):
        arn = area.arn("dynamodb", f"table/{name}")
        answer = dynamodb.detail("describe_table", arn, TableName=name)
        if isinstance(answer, Unresolved):
            area.add_unread(_KIND, arn, answer, arn=arn, id=name, name=name)
        elif answer:
            table = answer["Table"]
            keys = {each["KeyType"]: each["AttributeName"] for each in table.get("KeySchema", ())}
            area.add(
                _KIND,
                arn,
                arn=arn,
                id=name,
                name=name,
                hash_key=keys.get("HASH"),
                range_key=keys.get("RANGE"),
                attribute=[
                    {"name": each["AttributeName"], "type": each["AttributeType"]}
                    for each in table.get("AttributeDefinitions", ())
                ],
                deletion_protection_enabled=table.get("DeletionProtectionEnabled", False),
            )
