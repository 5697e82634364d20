"""What stands in a document where a mapping or a list should: itself, or an empty one."""

from __future__ import annotations

from typing import Any


def mapping(value: object) -> dict[str, Any]:
    """The mapping that something is; an empty one where it is none."""
    return value if isinstance(value, dict) else {}


def mapping_at(value: object, *keys: str) -> dict[str, Any]:
    """The mapping below some keys; an empty one where there is none."""
    for key in keys:
        value = mapping(value).get(key)
    return mapping(value)


def listed(value: object) -> list[Any]:
    """The list that something is; an empty one where it is none."""
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """The text that something is; "" where it is none."""
    return value if isinstance(value, str) else ""
