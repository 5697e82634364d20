"""What leads to a file from anywhere in its repository: kustomizations, calls of Terraform modules, links."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from readycheck.documents.hcl import parse_hcl
from readycheck.documents.text import Unreadable, read_text
from readycheck.kubernetes.kustomization import FILE_NAMES
from readycheck.model import Collected, Map
from readycheck.sources.files.kustomizations import Kustomizations
from readycheck.sources.files.outline import outline
from readycheck.sources.files.parsed import ParsedFiles
from readycheck.sources.files.tree import Tree, walk
from readycheck.terraform.blocks import is_configuration
from readycheck.terraform.sources import is_local


class Surroundings:
    """What a repository is made of, as far as one of its files goes into several things.

    All paths are absolute and without links.

    Args:
        repository: the repository.
        skip: the names of folders that are not entered.
    """

    def __init__(self, repository: str, skip: Collection[str]) -> None:
        self._repository = repository
        self._skip = skip

    def overlays(self, file: str) -> set[str]:
        """The folders of the kustomizations that a file goes into, and that go into no other.

        Args:
            file: the file.
        """
        found: set[str] = set()
        seen: set[str] = set()
        start = os.path.dirname(file) if os.path.basename(file) in FILE_NAMES else file
        waiting = [start]
        while waiting:
            each = waiting.pop()
            above = self._naming.get(each, set())
            if not above and each != start:
                found.add(each)
            waiting += above - seen
            seen |= above
        return found

    def callers(self, file: str) -> Collection[str]:
        """The folders whose configuration calls the folder of a file as a module; none for what is no configuration.

        Args:
            file: the file.
        """
        return self._callers.get(os.path.dirname(file), ()) if is_configuration(file) else ()

    def links(self, file: str) -> Iterator[str]:
        """The links that lead to a file, or to a folder that it stands in.

        Args:
            file: the file.
        """
        place = file
        while True:
            yield from self._links.get(place, ())
            if place in (self._repository, os.path.dirname(place)):
                return
            place = os.path.dirname(place)

    @cached_property
    def outline(self) -> Collected:
        """The repository as what delivers it sees it."""
        return outline(self._tree, self._kustomizations)

    @cached_property
    def _tree(self) -> Tree:
        return walk((Path(self._repository),), skip=self._skip)

    @cached_property
    def _kustomizations(self) -> Kustomizations:
        return Kustomizations(ParsedFiles(Path(self._repository)), [file.uri for file in self._tree.files])

    @cached_property
    def _naming(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for kustomization in self._kustomizations.read:
            for reference in kustomization.references:
                found[os.path.realpath(reference.target)].add(kustomization.folder)
        return found

    @cached_property
    def _callers(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for file in self._tree.files:
            if is_configuration(file.name):
                folder = os.path.dirname(os.path.join(self._repository, file.uri))
                for source in _local_sources(file.path):
                    found[os.path.realpath(os.path.join(folder, source))].add(folder)
        return found

    @cached_property
    def _links(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for entry in self._tree.links:
            link = os.path.join(self._repository, entry.uri)
            found[os.path.realpath(link)].append(link)
        return found


def _local_sources(file: str) -> Iterator[str]:
    """The folders that the modules of a file of configuration are taken from, as they are written."""
    try:
        documents, _ = parse_hcl(read_text(Path(file)))
    except Unreadable:
        return
    for document in documents:
        for block in document.body.get("blocks", ()) if isinstance(document.body, Map) else ():
            source = block["attributes"].get("source") if block["type"] == "module" else None
            if isinstance(source, str) and is_local(source):
                yield str(source)
