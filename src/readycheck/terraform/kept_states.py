"""Which states are kept in which buckets, as backends say and as states are named by their addresses."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from readycheck.model import PartOrigin, Resource, Unresolved
from readycheck.terraform.backends import is_locked
from readycheck.terraform.blocks import TERRAFORM_FILE, blocks_of
from readycheck.terraform.states import BACKEND, STATE

KEPT_STATE = "KeptState"
"""The kind of a state in a bucket, named `s3://BUCKET/KEY`. Its body says whose it is and what locks it."""
_S3 = "s3"


def kept_states(resources: Iterable[Resource]) -> Iterator[Resource]:
    """The states that are kept in buckets, once for each that says so.

    Args:
        resources: what was read of files, and of states and the root modules that were initialised.
    """
    for resource in resources:
        if resource.kind == TERRAFORM_FILE:
            folder = posixpath.dirname(resource.origin.file) or "."
            backends = (each for block in blocks_of(resource, "terraform") for each in block.blocks("backend"))
            for block in backends:
                if block.labels == (_S3,):
                    # What locks it may be given when it is initialised.
                    locked = is_locked(_S3, block.attributes) or None
                    yield from _kept(block.attributes, folder, locked, PartOrigin(resource, block.path))
        elif resource.kind == BACKEND and resource.body.get("type") == _S3:
            config: Mapping[str, Any] = resource.body.get("config") or {}
            yield from _kept(config, resource.name, is_locked(_S3, config), PartOrigin(resource, ("config",)))
        elif resource.kind == STATE and resource.name.startswith(f"{_S3}://"):
            bucket, _, key = resource.name.removeprefix(f"{_S3}://").partition("/")
            yield from _kept({"bucket": bucket, "key": key}, "", None, PartOrigin(resource, ()))


def _kept(config: Mapping[str, Any], folder: str, locked: bool | None, origin: PartOrigin) -> Iterator[Resource]:  # noqa: FBT001 - what a backend says
    bucket, key, table = (config.get(name) for name in ("bucket", "key", "dynamodb_table"))
    if isinstance(bucket, str) and not isinstance(bucket, Unresolved):
        name = f"{_S3}://{bucket}/{key if isinstance(key, str) and not isinstance(key, Unresolved) else ''}"
        used = origin.whole.kind == BACKEND
        body = {"bucket": bucket, "key": key, "folder": folder, "locked": locked, "table": table, "used": used}
        yield Resource(KEPT_STATE, name, "", body, origin)
