"""What charts are by default, by their versions: tables made from the charts' own `values.yaml`.

Each table stands in `defaults/<chart>.json` and says where it is from, and of which day.
"""

from __future__ import annotations

import json
import pathlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from msgspec import Struct

from readycheck.charts.versions import Version, parse_range, parse_version
from readycheck.model import Path, Unjudged, format_path, look, parse_path

_TABLES = pathlib.Path(__file__).with_name("defaults")
_FAR = Version(1 << 32, 0, 0)
"""Later than any version of a chart."""


class Selected(NamedTuple):
    """The versions of a table that a release may be of.

    Args:
        indexes: their positions, from the oldest on.
        note: what is taken for granted there; "" where nothing is.
    """

    indexes: Sequence[int]
    note: str = ""


class Facts(Struct, frozen=True, eq=False, dict=True):
    """The defaults of one chart.

    Args:
        chart: the chart.
        source: where they were read.
        date: the day of that.
        versions: every version that was read, from the oldest on.
        covers: the parts of the values that were read.
        histories: what stands at each path, from the version of an index on.
        app_versions: what the chart installs, likewise.
    """

    chart: str
    source: str
    date: str
    versions: Sequence[str]
    covers: Sequence[Path]
    histories: Mapping[Path, Sequence[tuple[int, Any]]]
    app_versions: Sequence[tuple[int, Any]]

    @cached_property
    def _numbers(self) -> Sequence[Version]:
        return [version for text in self.versions if (version := parse_version(text)) is not None]

    def published(self, version: str) -> bool:
        """Whether a text is a version that was published, or a range with such versions in it and an end."""
        exact = parse_version(version)
        if exact is not None:
            return exact in self._numbers
        span = parse_range(version)
        return span is not None and not span.has(_FAR) and any(map(span.has, self._numbers))

    def select(self, version: str) -> Selected:
        """The versions that a release may be of, by the version or range that it names.

        A version between two that were read counts as the older one. One behind the newest counts as that one where
        its first number is the same, and the selection says so.

        Args:
            version: a version, a range or nothing at all, which is any.

        Raises:
            Unjudged: it is not decided, or nothing is known of it.
        """
        exact = parse_version(version.removeprefix("=").strip())
        if exact is not None:
            return self._select_exact(version, exact)
        span = parse_range(version)
        if span is None:
            raise Unjudged(f"its version `{version}` is none of the chart {self.chart}")
        indexes = [index for index, each in enumerate(self._numbers) if span.has(each)]
        if not indexes:
            raise Unjudged(f"no version of the chart {self.chart} that is known here is `{version}`")
        return Selected(indexes)

    def _select_exact(self, version: str, exact: Version) -> Selected:
        newest = self._numbers[-1]
        index = bisect_right(self._numbers, exact) - 1
        if index < 0:
            raise Unjudged(f"the chart {self.chart} {version} is older than what is known here: {self.versions[0]}")
        if exact <= newest:
            return Selected((index,))
        if exact.major != newest.major:
            raise Unjudged(f"the chart {self.chart} {version} is newer than what is known here: {self.versions[-1]}")
        return Selected((index,), f"as in {self.versions[-1]}, the newest version known here")

    def default(self, steps: Path, selected: Selected) -> Any:
        """What stands at a path by default; None where nothing does.

        Raises:
            Unjudged: the versions differ in it, or it was not read.
        """
        if not any(steps[: len(part)] == part for part in self.covers):
            raise Unjudged(f"what {format_path(steps)} of the chart {self.chart} is by default is not known here")
        history = self._relevant(steps)
        indexes = selected.indexes
        changes = {since for _, changes in history for since, _ in changes}
        asked = [indexes[0], *(index for index in indexes[1:] if index in changes)]
        found = [_tree(history, index, steps) for index in asked]
        for index, value in zip(asked, found, strict=True):
            if value != found[0] and not (_is_empty(value) and _is_empty(found[0])):
                raise Unjudged(
                    f"{format_path(steps)} of the chart {self.chart} depends on the chart's version: it is not the same"
                    f" by default before {self.versions[index]} as from there on"
                )
        return found[0]

    def app_version(self, selected: Selected) -> str:
        """The version of what the chart installs.

        Raises:
            Unjudged: the chart's versions differ in it.
        """
        found = {_at(self.app_versions, index) for index in selected.indexes}
        if selected.note:
            raise Unjudged(f"which version of {self.chart} is installed is not known here: its chart is newer")
        if len(found) != 1:
            raise Unjudged(f"which version of {self.chart} is installed depends on the chart's version")
        return str(found.pop())

    def _relevant(self, steps: Path) -> Sequence[tuple[Path, Sequence[tuple[int, Any]]]]:
        """The paths above and below one, each with what stood there."""
        depth = len(steps)
        return [
            (path, history)
            for path, history in self.histories.items()
            if path[:depth] == steps or steps[: len(path)] == path
        ]


def _at(history: Sequence[tuple[int, Any]], index: int) -> Any:
    """What stands somewhere at a version; None before it was brought in."""
    position = bisect_right(history, index, key=lambda change: change[0]) - 1
    return history[position][1] if position >= 0 else None


def _is_empty(value: Any) -> bool:
    """Whether templates take a value for nothing, whatever its type; 0 is a number that somebody chose."""
    return value is None or value is False or value in ("", [], {})


def _tree(relevant: Sequence[tuple[Path, Sequence[tuple[int, Any]]]], index: int, steps: Path) -> Any:
    """What stands at a path at a version, put together from the paths below it."""
    whole: dict[str | int, Any] = {}
    for path, history in relevant:
        value = _at(history, index)
        if value is None:
            continue
        if len(path) <= len(steps):
            rest = steps[len(path) :]
            return value if not rest else look(value, rest) if isinstance(value, dict | list) else None
        place = whole
        for step in path[len(steps) : -1]:
            place = place.setdefault(step, {})
        place[path[-1]] = value
    return whole or None


@lru_cache(maxsize=32)
def facts_of(chart: str) -> Facts | None:
    """The defaults of a chart; None where none are known.

    Args:
        chart: the chart, as the catalogue calls it.
    """
    file = _TABLES / f"{chart}.json"
    if "/" in chart or not file.is_file():
        return None
    table = json.loads(file.read_text(encoding="utf-8"))
    versions: list[str] = table["versions"]
    positions = {version: index for index, version in enumerate(versions)}

    def history(changes: Sequence[Sequence[Any]]) -> Sequence[tuple[int, Any]]:
        return [(positions[since], value) for since, value in changes]

    return Facts(
        chart,
        table["source"],
        table["date"],
        versions,
        [parse_path(part) for part in table["covers"]],
        {parse_path(path): history(changes) for path, changes in table["defaults"].items()},
        history(table["appVersions"]),
    )


def tables() -> Iterator[str]:
    """The charts whose defaults are known."""
    return (file.name.removesuffix(".json") for file in _TABLES.iterdir() if file.name.endswith(".json"))
