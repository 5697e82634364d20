"""Backends: which are remote, and what locks them (Terraform language documentation: Backend Configuration)."""

from __future__ import annotations

from collections.abc import Iterable

from readycheck.terraform.blocks import Block

# What locks by itself, always or by default; S3 and Swift-like stores have to be told.
_LOCKING = frozenset(
    ["azurerm", "consul", "cos", "gcs", "kubernetes", "pg", "remote", "http", "oss", "etcdv3", "oci", "cloud"]
)
REMOTE = _LOCKING | {"s3"}
"""The backends that keep the state where others find it."""


def is_locked(backend: Block) -> bool:
    """Whether a run keeps others from the state as long as it lasts.

    Args:
        backend: the `backend` block.
    """
    kind = backend.labels[0]
    if kind == "oss":
        return bool(_set(backend, "tablestore_table"))
    if kind == "http":
        return bool(_set(backend, "lock_address"))
    if kind != "s3":
        return kind in _LOCKING
    return _set(backend, "use_lockfile") or _set(backend, "dynamodb_table") or _set(backend, "lock_table")


def _set(backend: Block, name: str) -> bool:
    value = backend.attributes.get(name)
    return value is not None and value is not False and value != "false"


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
