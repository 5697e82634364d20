"""States in S3, with how their bucket keeps them (Terraform documentation: S3 backend; S3 API reference).

Nothing is locked and nothing written: whether runs lock a state shows by the `.tflock` objects that `use_lockfile`
leaves in the history of a bucket that keeps versions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from readycheck.aws.calls import Call
from readycheck.documents.text import Unreadable
from readycheck.model import Unresolved
from readycheck.sources.aws.faults import AwsFault, CallFault, Cause, sorted_out
from readycheck.sources.aws.request import AwsRequest
from readycheck.sources.aws.session import Account
from readycheck.sources.terraform.document import Document
from readycheck.sources.terraform.request import LARGEST_DOCUMENT, TerraformRequest

ADDRESS = re.compile(r"s3://([^/]+)/(.+)")
_ANY_REGION = "us-east-1"
_LOCK = ".tflock"
_GET = Call("s3", "get_object", "s3:GetObject", ())
_BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


class StateStore:
    """Where states are fetched from: everything is asked with the same credentials.

    Args:
        request: which credentials, and how long to wait.

    Raises:
        Unreadable: there are no credentials that AWS takes.
    """

    def __init__(self, request: TerraformRequest) -> None:
        try:
            account = Account(AwsRequest(profile=request.profile, endpoint_url=request.endpoint))
        except AwsFault as fault:
            raise Unreadable(str(fault)) from fault
        self._region = account.default_region or _ANY_REGION
        self._client = account.client("s3", self._region)

    def read(self, address: str) -> Document:
        """Fetch a state.

        Args:
            address: `s3://BUCKET/KEY`.

        Raises:
            Unreadable: it cannot be fetched, or is no JSON.
        """
        bucket, key = _parted(address)
        try:
            answer = self._client.get_object(Bucket=bucket, Key=key)
            if answer["ContentLength"] > LARGEST_DOCUMENT:
                raise Unreadable(f"is larger than {LARGEST_DOCUMENT >> 20} MiB, the most that is read of one state")
            data: bytes = answer["Body"].read(LARGEST_DOCUMENT + 1)
        except (ClientError, BotoCoreError, OSError) as error:
            raise Unreadable(_why(error, self._region)) from error
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            raise Unreadable("is not UTF-8 text") from error
        return Document(address, text, has_lines=False)

    def facts(self, address: str) -> Mapping[str, Any]:
        """How the bucket of a state keeps it; what may not be asked is unresolved, with the permission it takes.

        Args:
            address: `s3://BUCKET/KEY`.
        """
        bucket, key = _parted(address)
        return {
            "bucket": bucket,
            "key": key,
            "versioning": self._ask(_VERSIONING, lambda answer: str(answer.get("Status", "")), "", Bucket=bucket),
            "encryption": self._ask(_ENCRYPTION, _algorithm, "", Bucket=bucket),
            "public_access_blocked": self._ask(_PUBLIC_ACCESS, _all_blocked, False, Bucket=bucket),
            "lock_seen": self._ask(
                _HISTORY, lambda answer: _holds(answer, f"{key}{_LOCK}"), False, Bucket=bucket, Prefix=f"{key}{_LOCK}"
            ),
        }

    def _ask(self, call: Call, read: Callable[[Mapping[str, Any]], Any], otherwise: Any, **arguments: str) -> Any:
        try:
            return read(getattr(self._client, call.operation)(**arguments))
        except (ClientError, BotoCoreError, OSError) as error:
            fault = sorted_out(error, call, self._region)
            return otherwise if fault.cause is Cause.ABSENT else Unresolved(call.operation, fault.reason, same=False)


_VERSIONING = Call("s3", "get_bucket_versioning", "s3:GetBucketVersioning", ())
_ENCRYPTION = Call("s3", "get_bucket_encryption", "s3:GetEncryptionConfiguration", ())
_PUBLIC_ACCESS = Call("s3", "get_public_access_block", "s3:GetBucketPublicAccessBlock", ())
_HISTORY = Call("s3", "list_object_versions", "s3:ListBucketVersions", ())


def _parted(address: str) -> tuple[str, str]:
    match = ADDRESS.fullmatch(address)
    if match is None:
        raise Unreadable("names no object: s3://BUCKET/KEY is one")
    return match[1], match[2]


def _why(error: Exception, region: str) -> str:
    fault: CallFault = sorted_out(error, _GET, region)
    code = error.response.get("Error", {}).get("Code") if isinstance(error, ClientError) else ""
    if code in ("NoSuchKey", "NoSuchBucket"):
        return "does not exist: there is no such object" if code == "NoSuchKey" else "does not exist: no such bucket"
    return f"cannot be fetched: {fault.reason}"


def _algorithm(answer: Mapping[str, Any]) -> str:
    rules = answer["ServerSideEncryptionConfiguration"]["Rules"]
    return next((str(rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]) for rule in rules), "")


def _all_blocked(answer: Mapping[str, Any]) -> bool:
    configured = answer["PublicAccessBlockConfiguration"]
    return all(configured.get(name) for name in _BLOCKS)


def _holds(answer: Mapping[str, Any], key: str) -> bool:
    """Whether an object ever stood at a key: with its versions, those count that were deleted."""
    return any(each["Key"] == key for each in (*answer.get("Versions", ()), *answer.get("DeleteMarkers", ())))
