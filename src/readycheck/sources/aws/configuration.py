"""What readycheck.yaml says of an environment's accounts."""

from __future__ import annotations

import re

from readycheck.section import Section
from readycheck.sources.aws.request import AwsRequest

_ROLE = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/.+")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_URL = re.compile(r"https?://[^/]+")


def configured(environment: Section) -> tuple[AwsRequest, ...]:
    """The accounts of an environment; none where it names none.

    Args:
        environment: what is said of the environment.

    Raises:
        ConfigError: something is said that cannot be.
    """
    if isinstance(environment.body.get("aws"), list):
        environment.known.add("aws")
        return tuple(_account(section) for section in environment.sections("aws"))
    return (_account(environment.section("aws")),) if "aws" in environment.body else ()


def _account(section: Section) -> AwsRequest:
    usual = AwsRequest()
    request = AwsRequest(
        profile=section.string("profile"),
        regions=section.strings("regions"),
        role_arn=section.string("role_arn"),
        external_id=section.string("external_id"),
        endpoint_url=section.string("endpoint_url"),
        deadline_seconds=section.integer("deadline_seconds", usual.deadline_seconds),
        concurrency=section.integer("concurrency", usual.concurrency),
    )
    section.done()
    for index, region in enumerate(request.regions):
        if not _REGION.fullmatch(region):
            section.fail(f"`{region}` is no region: `eu-west-1` is one", "regions", index)
    if request.role_arn and not _ROLE.fullmatch(request.role_arn):
        section.fail("`role_arn` is no ARN of a role: arn:aws:iam::111122223333:role/audit is one", "role_arn")
    if request.external_id and not request.role_arn:
        section.fail("`external_id` is told who owns a role: it goes with `role_arn`", "external_id")
    if request.endpoint_url and not _URL.match(request.endpoint_url):
        section.fail("`endpoint_url` is no address: http://HOST:PORT is one", "endpoint_url")
    for key in ("deadline_seconds", "concurrency"):
        if getattr(request, key) < 1:
            section.fail(f"`{key}` must be 1 or more", key)
    return request
