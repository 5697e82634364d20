"""From a path in an object back to the line of the file that says it, also for what was rendered.

Nothing here runs before somebody asks for a line: most objects are never asked about.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from readycheck.documents.text import SourceText, Unreadable
from readycheck.documents.yaml import Document, locate
from readycheck.model import Ignore, Location, Map, Path, Unresolved, format_path
from readycheck.sources.files.kustomize import Rendered, Step
from readycheck.sources.files.parsed import ParsedFiles

_START: Path = ()


class Spot(NamedTuple):
    """An offset in a file; and the key of a chart's values that decides what stands there, where that is plain."""

    text: SourceText
    offset: int
    values_key: str = ""


class TextOrigin:
    """What all that comes from files can tell, given the spot of a path."""

    @property
    def source(self) -> str:
        """The source that reads files."""
        return "files"

    @property
    def may_ignore(self) -> bool:
        """What is rendered comes from several files, any of which may hold an ignore comment."""
        return True

    def all_ignores(self) -> Sequence[Ignore]:
        """Every ignore comment of the file."""
        return self.spot({}, ()).text.all_ignores()

    def spot(self, body: object, path: Path) -> Spot:
        """Where a path stands; the deepest part of it that exists."""
        raise NotImplementedError

    def locate(self, body: object, path: Path) -> Location:
        """The location of a path."""
        text, offset, values_key = self.spot(body, path)
        line, column = text.line_column(offset)
        return Location(text.uri, line, column, format_path(path), values_key)

    def ignores(self, body: object, paths: Iterable[Path]) -> Sequence[Ignore]:
        """The ignore comments on and above the lines of some paths."""
        found: dict[tuple[str, int | None], Ignore] = {}
        for path in paths:
            text, offset, _ = self.spot(body, path)
            if text.has_ignores:
                for ignore in text.ignores_at(text.line_column(offset)[0]):
                    found[text.uri, ignore.location.line] = ignore
        return list(found.values())

    def excerpt(self, body: object, path: Path, around: int) -> Sequence[tuple[int, str]]:
        """The lines around a path, with their numbers."""
        text, offset, _ = self.spot(body, path)
        line, _ = text.line_column(offset)
        return text.lines(line - around, line + around)


@dataclass(frozen=True, slots=True, eq=False)
class FileOrigin(TextOrigin):
    """A document of a file that is applied as it stands."""

    text: SourceText
    offset: int
    world: str = ""

    @property
    def file(self) -> str:
        """The file's uri."""
        return self.text.uri

    @property
    def may_ignore(self) -> bool:
        """Whether the file holds any ignore comment: hardly any does."""
        return self.text.has_ignores

    def spot(self, body: object, path: Path) -> Spot:
        """The key or item itself."""
        return Spot(self.text, locate(body, path, self.offset))


@dataclass(frozen=True, slots=True, eq=False)
class KustomizeOrigin(TextOrigin):
    """An object of a built kustomization.

    Args:
        rendered: the object, and what kustomize says of where it comes from.
        root: the absolute path of the kustomization that was built.
        files: reads what the object was made from.
    """

    rendered: Rendered
    root: str
    files: ParsedFiles

    @property
    def world(self) -> str:
        """The folder of the kustomization that was built."""
        return self.files.uri(os.path.dirname(self.root))

    @property
    def file(self) -> str:
        """The manifest that it comes from; what is generated comes from its kustomization."""
        return self.files.uri(self.rendered.file or self.root)

    def spot(self, body: object, path: Path) -> Spot:
        """The place in its manifest, or in the patch or field of a kustomization that put the value there."""
        try:
            return self._spot(body, path)
        except Unreadable:
            return Spot(SourceText(self.files.uri(self.root), ""), 0)

    def _spot(self, body: object, path: Path) -> Spot:
        if self.rendered.file is None:
            return self._generated()
        parsed = self.files.read(self.rendered.file)
        document = _document_of(self.rendered.body, parsed.documents)
        if document is None:
            return Spot(parsed.source, 0)
        source_path = _path_in(document.body, body, path)
        if _at(document.body, source_path) != _at(body, path):
            for step in reversed(self.rendered.steps):
                for spot in _set_by(step, self.files, body, path):
                    return spot
        return Spot(parsed.source, locate(document.body, source_path, document.offset))

    def _generated(self) -> Spot:
        generator = self.rendered.generator
        parsed = self.files.read(generator.file if generator else self.root)
        name = str(_at(self.rendered.body, ("metadata", "name")))
        for document in parsed.documents:
            for key in ("configMapGenerator", "secretGenerator"):
                for index, entry in enumerate(_list_at(document.body, (key,))):
                    if isinstance(entry, Map) and name.startswith(str(entry.get("name"))):
                        return Spot(parsed.source, locate(document.body, (key, index), document.offset))
            return Spot(parsed.source, document.offset)
        return Spot(parsed.source, 0)


