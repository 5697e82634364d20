"""Root modules, and the folders of environments."""

from __future__ import annotations

import posixpath
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from readycheck.inventory.terraform.configurations import Configurations
from readycheck.model import Entry, Location, Path, Resource, Uncommented
from readycheck.terraform.blocks import TERRAFORM_FILE, Block, is_configuration
from readycheck.terraform.layout import (
    counts,
    holds_environments,
    is_environment_name,
    is_example,
    is_module_path,
    is_template_name,
    without_environment,
)

ROOT_MODULE = "root module"
"""The kind that rules about root modules judge: their folders."""
ENVIRONMENT_FOLDER = "environment folder"
"""The kind that rules about environments judge: their folders, and those of root modules that are no environments'."""
SHARED_CONFIGURATION = "configuration of an environment"
"""The kind that rules about what environments share judge: the files in their folders, and what links there lead to."""

_ALIKE = 0.5
"""The part of their names that environments have in common at least."""
_TERRAGRUNT = "terragrunt.hcl"
_LOCK_FILE = ".terraform.lock.hcl"
_MOST_LINES = 20_000
_MOST_NAMED = 5


class _PathOrigin(Uncommented, frozen=True):
    """The origin of a folder, or of a link that leads to nothing: it has a path and no lines."""

    file: str
    source: str = "files"
    world: str = ""

    def locate(self, body: object, path: Path) -> Location:
        del body, path
        return Location(self.file)


def at_path(kind: str, uri: str) -> Resource:
    """A thing that was not read but stands in the tree: a folder, a link to nothing.

    Args:
        kind: its kind.
        uri: its path.
    """
    return Resource(kind, uri or ".", "", {}, _PathOrigin(uri or "."))


class Group(Struct, frozen=True, eq=False):
    """Environments: folders beside each other that are alike.

    Args:
        parent: the folder that they stand in.
        folders: their paths.
        template: the folder that new ones are made from; "" where there is none.
        terragrunt: whether Terragrunt runs them.
    """

    parent: str
    folders: tuple[str, ...]
    template: str = ""
    terragrunt: bool = False

    @property
    def named(self) -> str:
        """What people call them: `envs/{dev,prod}`."""
        names = ",".join(posixpath.relpath(folder, self.parent or ".") for folder in self.folders[:_MOST_NAMED])
        names += ",..." if len(self.folders) > _MOST_NAMED else ""
        return f"{self.parent}/{{{names}}}" if self.parent else f"{{{names}}}"


