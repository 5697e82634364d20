"""What environments are configured by, and whether one root is several of them."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from readycheck.inventory.terraform.infrastructure import Group, Infrastructure, at_path
from readycheck.model import Entry, Path, Place, Resource
from readycheck.terraform.blocks import TERRAFORM_FILE, Block, mentions
from readycheck.terraform.layout import is_environment_name
from readycheck.terraform.sources import folder_from

TEMPLATE_FOLDER = "template of environments"
"""The kind of the folders that new environments are made from."""

_VALUES = (".tfvars", ".tfvars.json")
_VERSION_FILES = (".terraform-version", ".opentofu-version")
_CODE = ("Script", "Makefile", "Pipeline")


class Config(Struct, frozen=True, eq=False):
    """The config file of an environment.

    Args:
        name: the name of the file.
        resource: what was read from it.
        keys: the paths of all its keys.
        why: why it could not be read; "" where it was.
        broken: whether that is its own fault.
    """

    name: str
    resource: Resource
    keys: tuple[Path, ...] = ()
    why: str = ""
    broken: bool = False

    @property
    def place(self) -> Place:
        """The file."""
        return Place(self.resource, ())


class Shared(Struct, frozen=True, eq=False):
    """That one root module is several environments.

    Args:
        what: what shows it.
        place: where.
    """

    what: str
    place: Place


class Versioning(Struct, frozen=True, eq=False):
    """Whether a bucket keeps versions.

    Args:
        place: where that is said, or the bucket.
        off: whether it surely keeps none.
    """

    place: Place
    off: bool


class Environments(Infrastructure):
    """The relations between environments and what configures them."""

    @cached_property
    def template_subjects(self) -> Sequence[Resource]:
        """The folders that new environments are made from, as what is judged."""
        return [at_path("Folder", folder) for folder in self.template_folders]

    def group_of_template(self, folder: str) -> Group | None:
        """The environments that are made from a folder; None where none are.

        Args:
            folder: the path of the folder.
        """
        return next((group for group in self.environment_groups if group.template == folder), None)

    # Configs ---------------------------------------------------------------------------------------------------

    def config_of(self, folder: str, name: str) -> Config | None:
        """The config file of an environment; None where there is none.

        Args:
            folder: the folder of the environment.
            name: the name of the file.
        """
        entry = self.listing.entries.get(f"{folder}/{name}")
        if entry is None:
            return None
        read = self.behind(entry)
        why = self.why_unread(entry)
        if read is None:
            return Config(name, at_path("ConfigFile", entry.uri), (), why, broken=bool(why))
        return Config(name, read, tuple(_keys(read.body, ())), why, broken=entry.dangling)

    def configs_of(self, group: Group, name: str) -> Mapping[str, Config]:
        """The configs of environments and their template that could be read, by folder.

        Args:
            group: the environments.
            name: the name of the file.
        """
        folders = (*group.folders, group.template) if group.template else group.folders
        found = {folder: self.config_of(folder, name) for folder in folders}
        return {folder: config for folder, config in found.items() if config is not None and not config.why}

    def variable_values_in(self, folder: str) -> Sequence[str]:
        """The names of the files in a folder that give variables their values.

        Args:
            folder: the folder.
        """
        return [entry.name for entry in self.listing.files_in(folder) if entry.name.endswith(_VALUES)]

    def refers_to(self, folder: str, name: str) -> bool:
        """Whether the configuration of an environment names a file, as far as it can be read.

        Args:
            folder: the folder of the environment.
            name: the name of the file.
        """
        read = [self.behind(entry) for entry in self.configuration_below(folder)]
        return any(file is None or mentions(file.body, name) for file in read)

    @cached_property
    def _links_by_target(self) -> Mapping[str, Sequence[Entry]]:
        links: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.listing.entries.values():
            if entry.link is not None:
                links[entry.target].append(entry)
        return links

    def links_to(self, uri: str) -> Sequence[Entry]:
        """The links that lead to a file.

        Args:
            uri: the file.
        """
        return self._links_by_target.get(uri, ())

    # One root for several environments -------------------------------------------------------------------------

    def shared_by_environments(self, folder: str) -> Shared | None:
        """What shows that a root module is several environments; None where nothing does.

        Args:
            folder: the folder of the root module.
        """
        values = [
            entry
            for entry in self.listing.below(folder)
            if entry.name.endswith(_VALUES) and _names_environment(entry, folder)
            if entry.parent == folder or entry.parent not in self.configurations
        ]
        if len(values) > 1:
            names = " and ".join(entry.uri[len(folder) + 1 if folder else 0 :] for entry in values[:2])
            return Shared(f"{names} make several environments of one root", at_path("SecretFile", values[0].uri).at(()))
        for block in self.blocks_in(folder):
            for settings in block.blocks("backend", "cloud"):
                for workspaces in settings.blocks("workspaces"):
                    if "prefix" in workspaces.attributes or "tags" in workspaces.attributes:
                        return Shared("one root is several environments by its workspaces", workspaces.at())
            if _uses_workspace(block):
                return Shared("one root is several environments by its workspaces", block.at())
        return None

    # What is written out in each -------------------------------------------------------------------------------

    def calls_of(self, folder: str) -> Iterator[str]:
        """The folders of the modules that a root module calls.

        Args:
            folder: the folder of the root module.
        """
        for block in self.blocks_in(folder, "module"):
            yield folder_from(block.decided("source").partition("?")[0], folder)

    def repeated_resources(self, folder: str) -> Sequence[tuple[Block, str]]:
        """The resources that another environment writes out too, each with the folder of that one.

        Args:
            folder: the folder of a root module.
        """
        found: dict[tuple[str, ...], tuple[Block, str]] = {}
        for group in self.environment_groups:
            own = next((each for each in group.folders if folder == each or folder.startswith(f"{each}/")), None)
            if own is None or group.terragrunt:
                continue
            written = self._written_out(folder)
            for other in group.folders:
                theirs = self._written_out(f"{other}{folder[len(own) :]}") if other != own else {}
                for address in written.keys() & theirs.keys():
                    found.setdefault(address, (written[address], other))
        return sorted(found.values(), key=lambda each: (each[0].file.name, each[0].path[-1]))

    def _written_out(self, folder: str) -> Mapping[tuple[str, ...], Block]:
        """The resources of a folder that stand in files of its own."""
        return {
            block.labels: block
            for block in self.blocks_in(folder, "resource")
            if posixpath.dirname(block.file.name) == folder
        }

    # States ----------------------------------------------------------------------------------------------------

    def is_unit(self, folder: str) -> bool:
        """Whether Terragrunt runs what stands in a folder.

        Args:
            folder: the folder.
        """
        return "terragrunt.hcl" in self.listing.folders.get(folder, ())

    def version_file_above(self, folder: str) -> str:
        """The file that tells version managers which Terraform a folder wants; "" where none does.

        Args:
            folder: the folder.
        """
        while True:
            for name in self.listing.folders.get(folder, ()):
                if name in _VERSION_FILES:
                    return f"{folder}/{name}" if folder else name
            if not folder:
                return ""
            folder = posixpath.dirname(folder)

    @cached_property
    def backend_settings(self) -> str:
        """What gives backends settings that their blocks do not hold; "" where nothing does."""
        for resource in self.of(*_CODE):
            if mentions(resource.body, "-backend-config"):
                return f"-backend-config in {resource.name}"
        files = (entry.uri for entry in self.listing.entries.values() if entry.name.endswith(".tfbackend"))
        return next(files, "")

    def versioning_of(self, bucket: str) -> Versioning | None:
        """Whether a bucket keeps versions; None where it cannot be seen, or something else than its block decides.

        Args:
            bucket: its name.
        """
        found = self._buckets.get(bucket)
        return self._versioning(*found) if found is not None else None

    @cached_property
    def _buckets(self) -> Mapping[str, tuple[str, Block]]:
        """The buckets that the tree makes under a name of their own, each with its folder."""
        return {
            block.decided("bucket"): (folder, block)
            for folder in self.configurations
            for block in self.blocks_in(folder, "resource")
            if block.labels[:1] == ("aws_s3_bucket",) and block.decided("bucket")
        }

    def _versioning(self, folder: str, bucket: Block) -> Versioning | None:
        address = f"aws_s3_bucket.{bucket.labels[-1]}."
        name = bucket.decided("bucket")
        for inner in bucket.blocks("versioning"):
            return Versioning(inner.at(), inner.attributes.get("enabled") is False)
        for block in self.blocks_in(folder, "resource"):
            if block.labels[:1] != ("aws_s3_bucket_versioning",):
                continue
            of = block.attributes.get("bucket")
            if mentions(of, address) or (isinstance(of, str) and mentions(of, name)):
                for inner in block.blocks("versioning_configuration"):
                    return Versioning(inner.at(), inner.decided("status") in ("Disabled", "Suspended"))
        return Versioning(bucket.at(), off=True)


def _keys(body: object, path: Path) -> Iterator[Path]:
    if isinstance(body, Mapping):
        for key, value in body.items():
            yield (*path, str(key))
            yield from _keys(value, (*path, str(key)))


def _names_environment(entry: Entry, folder: str) -> bool:
    stem = entry.name.partition(".")[0]
    below = entry.parent[len(folder) + 1 if folder else 0 :]
    return is_environment_name(stem) or (bool(below) and is_environment_name(posixpath.basename(below)))


def _uses_workspace(block: Block) -> bool:
    return block.file.kind == TERRAFORM_FILE and mentions(block.whole, "terraform.workspace")
