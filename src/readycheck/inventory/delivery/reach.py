"""What a folder brings when it is applied: its kustomization, or the one that Flux generates for it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from readycheck.inventory.core import Core
from readycheck.kubernetes.kustomization import (
    FILE_NAMES,
    KUSTOMIZATION_FILE,
    KustomizationFile,
    Reference,
    Role,
)
from readycheck.model import Place

_MANIFESTS = (".yaml", ".yml")
_APPLIED = (Role.RESOURCE, Role.COMPONENT)


class Reached(Struct, frozen=True):
    """What is reached from a folder.

    Args:
        files: the uris of all files that have a part in what is applied: manifests, patches, data of generators, the
            kustomizations themselves.
        missing: what kustomizations on the way name and what is not there.
        unknown: why more may be reached than is told; "" where all is told.
        entries: the folders of the kustomizations that it begins with.
    """

    files: frozenset[str]
    missing: tuple[Place, ...] = ()
    unknown: str = ""
    entries: frozenset[str] = frozenset()


class Reach(Core):
    """The relations from folders to the files that they bring when they are applied."""

    @cached_property
    def kustomization_files(self) -> Sequence[KustomizationFile]:
        """Every kustomization that was read."""
        return [found for found in self.of(KUSTOMIZATION_FILE) if isinstance(found, KustomizationFile)]

    @cached_property
    def _kustomization_by_folder(self) -> Mapping[str, KustomizationFile]:
        return {found.folder: found for found in self.kustomization_files}

    def kustomization_in(self, folder: str) -> KustomizationFile | None:
        """The kustomization of a folder; None where it has none, or one that could not be read."""
        return self._kustomization_by_folder.get(folder)

    @cached_property
    def _kustomized(self) -> frozenset[str]:
        named = (folder for folder, names in self.listing.folders.items() if any(name in names for name in FILE_NAMES))
        return frozenset((*self._kustomization_by_folder, *named))

    def has_kustomization(self, folder: str) -> bool:
        """Whether a folder has a kustomization of its own, readable or not."""
        return folder in self._kustomized

    def reached_from(self, folder: str) -> Reached:
        """What a folder brings when Flux applies it.

        Without a kustomization of its own Flux generates one: it takes every `.yaml` and `.yml` file below, and where a
        folder on the way has a kustomization, that in place of the folder's files (Flux's documentation of
        Kustomization, `spec.path`).

        Args:
            folder: the uri of a folder that exists.
        """
        kustomizations, files = [], set[str]()
        waiting = [folder]
        while waiting:
            place = waiting.pop()
            if self.has_kustomization(place):
                kustomizations.append(place)
                continue
            files.update(entry.uri for entry in self.listing.files_in(place) if entry.uri.endswith(_MANIFESTS))
            waiting += self.listing.folders_in(place)
        built = self.built_from(kustomizations)
        return replace(built, files=built.files | files)

    def built_from(self, folders: Sequence[str]) -> Reached:
        """What kustomizations bring, with all that they are made of.

        Args:
            folders: the folders that they stand in.
        """
        files = set[str]()
        missing: list[Place] = []
        unknown = ""
        seen, waiting = set(folders), list(folders)
        while waiting:
            folder = waiting.pop()
            kustomization = self.kustomization_in(folder)
            if kustomization is None:
                unknown = unknown or f"the kustomization of {folder or 'the scan root'} cannot be read"
                continue
            files.add(kustomization.name)
            for reference in kustomization.references:
                if self.is_missing(reference):
                    missing.append(kustomization.at(reference.entry.path))
                elif not reference.exists:
                    # What is remote brings no file of the tree; what git ignores is told by the source.
                    continue
                elif not self._is_folder(reference.uri):
                    files.add(reference.uri)
                elif reference.uri not in seen:
                    seen.add(reference.uri)
                    waiting.append(reference.uri)
        return Reached(frozenset(files), tuple(missing), unknown, frozenset(folders))

    def _is_folder(self, uri: str) -> bool:
        """Whether a folder stands somewhere; bases may stand outside of what was walked, and are read all the same."""
        return uri in self.listing.folders or self.has_kustomization(uri)

    def is_missing(self, reference: Reference) -> bool:
        """Whether a build stops at an entry: nothing stands there, or a folder without a kustomization."""
        if reference.entry.role in (Role.CHART, Role.INPUT):
            return False
        if not reference.exists:
            return not reference.entry.remote and "$" not in reference.entry.text
        return (
            reference.entry.role in _APPLIED
            and reference.uri in self.listing.folders
            and not self.has_kustomization(reference.uri)
        )

    # What nothing brings -----------------------------------------------------------------------------------------

    @cached_property
    def _used(self) -> frozenset[str]:
        return frozenset(reference.uri for each in self.kustomization_files for reference in each.references)

    def left_out_by(self, uri: str) -> KustomizationFile | None:
        """The kustomization that stands over a file and does not bring it: the nearest upwards from it.

        None where some kustomization names the file, or none stands over it.

        Args:
            uri: the uri of a file of manifests.
        """
        if uri in self._used:
            return None
        for folder in _upwards(uri):
            if folder in self._used and not self.has_kustomization(folder):
                return None
            if self.has_kustomization(folder):
                return self.kustomization_in(folder)
        return None


def commented_out(kustomization: KustomizationFile, uri: str) -> bool:
    """Whether a kustomization names a file in a comment only: somebody has taken it out on purpose.

    Args:
        kustomization: the kustomization.
        uri: the uri of the file, in the same folder.
    """
    name = posixpath.basename(uri)
    lines = kustomization.origin.excerpt(kustomization.body, (), _WHOLE_FILE)
    return any(line.lstrip().startswith("#") and name in line for _, line in lines)


_WHOLE_FILE = 10_000


def _upwards(uri: str) -> Iterator[str]:
    folder = posixpath.dirname(uri)
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""