class Infrastructure(Configurations):
    """The relations between the folders that Terraform is run in."""

    # Root modules ------------------------------------------------------------------------------------------------

    @cached_property
    def root_folders(self) -> Sequence[str]:
        """The folders that Terraform is run in: what nobody calls, and that says where it is to be applied."""
        environments = {folder for group in self.environment_groups for folder in self._roots_below(group)}
        templates = [group.template for group in self.environment_groups if group.template]
        return [
            folder
            for folder in self.configurations
            if (folder in environments or self._is_root(folder)) and not _is_within(folder, templates)
        ]

    def _roots_below(self, group: Group) -> Iterator[str]:
        for folder in self.configurations if not group.terragrunt else ():
            if _is_within(folder, group.folders) and folder not in self.called_folders and not is_module_path(folder):
                yield folder

    def _is_root(self, folder: str) -> bool:
        if folder in self.called_folders or folder in self.link_sources:
            return False
        if is_module_path(folder) or is_example(folder):
            return False
        if any(self.blocks_in(folder, "provider")) or self.backend_of(folder) is not None:
            return True
        names = self.listing.folders.get(folder, ())
        return _LOCK_FILE in names or any(name.endswith((".tfvars", ".tfstate")) for name in names)

    def backend_of(self, folder: str) -> Block | None:
        """The block that says where a root module's state is kept: `backend` or `cloud`.

        Args:
            folder: the folder of the root module.
        """
        settings = self.blocks_in(folder, "terraform")
        return next((inner for block in settings for inner in block.blocks("backend", "cloud")), None)

    def lock_file_of(self, folder: str) -> Entry | None:
        """The file that pins the providers of a root module; None where none is committed.

        Args:
            folder: the folder of the root module.
        """
        return self.listing.entries.get(f"{folder}/{_LOCK_FILE}" if folder else _LOCK_FILE)

    @cached_property
    def root_modules(self) -> Sequence[Resource]:
        """The folders of root modules, as what is judged."""
        return [at_path("Folder", folder) for folder in self.root_folders]

    # Environments ----------------------------------------------------------------------------------------------

    @cached_property
    def environment_groups(self) -> Sequence[Group]:
        """The environments of the tree."""
        return [*self._grouped(), *self._units()]

    @cached_property
    def template_folders(self) -> Sequence[str]:
        """The folders that new environments are made from."""
        return [group.template for group in self.environment_groups if group.template]

    def _grouped(self) -> Iterator[Group]:
        parents: dict[str, set[str]] = defaultdict(set)
        for folder in self.configurations:
            place = folder
            while place:
                parents[posixpath.dirname(place)].add(place)
                place = posixpath.dirname(place)
        for parent, children in sorted(parents.items()):
            if not is_example(f"{parent}/x") and not is_module_path(parent):
                group = self._group(parent, sorted(children))
                if group is not None:
                    yield group

    def _group(self, parent: str, children: Sequence[str]) -> Group | None:
        templates = [child for child in children if is_template_name(posixpath.basename(child))]
        candidates = [
            child
            for child in children
            if child not in templates and child not in self.called_folders and child not in self.link_sources
            if not is_module_path(child)
        ]
        named = [child for child in candidates if is_environment_name(posixpath.basename(child))]
        direct = [child for child in candidates if child in self.configurations]
        chosen = direct if holds_environments(posixpath.basename(parent)) or templates else named
        if not all(child in self.configurations for child in named):
            chosen = named
        alike = self._alike(chosen)
        if len(alike) < 2:  # noqa: PLR2004 - two is what "siblings" starts at
            return None
        template = templates[0] if templates else self._template_elsewhere(alike)
        return Group(parent, tuple(alike), template)

    def _alike(self, folders: Sequence[str]) -> list[str]:
        """Those of some folders that consist of much the same files."""
        shapes = {folder: self.shape_of(folder) for folder in folders}
        common = _common(shapes.values())
        return [folder for folder, shape in shapes.items() if _likeness(shape, common) >= _ALIKE]

    def _template_elsewhere(self, environments: Sequence[str]) -> str:
        common = _common([self.shape_of(folder) for folder in environments])
        for folder in self.configurations:
            parts = folder.split("/")
            if any(map(is_template_name, parts[-2:])) and _likeness(self.shape_of(folder), common) >= _ALIKE:
                return folder
        return ""

    def shape_of(self, folder: str) -> frozenset[str]:
        """The names of the files that an environment consists of, its own name left open.

        Args:
            folder: the folder of the environment.
        """
        name = posixpath.basename(folder)
        skip = len(folder) + 1
        return frozenset(
            without_environment(entry.uri[skip:], name) for entry in self.listing.below(folder) if counts(entry.name)
        )

    def _units(self) -> Iterator[Group]:
        """The units of Terragrunt: the leaves among the folders that have its file."""
        folders = [entry.parent for entry in self.listing.entries.values() if entry.name == _TERRAGRUNT]
        leaves = [
            folder
            for folder in sorted(folders)
            if not is_example(folder) and not is_module_path(folder)
            if not any(other != folder and _is_within(other, [folder]) for other in folders)
        ]
        if len(leaves) > 1:
            yield Group(posixpath.commonpath(leaves), tuple(leaves), terragrunt=True)

    @cached_property
    def _groups_by_folder(self) -> Mapping[str, Group]:
        return {folder: group for group in self.environment_groups for folder in group.folders}

    def group_of(self, folder: str) -> Group | None:
        """The environments that a folder is one of; None where it is none's.

        Args:
            folder: the path of the folder.
        """
        return self._groups_by_folder.get(folder)

    @cached_property
    def environment_folders(self) -> Sequence[Resource]:
        """The folders of environments, and those of root modules that belong to none, as what is judged."""
        grouped = list(self._groups_by_folder)
        loose = [folder for folder in self.root_folders if not _is_within(folder, grouped)]
        return [at_path("Folder", folder) for folder in sorted({*grouped, *loose})]

    def differing(self, group: Group, folder: str) -> tuple[list[str], list[str]]:
        """The files that an environment or its template lacks, and those that it alone has.

        Args:
            group: the environments.
            folder: one of them, or their template.
        """
        voters = (*group.folders, group.template) if group.template else group.folders
        return odd_ones({each: self.shape_of(each) for each in voters}, folder)

    # What environments share -----------------------------------------------------------------------------------

    @cached_property
    def shared_configuration(self) -> Sequence[Resource]:
        """The files of configuration in the folders of environments; what links lead to stands for them."""
        found: dict[str, Resource] = {}
        for group in self.environment_groups:
            for folder in group.folders if not group.terragrunt else ():
                for entry in self.configuration_below(folder):
                    file = self.behind(entry) if not entry.dangling else None
                    file = file or at_path(TERRAFORM_FILE, entry.uri)
                    found.setdefault(file.name, file)
        return list(found.values())

    def configuration_below(self, folder: str) -> Iterator[Entry]:
        """The files of configuration in a folder and below it.

        Args:
            folder: the folder.
        """
        return (entry for entry in self.listing.below(folder) if is_configuration(entry.name))

    def counterparts(self, uri: str) -> Iterator[Entry]:
        """The files of the same name in the other environments.

        Args:
            uri: a file in the folder of an environment.
        """
        for group in self.environment_groups:
            own = next((folder for folder in group.folders if uri.startswith(f"{folder}/")), None)
            if own is None or group.terragrunt:
                continue
            for folder in group.folders:
                entry = self.listing.entries.get(f"{folder}/{uri.removeprefix(f'{own}/')}")
                if folder != own and entry is not None:
                    yield entry


def lines_of(file: Resource) -> list[str]:
    """The lines of a file, without the spaces at their ends.

    Args:
        file: what was read from it.
    """
    return [line.rstrip() for _, line in file.origin.excerpt(file.root.body, (), _MOST_LINES)]


def odd_ones(members: Mapping[str, frozenset[str]], one: str) -> tuple[list[str], list[str]]:
    """What one lacks that most have, and what it has that most have not; where half have it, it is lacking.

    Args:
        members: what each one has.
        one: the one that is asked about.
    """
    votes = Counter(each for member in members.values() for each in member)
    half = len(members) / 2
    own = members[one]
    lacking = sorted(each for each, count in votes.items() if count >= half and each not in own)
    extra = sorted(each for each in own if votes[each] < half)
    return lacking, extra


def _is_within(folder: str, others: Collection[str]) -> bool:
    return any(folder == other or folder.startswith(f"{other}/") or not other for other in others)


def _common(shapes: Collection[frozenset[str]]) -> frozenset[str]:
    votes = Counter(name for shape in shapes for name in shape)
    return frozenset(name for name, count in votes.items() if count * 2 >= len(shapes))


def _likeness(shape: frozenset[str], common: frozenset[str]) -> float:
    return len(shape & common) / len(shape | common) if shape | common else 0.0
