"""Backends: which are remote, and what locks them (Terraform language documentation: Backend Configuration)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from readycheck.terraform.blocks import Block

# What locks by itself, always or by default; S3 and Swift-like stores have to be told.
_LOCKING = frozenset(
    ["azurerm", "consul", "cos", "gcs", "kubernetes", "pg", "remote", "http", "oss", "etcdv3", "oci", "cloud"]
)
REMOTE = _LOCKING | {"s3"}
"""The backends that keep the state where others find it."""


def is_locked(kind: str, settings: Mapping[str, Any]) -> bool:
    """Whether a run keeps others from the state as long as it lasts.

    Args:
        kind: the type of the backend.
        settings: its settings; what is not set may stand there as null.
    """
    if kind == "oss":
        return _is_set(settings, "tablestore_table")
    if kind == "http":
        return _is_set(settings, "lock_address")
    if kind != "s3":
        return kind in _LOCKING
    return any(_is_set(settings, name) for name in ("use_lockfile", "dynamodb_table", "lock_table"))


def _is_set(settings: Mapping[str, Any], name: str) -> bool:
    value = settings.get(name)
    return value is not None and value is not False and value not in ("false", "")


def turns_encryption_off(backend: Block) -> bool:
    """Whether a backend is told not to encrypt.

    Args:
        backend: the `backend` block.
    """
    return backend.attributes.get("encrypt") is False


def makes_only_backend(blocks: Iterable[Block]) -> bool:
    """Whether a root module makes nothing but what keeps the states of others.

    Args:
        blocks: the blocks of the root module.
    """
    made = [block.labels[0] for block in blocks if block.type in ("resource", "module") and block.labels]
    return bool(made) and all(kind.startswith(_FOR_STATES) for kind in made) and any(map(_keeps_states, made))


def _keeps_states(kind: str) -> bool:
    return kind.startswith(("aws_s3_bucket", "azurerm_storage_container", "google_storage_bucket"))


_FOR_STATES = (
    *("aws_s3_bucket", "aws_dynamodb_table", "aws_kms_", "aws_iam_policy_document", "azurerm_resource_group"),
    *("azurerm_storage_", "google_storage_bucket", "google_kms_", "google_project_service", "random_"),
)
