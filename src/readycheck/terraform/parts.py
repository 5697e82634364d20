"""What a file of configuration is for, by what stands in it."""

from __future__ import annotations

from enum import Enum, auto

from readycheck.model import Resource
from readycheck.terraform.blocks import Block, blocks_of


class Part(Enum):
    """What a file is for."""

    BACKEND = auto()
    """It says where the state is kept."""
    PROVIDERS = auto()
    """It configures providers."""
    VERSIONS = auto()
    """It says which versions are wanted."""
    CALLS = auto()
    """It calls modules and makes nothing by itself."""
    OTHER = auto()


def part_of(file: Resource) -> Part:
    """What a file is for.

    Args:
        file: a TerraformFile.
    """
    blocks = list(blocks_of(file))
    types = {block.type for block in blocks}
    if types <= {"terraform", "provider"}:
        if any(_has_backend(block) for block in blocks):
            return Part.BACKEND
        if types:
            return Part.PROVIDERS if "provider" in types else Part.VERSIONS
    if "module" in types and "resource" not in types:
        return Part.CALLS
    return Part.OTHER


def _has_backend(block: Block) -> bool:
    return any(block.blocks("backend", "cloud"))
