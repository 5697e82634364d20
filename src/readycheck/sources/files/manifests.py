"""Kubernetes objects in documents: which documents are objects, what they are called, where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from readycheck.kubernetes.kinds import CLUSTER_SCOPED
from readycheck.model import Ignore, Location, Map, Path, Problem, Resource, format_path
from readycheck.sources.files.documents import Document, locate
from readycheck.sources.files.text import SourceText

# Kinds that nobody gives to anything else: without an apiVersion or a name they are mistakes, not other formats.
_UNMISTAKABLE = frozenset({"Deployment", "StatefulSet", "DaemonSet", "CronJob", "PodDisruptionBudget"})


@dataclass(frozen=True, slots=True, eq=False)
class FileOrigin:
    """A document of a file that is applied as it stands."""

    text: SourceText
    offset: int
    world: str = ""

    @property
    def source(self) -> str:
        """The source that reads files."""
        return "files"

    @property
    def file(self) -> str:
        """The file's uri."""
        return self.text.uri

    def locate(self, body: object, path: Path) -> Location:
        """The location of a path in the document."""
        return self.text.location(locate(body, path, self.offset), format_path(path))

    def ignores(self, body: object, paths: Iterable[Path]) -> Sequence[Ignore]:
        """The ignore comments on and above the lines of some paths."""
        if not self.text.has_ignores:
            return ()
        lines = {self.text.line_column(locate(body, path, self.offset))[0] for path in paths}
        return [ignore for line in sorted(lines) for ignore in self.text.ignores_at(line)]


@dataclass(slots=True)
class Manifests:
    """The objects of a file, and what is wrong with those that are none."""

    resources: list[Resource] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_objects(text: SourceText, documents: Iterable[Document], *, namespace: str = "") -> Manifests:
    """The Kubernetes objects among the documents of a file; lists of objects are taken apart.

    Args:
        text: the file.
        documents: what stands in it.
        namespace: the namespace of objects that name none; "" leaves them in the release's own.
    """
    manifests = Manifests()
    for document in documents:
        for body, kind, api_version in _objects(document.body, "", ""):
            _add(manifests, text, document, _Head(body, kind, api_version, namespace))
    return manifests


@dataclass(frozen=True, slots=True)
class _Head:
    body: Mapping[str, Any]
    kind: str
    api_version: str
    namespace: str


def _objects(body: Any, kind: str, api_version: str) -> Iterator[tuple[Mapping[str, Any], str, str]]:
    if not isinstance(body, Mapping):
        return
    own_kind, own_version = body.get("kind"), body.get("apiVersion")
    kind = str(own_kind) if isinstance(own_kind, str) else kind
    api_version = str(own_version) if isinstance(own_version, str) else api_version
    items = body.get("items")
    if kind.endswith("List") and isinstance(items, list):
        # The items of a typed list (a RoleList) may leave out what its kind says already.
        item_kind = kind.removesuffix("List")
        for item in items:
            yield from _objects(item, item_kind, api_version if item_kind else "")
    else:
        yield body, kind, api_version


def _add(manifests: Manifests, text: SourceText, document: Document, head: _Head) -> None:
    if not head.kind:
        return
    metadata = head.body.get("metadata")
    metadata = metadata if isinstance(metadata, Mapping) else {}
    name = metadata.get("name") or metadata.get("generateName")
    problem = ""
    if not head.api_version:
        problem = f"kind {head.kind} without apiVersion: the API server refuses it"
    elif not isinstance(name, str):
        problem = f"{head.kind} without metadata.name: the API server refuses it"
    if problem:
        if head.kind in _UNMISTAKABLE:
            line, _ = text.line_column(locate(head.body, (), document.offset))
            manifests.problems.append(Problem(text.uri, problem, line))
            return
        if not head.api_version:
            return
    scope = metadata.get("namespace") or head.namespace
    manifests.resources.append(
        Resource(
            head.kind,
            str(name) if isinstance(name, str) else "",
            "" if head.kind in CLUSTER_SCOPED else str(scope),
            _complete(head),
            FileOrigin(text, document.offset),
        )
    )


def _complete(head: _Head) -> Mapping[str, Any]:
    """The object with the kind and version that a list states for all of its items."""
    body = head.body
    if "apiVersion" in body and "kind" in body:
        return body
    added = {"apiVersion": head.api_version, "kind": head.kind}
    filled = Map({**{key: value for key, value in added.items() if key not in body}, **body})
    marks = body.marks if isinstance(body, Map) else []
    filled.marks = [*(marks[:1] * (len(filled) - len(body))), *marks]
    return filled
