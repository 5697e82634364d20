"""Which versions a constraint or a module's source lets in (Terraform documentation, version constraints)."""

from __future__ import annotations

import re
from enum import Enum, auto

_PART = re.compile(r"\s*(=|!=|>=|<=|>|<|~>)?\s*v?(\d+(?:\.\d+)*(?:[-+][\w.+-]+)?)\s*")
_REF = re.compile(r"[?&]ref=([^&]+)")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_TAG = re.compile(r"(?:[\w./-]*[-/_])?v?\d+(?:\.\d+)+(?:[-+.][\w.+-]+)?|v\d+")
_REGISTRY = re.compile(r"(?:[\w.-]+\.[\w.-]+/)?[\w-]+/[\w-]+/[\w-]+(?://.*)?")


class Pin(Enum):
    """How far versions may move."""

    FIXED = auto()
    """To none, or within what `~>` or an upper bound allows."""
    OPEN = auto()
    """To any later one."""
    MISSING = auto()
    """Nothing is said."""
    UNREADABLE = auto()
    """It is no constraint."""


def pin_of(constraint: str | None) -> Pin:
    """What a version constraint comes to."""
    if constraint is None or not constraint.strip():
        return Pin.MISSING
    operators = set()
    for part in constraint.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            return Pin.UNREADABLE
        operators.add(match[1] or "=")
    return Pin.FIXED if operators & {"=", "~>", "<", "<="} else Pin.OPEN


def is_registry(source: str) -> bool:
    """Whether a module comes from a registry, which takes a version beside the source."""
    return _REGISTRY.fullmatch(source) is not None and not source.startswith(("github.com/", "bitbucket.org/"))


def ref_of(source: str) -> str | None:
    """The branch, tag or commit that a module's source names; None where it names none."""
    match = _REF.search(source)
    return match[1] if match else None


def is_fixed_ref(ref: str) -> bool:
    """Whether a ref is a tag or a commit, by its look: branches have names without a version."""
    return _COMMIT.fullmatch(ref) is not None or _TAG.fullmatch(ref.removeprefix("refs/tags/")) is not None