def _document_of(rendered: Map, documents: Sequence[Document]) -> Document | None:
    """The document that a rendered object was made from: of its kind, with its name before prefixes and suffixes."""
    name = str(_at(rendered, ("metadata", "name")))
    alike = [document for document in documents if _at(document.body, ("kind",)) == rendered.get("kind")]
    named = [(str(_at(document.body, ("metadata", "name"))), document) for document in alike]
    exact = [document for own, document in named if own == name]
    within = sorted((pair for pair in named if pair[0] in name), key=lambda pair: -len(pair[0]))
    best = exact or [document for _, document in within] or alike
    return best[0] if best else None


_ABSENT = object()


def _at(body: object, path: Path) -> Any:
    for step in path:
        if isinstance(body, Map) and step in body:
            body = body[str(step)]
        elif isinstance(body, list) and isinstance(step, int) and step < len(body):
            body = body[step]
        else:
            return None
    return str(body) if isinstance(body, Unresolved) else body


def _list_at(body: object, path: Path) -> list[Any]:
    found = _at(body, path)
    return found if isinstance(found, list) else []


def _path_in(source: object, rendered: object, path: Path) -> Path:
    """A path of the rendered object in its source: items of lists are found by their names, where they have some."""
    found: list[str | int] = []
    for step in path:
        there = step
        items = _at(source, tuple(found))
        if isinstance(step, int) and isinstance(items, list):
            item = _at(rendered, (*path[: len(found)], step))
            name = item.get("name") if isinstance(item, Map) else None
            if name is not None:
                there = next(
                    (
                        index
                        for index, other in enumerate(items)
                        if isinstance(other, Map) and other.get("name") == name
                    ),
                    len(items),
                )
        found.append(there)
    return tuple(found)


def _set_by(step: Step, files: ParsedFiles, body: object, path: Path) -> Iterator[Spot]:
    """Where a step put a value: in the patches and the fields of its kustomization."""
    try:
        parsed = files.read(step.file)
    except Unreadable:
        return
    for document in parsed.documents:
        for way in _fields_for(document.body, body, path):
            yield Spot(parsed.source, locate(document.body, way, document.offset))
        for way, patch in _patches(document.body):
            if "\n" in patch or patch.lstrip().startswith(("[", "{")):
                # The lines of a patch inside the kustomization are those of a block; its entry stands for it.
                if _patch_spot(files.parse_inline(patch), body, path):
                    yield Spot(parsed.source, locate(document.body, way, document.offset))
                continue
            try:
                patch_file = files.read(os.path.normpath(os.path.join(os.path.dirname(step.file), patch)))
            except Unreadable:
                continue
            found = _patch_spot(patch_file.documents, body, path)
            if found:
                patched, patch_path = found
                yield Spot(patch_file.source, locate(patched.body, patch_path, patched.offset))


def _patches(kustomization: object) -> Iterator[tuple[Path, str]]:
    for key in ("patches", "patchesStrategicMerge", "patchesJson6902"):
        for index, entry in enumerate(_list_at(kustomization, (key,))):
            if isinstance(entry, str):
                yield (key, index), str(entry)
            elif isinstance(entry, Map):
                for field in ("path", "patch"):
                    if isinstance(entry.get(field), str):
                        yield (key, index, field), str(entry[field])


def _fields_for(kustomization: object, body: object, path: Path) -> Iterator[Path]:
    """The fields of a kustomization that set what stands at a path: replicas, images, namespace."""
    name = str(_at(body, ("metadata", "name")))
    if path[-1:] == ("replicas",):
        for index, entry in enumerate(_list_at(kustomization, ("replicas",))):
            if isinstance(entry, Map) and str(entry.get("name")) in name:
                yield ("replicas", index, "count")
    if path[-1:] == ("image",):
        image = str(_at(body, path))
        for index, entry in enumerate(_list_at(kustomization, ("images",))):
            if isinstance(entry, Map) and any(
                image.startswith(str(entry[key])) for key in ("newName", "name") if entry.get(key)
            ):
                yield ("images", index)
    if path == ("metadata", "namespace") and _at(kustomization, ("namespace",)) is not None:
        yield ("namespace",)


