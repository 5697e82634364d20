"""Which file says what stands at a place, and where in it: where a change of that place has to be made."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from functools import lru_cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from readycheck.documents.dockerfile import parse_dockerfile
from readycheck.documents.edits import Code, Refused
from readycheck.documents.hcl import parse_hcl
from readycheck.documents.json import parse_json
from readycheck.documents.text import Unreadable
from readycheck.documents.yaml import Document, parse
from readycheck.model import Map, PartOrigin, Path, Place, Seq, Unjudged, look
from readycheck.sources.files.origins import ChartOrigin, FileOrigin, KustomizeOrigin
from readycheck.sources.files.parsed import ParsedFile
from readycheck.sources.files.provenance import TAG, written_in

_YAML = (".yaml", ".yml")
_HCL = (".tf", ".hcl", ".tofu")
_KUSTOMIZATION_NAMES = ("kustomization", "Kustomization")


class Format(Enum):
    """The formats that files are edited in."""

    YAML = "yaml"
    JSON = "json"
    HCL = "hcl"
    DOCKERFILE = "dockerfile"
    PATCH = "strategic merge patch"
    JSON_PATCH = "JSON patch"


class Target(Struct, frozen=True):
    """A place in a file.

    Args:
        uri: the file's path from the scan root.
        format: how it is written.
        document: the number of the document, among those of the file that hold something.
        path: the way into the document.
        rewritten: what a build made of parts of the document, and how they are written there.
        written: the metadata of the object as it stands there, where a build may have changed it.
        tag_of: the image whose tag alone stands there; "" for all other values.
    """

    uri: str
    format: Format
    document: int
    path: Path
    rewritten: tuple[tuple[Any, Any], ...] = ()
    written: Mapping[str, Any] | None = None
    tag_of: str = ""


def target_of(place: Place) -> Target:
    """Where a change of a place has to be made.

    Raises:
        Refused: it is in no file, or in a part of one that is not edited.
    """
    root = place.resource.root
    return _target(root.origin, root.body, place.way, root.kind)


def _target(origin: object, body: Any, path: Path, kind: str) -> Target:
    if type(origin) is PartOrigin:
        whole = origin.whole
        return _target(whole.root.origin, whole.root.body, (*whole.path, *origin.path, *path), whole.root.kind)
    if isinstance(origin, FileOrigin):
        form = _format(origin.text.uri, kind)
        number, prefix = _address(form, origin.text.text, body, origin.offset)
        return Target(origin.text.uri, form, number, (*prefix, *path))
    if isinstance(origin, KustomizeOrigin):
        return _in_kustomization(origin, path)
    if isinstance(origin, ChartOrigin):
        return _in_values(origin, body, path)
    raise Refused(Code.MISSING, "is in no file")


def _in_kustomization(origin: KustomizeOrigin, path: Path) -> Target:
    try:
        written = written_in(origin.rendered, origin.files, path)
    except Unreadable as unreadable:
        raise Refused(Code.MISSING, unreadable.reason) from unreadable
    if written is None:
        raise Refused(Code.EXPRESSION, "is generated, taken away by a patch, or set by one inside of a kustomization")
    uri = written.file.source.uri
    form = _format(uri, "")
    number = next(index for index, each in enumerate(written.file.documents) if each is written.document)
    body, way = written.document.body, written.path
    if form is Format.JSON and isinstance(body, list):
        # It was read as YAML; as JSON, each item at the top is a document: the operations of a patch.
        number, way = int(way[0]), way[1:]
    metadata = body.get("metadata") if isinstance(body, Map) else None
    return Target(
        uri,
        form,
        number,
        way,
        _rewritten(origin.rendered.body, body),
        metadata if isinstance(metadata, Map) else None,
        str(look(origin.rendered.body, path)) if path[-1:] == ("image",) and way[-1] == TAG else "",
    )


def _rewritten(rendered: Any, written: Any) -> tuple[tuple[Any, Any], ...]:
    """The selectors and labels of an object that labels of a kustomization were added to."""
    pairs = []
    for path in (("spec", "selector"), ("spec", "template", "metadata", "labels")):
        with suppress(Unjudged):
            made, own = look(rendered, path), look(written, path)
            if isinstance(made, dict) and isinstance(own, dict) and made != own:
                pairs.append((made, own))
    return tuple(pairs)


def as_written(target: Target, value: Any) -> Any:
    """A value as it has to be written at a place, where a build adds to parts of it what it adds to others.

    Raises:
        Refused: only a part of it stands there, and more than that part should change.
    """
    if target.tag_of:
        name, _, tag = str(value).rpartition(":")
        if name != target.tag_of.rpartition(":")[0] or "/" in tag or "@" in str(value):
            raise Refused(Code.EXPRESSION, "is put together by a kustomization, of which only the tag can be changed")
        return tag
    for made, own in target.rewritten:
        if value == made:
            return dict(own)
    if isinstance(value, dict):
        return {key: as_written(target, item) for key, item in value.items()}
    return [as_written(target, item) for item in value] if isinstance(value, list) else value


def _in_values(origin: ChartOrigin, body: Any, path: Path) -> Target:
    """The key of the values that a template takes as it is: in the last of the files that set it."""
    spot = origin.spot(body, path)
    line = spot.text.text[spot.offset :].partition("\n")[0]
    if not spot.values_key or not re.match(rf"(?:- +)?[\"']?{re.escape(str(path[-1]))}[\"']?:", line):
        hint = f": see {spot.text.uri}:{spot.text.line_column(spot.offset)[0]}"
        raise Refused(Code.TEMPLATED, f"is made by a template that takes it from no single value{hint}")
    way = tuple(spot.values_key.split("."))
    setting = (file.source.uri for file in reversed(origin.values) if _sets(file, way))
    return Target(next(setting, f"{origin.chart}/values.yaml"), Format.YAML, 0, way)


def _sets(file: ParsedFile, path: Path) -> bool:
    try:
        return any(look(document.body, path) is not None for document in file.documents)
    except Unjudged:
        return False


def in_values(target: Target, origin: ChartOrigin) -> Iterator[Target]:
    """The same key in each of the values files of a release where it decides, the one that overrides all others first.

    Args:
        target: the key, in another file.
        origin: what the release was rendered with.
    """
    for file in reversed(origin.values):
        yield replace(target, uri=file.source.uri)
        if _sets(file, target.path):
            return


def _format(uri: str, kind: str) -> Format:
    name = uri.rpartition("/")[2]
    if kind == "Dockerfile":
        return Format.DOCKERFILE
    if name.endswith(_YAML) or name in _KUSTOMIZATION_NAMES:
        return Format.YAML
    if name.endswith(".json") and not name.endswith(".tf.json"):
        return Format.JSON
    if name.endswith(_HCL):
        return Format.HCL
    raise Refused(Code.LAYOUT, "is of a format that is not edited")


def _address(form: Format, text: str, body: Any, offset: int) -> tuple[int, Path]:
    """The number of the document that a body stands in, and the way to the body in it."""
    for number, document in enumerate(documents_of(form, text)):
        if document.offset == offset:
            way = _way_to(document.body, body)
            if way is not None:
                return number, way
    raise Refused(Code.MISSING, "does not hold what is to be changed as it stands")


@lru_cache(maxsize=4)
def documents_of(form: Format, text: str) -> Sequence[Document]:
    """The documents of a text; several findings in a row stand in the same one."""
    documents, _ = _PARSERS[form](text)
    return documents


_PARSERS: dict[Format, Callable[[str], tuple[Sequence[Document], object]]] = {
    Format.YAML: parse,
    Format.JSON: parse_json,
    Format.HCL: parse_hcl,
    Format.DOCKERFILE: parse_dockerfile,
    Format.PATCH: parse,
    Format.JSON_PATCH: parse,
}


def _way_to(whole: Any, body: Any) -> Path | None:
    """The way from a document to a part of it, known by where its first key stands."""
    mark = body.marks[0] if isinstance(body, Map) and body.marks else None
    if mark is None or not isinstance(whole, Map) or (whole.marks and whole.marks[0] == mark):
        return ()
    waiting: list[tuple[Any, Path]] = [(whole, ())]
    while waiting:
        part, way = waiting.pop()
        if isinstance(part, Map):
            if part.marks and part.marks[0] == mark:
                return way
            items = part.get("items")
            if isinstance(items, Seq):
                waiting += ((item, (*way, "items", index)) for index, item in enumerate(items))
    return None


def file_of(uri: str, root: str) -> str:
    """The absolute path of a file without links: what an edit changes, whatever links lead to it."""
    return os.path.realpath(os.path.join(root, uri))
