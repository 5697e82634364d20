"""Fixes as a Component of kustomize that leaves all files as they are, proven by what its overlay builds with it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from readycheck.documents.edits import Change, Refused, yaml
from readycheck.documents.text import read_marked
from readycheck.fix import FileChange, Fixed
from readycheck.fixes.builds import misbuilt
from readycheck.fixes.component import component
from readycheck.fixes.copies import Copy, moved, wanted
from readycheck.fixes.overlay import Overlay
from readycheck.fixes.proof import undone
from readycheck.fixes.proposals import Left, Proposal
from readycheck.model import Resource
from readycheck.scan import ScanRequest, files_of
from readycheck.sources.files import FilesRequest, collect
from readycheck.sources.files.origins import is_built
from readycheck.sources.files.parsed import ParsedFiles
from readycheck.sources.files.tree import root_of


def as_component(request: ScanRequest, fixed: Fixed, folder: Path) -> Fixed:
    """The same fixes with a Component as their only change; what it does not make of its overlay is left.

    Args:
        request: what was scanned.
        fixed: what fixes come to in files.
        folder: where the Component is to stand.

    Raises:
        SeveralOverlays: the fixes are of more than one overlay.
        ConfigError: the configuration cannot be read.
    """
    files = files_of(request)
    patchable = [each for each in fixed.made if all(edit.place.resource.root.api_version for edit in each.fix.edits)]
    left = [
        undone(each, "by-hand", "changes what no patch of a Component is for")
        for each in fixed.made
        if each not in patchable
    ]
    if files is None or not patchable:
        return replace(fixed, changes=(), made=(), left=[*fixed.left, *left])
    place = os.path.realpath(folder)
    proof = _Proof(files, fixed, place)
    texts, made, unproven = proof.hold(patchable)
    changes = [
        FileChange(
            f"{place}/{name}",
            Path(os.path.relpath(f"{place}/{name}", fixed.repository)).as_posix(),
            read_marked(f"{place}/{name}") if os.path.lexists(f"{place}/{name}") else None,
            text,
        )
        for name, text in sorted(texts.items())
    ]
    return replace(fixed, changes=changes, made=made, left=[*fixed.left, *left, *unproven])


class _Proof:
    """Tries a Component on a copy of what was scanned.

    Args:
        files: what was scanned.
        fixed: what fixes come to in files.
        place: where the Component is to stand, absolute and without links.
    """

    def __init__(self, files: FilesRequest, fixed: Fixed, place: str) -> None:
        self._files = files
        self._fixed = fixed
        self._place = place
        self._root = root_of(files.paths)
        self._parsed = ParsedFiles(Path(self._root))

    def hold(self, made: Sequence[Proposal]) -> tuple[Mapping[str, str], Sequence[Proposal], Sequence[Left]]:
        """The files of a Component by their names, the fixes that it makes, and those that it does not.

        Raises:
            SeveralOverlays: the fixes are of more than one overlay.
        """
        left: list[Left] = []
        texts = component(made, self._overlay_of)
        with Copy(self._fixed.repository, *wanted(self._files, self._root, self._fixed.before)) as copy:
            while made and (strays := dict(self._strays(copy, texts, made))):
                left += [undone(each, "worse", copy.told_outside(reason)) for each, reason in strays.items()]
                made = [each for each in made if each not in strays]
                for name in texts:
                    copy.remove(f"{self._place}/{name}")
                texts = component(made, self._overlay_of)
        return texts, made, left

    def _overlay_of(self, resource: Resource) -> Overlay | None:
        return Overlay.of(resource, self._parsed, self._root) if is_built(resource) else None

    def _strays(self, copy: Copy, texts: Mapping[str, str], made: Sequence[Proposal]) -> Iterator[tuple[Proposal, str]]:
        """The proposals that the overlay makes something else of with a Component, and what."""
        overlay = next(filter(None, (self._overlay_of(each.finding.resource.root) for each in made)), None)
        if overlay is None:
            return
        source = overlay.kustomization.source
        file = self._parsed.absolute(source.uri)
        named = os.path.relpath(self._place, Path(file).parent)
        try:
            text = yaml.revise(source.text, [Change(0, overlay.behind("components"), named)])
        except Refused as refused:
            yield from ((each, f"could not be proven: {source.uri} {refused.reason}") for each in made)
            return
        copy.write({file: text.encode(), **{f"{self._place}/{name}": each.encode() for name, each in texts.items()}})
        with copy.at_work():
            after = collect(moved(self._files, copy.moved))
        yield from misbuilt(self._fixed.before.sources, [after], made)
