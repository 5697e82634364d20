"""Who asks: profiles, single sign-on, roles, and a client for each service, made once."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import partial
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

from readycheck import __version__
from readycheck.sources.aws.faults import REGION_OFF, AwsFault, shortened
from readycheck.sources.aws.request import AwsRequest

_CONNECT_SECONDS, _READ_SECONDS = 5, 30
_ATTEMPTS = 5
_SESSION_NAME = "readycheck"
_ANY_REGION = "us-east-1"
"""Where STS is asked when no region is named, or none answers: it is never off."""


class Account:
    """An account, asked as somebody.

    Args:
        request: which account.

    Raises:
        AwsFault: nobody can be asked.
    """

    def __init__(self, request: AwsRequest) -> None:
        self._request = request
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()
        self._config = Config(
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            max_pool_connections=request.concurrency,
            user_agent_extra=f"readycheck/{__version__}",
            # What is not addressed to a region does not tell its buckets alone.
            s3={
                "us_east_1_regional_endpoint": "regional",
                **({"addressing_style": "path"} if request.endpoint_url else {}),
            },
        )
        try:
            self._session = botocore.session.Session(profile=request.profile or None)
            self.default_region = str(self._session.get_config_variable("region") or "")
            identity = self._connect()
        except (BotoCoreError, ClientError) as error:
            raise AwsFault(_why(error, request)) from error
        self.number = identity["Account"]
        """The account's own number, of twelve digits."""
        self.partition = identity["Arn"].split(":")[1]

    def _connect(self) -> Mapping[str, str]:
        """Find out who is asked, in the first region that answers: one that is off takes no credentials at all."""
        own = self._session
        refusals: list[Exception] = []
        for region in dict.fromkeys((*self._request.regions, self.default_region or _ANY_REGION, _ANY_REGION)):
            try:
                if self._request.role_arn:
                    self._session = self._assumed(own, region)
                identity: Mapping[str, str] = self.client("sts", region).get_caller_identity()
            except (ClientError, EndpointConnectionError) as error:
                if not _is_off(error):
                    raise
                refusals.append(error)
            else:
                return identity
        raise refusals[0]

    def _assumed(self, own: Any, region: str) -> Any:
        """A session with the role that is to be assumed.

        Args:
            own: the session of whoever assumes it.
            region: where it is asked for.
        """
        request = self._request
        credentials = own.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        fetcher = AssumeRoleCredentialFetcher(
            client_creator=partial(self._create, region=region),
            source_credentials=credentials,
            role_arn=request.role_arn,
            extra_args={
                "RoleSessionName": _SESSION_NAME,
                **({"ExternalId": request.external_id} if request.external_id else {}),
            },
        )
        assumed = botocore.session.Session(profile=request.profile or None)
        assumed._credentials = DeferredRefreshableCredentials(  # noqa: SLF001 - botocore has no other door for these
            method="assume-role", refresh_using=fetcher.fetch_credentials
        )
        return assumed

    def client(self, service: str, region: str) -> Any:
        """The client of a service in a region, made at the first question."""
        with self._lock:
            found = self._clients.get((service, region))
            if found is None:
                found = self._clients[service, region] = self._create(service, region=region)
            return found

    def _create(self, service: str, *, region: str, **credentials: Any) -> Any:
        return self._session.create_client(
            service,
            region_name=region,
            endpoint_url=self._request.endpoint_url or None,
            config=self._config,
            **credentials,
        )

    def has(self, service: str, region: str) -> bool:
        """Whether a region has a service; new regions that botocore does not know yet count as having it."""
        known = self._session.get_available_regions(service, self.partition)
        return not known or region in known or region not in self._session.get_available_regions("ec2", self.partition)


def _is_off(error: ClientError | EndpointConnectionError) -> bool:
    return isinstance(error, EndpointConnectionError) or error.response.get("Error", {}).get("Code") in REGION_OFF


def _why(error: Exception, request: AwsRequest) -> str:
    """Why nobody can be asked, and what to do."""
    with_profile = f" --profile {request.profile}" if request.profile else ""
    if isinstance(error, ProfileNotFound):
        return f"the AWS configuration has no profile `{request.profile}`: `aws configure list-profiles` lists them"
    if isinstance(error, (SSOError, TokenRetrievalError)):
        return f"the session of single sign-on has ended: `aws sso login{with_profile}` begins a new one"
    if isinstance(error, NoCredentialsError):
        return (
            "there are no credentials of AWS: name a `profile`, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and its secret"
        )
    if isinstance(error, ClientError):
        said = error.response.get("Error", {})
        reason = f"{said.get('Code')}: {shortened(str(said.get('Message', '')))}"
        if error.operation_name == "AssumeRole":
            return (
                f"the role {request.role_arn} cannot be assumed ({reason}): its trust policy, or `external_id`, says no"
            )
        whose = f"credentials of the profile {request.profile}" if request.profile else "default credentials"
        return f"AWS does not take the {whose} ({reason})"
    return shortened(str(error))
