"""Where a finding stands for those who show a repository: always a line of one of its files.

Viewers of pull requests take nothing else. What has no file, an object of a cluster or a whole environment, stands
where the configuration names its environment.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path

from msgspec import Struct

from readycheck.model import Location, Place
from readycheck.report import Report

_NO_FILE = "readycheck.yaml"
"""What is named where there is no file at all."""


class Anchor(Struct, frozen=True, order=True):
    """One line of a file.

    Args:
        uri: the path from the repository's top, with forward slashes, without links.
        line: counted from 1.
        column: counted from 1, in characters.
        end_column: the column behind the last character.
    """

    uri: str
    line: int = 1
    column: int = 1
    end_column: int = 2


class Anchors:
    """The anchors of one report."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._checkout = report.checkout
        self._files: dict[str, str] = {}

    def of(self, place: Place) -> Anchor:
        """Where a place stands."""
        location = place.location
        uri = self._file(location.uri)
        if not uri:
            return self.home
        if location.line is None:
            return Anchor(uri)
        column = location.column or 1
        return Anchor(uri, location.line, column, max(column + 1, _end_of_line(place, location.line)))

    def of_location(self, location: Location) -> Anchor:
        """Where something stands of which no more than this is known."""
        uri = self._file(location.uri)
        return Anchor(uri, location.line or 1) if uri else self.home

    @cached_property
    def home(self) -> Anchor:
        """Where what has no file is told of: the configuration; without one, the file that a reader opens first."""
        configuration = self._checkout.configuration
        uri = self._inside(os.path.realpath(configuration.uri)) if configuration.uri else ""
        if uri:
            return Anchor(uri, configuration.line or 1)
        names = (
            entry.uri
            for source in self._report.sources
            if source.listing is not None
            for entry in source.listing.entries.values()
            if not entry.folder
        )
        files = sorted(names, key=lambda name: (name.count("/"), not name.lower().startswith("readme"), name))
        return Anchor(next(filter(None, map(self._file, files)), _NO_FILE))

    def _file(self, uri: str) -> str:
        """The path from the repository's top of what a report calls `uri`; "" where that is no file of it."""
        found = self._files.get(uri)
        if found is None:
            found = self._files[uri] = self._resolve(uri)
        return found

    def _resolve(self, uri: str) -> str:
        if not uri or "://" in uri:
            return ""
        path = Path(os.path.realpath(Path(self._checkout.root) / uri))
        if path.is_dir():
            path = min((entry for entry in path.iterdir() if entry.is_file()), default=path)
        return self._inside(str(path)) if path.is_file() else ""

    def _inside(self, path: str) -> str:
        top = self._checkout.repository.rstrip(os.sep) + os.sep
        return path.removeprefix(top).replace(os.sep, "/") if path.startswith(top) else ""


def _end_of_line(place: Place, line: int) -> int:
    whole = place.resource.root
    lines = dict(whole.origin.excerpt(whole.body, place.way, 0))
    return len(lines.get(line, "").rstrip()) + 1
