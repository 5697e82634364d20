"""From a path in an object back to the line of the file that says it, also for what was rendered.

Nothing here runs before somebody asks for a line: most objects are never asked about.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct

from readycheck.documents.json import parse_json
from readycheck.documents.text import SourceText, Unreadable
from readycheck.documents.yaml import Document, locate
from readycheck.model import Ignore, Location, Path, Resource, format_path
from readycheck.sources.files.kustomize import Rendered
from readycheck.sources.files.parsed import ParsedFile, ParsedFiles
from readycheck.sources.files.provenance import place_of

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


class FileOrigin(TextOrigin, Struct, frozen=True, eq=False):
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


class ReportOrigin(TextOrigin):
    """A JSON file whose body was read without the places of its parts: they are found when somebody asks.

    Args:
        text: the file.
    """

    def __init__(self, text: SourceText) -> None:
        self._text = text

    @property
    def world(self) -> str:
        """A report is applied by nobody."""
        return ""

    @property
    def file(self) -> str:
        """The file's uri."""
        return self._text.uri

    @property
    def may_ignore(self) -> bool:
        """JSON has no comments."""
        return False

    @cached_property
    def _placed(self) -> Document | None:
        documents, _ = parse_json(self._text.text, templated=False)
        return documents[0] if documents else None

    def spot(self, body: object, path: Path) -> Spot:
        """The key or item itself."""
        del body
        if not path or self._placed is None:
            # Its first key, which is where other documents start.
            return Spot(self._text, max(self._text.text.find('"'), 0))
        return Spot(self._text, locate(self._placed.body, path, self._placed.offset))


class KustomizeOrigin(TextOrigin, Struct, frozen=True, eq=False):
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
        del body
        try:
            place = place_of(self.rendered, self.files, path)
            return Spot(*(place or (self.files.read(self.rendered.file or self.root).source, 0)))
        except Unreadable:
            return Spot(SourceText(self.files.uri(self.root), ""), 0)


def is_built(resource: Resource) -> bool:
    """Whether a kustomization makes an object, or applies its manifest as it is.

    Args:
        resource: the object.
    """
    return isinstance(resource.origin, KustomizeOrigin | FileOrigin) and bool(resource.origin.world)


class ChartOrigin(TextOrigin, Struct, frozen=True, eq=False):
    """An object that a template of a chart rendered.

    Args:
        template: the template's own text.
        kind: the object's kind, which tells the documents of one template apart.
        chart: the uri of the chart's folder.
        variant: which values it was rendered with; "" for the chart's own.
        values: the values files that it was rendered with, over the chart's own; the last one wins.
    """

    template: SourceText
    kind: str
    chart: str
    variant: str = ""
    values: tuple[ParsedFile, ...] = ()

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
