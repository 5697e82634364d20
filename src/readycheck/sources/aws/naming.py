"""What files, clusters and states name of accounts: regions, keys, states and images."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from readycheck.kubernetes.kinds import template_path
from readycheck.model import Collected, Resource, Unjudged, Unresolved, look
from readycheck.secrets.recipients import Recipient
from readycheck.secrets.sops import SopsFile
from readycheck.secrets.sops_config import SopsConfig
from readycheck.sources.aws.request import Named
from readycheck.terraform.blocks import TERRAFORM_FILE, blocks_of
from readycheck.terraform.states import BACKEND, STATE

Name = TypeVar("Name")

_CLUSTER_ARN = re.compile(r"arn:aws[\w-]*:eks:([\w-]+):(\d{12}):cluster")
_KEY_ARN = re.compile(r"arn:aws[\w-]*:kms:[\w-]+:\d{12}:(?:key|alias)/\S+")
_REGION = "topology.kubernetes.io/region"
_OF_AWS = "aws://"
_ENCRYPTED = frozenset({"SecretFile", "Secret", "SopsSecret"})
_CONTAINERS = ("initContainers", "containers")


def named_by(collected: Iterable[Collected]) -> Named:
    """What the sources that were read name of accounts.

    Args:
        collected: what they read.
    """
    regions: dict[tuple[str, str], None] = {}
    keys: dict[str, None] = {}
    states: dict[tuple[str, str, str], None] = {}
    lock_tables: dict[tuple[str, str], None] = {}
    images: dict[str, None] = {}
    for source in collected:
        for resource in source.resources:
            regions.update(_told(_regions(resource)))
            keys.update(_told(_keys(resource)))
            images.update(_told(_images(resource)))
            for backend in _backends(resource):
                region, bucket, key, table = (_text(backend, name) for name in ("region", "bucket", "key", "table"))
                states.update({(region, bucket, key): None} if bucket else {})
                lock_tables.update({(region, table): None} if table else {})
    return Named(tuple(regions), tuple(keys), tuple(states), tuple(lock_tables), tuple(images))


def _told(names: Iterable[Name]) -> dict[Name, None]:
    """The names that a thing gives, as far as they are decided."""
    told: dict[Name, None] = {}
    with suppress(Unjudged):
        for name in names:
            told[name] = None
    return told


def _regions(resource: Resource) -> Iterator[tuple[str, str]]:
    """The region of a node, and the account where its cluster's name tells that."""
    if resource.kind != "Node" or resource.origin.source != "cluster":
        return
    arn = _CLUSTER_ARN.search(resource.origin.locate(resource.body, ()).uri)
    if arn:
        yield arn[2], arn[1]
    elif str(look(resource.body, ("spec", "providerID")) or "").startswith(_OF_AWS):
        region = (look(resource.body, ("metadata", "labels")) or {}).get(_REGION)
        if region:
            yield "", str(region)


def _keys(resource: Resource) -> Iterator[str]:
    for recipient in _recipients(resource):
        if recipient.backend == "kms" and _KEY_ARN.fullmatch(recipient.key):
            yield recipient.key


def _recipients(resource: Resource) -> Iterator[Recipient]:
    if resource.kind == "SopsConfig":
        for rule in SopsConfig(resource).rules:
            yield from rule.recipients
    elif resource.kind in _ENCRYPTED:
        encrypted = SopsFile.of(resource)
        if encrypted is not None:
            yield from encrypted.recipients


def _backends(resource: Resource) -> Iterator[Mapping[str, Any]]:
    """Where states are kept in buckets: as backends are written, as they are initialised, and as states are named."""
    if resource.kind == TERRAFORM_FILE:
        for block in blocks_of(resource, "terraform"):
            yield from (_of_s3(each.attributes) for each in block.blocks("backend") if each.labels == ("s3",))
    elif resource.kind == BACKEND and resource.body.get("type") == "s3":
        yield _of_s3(resource.body.get("config") or {})
    elif resource.kind == STATE and resource.name.startswith("s3://"):
        bucket, _, key = resource.name.removeprefix("s3://").partition("/")
        yield {"bucket": bucket, "key": key}


def _of_s3(config: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**config, "table": config.get("dynamodb_table")}


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) and not isinstance(value, Unresolved) else ""


def _images(resource: Resource) -> Iterator[str]:
    template = template_path(resource)
    spec: Any = look(resource.body, (*template, "spec")) if template is not None else None
    for part in _CONTAINERS if isinstance(spec, dict) else ():
        containers = spec.get(part)
        for container in containers if isinstance(containers, list) else ():
            image = _text(container, "image") if isinstance(container, dict) else ""
            if ".amazonaws.com" in image:
                yield image
