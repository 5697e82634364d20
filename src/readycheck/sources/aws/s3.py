"""Buckets that serve sites, and buckets that hold states (API: s3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from readycheck.model import Unresolved
from readycheck.sources.aws.asking import Area, Service
from readycheck.sources.aws.shapes import block, present

_BUCKET = "aws_s3_bucket"
_VERSIONING = "aws_s3_bucket_versioning"
_WEBSITE = "aws_s3_bucket_website_configuration"
_ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration"
_ACCESS = "aws_s3_bucket_public_access_block"
_LOCK = "aws_s3_bucket_object_lock_configuration"
_STATE_LOCK = "aws_s3_state_lock"
_NEVER_VERSIONED = "Disabled"
NO_BUCKET = "NoSuchBucket"
"""What stands for the status of a bucket that something names and that is not there; AWS has no word for it."""


def read(area: Area) -> None:
    """Read which buckets of a region serve sites, and all of those that hold states.

    Raises:
        CallFault: the buckets cannot be listed.
    """
    s3 = area.service("s3")
    found = s3.listed("list_buckets", "Buckets", BucketRegion=area.region)
    names = sorted(bucket["Name"] for bucket in found)
    for name, answer in zip(
        names, s3.each(lambda name: s3.detail("get_bucket_website", name, Bucket=name), names), strict=True
    ):
        _add_bucket(area, name)
        if isinstance(answer, Unresolved):
            area.add_unread(_WEBSITE, name, answer, id=name, bucket=name)
        elif answer:
            area.add(
                _WEBSITE,
                name,
                id=name,
                bucket=name,
                index_document=block(answer.get("IndexDocument"), suffix="Suffix"),
                error_document=block(answer.get("ErrorDocument"), key="Key"),
                redirect_all_requests_to=block(
                    answer.get("RedirectAllRequestsTo"), host_name="HostName", protocol="Protocol"
                ),
                website_endpoint=f"{name}.s3-website-{area.region}.amazonaws.com",
            )
            _add_access(area, s3, name)


def read_states(area: Area) -> None:
    """Read the buckets of a region that hold states, by name: they may be another account's."""
    s3 = area.service("s3")
    states = [(bucket, key) for region, bucket, key in area.named.states if region == area.region]
    for bucket in sorted({bucket for bucket, _ in states}):
        _add_versioning(area, s3, bucket)
        _add_encryption(area, s3, bucket)
        _add_access(area, s3, bucket)
        _add_object_lock(area, s3, bucket)
    for bucket, key in states:
        _add_state_lock(area, s3, bucket, key)


def _add_bucket(area: Area, name: str) -> None:
    area.add(
        _BUCKET,
        f"arn:{area.partition}:s3:::{name}",
        arn=f"arn:{area.partition}:s3:::{name}",
        id=name,
        bucket=name,
        bucket_domain_name=f"{name}.s3.amazonaws.com",
        bucket_regional_domain_name=f"{name}.s3.{area.region}.amazonaws.com",
    )


def _add_versioning(area: Area, s3: Service, bucket: str) -> None:
    answer = s3.detail("get_bucket_versioning", bucket, Bucket=bucket)
    if isinstance(answer, Unresolved):
        area.add_unread(_VERSIONING, bucket, answer, id=bucket, bucket=bucket)
        return
    # Who never switched versions on is told no status; a bucket that is not there answers nothing at all.
    status = answer.get("Status", _NEVER_VERSIONED) if answer else NO_BUCKET
    configuration = present(status=status, mfa_delete=answer.get("MFADelete"))
    area.add(_VERSIONING, bucket, id=bucket, bucket=bucket, versioning_configuration=[configuration])


def _add_encryption(area: Area, s3: Service, bucket: str) -> None:
    answer = s3.detail("get_bucket_encryption", bucket, Bucket=bucket)
    if isinstance(answer, Unresolved):
        area.add_unread(_ENCRYPTION, bucket, answer, id=bucket, bucket=bucket)
        return
    rules = answer.get("ServerSideEncryptionConfiguration", {}).get("Rules", ())
    area.add(
        _ENCRYPTION,
        bucket,
        id=bucket,
        bucket=bucket,
        rule=[
            {
                "apply_server_side_encryption_by_default": block(
                    rule.get("ApplyServerSideEncryptionByDefault"),
                    sse_algorithm="SSEAlgorithm",
                    kms_master_key_id="KMSMasterKeyID",
                ),
                "bucket_key_enabled": rule.get("BucketKeyEnabled", False),
            }
            for rule in rules
        ],
    )


def _add_access(area: Area, s3: Service, bucket: str) -> None:
    answer = s3.detail("get_public_access_block", bucket, Bucket=bucket)
    if isinstance(answer, Unresolved):
        area.add_unread(_ACCESS, bucket, answer, id=bucket, bucket=bucket)
        return
    # Where nothing is configured nothing is blocked.
    blocked: Mapping[str, Any] = answer.get("PublicAccessBlockConfiguration", {})
    area.add(
        _ACCESS,
        bucket,
        id=bucket,
        bucket=bucket,
        block_public_acls=blocked.get("BlockPublicAcls", False),
        block_public_policy=blocked.get("BlockPublicPolicy", False),
        ignore_public_acls=blocked.get("IgnorePublicAcls", False),
        restrict_public_buckets=blocked.get("RestrictPublicBuckets", False),
    )


def _add_object_lock(area: Area, s3: Service, bucket: str) -> None:
    answer = s3.detail("get_object_lock_configuration", bucket, Bucket=bucket)
    if isinstance(answer, Unresolved):
        area.add_unread(_LOCK, bucket, answer, id=bucket, bucket=bucket)
    elif answer:
        locked = answer.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled")
        area.add(_LOCK, bucket, id=bucket, bucket=bucket, object_lock_enabled=locked)


def _add_state_lock(area: Area, s3: Service, bucket: str, key: str) -> None:
    """What Terraform's locks left behind: each lock is a version of one object, and its end a mark of deletion."""
    name = f"{bucket}/{key}"
    pages = s3.pages_of("list_object_versions", name, Bucket=bucket, Prefix=f"{key}.tflock")
    if isinstance(pages, Unresolved):
        area.add_unread(_STATE_LOCK, name, pages, id=name, bucket=bucket, key=key)
        return
    area.add(
        _STATE_LOCK,
        name,
        id=name,
        bucket=bucket,
        key=key,
        locks=sum(len(page.get("Versions", ())) for page in pages),
        releases=sum(len(page.get("DeleteMarkers", ())) for page in pages),
    )
