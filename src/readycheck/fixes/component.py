"""Fixes as a Component of kustomize: patches, and new objects, for one overlay alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from readycheck.documents.edits.layout import Style, entries, items
from readycheck.fixes.operations import Operations, target_of
from readycheck.fixes.overlay import Overlay
from readycheck.fixes.proposals import Proposal
from readycheck.model import Edit, Resource

_STYLE = Style()


class SeveralOverlays(Exception):  # noqa: N818 - an answer, no fault of the program
    """The fixes are of objects that several overlays or charts make.

    Args:
        worlds: which.
    """

    def __init__(self, worlds: Sequence[str]) -> None:
        super().__init__(f"the fixes are of several overlays ({', '.join(worlds)}): scan one of them alone")


def component(made: Iterable[Proposal], overlay_of: Callable[[Resource], Overlay | None]) -> Mapping[str, str]:
    """The files of a Component that makes some fixes, by their names.

    Args:
        made: the fixes, in the order of their rounds.
        overlay_of: the overlay that makes an object; None where it is applied as its file has it.

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
            key = (root.kind, root.scope, root.name)
            if key not in patched:
                patched[key] = _Patched(root, overlay_of(root))
            patched[key].make(edit)
        for new in proposal.fix.objects:
            worlds.add(new.beside.root.origin.world)
            overlay = overlay_of(new.beside.root)
            body = overlay.before_build(new) if overlay else new.body
            metadata = body.get("metadata") or {}
            added[f"{str(body.get('kind')).lower()}-{metadata.get('name')}.yaml"] = body
    if len(worlds) > 1:
        raise SeveralOverlays(sorted(world or "files that stand for themselves" for world in worlds))
    files = {each.file: "\n".join(items(each.made, 0, _STYLE)) + "\n" for each in patched.values()}
    listed = [{"path": each.file, "target": each.target} for each in patched.values()]
    body = {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component"}
    body |= {"resources": sorted(added)} if added else {}
    body |= {"patches": sorted(listed, key=lambda each: str(each["path"]))} if listed else {}
    files |= {name: _document(new) for name, new in added.items()}
    return {**files, "kustomization.yaml": _document(body)} if files else {}


class _Patched(Operations):
    """An object that is patched, as its overlay has it before it renames it and adds labels to it."""

    def __init__(self, root: Resource, overlay: Overlay | None) -> None:
        super().__init__(root.body)
        name = overlay.name if overlay else root.name
        self._overlay = overlay
        self.target = {**target_of(root), "name": name}
        self.file = f"{root.kind.lower()}-{name}.patch.yaml"

    def make(self, edit: Edit) -> None:
        """Make an edit of the object."""
        value = self._overlay.before_labels(edit.value) if self._overlay else edit.value
        self.set(edit.place.way, value)


def _document(body: Mapping[str, Any]) -> str:
    return "\n".join(entries(dict(body), 0, _STYLE)) + "\n"
