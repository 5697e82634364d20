"""Which file of a kustomization put a value where it stands: a manifest, a patch, or a field of a kustomization.

What each transformer reads is from kustomize's reference documentation (kubernetes-sigs/kustomize).
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from readycheck.documents.text import SourceText, Unreadable
from readycheck.documents.yaml import Document, locate
from readycheck.model import Map, Path, Unresolved
from readycheck.sources.files.kustomize import Rendered, Step
from readycheck.sources.files.parsed import ParsedFile, ParsedFiles

TAG = "newTag"
"""The field of a kustomization that holds the tag of images alone, and nothing else of their names."""
_PATCH_LISTS = ("patches", "patchesStrategicMerge", "patchesJson6902")
_GENERATORS = {"ConfigMap": "configMapGenerator", "Secret": "secretGenerator"}
_BLOCK = re.compile(r"\|[-+0-9]*[ \t]*(#.*)?$")
_LITERAL = re.compile(r"[\w.-]+\Z")

Place = tuple[SourceText, int]
"""An offset in a text."""


def place_of(rendered: Rendered, files: ParsedFiles, path: Path) -> Place | None:
    """Where the value at a path of a rendered object was written, or the deepest part of the path that exists.

    Args:
        rendered: the object.
        files: reads what it was made from.
        path: a way into its body.

    Raises:
        Unreadable: the file that it comes from can't be read any more.
    """
    if rendered.file is None:
        return _in_generator(rendered, files, path)
    parsed = files.read(rendered.file)
    document = _document_of(rendered.body, parsed.documents)
    if document is None:
        return None
    if (changed := _changed(document.body, rendered.body, path)) is not None:
        for step in reversed(rendered.steps):
            for place in _set_by(step, files, rendered.body, changed):
                return place
    return parsed.source, locate(document.body, _path_in(document.body, rendered.body, path), document.offset)


class Written(NamedTuple):
    """Where in a file a path of a rendered object is said."""

    file: ParsedFile
    document: Document
    path: Path


def written_in(rendered: Rendered, files: ParsedFiles, path: Path) -> Written | None:
    """Where the value at a path of a rendered object has to be changed; None where that is no place of a file.

    Args:
        rendered: the object.
        files: reads what it was made from.
        path: a way into its body.

    Raises:
        Unreadable: the file that it comes from can't be read any more.
    """
    if rendered.file is None:
        return None
    parsed = files.read(rendered.file)
    document = _document_of(rendered.body, parsed.documents)
    if document is None:
        return None
    changed = _changed(document.body, rendered.body, path)
    if changed is None and _has(rendered.body, path) and not isinstance(_at(rendered.body, path), Map | list):
        # A step may put there once more what the manifest says already.
        changed = path
    if changed is None:
        return Written(parsed, document, _path_in(document.body, rendered.body, path))
    for step in reversed(rendered.steps):
        for file, patch, way in _written_by(step, files, rendered.body, changed):
            takes_away = isinstance(patch.body, list) and len(way) == 1
            return None if takes_away else Written(file, patch, (*way, *path[len(changed) :]))
    inner = _path_in(document.body, rendered.body, path)
    return Written(parsed, document, inner) if _same(document.body, rendered.body, path) else None


def manifest_of(rendered: Rendered, files: ParsedFiles) -> Map | None:
    """What stands in a file of an object of a build, in a list of several too; None where it was made from no file.

    Args:
        rendered: the object.
        files: reads what it was made from.
    """
    try:
        documents = files.read(rendered.file).documents if rendered.file else ()
    except Unreadable:
        return None
    items = (item for each in documents for item in (*_list_at(each.body, ("items",)), each.body))
    return _declaring(rendered.body, items)


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
    entries = [entry for document in kustomization.documents for entry in _patches(document.body)]
    named = Counter(patch for _, patch, _ in entries)
    for _, patch, target in entries:
        # What several entries name is for the objects of each of them.
        if named[patch] > 1 or "\n" in patch or patch.lstrip().startswith(("[", "{")):
            continue
        try:
            file = files.read(_patch_file(files, kustomization, patch))
        except Unreadable:
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
    return tuple(_at(body, way) for way in ways)


def _written_by(step: Step, files: ParsedFiles, body: Map, path: Path) -> Iterator[tuple[ParsedFile, Document, Path]]:
    """The documents in files of their own by which a step put the value at a path, the last one first."""
    try:
        parsed = files.read(step.file)
    except Unreadable:
        return
    for document in parsed.documents:
        for _, patch, target in reversed(list(_patches(document.body))) if "Patch" in step.kind else ():
            if not _may_mean(target, body) or "\n" in patch or patch.lstrip().startswith(("[", "{")):
                continue
            try:
                file = files.read(_patch_file(files, parsed, patch))
            except Unreadable:
                continue
            for patched, way in _in_patch(file.documents, target, body, path):
                yield file, patched, way
        # Of the other fields, what stands there is a part of the value, or one of several that make it up.
        for way in _fields(document.body, body, path) if path[-1:] in (("replicas",), ("image",)) else ():
            if path[-1:] == ("replicas",):
                yield parsed, document, way
            elif _at(document.body, (*way, TAG)) is not None and _at(document.body, (*way, "digest")) is None:
                yield parsed, document, (*way, TAG)


def _patch_file(files: ParsedFiles, parsed: ParsedFile, name: str) -> str:
    return os.path.normpath(os.path.join(os.path.dirname(files.absolute(parsed.source.uri)), name))


def _changed(source: object, rendered: Map, path: Path) -> Path | None:
    """The part of a path that steps have put there or taken away; None where the manifest says what stands there."""
    there = path
    while there and not _has(rendered, there):
        there = there[:-1]
    if not _same(source, rendered, there):
        return there
    return path if there != path and _has(source, _path_in(source, rendered, path)) else None


def _document_of(rendered: Map, documents: Sequence[Document]) -> Document | None:
    """The document that a rendered object was made from."""
    declaring = _declaring(rendered, (each.body for each in documents))
    return next((each for each in documents if each.body is declaring), None)


def _declaring(rendered: Map, bodies: Iterable[object]) -> Map | None:
    """The body that a rendered object was made from: of its kind, with its name before prefixes and suffixes."""
    name = _name(rendered)
    alike = [each for each in bodies if isinstance(each, Map) and _at(each, ("kind",)) == _at(rendered, ("kind",))]
    within = sorted((each for each in alike if _name(each) in name), key=lambda each: -len(_name(each)))
    return next(iter(within or alike), None)


def _in_generator(rendered: Rendered, files: ParsedFiles, path: Path) -> Place | None:
    """The entry of a generator, or its line for one key of the data."""
    if rendered.generator is None:
        return None
    parsed = files.read(rendered.generator.file)
    name, field = _name(rendered.body), _GENERATORS.get(str(_at(rendered.body, ("kind",))), "")
    found: tuple[int, Place] | None = None
    for document in parsed.documents:
        for index, entry in enumerate(_list_at(document.body, (field,))):
            own = str(_at(entry, ("name",)))
            if own in name and (found is None or len(own) > found[0]):
                way = (field, index, *_input(entry, path))
                found = len(own), (parsed.source, locate(document.body, way, document.offset))
    if found:
        return found[1]
    return parsed.source, parsed.documents[0].offset if parsed.documents else 0


def _input(entry: object, path: Path) -> Path:
    if len(path) > 1 and path[0] == "data":
        for field in ("literals", "files"):
            for index, text in enumerate(_list_at(entry, (field,))):
                name, equals, _ = str(text).partition("=")
                if (name if equals else os.path.basename(name)) == path[1]:
                    return field, index
    return ()


# What a step has set -----------------------------------------------------------------------------------------------


def _set_by(step: Step, files: ParsedFiles, body: Map, path: Path) -> Iterator[Place]:
    """Where a step put the value at a path, the last place first."""
    try:
        parsed = files.read(step.file)
    except Unreadable:
        return
    for document in parsed.documents:
        if "Patch" in step.kind:
            yield from _in_patches(parsed, document, files, body, path)
        for way in _fields(document.body, body, path):
            yield parsed.source, locate(document.body, way, document.offset)


def _fields(setting: object, body: Map, path: Path) -> Iterator[Path]:
    """The fields of a kustomization, or of a transformer in a file of its own, that set what stands at a path."""
    value = _at(body, path)
    if path[-1:] == ("replicas",):
        for way, entry in _entries(setting, "replicas", "replica"):
            if str(_at(entry, ("name",))) in _name(body) and _at(entry, ("count",)) == value:
                yield (*way, "count")
    elif path[-1:] == ("image",):
        for way, entry in _entries(setting, "images", "imageTag"):
            if any(_is_image(str(value), _at(entry, (key,))) for key in ("newName", "name")):
                yield way
    else:
        yield from (way for way in _metadata_fields(setting, path) if _has(setting, way))


def _metadata_fields(setting: object, path: Path) -> Sequence[Path]:
    if path == ("metadata", "namespace"):
        return [("namespace",)]
    if path == ("metadata", "name"):
        return [("namePrefix",), ("nameSuffix",)]
    key = path[-1:]
    if path[-2:-1] in (("labels",), ("matchLabels",)):
        pairs = [("labels", index, "pairs", *key) for index, _ in enumerate(_list_at(setting, ("labels",)))]
        return [("labels", *key), ("commonLabels", *key), *pairs]
    if path[-2:-1] == ("annotations",):
        return [("annotations", *key), ("commonAnnotations", *key)]
    return []


def _entries(setting: object, several: str, single: str) -> Iterator[tuple[Path, object]]:
    for index, entry in reversed(list(enumerate(_list_at(setting, (several,))))):
        yield (several, index), entry
    if (entry := _at(setting, (single,))) is not None:
        yield (single,), entry


def _is_image(image: str, name: object) -> bool:
    return isinstance(name, str) and image.startswith(name) and image[len(name) : len(name) + 1] in ("", ":", "@")


def _in_patches(parsed: ParsedFile, document: Document, files: ParsedFiles, body: Map, path: Path) -> Iterator[Place]:
    for way, patch, target in reversed(list(_patches(document.body))):
        if not _may_mean(target, body):
            continue
        if "\n" in patch or patch.lstrip().startswith(("[", "{")):
            entry = locate(document.body, way, document.offset)
            for patched, found in _in_patch(files.parse_inline(patch), target, body, path):
                inner = locate(patched.body, found, patched.offset)
                yield parsed.source, _in_block(parsed.source, entry, patch, inner)
            continue
        try:
            patch_file = files.read(_patch_file(files, parsed, patch))
        except Unreadable:
            continue
        for patched, found in _in_patch(patch_file.documents, target, body, path):
            yield patch_file.source, locate(patched.body, found, patched.offset)


def _patches(setting: object) -> Iterator[tuple[Path, str, object]]:
    """Each patch, or the name of its file, and what it is for."""
    for key in _PATCH_LISTS:
        for index, entry in enumerate(_list_at(setting, (key,))):
            if isinstance(entry, str):
                yield (key, index), str(entry), None
            for field in ("path", "patch"):
                if isinstance(text := _at(entry, (field,)), str):
                    yield (key, index, field), text, _at(entry, ("target",))
    for field in ("path", "patch"):
        if isinstance(text := _at(setting, (field,)), str):
            yield (field,), text, _at(setting, ("target",))


def _may_mean(target: object, body: Map) -> bool:
    """Whether a patch's target can be an object; names and kinds that are patterns are left to what the patch sets."""
    kind, name = _at(target, ("kind",)), _at(target, ("name",))
    wrong_kind = isinstance(kind, str) and _LITERAL.match(kind) and kind != _at(body, ("kind",))
    wrong_name = isinstance(name, str) and _LITERAL.match(name) and name not in _name(body)
    return not (wrong_kind or wrong_name)


