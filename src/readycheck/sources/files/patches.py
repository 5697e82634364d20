"""The patches of a kustomization: where they stand, and which objects they are for.

What the fields mean is from kustomize's reference documentation (kubernetes-sigs/kustomize).
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Iterator

from readycheck.documents.text import Unreadable
from readycheck.model import Map, Path
from readycheck.sources.files.bodies import at, list_at, name_of
from readycheck.sources.files.parsed import ParsedFile, ParsedFiles

_PATCH_LISTS = ("patches", "patchesStrategicMerge", "patchesJson6902")
_LITERAL = re.compile(r"[\w.-]+\Z")


def patches_for(
    identities: Collection[tuple[object, ...]], kustomization: ParsedFile, files: ParsedFiles
) -> Iterator[tuple[ParsedFile, int]]:
    """The patches, in files of their own, that a kustomization has for one object and no other.

    Each is a file, and the number of a document in it: a strategic merge patch, or the operations of a JSON patch.

    Args:
        identities: what the object is known by, before and after what it is built of renames it.
        kustomization: the kustomization.
        files: reads the patches.
    """
    entries = [entry for document in kustomization.documents for entry in patches_in(document.body)]
    named = Counter(patch for _, patch, _ in entries)
    for _, patch, target in entries:
        # What several entries name is for the objects of each of them.
        file = patch_file(kustomization, patch, files) if named[patch] == 1 else None
        if file is None:
            continue
        aimed = any(_aims_at(target, identity) for identity in identities)
        for number, each in enumerate(file.documents):
            if aimed or (target is None and identified(each.body) in identities):
                yield file, number


def _aims_at(target: object, identity: tuple[object, ...]) -> bool:
    """Whether the target of a patch is one object, by its kind and its name, and nothing beside it."""
    _, kind, name, namespace = identity
    selecting = {key: value for key, value in target.items() if value} if isinstance(target, Map) else {}
    wanted = {key: value for key, value in selecting.items() if key not in ("group", "version")}
    return wanted in ({"kind": kind, "name": name}, {"kind": kind, "name": name, "namespace": namespace})


def identified(body: object) -> tuple[object, ...]:
    """What kustomize knows an object by: its group and version, its kind, its name and its namespace."""
    ways = (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace"))
    return tuple(at(body, way) for way in ways)


def is_inline(patch: str) -> bool:
    """Whether a patch stands in its kustomization itself, and is no name of a file."""
    return "\n" in patch or patch.lstrip().startswith(("[", "{"))


def patch_file(kustomization: ParsedFile, patch: str, files: ParsedFiles) -> ParsedFile | None:
    """The file of a patch; None where it stands in its kustomization, or its file cannot be read.

    Args:
        kustomization: what names it.
        patch: the patch, as patches_in gives it.
        files: reads the patch.
    """
    if is_inline(patch):
        return None
    try:
        folder = os.path.dirname(files.absolute(kustomization.source.uri))
        return files.read(os.path.normpath(os.path.join(folder, patch)))
    except Unreadable:
        return None


def patches_in(setting: object) -> Iterator[tuple[Path, str, object]]:
    """Each patch, or the name of its file, and what it is for."""
    for key in _PATCH_LISTS:
        for index, entry in enumerate(list_at(setting, (key,))):
            if isinstance(entry, str):
                yield (key, index), str(entry), None
            for field in ("path", "patch"):
                if isinstance(text := at(entry, (field,)), str):
                    yield (key, index, field), text, at(entry, ("target",))
    for field in ("path", "patch"):
        if isinstance(text := at(setting, (field,)), str):
            yield (field,), text, at(setting, ("target",))


def may_mean(target: object, body: Map) -> bool:
    """Whether a patch's target can be an object; names and kinds that are patterns are left to what the patch sets."""
    kind, name = at(target, ("kind",)), at(target, ("name",))
    wrong_kind = isinstance(kind, str) and _LITERAL.match(kind) and kind != at(body, ("kind",))
    wrong_name = isinstance(name, str) and _LITERAL.match(name) and name not in name_of(body)
    return not (wrong_kind or wrong_name)
