"""Fixes as a Component of kustomize: patches, and new objects, for one overlay alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from readycheck.documents.edits import Change
from readycheck.documents.edits.bodies import changed
from readycheck.documents.edits.layout import Style, entries, items
from readycheck.fixes.operations import operations
from readycheck.fixes.proposals import Proposal
from readycheck.model import Path, Resource

_STYLE = Style()


class SeveralOverlays(Exception):  # noqa: N818 - an answer, no fault of the program
    """The fixes are of objects that several overlays or charts make.

    Args:
        worlds: which.
    """

    def __init__(self, worlds: Sequence[str]) -> None:
        super().__init__(f"the fixes are of several overlays ({', '.join(worlds)}): scan one of them alone")


def component(made: Iterable[Proposal]) -> Mapping[str, str]:
    """The files of a Component that makes some fixes, by their names.

    Args:
        made: the fixes, in the order of their rounds.

    Raises:
        SeveralOverlays: they are of more than one.
    """
    patched: dict[tuple[str, str, str], _Patched] = {}
    added: dict[str, Mapping[str, Any]] = {}
    worlds: set[str] = set()
    for proposal in made:
        for edit in proposal.fix.edits:
            root = edit.place.resource.root
            if not root.api_version:
                continue
            worlds.add(root.origin.world)
            own = patched.setdefault((root.kind, root.scope, root.name), _Patched(root))
            own.set(edit.place.resource.path + edit.place.path, edit.value)
        for new in proposal.fix.objects:
            worlds.add(new.beside.root.origin.world)
            metadata = new.body.get("metadata") or {}
            added[f"{str(new.body.get('kind')).lower()}-{metadata.get('name')}.yaml"] = new.body
    if len(worlds) > 1:
        raise SeveralOverlays(sorted(world or "files that stand for themselves" for world in worlds))
    files = {each.file: "\n".join(items(each.operations, 0, _STYLE)) + "\n" for each in patched.values()}
    listed = [{"path": each.file, "target": each.target} for each in patched.values()]
    body: dict[str, Any] = {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component"}
    body |= {"resources": sorted(added)} if added else {}
    body |= {"patches": sorted(listed, key=lambda each: str(each["path"]))} if listed else {}
    files |= {name: _document(new) for name, new in added.items()}
    return {**files, "kustomization.yaml": _document(body)} if files else {}


class _Patched:
    """An object that is patched."""

    def __init__(self, root: Resource) -> None:
        self._root = root
        self._body: Any = root.body
        self._done: dict[Path, list[Any]] = defaultdict(list)
        self.operations: list[Any] = []

    @property
    def file(self) -> str:
        """The name of the file with its patch."""
        return f"{self._root.kind.lower()}-{self._root.name}.patch.yaml"

    @property
    def target(self) -> Mapping[str, str]:
        """What the patch is for."""
        group = {"group": self._root.group} if self._root.group else {}
        return {**group, "kind": self._root.kind, "name": self._root.name}

    def set(self, path: Path, value: Any) -> None:
        """Put a value at a path, beside those that were put there before."""
        if value in self._done[path]:
            return
        if self._done[path] and isinstance(value, list):
            path, value = (*path, len(self._done[path])), value[0]
        self._done[path].append(value)
        self.operations += operations(self._body, [(path, value)])
        self._body = changed(self._body, [Change(0, path, value)])


def _document(body: Mapping[str, Any]) -> str:
    return "\n".join(entries(dict(body), 0, _STYLE)) + "\n"
