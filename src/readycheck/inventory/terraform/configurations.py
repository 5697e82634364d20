"""The files of Terraform's configuration: what stands in each folder, and which folders it calls or links to."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from readycheck.inventory.core import Core
from readycheck.model import Entry, Resource
from readycheck.terraform.blocks import TERRAFORM_FILE, Block, blocks_of, is_configuration
from readycheck.terraform.sources import folder_from, is_local


class Configurations(Core):
    """The relations from folders to the configuration in them, and from that to other folders."""

    # Files -----------------------------------------------------------------------------------------------------

    @cached_property
    def configurations(self) -> Mapping[str, Sequence[Entry]]:
        """The files of configuration in each folder that has some."""
        found: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.listing.entries.values():
            if is_configuration(entry.name):
                found[entry.parent].append(entry)
        return {folder: _unshadowed(entries) for folder, entries in sorted(found.items())}

    def why_unread(self, entry: Entry) -> str:
        """Why a file could not be read; "" where it was, or where there is nothing in it.

        Args:
            entry: the file, or a link to it.
        """
        if entry.dangling:
            return f"is a link to nothing (`{entry.link}`)"
        if entry.link is not None and entry.target.startswith(".."):
            return "is a link to what is outside of the tree"
        file = self.behind(entry)
        if file is not None and "link" in file.body:
            return "holds nothing but a path: a link that was checked out as text"
        return self.problems.get(entry.target or entry.uri, "")

    def behind(self, entry: Entry) -> Resource | None:
        """What was read from a file, or from what a link leads to.

        Args:
            entry: the file or link.
        """
        return (self.file(entry.target) if entry.target else None) or self.file(entry.uri)

    def blocks_in(self, folder: str, *types: str) -> Iterator[Block]:
        """The blocks of a folder's configuration.

        Args:
            folder: the folder.
            types: the types that are asked for; all where none is.
        """
        for entry in self.configurations.get(folder, ()):
            file = self.behind(entry)
            if file is not None and file.kind == TERRAFORM_FILE:
                yield from blocks_of(file, *types)

    def unread_in(self, folder: str) -> str:
        """The file of a folder's configuration that could not be read, and why; "" where all were.

        Args:
            folder: the folder.
        """
        unread = ((entry, self.why_unread(entry)) for entry in self.configurations.get(folder, ()))
        return next((f"{entry.name} {why}" for entry, why in unread if why), "")

    # Modules ---------------------------------------------------------------------------------------------------

    @cached_property
    def called_folders(self) -> frozenset[str]:
        """The folders that something in the tree calls as modules."""
        callers = [(folder, block) for folder in self.configurations for block in self.blocks_in(folder, "module")]
        for unit in self.of(TERRAFORM_FILE):
            if unit.name.endswith(".hcl"):
                callers += ((posixpath.dirname(unit.name), block) for block in blocks_of(unit, "terraform"))
        sources = ((folder, block.decided("source")) for folder, block in callers)
        return frozenset(folder_from(source, folder) for folder, source in sources if is_local(source))

    @cached_property
    def link_sources(self) -> frozenset[str]:
        """The folders whose files links in other folders lead to."""
        entries = (entry for entries in self.configurations.values() for entry in entries)
        return frozenset(posixpath.dirname(entry.target) for entry in entries if entry.link is not None)


def _unshadowed(entries: Sequence[Entry]) -> Sequence[Entry]:
    """What OpenTofu reads: `x.tofu` stands in the place of `x.tf`."""
    tofu = {entry.name.replace(".tofu", ".tf") for entry in entries if ".tofu" in entry.name}
    return [entry for entry in entries if ".tofu" in entry.name or entry.name not in tofu]
