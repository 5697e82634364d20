"""Fixes as a Component of kustomize: patches, and new objects, for one overlay alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from readycheck.documents.edits.layout import Style, entries, items
from readycheck.fixes.operations import Operations, target_of
from readycheck.fixes.proposals import Proposal
from readycheck.model import Resource

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
    files = {each.file: "\n".join(items(each.made, 0, _STYLE)) + "\n" for each in patched.values()}
    listed = [{"path": each.file, "target": each.target} for each in patched.values()]
    body: dict[str, Any] = {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component"}
    body |= {"resources": sorted(added)} if added else {}
    body |= {"patches": sorted(listed, key=lambda each: str(each["path"]))} if listed else {}
    files |= {name: _document(new) for name, new in added.items()}
    return {**files, "kustomization.yaml": _document(body)} if files else {}


class _Patched(Operations):
    """An object that is patched."""

    def __init__(self, root: Resource) -> None:
        super().__init__(root.body)
        self.target = target_of(root)
        self.file = f"{root.kind.lower()}-{root.name}.patch.yaml"


def _document(body: Mapping[str, Any]) -> str:
    return "\n".join(entries(dict(body), 0, _STYLE)) + "\n"