def _in_patch(documents: Iterable[Document], target: object, body: Map, path: Path) -> Iterator[tuple[Document, Path]]:
    """Where the documents of a patch set the value at a path of an object, the last place first."""
    for document in reversed(list(documents)):
        if isinstance(document.body, list):
            for index, operation in reversed(list(enumerate(document.body))):
                if _sets(operation, body, path):
                    yield document, (index, "value") if _has(operation, ("value",)) else (index,)
        elif target is not None or (
            _at(document.body, ("kind",)) == _at(body, ("kind",)) and _name(document.body) in _name(body)
        ):
            found = _path_in(document.body, body, path)
            if _has(document.body, found) and _same(document.body, body, path):
                yield document, found


def _sets(operation: object, body: Map, path: Path) -> bool:
    """Whether an operation of a JSON patch (RFC 6902) put there what stands at a path, or took it away."""
    pointer = str(_at(operation, ("path",))).split("/")[1:]
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer]
    start = path[: len(steps)]
    if len(start) < len(steps) or any(own not in (str(step), "-") for own, step in zip(steps, start, strict=True)):
        return False
    if _at(operation, ("op",)) == "remove":
        return not _has(body, path)
    return _has(body, path) and bool(_at(operation, ("value", *path[len(steps) :])) == _at(body, path))


