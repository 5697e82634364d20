"""The kustomizations of a tree: what each refers to, which of them are roots, and what stands in the way of a build.

What the fields of a kustomization mean is from kustomize's reference documentation (kubernetes-sigs/kustomize).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from readycheck.documents.text import Unreadable
from readycheck.documents.yaml import Document, locate
from readycheck.kubernetes.kustomization import FILE_NAMES, Entry, Role, entries_of
from readycheck.model import Map, Path, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from readycheck.sources.files.parsed import ParsedFiles

_LISTING = frozenset({"apiVersion", "kind", "metadata", "resources"})
"""The fields of a kustomization that does nothing but name manifests."""

_GATHERING = frozenset(
    {
        "apiVersion",
        "bases",
        "buildMetadata",
        "commonAnnotations",
        "configMapGenerator",
        "generatorOptions",
        "kind",
        "metadata",
        "namespace",
        "resources",
        "secretGenerator",
        "sortOptions",
    }
)
"""The fields of a kustomization that leave the manifests it names as they are, but for annotations and namespace."""


class Reference(Struct, frozen=True):
    """An entry of a kustomization, and the place that it names.

    Args:
        entry: the entry.
        target: the absolute path that is meant, whether something stands there or not.
    """

    entry: Entry
    target: str

    @property
    def role(self) -> Role:
        """What it is used as."""
        return self.entry.role

    @property
    def text(self) -> str:
        """The name as it is written."""
        return self.entry.text

    @property
    def path(self) -> Path:
        """Where the entry stands in the kustomization."""
        return self.entry.path

    @property
    def exists(self) -> bool:
        """Whether something local stands there."""
        return os.path.exists(self.target)


class Kustomization(Struct, frozen=True, eq=False):
    """A kustomization or a Component.

    Args:
        file: the absolute path of its file.
        document: what stands in it; None where that can't be read.
        references: every entry that names something else.
        problem: why it can't be read.
    """

    file: str
    document: Document | None
    references: Sequence[Reference] = ()
    problem: Problem | None = None

    @property
    def folder(self) -> str:
        """The absolute path of its folder, without links."""
        return os.path.dirname(self.file)

    @property
    def body(self) -> Mapping[str, Any]:
        """What it says; empty where it can't be read."""
        return self.document.body if self.document else {}

    @property
    def namespace(self) -> str:
        """The namespace that it puts its objects into, as it is written; "" where it names none."""
        given = self.body.get("namespace")
        return str(given) if isinstance(given, str) else ""

    @property
    def is_component(self) -> bool:
        """Whether it is only ever a part of other kustomizations."""
        return str(self.body.get("kind")) == "Component"


