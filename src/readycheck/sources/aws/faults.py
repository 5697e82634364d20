"""What can go wrong between here and AWS, sorted by what it means."""

from __future__ import annotations

from enum import Enum

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)

from readycheck.aws.calls import Call

_LONGEST_WORDS = 200


class Cause(Enum):
    """Why a call gave nothing."""

    DENIED = "denied"
    REGION_OFF = "region off"
    ABSENT = "not configured"
    """An answer: what was asked about is not there."""
    UNASKED = "not asked"
    """No rule asks for what it tells."""
    THROTTLED = "throttled"
    LATE = "out of time"
    BROKEN = "broken"


class AwsFault(Exception):  # noqa: N818 - what it says is what went wrong
    """The account cannot be asked at all, for a reason that is told to people."""


class CallFault(Exception):  # noqa: N818 - same
    """A call gave nothing.

    Args:
        call: the call.
        cause: why, sorted.
        reason: why, for people.
    """

    def __init__(self, call: Call, cause: Cause, reason: str) -> None:
        super().__init__(reason)
        self.call = call
        self.cause = cause
        self.reason = reason


NOTHING = (Cause.ABSENT, Cause.UNASKED)
"""Why there is nothing to tell, as against what was not told."""

# The codes are those of the services' API references; services differ in how they say the same.
_ABSENT = frozenset(
    (
        "LifecyclePolicyNotFoundException",
        "NoSuchBucket",
        "NoSuchConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "NoSuchWebsiteConfiguration",
        "NotFoundException",
        "ObjectLockConfigurationNotFoundError",
        "RepositoryNotFoundException",
        "ImageNotFoundException",
        "ResourceNotFoundException",
        "ScanNotFoundException",
        "ServerSideEncryptionConfigurationNotFoundError",
        "InvalidLaunchTemplateId.NotFound",
        "InvalidLaunchTemplateId.VersionNotFound",
        "LoadBalancerNotFound",
        "ListenerNotFound",
        "TargetGroupNotFound",
    )
)
REGION_OFF = frozenset(
    ("AuthFailure", "InvalidClientTokenId", "OptInRequired", "UnrecognizedClientException", "RegionDisabledException")
)
"""What credentials that are good elsewhere are refused with."""
_EXPIRED = frozenset(("ExpiredToken", "ExpiredTokenException", "RequestExpired"))
_THROTTLED = frozenset(
    (
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    )
)
_DENIED = frozenset(
    (
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "NotAuthorized",
        "UnauthorizedOperation",
    )
)
_UNAUTHORIZED, _FORBIDDEN, _THROTTLING = 401, 403, 429


def sorted_out(error: Exception, call: Call, region: str) -> CallFault:
    """What an error of botocore's means.

    Args:
        error: what a client raised.
        call: what was called.
        region: where.
    """
    if isinstance(error, ClientError):
        return _of_answer(error, call, region)
    if isinstance(error, EndpointConnectionError):
        return CallFault(
            call,
            Cause.REGION_OFF,
            f"{region} does not answer for {call.service}: no such region, or it is out of reach",
        )
    if isinstance(error, (ReadTimeoutError, ConnectTimeoutError)):
        return CallFault(call, Cause.LATE, f"{call.action} in {region} gave no answer in time")
    if isinstance(error, (BotoCoreError, HTTPClientError, OSError)):
        return CallFault(call, Cause.BROKEN, f"{call.action} in {region} broke: {shortened(str(error))}")
    return broken(error, call, region)


def broken(error: Exception, call: Call, region: str) -> CallFault:
    """An answer that has another shape than its service promises.

    Args:
        error: what reading it raised.
        call: what was called.
        region: where.
    """
    return CallFault(
        call, Cause.BROKEN, f"{call.service} in {region} answers with what cannot be read: {type(error).__name__}"
    )


def _of_answer(error: ClientError, call: Call, region: str) -> CallFault:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    where = f"{call.action} in {region}"
    if code in _ABSENT:
        return CallFault(call, Cause.ABSENT, f"{where}: there is none ({code})")
    if code in _EXPIRED:
        return CallFault(call, Cause.BROKEN, f"{where}: the credentials have expired ({code})")
    if code in REGION_OFF:
        return CallFault(
            call,
            Cause.REGION_OFF,
            f"the region {region} is off for this account ({code}): enable it, or do not name it",
        )
    if code in _THROTTLED or status == _THROTTLING:
        return CallFault(call, Cause.THROTTLED, f"{where} was throttled until no retry was left ({code or status})")
    if code in _DENIED or status in (_UNAUTHORIZED, _FORBIDDEN):
        return CallFault(call, Cause.DENIED, denied(call, region))
    said = shortened(str(error.response.get("Error", {}).get("Message", "")))
    return CallFault(call, Cause.BROKEN, f"{where} failed ({code or status}){f': {said}' if said else ''}")


def denied(call: Call, region: str) -> str:
    """Which permission is missing, in the words that reports gather."""
    return f"forbidden: {call.action} (allow it in {region}, by a policy of IAM)"


def shortened(text: str) -> str:
    """One line of what another program says."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_WORDS else f"{line[:_LONGEST_WORDS]}..."