def _in_block(source: SourceText, entry: int, patch: str, offset: int) -> int:
    """The offset in a file of an offset in a patch that stands there as a block; else of the patch's entry."""
    text = source.text
    end = text.find("\n", entry)
    if end < 0 or not _BLOCK.search(text[entry:end].rstrip("\r")):
        return entry
    for _ in range(patch.count("\n", 0, offset)):
        end = text.find("\n", end + 1)
    line = text[end + 1 :].partition("\n")[0]
    column = offset - (patch.rfind("\n", 0, offset) + 1)
    own = patch[offset - column :].partition("\n")[0]
    return end + 1 + len(line.rstrip("\r")) - len(own) + column


# Ways into bodies ---------------------------------------------------------------------------------------------------


def _at(body: object, path: Path) -> Any:
    for step in path:
        if isinstance(body, Map) and step in body:
            body = body[str(step)]
        elif isinstance(body, list) and isinstance(step, int) and step < len(body):
            body = body[step]
        else:
            return None
    return str(body) if isinstance(body, Unresolved) else body


def _has(body: object, path: Path) -> bool:
    if not path:
        return True
    parent = _at(body, path[:-1])
    if isinstance(parent, Map):
        return path[-1] in parent
    return isinstance(parent, list) and isinstance(path[-1], int) and path[-1] < len(parent)


def _list_at(body: object, path: Path) -> list[Any]:
    found = _at(body, path)
    return found if isinstance(found, list) else []


def _name(body: object) -> str:
    return str(_at(body, ("metadata", "name")))


def _same(source: object, rendered: object, path: Path) -> bool:
    """Whether what stands at a path is written in a source: the same value, or something below the same key."""
    mine, theirs = _at(source, _path_in(source, rendered, path)), _at(rendered, path)
    if isinstance(mine, Map | list) and isinstance(theirs, Map | list):
        return type(mine) is type(theirs)
    return not isinstance(mine, Map | list) and not isinstance(theirs, Map | list) and bool(mine == theirs)


def _path_in(source: object, rendered: object, path: Path) -> Path:
    """A path of the rendered object in its source: items of lists are found by their names, where they have some."""
    found: list[str | int] = []
    for depth, step in enumerate(path):
        items = _at(source, tuple(found))
        name = _at(rendered, (*path[: depth + 1], "name"))
        if isinstance(step, int) and isinstance(items, list) and name is not None:
            named = (index for index, other in enumerate(items) if _at(other, ("name",)) == name)
            found.append(next(named, len(items)))
        else:
            found.append(step)
    return tuple(found)
