"""The keys that SOPS files and clusters name (API: kms)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from readycheck.model import Unresolved
from readycheck.sources.aws.asking import Area, Service
from readycheck.sources.aws.shapes import present

_KEY, _ALIAS = "aws_kms_key", "aws_kms_alias"
GONE = "NotFound"
"""The state of a key that was asked about and is not there; AWS has no word for it."""


def read(area: Area) -> None:
    """Read the keys of a region by name: which others there are is nobody's business here."""
    kms = area.service("kms")
    wanted = sorted(set(_named(area)))
    answers = kms.each(lambda key: kms.detail("describe_key", key, KeyId=key), wanted)
    keys: dict[str, Mapping[str, Any]] = {}
    for name, answer in zip(wanted, answers, strict=True):
        is_alias = ":alias/" in name
        if isinstance(answer, Unresolved):
            area.add_unread(_ALIAS if is_alias else _KEY, name, answer, arn=name)
        elif not answer:
            # An alias leads to no key; a key of that name is not there.
            area.add(_KEY, name, arn=name, key_state=GONE, is_enabled=False)
        else:
            key = answer["KeyMetadata"]
            keys[key["Arn"]] = key
            if is_alias:
                area.add(
                    _ALIAS,
                    name,
                    arn=name,
                    id=name.partition(":alias/")[2],
                    name=f"alias/{name.partition(':alias/')[2]}",
                    target_key_arn=key["Arn"],
                    target_key_id=key["KeyId"],
                )
    rotating = kms.each(lambda key: _rotation(kms, key), keys.values())
    for key, rotation in zip(keys.values(), rotating, strict=True):
        _add(area, key, rotation)


def _named(area: Area) -> Iterator[str]:
    for arn in area.named.keys:
        _, _, service, region, account, _ = arn.split(":", 5)
        if (service, region, account) == ("kms", area.region, area.account):
            yield arn
    for cluster in area.things("aws_eks_cluster"):
        encryption = cluster.get("encryption_config", ())
        for config in () if isinstance(encryption, Unresolved) else encryption:
            for provider in config["provider"]:
                if provider["key_arn"]:
                    yield provider["key_arn"]


def _rotation(kms: Service, key: Mapping[str, Any]) -> Mapping[str, Any] | Unresolved:
    """Whether a key rotates; nothing of keys that cannot, and of those that AWS rotates by itself."""
    spec = key.get("KeySpec") or key.get("CustomerMasterKeySpec", "SYMMETRIC_DEFAULT")
    if (key.get("KeyManager"), spec, key.get("Origin")) != ("CUSTOMER", "SYMMETRIC_DEFAULT", "AWS_KMS"):
        return {}
    return kms.detail("get_key_rotation_status", key["Arn"], KeyId=key["Arn"])


def _add(area: Area, key: Mapping[str, Any], rotation: Mapping[str, Any] | Unresolved) -> None:
    if isinstance(rotation, Unresolved):
        rotates = {"enable_key_rotation": rotation, "rotation_period_in_days": rotation}
    else:
        rotates = present(
            enable_key_rotation=rotation.get("KeyRotationEnabled"),
            rotation_period_in_days=rotation.get("RotationPeriodInDays"),
        )
    deleted = key.get("DeletionDate")
    area.add(
        _KEY,
        key["Arn"],
        arn=key["Arn"],
        id=key["KeyId"],
        key_id=key["KeyId"],
        is_enabled=key.get("Enabled"),
        key_state=key.get("KeyState"),
        key_usage=key.get("KeyUsage"),
        customer_master_key_spec=key.get("KeySpec") or key.get("CustomerMasterKeySpec"),
        multi_region=key.get("MultiRegion", False),
        key_manager=key.get("KeyManager"),
        origin=key.get("Origin"),
        deletion_date=str(deleted.date()) if deleted else None,
        **rotates,
    )