def _patch_spot(documents: Iterable[Document], body: object, path: Path) -> tuple[Document, Path] | None:
    """The document of a patch that sets a path of an object, and where in it."""
    for document in documents:
        if isinstance(document.body, list):
            pointer = "/" + "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in path)
            for index, operation in enumerate(document.body):
                written = str(_at(operation, ("path",)))
                if pointer == written or pointer.startswith(written + "/"):
                    return document, (index, "value" if _at(operation, ("value",)) is not None else "path")
        elif _at(document.body, ("kind",)) in (None, _at(body, ("kind",))):
            source_path = _path_in(document.body, body, path)
            if _at(document.body, source_path) is not None and _at(document.body, source_path) == _at(body, path):
                return document, source_path
    return None


@dataclass(frozen=True, slots=True, eq=False)
class ChartOrigin(TextOrigin):
    """An object that a template of a chart rendered.

    Args:
        template: the template's own text.
        kind: the object's kind, which tells the documents of one template apart.
        chart: the uri of the chart's folder.
        variant: which values it was rendered with; "" for the chart's own.
    """

    template: SourceText
    kind: str
    chart: str
    variant: str = ""

    @property
    def world(self) -> str:
        """The chart, with the values that it was rendered with."""
        return f"{self.chart} ({self.variant})" if self.variant else self.chart

    @property
    def file(self) -> str:
        """The template's uri."""
        return self.template.uri

    def spot(self, body: object, path: Path) -> Spot:
        """The line of the template that holds the keys of a path, as far as they can be followed by indentation."""
        del body
        lines = self.template.text.split("\n")
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line) + 1)
        at, depth = _document_line(lines, _kind_line(lines, self.kind)), -1
        for step in path or ("apiVersion",):
            found = _next_line(lines, at, depth, step)
            if found is None:
                break
            at, depth = found
        # Of a value that several expressions make up, no single key decides.
        key = _VALUES_KEY.search(lines[at]) if path and lines[at].count("{{") == 1 else None
        offset = starts[at] + len(lines[at]) - len(lines[at].lstrip())
        return Spot(self.template, offset, self._values_key(key[1]) if key else "")

    def _values_key(self, key: str) -> str:
        """A key as the chart's own values hold it: those of a dependency stand below its name, `global` does not."""
        if key.startswith("global."):
            return key
        return ".".join([*_DEPENDENCY.findall(self.template.uri.removeprefix(self.chart)), key])


_DEPENDENCY = re.compile(r"/charts/([^/]+)(?=/)")
_VALUES_KEY = re.compile(r"\{\{-?\s*(?:toYaml\s+)?\.Values\.([\w.]+)\s*(?:\|[^}]*)?-?\}\}")
_LINE = re.compile(r"( *)((?:- +)?)(?!\{\{|#)(?:([\"']?)([\w./-]+)\3:(?=\s|$)|(?=\S))")


def _kind_line(lines: Sequence[str], kind: str) -> int:
    return next((number for number, line in enumerate(lines) if line.rstrip() == f"kind: {kind}"), 0)


def _document_line(lines: Sequence[str], kind_line: int) -> int:
    """The first line of the document that holds a `kind:` line."""
    at = kind_line
    while at > 0 and not lines[at - 1].startswith("---"):
        at -= 1
    return at


def _next_line(lines: Sequence[str], start: int, depth: int, step: str | int) -> tuple[int, int] | None:
    """The line of the next step below a line whose key stands at column `depth`, and the column of the step's key.

    None where something as shallow as the line itself comes first.
    """
    item_column, items = -1, 0
    for number in range(start if depth < 0 else start + 1, len(lines)):
        line = lines[number]
        if line.startswith("---") and number > start:
            return None
        match = _LINE.match(line)
        if match is None:
            continue
        column, dash, key = len(match[1]), match[2], match[4]
        if column < depth or (column == depth and not dash and depth >= 0):
            return None
        if isinstance(step, int):
            item_column = column if dash and item_column < 0 else item_column
            items += bool(dash) and column == item_column
            if items > step:
                return number, column
        elif key == step and column + len(dash) > depth:
            return number, column + len(dash)
    return None
