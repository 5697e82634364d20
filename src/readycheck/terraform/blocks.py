"""Blocks of HCL, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct

from readycheck.model import Path, Place, Resource, Unjudged, Unresolved

TERRAFORM_FILE = "TerraformFile"
"""A file of HCL: `.tf`, `.tofu`, `.hcl`, `.tf.json`."""

RECORDED_BLOCKS = "TerraformBlocks"
"""Instances of one module of a state or plan, as blocks, where rules read their types as such."""

_SUFFIX = re.compile(r"\.(?:tf|tofu)(?:\.json)?$")


def is_configuration(name: str) -> bool:
    """Whether a file is one of those that Terraform or OpenTofu reads as configuration.

    Args:
        name: the name of the file.
    """
    return _SUFFIX.search(name) is not None


class Block(Struct, frozen=True, eq=False):
    """A block.

    Args:
        file: the file that it stands in.
        path: where it stands there.
        type: its type: `resource`, `module`.
        labels: what stands between its type and its body.
        attributes: its attributes, as they were read.
    """

    file: Resource
    path: Path
    type: str
    labels: tuple[str, ...]
    attributes: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its type and labels, as Terraform's messages show them: `module "vpc"`."""
        return " ".join((self.type, *(f'"{label}"' for label in self.labels)))

    @property
    def address(self) -> str:
        """The address of what it declares, in its module; that of the instance, where it was recorded."""
        return str(self.whole.get("address") or ".".join(self.labels))

    def at(self, *path: str | int) -> Place:
        """The place of an attribute or of a part of one; of the block itself where nothing is named."""
        return Place(self.file, (*self.path, *(("attributes", *path) if path else ())))

    def text(self, attribute: str) -> str:
        """The string that an attribute holds; "" where it is not there.

        Raises:
            Unjudged: it is an expression, or no string.
        """
        value = self.attributes.get(attribute)
        if value is None:
            return ""
        if isinstance(value, Unresolved):
            raise Unjudged(f"`{value!s}` {value.reason}", self.at(attribute))
        return str(value)

    def decided(self, attribute: str) -> str:
        """The string that an attribute holds; "" where that is none, or an expression decides it."""
        value = self.attributes.get(attribute)
        return value if isinstance(value, str) and not isinstance(value, Unresolved) else ""

    @property
    def whole(self) -> Mapping[str, Any]:
        """All that was read of it."""
        whole: Any = self.file.body
        for step in self.path:
            whole = whole[step]
        return whole  # type: ignore[no-any-return] # the path of a block leads to one

    def blocks(self, *types: str) -> Iterator[Block]:
        """The blocks of some types that stand in it."""
        return _blocks(self.file, self.path, self.whole, types)


class TerraformFile(Resource, frozen=True):
    """A file of HCL that was read."""

    @classmethod
    def of(cls, resource: Resource) -> TerraformFile | None:
        """The resource as a file of HCL; None where it is none."""
        if resource.kind != TERRAFORM_FILE:
            return None
        return cls(resource.kind, resource.name, resource.scope, resource.body, resource.origin)

    @cached_property
    def top(self) -> tuple[Block, ...]:
        """The blocks that stand at its top; asked for by many."""
        return tuple(_blocks(self, (), self.body, ()))


def blocks_of(file: Resource, *types: str) -> Iterator[Block]:
    """The blocks that stand at the top of a file.

    Args:
        file: a TerraformFile.
        types: the types that are asked for; all where none is.
    """
    if isinstance(file, TerraformFile):
        return (block for block in file.top if not types or block.type in types)
    return _blocks(file, (), file.body, types)


def _blocks(file: Resource, path: Path, body: Mapping[str, Any], types: tuple[str, ...]) -> Iterator[Block]:
    for index, block in enumerate(body.get("blocks", ())):
        if not types or block["type"] in types:
            yield Block(
                file,
                (*path, "blocks", index),
                block["type"],
                tuple(map(str.__str__, block["labels"])),
                block["attributes"],
            )


def mentions(value: object, text: str) -> bool:
    """Whether a text stands anywhere in what was read: in a string, or in an expression.

    Args:
        value: a body or a part of one.
        text: the text.
    """
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            if text in str.__str__(each):
                return True
        elif isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    return False
