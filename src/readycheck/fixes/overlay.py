"""An overlay of kustomize, as an object that it makes looks from inside of it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from msgspec import Struct

from readycheck.documents.edits import Code, Refused
from readycheck.documents.text import Unreadable
from readycheck.kubernetes.kustomization import FILE_NAMES
from readycheck.model import Map, NewObject, Path, Resource
from readycheck.sources.files.origins import FileOrigin, KustomizeOrigin
from readycheck.sources.files.parsed import ParsedFile, ParsedFiles
from readycheck.sources.files.patches import identified, patches_for
from readycheck.sources.files.provenance import manifest_of
from readycheck.sources.files.targets import Format, file_of


class Overlay(Struct, frozen=True, eq=False):
    """What is built for one environment, with regard to one object in it.

    Args:
        root: the object as it is built.
        manifest: the same as its file declares it.
        kustomization: the file that the build starts from.
        files: reads what that one names.
        alone: whether nothing else in the build is declared as the object is, so that this is enough to name it.
    """

    root: Resource
    manifest: Map
    kustomization: ParsedFile
    files: ParsedFiles
    alone: bool = False

    @classmethod
    def of(cls, root: Resource, files: ParsedFiles, scan_root: str) -> Self:
        """The overlay that makes an object.

        Args:
            root: the object.
            files: reads what stands in files, by their absolute paths.
            scan_root: the scan root, which uris start at.

        Raises:
            Refused: it makes the object of no manifest.
        """
        manifest = declared(root)
        if manifest is None:
            raise Refused(Code.EXPRESSION, "is generated: no patch is known for it")
        folder = file_of(root.origin.world, scan_root)
        file = next(filter(os.path.isfile, (f"{folder}/{name}" for name in FILE_NAMES)), folder)
        try:
            kustomization = files.read(file)
        except Unreadable as unreadable:
            raise Refused(Code.MISSING, unreadable.reason) from unreadable
        return cls(root, manifest, kustomization, files)

    @property
    def settings(self) -> Mapping[str, Any]:
        """What its kustomization says."""
        documents = self.kustomization.documents
        body = documents[0].body if documents else None
        return body if isinstance(body, Map) else {}

    @property
    def folder(self) -> str:
        """The uri of its folder; "" for the scan root."""
        return self.kustomization.source.uri.rpartition("/")[0]

    def uri_of(self, name: str) -> str:
        """The uri of a file that stands in its folder."""
        return f"{self.folder}/{name}" if self.folder else name

    def behind(self, field: str) -> Path:
        """The place behind all that a list of its kustomization names."""
        listed = self.settings.get(field)
        return field, len(listed) if isinstance(listed, list) else 0

    @property
    def patches(self) -> Iterator[tuple[Format, str, int]]:
        """The patches that it has for the object alone: the form of each, the uri of its file, its number in there."""
        identities = {self.identity, identified(self.manifest)}
        for file, number in patches_for(identities, self.kustomization, self.files):
            if file.source.uri.endswith((".yaml", ".yml")):
                form = Format.JSON_PATCH if isinstance(file.documents[number].body, list) else Format.PATCH
                yield form, file.source.uri, number

    @property
    def skeleton(self) -> Mapping[str, Any]:
        """A patch that says nothing yet: of the object as its manifest names it, whatever a build calls it."""
        version, kind, name, namespace = self.identity
        metadata = {"name": name} if namespace is None else {"name": name, "namespace": namespace}
        return {"apiVersion": version, "kind": kind, "metadata": metadata}

    @property
    def name(self) -> str:
        """What the object is called before the overlay itself renames it."""
        prefix, suffix = (str(self.settings.get(field) or "") for field in ("namePrefix", "nameSuffix"))
        return self.root.name.removeprefix(prefix).removesuffix(suffix)

    @property
    def identity(self) -> tuple[object, ...]:
        """What the overlay knows the object by: as it is declared, else as it is before the overlay changes that."""
        if self.alone:
            return identified(self.manifest)
        *_, own = identified(self.manifest)
        namespace = own if self.settings.get("namespace") else self.root.scope or None
        return self.root.api_version, self.root.kind, self.name, namespace

    def before_labels(self, value: Any) -> Any:
        """A value before the overlay adds its own labels to selectors and to pods."""
        added = dict(_added_labels(self.settings))
        made = map(self.root.glimpse, _SELECTING)
        return _without(value, added, [each for each in made if isinstance(each, Mapping)])

    def before_build(self, new: NewObject) -> Mapping[str, Any]:
        """A new object as the overlay has to take it, so that it comes out as it should."""
        body = dict(self.before_labels({key: value for key, value in new.body.items() if key != "metadata"}))
        metadata = dict(new.body.get("metadata") or {})
        if metadata.get("name") == new.beside.name:
            metadata["name"] = self.name
        if self.settings.get("namespace"):
            metadata.pop("namespace", None)
        return {"apiVersion": body.pop("apiVersion"), "kind": body.pop("kind"), "metadata": metadata, **body}


def declared(root: Resource) -> Map | None:
    """An object that is built as its file declares it; None where it is made of no file.

    Args:
        root: the object.
    """
    origin = root.origin
    if isinstance(origin, KustomizeOrigin):
        return manifest_of(origin.rendered, origin.files)
    return root.body if isinstance(origin, FileOrigin) and isinstance(root.body, Map) else None


_SELECTING: tuple[Path, ...] = (
    ("spec", "selector"),
    ("spec", "selector", "matchLabels"),
    ("spec", "template", "metadata", "labels"),
)


def _added_labels(settings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The labels that a kustomization adds to selectors too."""
    common = settings.get("commonLabels")
    if isinstance(common, Mapping):
        yield from common.items()
    labels = settings.get("labels")
    for each in labels if isinstance(labels, list) else ():
        if (
            isinstance(each, Mapping)
            and each.get("includeSelectors") is True
            and isinstance(each.get("pairs"), Mapping)
        ):
            yield from each["pairs"].items()


def _without(value: Any, added: Mapping[str, Any], made: Sequence[Mapping[str, Any]]) -> Any:
    """A value in which the labels of an object stand as they are before some are added.

    Where all of them are, they stay: a selector without any would mean all pods to whoever reads its file.
    """
    if isinstance(value, Mapping):
        left_out = added if value in made and not value.items() <= added.items() else {}
        return {key: _without(item, added, made) for key, item in value.items() if left_out.get(key) != item}
    return [_without(item, added, made) for item in value] if isinstance(value, list) else value
