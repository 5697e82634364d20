"""Modules of Terraform: the files of a folder taken together, and the blocks in them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from readycheck.model import Path, Place, Resource, Unresolved

KIND = "TerraformFile"
LOCK_FILE = ".terraform.lock.hcl"
TERRAGRUNT_FILE = "terragrunt.hcl"
SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A block, such as `resource "aws_vpc" "this" { }`.

    Args:
        file: the file that it stands in.
        path: where it stands there.
        body: its type, labels, attributes and blocks (documents/hcl.py).
    """

    file: Resource
    path: Path
    body: Mapping[str, Any]

    @property
    def type(self) -> str:
        """The word that it begins with: `resource`."""
        return str(self.body["type"])

    @property
    def labels(self) -> tuple[str, ...]:
        """What stands behind that: `aws_vpc`, `this`."""
        return tuple(map(str, self.body["labels"]))

    @property
    def address(self) -> str:
        """What Terraform calls it: `aws_vpc.this`, `module.vault`."""
        head = () if self.type == "resource" else (self.type,)
        return ".".join((*head, *self.labels))

    def get(self, name: str) -> Any:
        """The value of an attribute; None where it has none. An expression is Unresolved."""
        return self.body["attributes"].get(name)

    def text(self, name: str) -> str | None:
        """An attribute's value where that is decided and a string."""
        value = self.get(name)
        return value if isinstance(value, str) and not isinstance(value, Unresolved) else None

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.file.at(self.path)

    def at(self, name: str) -> Place:
        """Where an attribute of it stands, or it itself where it has none."""
        return self.file.at((*self.path, "attributes", name)) if name in self.body["attributes"] else self.place

    def blocks(self, *types: str) -> Iterator[Block]:
        """The blocks in it, of some types where any are named."""
        for index, body in enumerate(self.body["blocks"]):
            if not types or body["type"] in types:
                yield Block(self.file, (*self.path, "blocks", index), body)


def blocks_of(file: Resource, *types: str) -> Iterator[Block]:
    """The blocks at the top of a file, of some types where any are named."""
    for index, body in enumerate(file.body.get("blocks", ())):
        if not types or body["type"] in types:
            yield Block(file, ("blocks", index), body)


@dataclass(frozen=True, eq=False)
class Module:
    """The files of one folder, which Terraform reads as one.

    Args:
        folder: its path from the scan root; "" for that itself.
        files: its files by name, those behind links included.
        linked: the names among them that are links.
    """

    folder: str
    files: Mapping[str, Resource]
    linked: frozenset[str]

    def blocks(self, *types: str) -> Iterator[Block]:
        """The blocks in all of its files, of some types where any are named."""
        for file in self.files.values():
            yield from blocks_of(file, *types)

    @cached_property
    def own(self) -> Mapping[str, Resource]:
        """Its files that are no links."""
        return {name: file for name, file in self.files.items() if name not in self.linked}

    @cached_property
    def called(self) -> frozenset[str]:
        """The folders of the tree that it calls as modules."""
        sources = (block.text("source") for block in self.blocks("module"))
        return frozenset(self._folder(source) for source in sources if source is not None and is_local(source))

    def _folder(self, source: str) -> str:
        folder = posixpath.normpath(posixpath.join(self.folder, source))
        return "" if folder == "." else folder

    @property
    def backend(self) -> Block | None:
        """The block that says where the state is kept: `backend`, or `cloud`."""
        return next((each for block in self.blocks("terraform") for each in block.blocks("backend", "cloud")), None)

    @property
    def configures_providers(self) -> bool:
        """Whether it says how providers reach what they manage, as modules that others call should not."""
        return any(block.body["attributes"] or block.body["blocks"] for block in self.blocks("provider"))


def is_local(source: str) -> bool:
    """Whether a module's source is a folder beside it (Terraform documentation, module sources)."""
    return source.startswith(("./", "../")) or source in (".", "..")