class Kustomizations:
    """The kustomizations of a tree and of what they refer to.

    Args:
        files: reads the files, and knows the scan root.
        uris: the paths from the scan root of the tree's files; others are passed over.
        boundary: the folder that nothing is read outside of; None where a kustomization may refer to any folder.
    """

    def __init__(self, files: ParsedFiles, uris: Iterable[str], boundary: str | None = None) -> None:
        self.files = files
        self._boundary = os.path.realpath(boundary) if boundary is not None else None
        self._by_folder: dict[str, Kustomization | None] = {}
        named = sorted(uri for uri in uris if uri.rpartition("/")[2] in FILE_NAMES)
        folders = dict.fromkeys(os.path.realpath(files.absolute(uri.rpartition("/")[0])) for uri in named)
        found = [found for folder in folders if (found := self.at(folder))]
        self.roots: Sequence[Kustomization] = self._roots(found)
        used = {part.file for root in self.roots for part in self.closure(root)}
        self.unused_components: Sequence[Kustomization] = [each for each in found if each.file not in used]
        self.covered: frozenset[str] = frozenset(self._covered(used))

    @property
    def read(self) -> Sequence[Kustomization]:
        """Every kustomization that was read: those of the tree, and what they are made of."""
        return [found for found in self._by_folder.values() if found is not None and found.problem is None]

    def at(self, folder: str) -> Kustomization | None:
        """The kustomization of a folder, given by its path without links; None where there is none."""
        if folder not in self._by_folder:
            paths = (os.path.join(folder, name) for name in FILE_NAMES)
            file = next(filter(os.path.isfile, paths), None)
            self._by_folder[folder] = self._read(file) if file else None
        return self._by_folder[folder]

    def closure(self, root: Kustomization) -> Sequence[Kustomization]:
        """A kustomization and all that it is made of, itself first."""
        seen = {root.folder: root}
        waiting = [root]
        while waiting:
            for part in self._parts(waiting.pop()):
                if part.folder not in seen:
                    seen[part.folder] = part
                    waiting.append(part)
        return list(seen.values())

    def obstacle(self, root: Kustomization) -> Problem | None:
        """What makes a build of `root` impossible or unsafe, so that it isn't tried; None where nothing does."""
        for part in self.closure(root):
            if part.problem:
                return part.problem
            for reference in part.references:
                if reason := self._objection(reference):
                    return self.problem(part, reference.path, reason)
        return None

    def is_list(self, root: Kustomization) -> bool:
        """Whether a root only lists manifests of its own folder or others, so that a build gives just these."""
        return (
            root.problem is None
            and _LISTING.issuperset(root.body)
            and all(os.path.isfile(reference.target) for reference in root.references)
            and self.obstacle(root) is None
        )

    def gathered(self, root: Kustomization) -> Sequence[tuple[str, str]] | None:
        """The local manifests of a root that changes nothing in them, each with the namespace that it gives them.

        Such a root needs no build to be judged exactly. None where something is patched, renamed or replaced.
        """
        found: dict[str, str] = {}
        waiting = [(root, "")]
        while waiting:
            part, outer = waiting.pop()
            if part.problem or not _GATHERING.issuperset(part.body):
                return None
            namespace = outer or part.namespace
            for reference in part.references:
                if reference.role is not Role.RESOURCE or not reference.exists:
                    continue
                inner = self.at(os.path.realpath(reference.target)) if os.path.isdir(reference.target) else None
                if inner:
                    waiting.append((inner, namespace))
                elif os.path.isfile(reference.target):
                    found.setdefault(reference.target, namespace)
        return sorted(found.items())

    def missing_inputs(self, root: Kustomization) -> Sequence[tuple[Kustomization, Reference]]:
        """The files of generators in the closure of `root` that don't exist, such as secrets that git ignores."""
        return [
            (part, reference)
            for part in self.closure(root)
            for reference in part.references
            if reference.role is Role.INPUT and not reference.exists
        ]

    def problem(self, part: Kustomization, path: Path, reason: str) -> Problem:
        """A problem with an entry of a kustomization."""
        source = self.files.read(part.file).source
        line = source.line_column(locate(part.body, path, 0))[0]
        return Problem(source.uri, reason, line)

    def _read(self, file: str) -> Kustomization | None:
        try:
            parsed = self.files.read(file)
        except Unreadable as error:
            return Kustomization(file, None, problem=Problem(self.files.uri(file), error.reason, error.line))
        if any(_is_flux(document.body) for document in parsed.documents):
            return None
        document = next((document for document in parsed.documents if isinstance(document.body, Map)), None)
        if document is None or parsed.faults:
            line, reason = (
                (parsed.faults[0].line, parsed.faults[0].reason) if parsed.faults else (1, "holds no mapping")
            )
            return Kustomization(file, document, problem=Problem(parsed.source.uri, reason, line))
        return Kustomization(file, document, tuple(_references(document.body, os.path.dirname(file))))

    def _parts(self, kustomization: Kustomization) -> Iterator[Kustomization]:
        for reference in kustomization.references:
            if os.path.isdir(reference.target) and (part := self.at(os.path.realpath(reference.target))):
                yield part

    def _roots(self, found: Sequence[Kustomization]) -> Sequence[Kustomization]:
        parts = {part.file for each in found for part in self._parts(each)}
        roots = [each for each in found if each.file not in parts and not each.is_component]
        reached = {part.file for root in roots for part in self.closure(root)}
        for each in found:
            # What only refers to itself in a circle has no root; left alone, nobody would hear of it.
            if each.file not in reached and not each.is_component:
                roots.append(each)
                reached.update(part.file for part in self.closure(each))
        return roots

    def _objection(self, reference: Reference) -> str | None:
        if reference.role is Role.CHART:
            return f"the chart {reference.text!r} would have to be fetched and inflated by the build, which is not done"
        if not reference.exists:
            if reference.entry.remote:
                return f"{reference.text!r} is remote, and nothing is fetched"
            return None if reference.role is Role.INPUT else f"{reference.text!r} does not exist"
        if not (os.path.isfile(reference.target) or os.path.isdir(reference.target)):
            return f"{reference.text!r} is neither a file nor a folder"
        if self._boundary is not None:
            real = os.path.realpath(reference.target)
            if os.path.commonpath((self._boundary, real)) != self._boundary:
                return f"{reference.text!r} leads out of the repository"
        return None

    def _covered(self, used: set[str]) -> Iterator[str]:
        for kustomization in filter(None, self._by_folder.values()):
            yield self.files.uri(kustomization.file)
            for reference in kustomization.references:
                if reference.role is Role.SETTING or (reference.role is Role.RESOURCE and kustomization.file in used):
                    yield self.files.uri(reference.target)
                    yield self.files.uri(os.path.realpath(reference.target))


def _is_flux(body: object) -> bool:
    return isinstance(body, Map) and str(body.get("apiVersion", "")).startswith("kustomize.toolkit.fluxcd.io/")


def _references(body: Map, folder: str) -> Iterator[Reference]:
    for entry in entries_of(body):
        yield Reference(entry, os.path.normpath(os.path.join(folder, entry.text)))
