"""What a document of Terraform is, by what stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

from readycheck.documents.text import Unreadable


class Content(Enum):
    """What a document holds."""

    STATE = auto()
    """A state as it is stored."""
    SHOWN_STATE = auto()
    """A state as `show -json` prints it."""
    PLAN = auto()
    """A plan as `show -json` prints it."""
    ENCRYPTED = auto()
    """A state or a plan that OpenTofu has encrypted."""


ENCRYPTED = "is encrypted by OpenTofu: what it records is not judged; `tofu show -json` prints it in clear"


def content_of(body: Mapping[str, Any]) -> Content:
    """What a document is.

    Raises:
        Unreadable: it is nothing that Terraform or OpenTofu writes.
    """
    if body.get("encryption_version") and "encrypted_data" in body:
        return Content.ENCRYPTED
    if "resource_changes" in body or "planned_values" in body:
        return Content.PLAN
    if "format_version" in body:
        return Content.SHOWN_STATE
    if "version" in body and ("resources" in body or "lineage" in body or "modules" in body or "backend" in body):
        return Content.STATE
    raise Unreadable("is neither a state nor what `terraform show -json` prints of a state or a plan")
