"""Which file of a kustomization put a value where it stands: a manifest, a patch, or a field of a kustomization.

What each transformer reads is from kustomize's reference documentation (kubernetes-sigs/kustomize).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from readycheck.documents.text import SourceText, Unreadable
from readycheck.documents.yaml import Document, locate
from readycheck.model import Map, Path
from readycheck.sources.files.bodies import at, has, list_at, name_of
from readycheck.sources.files.kustomize import Rendered, Step
from readycheck.sources.files.parsed import ParsedFile, ParsedFiles
from readycheck.sources.files.patches import is_inline, may_mean, patch_file, patches_in

TAG = "newTag"
"""The field of a kustomization that holds the tag of images alone, and nothing else of their names."""
_GENERATORS = {"ConfigMap": "configMapGenerator", "Secret": "secretGenerator"}
_BLOCK = re.compile(r"\|[-+0-9]*[ \t]*(#.*)?$")

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
    if changed is None and has(rendered.body, path) and not isinstance(at(rendered.body, path), Map | list):
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
    items = (item for each in documents for item in (*list_at(each.body, ("items",)), each.body))
    return _declaring(rendered.body, items)


def _written_by(step: Step, files: ParsedFiles, body: Map, path: Path) -> Iterator[tuple[ParsedFile, Document, Path]]:
    """The documents in files of their own by which a step put the value at a path, the last one first."""
    try:
        parsed = files.read(step.file)
    except Unreadable:
        return
    for document in parsed.documents:
        for _, patch, target in reversed(list(patches_in(document.body))) if "Patch" in step.kind else ():
            file = patch_file(parsed, patch, files) if may_mean(target, body) else None
            if file is not None:
                for patched, way in _in_patch(file.documents, target, body, path):
                    yield file, patched, way
        # Of the other fields, what stands there is a part of the value, or one of several that make it up.
        for way in _fields(document.body, body, path) if path[-1:] in (("replicas",), ("image",)) else ():
            if path[-1:] == ("replicas",):
                yield parsed, document, way
            elif at(document.body, (*way, TAG)) is not None and at(document.body, (*way, "digest")) is None:
                yield parsed, document, (*way, TAG)


def _changed(source: object, rendered: Map, path: Path) -> Path | None:
    """The part of a path that steps have put there or taken away; None where the manifest says what stands there."""
    there = path
    while there and not has(rendered, there):
        there = there[:-1]
    if not _same(source, rendered, there):
        return there
    return path if there != path and has(source, _path_in(source, rendered, path)) else None


def _document_of(rendered: Map, documents: Sequence[Document]) -> Document | None:
    """The document that a rendered object was made from."""
    declaring = _declaring(rendered, (each.body for each in documents))
    return next((each for each in documents if each.body is declaring), None)


def _declaring(rendered: Map, bodies: Iterable[object]) -> Map | None:
    """The body that a rendered object was made from: of its kind, with its name before prefixes and suffixes."""
    name = name_of(rendered)
    alike = [each for each in bodies if isinstance(each, Map) and at(each, ("kind",)) == at(rendered, ("kind",))]
    within = sorted((each for each in alike if name_of(each) in name), key=lambda each: -len(name_of(each)))
    return next(iter(within or alike), None)


def _in_generator(rendered: Rendered, files: ParsedFiles, path: Path) -> Place | None:
    """The entry of a generator, or its line for one key of the data."""
    if rendered.generator is None:
        return None
    parsed = files.read(rendered.generator.file)
    name, field = name_of(rendered.body), _GENERATORS.get(str(at(rendered.body, ("kind",))), "")
    found: tuple[int, Place] | None = None
    for document in parsed.documents:
        for index, entry in enumerate(list_at(document.body, (field,))):
            own = str(at(entry, ("name",)))
            if own in name and (found is None or len(own) > found[0]):
                way = (field, index, *_input(entry, path))
                found = len(own), (parsed.source, locate(document.body, way, document.offset))
    if found:
        return found[1]
    return parsed.source, parsed.documents[0].offset if parsed.documents else 0


def _input(entry: object, path: Path) -> Path:
    if len(path) > 1 and path[0] == "data":
        for field in ("literals", "files"):
            for index, text in enumerate(list_at(entry, (field,))):
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
    value = at(body, path)
    if path[-1:] == ("replicas",):
        for way, entry in _entries(setting, "replicas", "replica"):
            if str(at(entry, ("name",))) in name_of(body) and at(entry, ("count",)) == value:
                yield (*way, "count")
    elif path[-1:] == ("image",):
        for way, entry in _entries(setting, "images", "imageTag"):
            if any(_is_image(str(value), at(entry, (key,))) for key in ("newName", "name")):
                yield way
    else:
        yield from (way for way in _metadata_fields(setting, path) if has(setting, way))


def _metadata_fields(setting: object, path: Path) -> Sequence[Path]:
    if path == ("metadata", "namespace"):
        return [("namespace",)]
    if path == ("metadata", "name"):
        return [("namePrefix",), ("nameSuffix",)]
    key = path[-1:]
    if path[-2:-1] in (("labels",), ("matchLabels",)):
        pairs = [("labels", index, "pairs", *key) for index, _ in enumerate(list_at(setting, ("labels",)))]
        return [("labels", *key), ("commonLabels", *key), *pairs]
    if path[-2:-1] == ("annotations",):
        return [("annotations", *key), ("commonAnnotations", *key)]
    return []


def _entries(setting: object, several: str, single: str) -> Iterator[tuple[Path, object]]:
    for index, entry in reversed(list(enumerate(list_at(setting, (several,))))):
        yield (several, index), entry
    if (entry := at(setting, (single,))) is not None:
        yield (single,), entry


def _is_image(image: str, name: object) -> bool:
    return isinstance(name, str) and image.startswith(name) and image[len(name) : len(name) + 1] in ("", ":", "@")


def _in_patches(parsed: ParsedFile, document: Document, files: ParsedFiles, body: Map, path: Path) -> Iterator[Place]:
    for way, patch, target in reversed(list(patches_in(document.body))):
        if not may_mean(target, body):
            continue
        if is_inline(patch):
            entry = locate(document.body, way, document.offset)
            for patched, found in _in_patch(files.parse_inline(patch), target, body, path):
                inner = locate(patched.body, found, patched.offset)
                yield parsed.source, _in_block(parsed.source, entry, patch, inner)
            continue
        file = patch_file(parsed, patch, files)
        if file is not None:
            for patched, found in _in_patch(file.documents, target, body, path):
                yield file.source, locate(patched.body, found, patched.offset)


def _in_patch(documents: Iterable[Document], target: object, body: Map, path: Path) -> Iterator[tuple[Document, Path]]:
    """Where the documents of a patch set the value at a path of an object, the last place first."""
    for document in reversed(list(documents)):
        if isinstance(document.body, list):
            for index, operation in reversed(list(enumerate(document.body))):
                if _sets(operation, body, path):
                    yield document, (index, "value") if has(operation, ("value",)) else (index,)
        elif target is not None or (
            at(document.body, ("kind",)) == at(body, ("kind",)) and name_of(document.body) in name_of(body)
        ):
            found = _path_in(document.body, body, path)
            if has(document.body, found) and _same(document.body, body, path):
                yield document, found


def _sets(operation: object, body: Map, path: Path) -> bool:
    """Whether an operation of a JSON patch (RFC 6902) put there what stands at a path, or took it away."""
    pointer = str(at(operation, ("path",))).split("/")[1:]
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer]
    start = path[: len(steps)]
    if len(start) < len(steps) or any(own not in (str(step), "-") for own, step in zip(steps, start, strict=True)):
        return False
    if at(operation, ("op",)) == "remove":
        return not has(body, path)
    return has(body, path) and bool(at(operation, ("value", *path[len(steps) :])) == at(body, path))


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


# Ways into sources --------------------------------------------------------------------------------------------------


def _same(source: object, rendered: object, path: Path) -> bool:
    """Whether what stands at a path is written in a source: the same value, or something below the same key."""
    mine, theirs = at(source, _path_in(source, rendered, path)), at(rendered, path)
    if isinstance(mine, Map | list) and isinstance(theirs, Map | list):
        return type(mine) is type(theirs)
    return not isinstance(mine, Map | list) and not isinstance(theirs, Map | list) and bool(mine == theirs)


def _path_in(source: object, rendered: object, path: Path) -> Path:
    """A path of the rendered object in its source: items of lists are found by their names, where they have some."""
    found: list[str | int] = []
    for depth, step in enumerate(path):
        items = at(source, tuple(found))
        name = at(rendered, (*path[: depth + 1], "name"))
        if isinstance(step, int) and isinstance(items, list) and name is not None:
            named = (index for index, other in enumerate(items) if at(other, ("name",)) == name)
            found.append(next(named, len(items)))
        else:
            found.append(step)
    return tuple(found)
