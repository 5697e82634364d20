"""New objects: the file that each is written to, and the kustomizations that have to name that file."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from readycheck.documents.edits import Code, Refused
from readycheck.documents.edits.layout import Style, entries
from readycheck.fixes.aims import Aim
from readycheck.kubernetes.kustomization import KUSTOMIZATION_FILE, KustomizationFile, Role
from readycheck.model import NewObject, Resource
from readycheck.sources.files.origins import ChartOrigin, FileOrigin
from readycheck.sources.files.targets import Format, Target, as_written, file_of, target_of

_SHORT = {"PodDisruptionBudget": "pdb", "ServiceMonitor": "servicemonitor"}
_NAMED_BY_KIND = frozenset({"deployment", "statefulset", "rollout", "daemonset", "service"})


class Addition(Struct, frozen=True, eq=False):
    """An object that is added.

    Args:
        file: the absolute path of the file that it is written to.
        uri: its path from the scan root.
        body: the object; empty where all that stands in the file is said by aims.
        into: whether the file is there, and the object becomes its last document.
    """

    file: str
    uri: str
    body: Mapping[str, Any]
    into: bool


class Neighbours:
    """What is known of the files beside which new ones are written.

    Args:
        resources: everything that was read.
        single: whether one file alone was scanned: nothing written beside it would be seen.
    """

    def __init__(self, resources: Iterable[Resource], *, single: bool) -> None:
        self._single = single
        self._naming: dict[str, list[KustomizationFile]] = defaultdict(list)
        self._documents: dict[str, int] = defaultdict(int)
        self._names: set[tuple[str, ...]] = set()
        for resource in resources:
            if resource.kind == KUSTOMIZATION_FILE and isinstance(resource, KustomizationFile):
                for reference in resource.references:
                    if reference.entry.role is Role.RESOURCE:
                        self._naming[reference.uri].append(resource)
            elif isinstance(resource.origin, FileOrigin) and resource.api_version:
                self._documents[resource.origin.file] += 1
            self._names.add((resource.origin.world, resource.kind, resource.scope, resource.name))

    def refuse_taken(self, new: NewObject) -> None:
        """Refuse a new object that would take the place of another one.

        Args:
            new: the object.

        Raises:
            Refused: there is one of its kind and name already.
        """
        kind, name = str(new.body.get("kind")), str((new.body.get("metadata") or {}).get("name"))
        if (new.beside.origin.world, kind, new.beside.scope, name) in self._names:
            raise Refused(Code.LAYOUT, f"would be called as the {kind} {name} that is there already")

    def addition(self, new: NewObject, root: str) -> tuple[Addition, Sequence[Aim]]:
        """Where a new object goes, and the entries that kustomizations get for it.

        Args:
            new: the object.
            root: the scan root.

        Raises:
            Refused: what it stands beside is made by a template.
        """
        if isinstance(new.beside.origin, ChartOrigin):
            raise Refused(Code.TEMPLATED, "needs a new template in the chart")
        # The manifest itself: what a patch repeats of it says nothing of where it stands.
        beside = target_of(new.beside.at(()))
        kind = str(new.body.get("kind"))
        body = _as_written(new, beside)
        if beside.format is not Format.YAML:
            raise Refused(Code.LAYOUT, "stands beside a file that is no YAML")
        if self._single or beside.document or self._documents[beside.uri] > 1:
            return Addition(file_of(beside.uri, root), beside.uri, body, into=True), ()
        folder, slash, name = beside.uri.rpartition("/")
        uri = f"{folder}{slash}{free_name(name, kind, file_of(folder or '.', root))}"
        entries = [_entry(each, uri, root) for each in self._naming.get(beside.uri, ())]
        return Addition(file_of(uri, root), uri, body, into=False), entries


def _as_written(new: NewObject, beside: Target) -> Mapping[str, Any]:
    """An object's body before a build that renames what it stands beside, and adds labels to it."""
    body = as_written(beside, {key: value for key, value in new.body.items() if key != "metadata"})
    metadata = dict(new.body.get("metadata") or {})
    if beside.written is not None and metadata.get("name") == new.beside.name:
        metadata["name"] = beside.written.get("name")
        if beside.written.get("namespace") is None:
            metadata.pop("namespace", None)
    return {"apiVersion": body.pop("apiVersion"), "kind": body.pop("kind"), "metadata": metadata, **body}


def _entry(kustomization: KustomizationFile, uri: str, root: str) -> Aim:
    target = target_of(kustomization.at(("resources", len(kustomization.strings("resources")))))
    name = os.path.relpath(uri, kustomization.name.rpartition("/")[0] or ".").replace(os.sep, "/")
    return Aim(file_of(target.uri, root), target, name)


def free_name(beside: str, kind: str, folder: str) -> str:
    """A name for the file of a new object.

    Args:
        beside: the name of the file beside it.
        kind: the object's kind.
        folder: the folder, absolute.

    Raises:
        Refused: there is a file of that name already.
    """
    stem, dot, suffix = beside.rpartition(".")
    short = _SHORT.get(kind, kind.lower())
    wanted = [short] if stem in _NAMED_BY_KIND else []
    for name in (*wanted, f"{stem}-{short}"):
        if not os.path.lexists(f"{folder}/{name}{dot}{suffix}"):
            return f"{name}{dot}{suffix}"
    raise Refused(Code.LAYOUT, f"would be written to {stem}-{short}{dot}{suffix}, which is there already")


def written(body: Mapping[str, Any]) -> Sequence[str]:
    """The lines of a new object."""
    return list(entries(dict(body), 0, Style()))
