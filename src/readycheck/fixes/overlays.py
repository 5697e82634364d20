"""Changes for one environment alone: where it shares a file with others, a patch in its own overlay makes them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

from msgspec.structs import replace

from readycheck.documents.edits import Code, Refused
from readycheck.documents.edits.strategic_merge import said
from readycheck.fixes.additions import Addition, free_name
from readycheck.fixes.aims import Aim
from readycheck.fixes.operations import Meant, target_of
from readycheck.fixes.overlay import Overlay, declared
from readycheck.fixes.ownership import Ownership
from readycheck.model import Collected, Edit, NewObject, Path, Place, Resource, from_files
from readycheck.sources.files.origins import ChartOrigin, is_built
from readycheck.sources.files.parsed import ParsedFiles
from readycheck.sources.files.patches import identified
from readycheck.sources.files.targets import Format, Target, file_of, in_values
from readycheck.sources.files.targets import target_of as written_at


class Overlays:
    """Knows where an environment can say something for itself.

    Args:
        sources: everything that was read.
        root: the scan root, which uris start at.
        ownership: tells what serves others too.
        read: gives the text of a file as it is by now, by its absolute path.
    """

    def __init__(
        self, sources: Iterable[Collected], root: str, ownership: Ownership, read: Callable[[str], str]
    ) -> None:
        self._root = root
        self._ownership = ownership
        self._files = ParsedFiles(FilePath(root), read)
        self._built = [each for each in from_files(sources) if is_built(each)]
        self._alike = Counter((each.origin.world, each.kind, each.name) for each in self._built)

    def target(self, place: Place) -> Target | None:
        """Where a change of a place has to be made, in a file that serves nothing else.

        None where only a patch of an overlay makes it.

        Raises:
            Refused: nothing that the environment has for itself can make it.
        """
        root = place.resource.root
        origin, built = root.origin, is_built(root)
        try:
            target = written_at(place)
        except Refused:
            if built:
                return None
            raise
        served = self._ownership.served(target.uri, origin.world if built else "")
        if not served:
            return target
        if built:
            return None
        for own in in_values(target, origin) if isinstance(origin, ChartOrigin) else ():
            if not self._ownership.served(own.uri):
                return own
        raise Refused(Code.SHARED, f"{target.uri} {served}: the environment has no file of its own to say it in")

    def patch(self, edit: Edit) -> tuple[Sequence[Aim], Sequence[Addition]]:
        """A change of an object by a patch of the overlay that makes it, in the file that it has for it or a new one.

        It is a strategic merge patch, or operations of a JSON patch for what such a one cannot say.

        Raises:
            Refused: no patch makes it.
        """
        root = edit.place.resource.root
        overlay = self._overlay_of(root)
        path, value = edit.place.way, overlay.before_labels(edit.value)
        twins = self._alike[root.origin.world, root.kind, root.name] > 1
        name = f"{root.kind.lower()}-{f'{root.scope}-' if twins else ''}{overlay.name}"
        namespace = {"namespace": root.scope} if twins else {}
        target = {"target": {**target_of(root), "name": str(overlay.identity[2]), **namespace}}
        try:
            steps = [*said(root.group, root.body, path, value)]
        except Refused:
            steps = [(path, Meant(root.body, value))]
            return self._patch(overlay, Format.JSON_PATCH, steps, {"path": f"{name}.json6902.yaml", **target})
        # What several objects are declared as names none of them, and what a build calls each by then is not settled.
        listed = {"path": f"{name}.patch.yaml", **({} if overlay.alone else target)}
        return self._patch(overlay, Format.PATCH, steps, listed)

    def _patch(
        self, overlay: Overlay, form: Format, steps: Sequence[tuple[Path, Any]], listed: Mapping[str, Any]
    ) -> tuple[Sequence[Aim], Sequence[Addition]]:
        """A patch in the file that an overlay has for an object, or in a new one that it lists as is said."""
        for each, uri, number in overlay.patches:
            if each is form and not self._ownership.served(uri, overlay.root.origin.world):
                return self._aims(Target(uri, form, number, ()), steps), ()
        uri = overlay.uri_of(listed["path"])
        file = file_of(uri, self._root)
        if os.path.lexists(file):
            raise Refused(Code.LAYOUT, f"would be written to {uri}, which is there already")
        body = overlay.skeleton if form is Format.PATCH else {}
        aims = [*self._aims(Target(uri, form, 0, ()), steps), self._entry(overlay, "patches", listed)]
        return aims, [Addition(file, uri, body, into=False)]

    def addition(self, new: NewObject) -> tuple[Addition, Sequence[Aim]] | None:
        """Where a new object goes that one overlay alone is to have; None where it can stand beside what it is for.

        Raises:
            Refused: no overlay can have it.
        """
        if self.target(new.beside.at(())) is not None:
            return None
        overlay = self._overlay_of(new.beside.root)
        folder = file_of(overlay.folder or ".", self._root)
        name = free_name(f"{overlay.name}.yaml", str(new.body.get("kind")), folder)
        uri = overlay.uri_of(name)
        added = Addition(file_of(uri, self._root), uri, overlay.before_build(new), into=False)
        return added, [self._entry(overlay, "resources", name)]

    def _aims(self, target: Target, steps: Iterable[tuple[Path, Any]]) -> list[Aim]:
        return [Aim(file_of(target.uri, self._root), replace(target, path=path), value) for path, value in steps]

    def _entry(self, overlay: Overlay, field: str, value: Any) -> Aim:
        uri = overlay.kustomization.source.uri
        return Aim(file_of(uri, self._root), Target(uri, Format.YAML, 0, overlay.behind(field)), value)

    def _overlay_of(self, root: Resource) -> Overlay:
        """The overlay that makes an object.

        Raises:
            Refused: it makes the object of no manifest, or serves others itself.
        """
        overlay = Overlay.of(root, self._files, self._root)
        uri = overlay.kustomization.source.uri
        served = self._ownership.served(uri, root.origin.world)
        if served:
            raise Refused(Code.SHARED, f"{uri} {served}: the environment has no overlay of its own to say it in")
        return replace(overlay, alone=self._declared[root.origin.world, identified(overlay.manifest)] == 1)

    @cached_property
    def _declared(self) -> Counter[tuple[str, tuple[object, ...]]]:
        """How many objects of each build are declared alike."""
        manifests = ((each.origin.world, declared(each)) for each in self._built)
        return Counter((world, identified(manifest)) for world, manifest in manifests if manifest is not None)
