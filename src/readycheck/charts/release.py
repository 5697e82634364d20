"""One installation of a well-known chart, and what its values come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NoReturn

from msgspec import Struct

from readycheck.charts.facts import Facts, Selected, facts_of
from readycheck.charts.values import ChartValue, Layer, overlap
from readycheck.model import Path, Place, Resource, Unjudged, a_type, format_path, parse_path


class ChartRelease(Struct, frozen=True, eq=False, dict=True):
    """One installation of a well-known chart.

    Args:
        resource: what asks for it: the HelmRelease, the Application, the chart that depends on it.
        chart: the chart, as the catalogue calls it.
        name: the name of the Helm release.
        namespace: where it is installed; "" where that is not said.
        version: the chart's version or range, as it is written; "" where none is.
        chart_place: where its chart, or the version of that, is named.
        layers: the values that it is given, what counts most first.
        repository: where the chart comes from, as it is written; "" where that is not to be seen.
        doubt: why it is taken for this chart, where only its name tells; "" where its repository does.
        below: the key of the values that it is given, where it is a dependency of the chart that is installed.
    """

    resource: Resource
    chart: str
    name: str
    namespace: str
    version: str
    chart_place: Place
    layers: Sequence[Layer] = ()
    repository: str = ""
    doubt: str = ""
    below: Path = ()

    def value(self, path: str | Path) -> ChartValue:
        """What a key comes to: what it is given, else the chart's default.

        Mappings are merged with what stands below them and with the chart's own, as Helm does.

        Args:
            path: the key: `controller.service.type`.

        Raises:
            Unjudged: it comes from what cannot be read (`valuesFrom`), is not decided, or depends on a version of the
                chart that is left open or not known.
        """
        steps = parse_path(path) if isinstance(path, str) else path
        found: ChartValue | None = None
        for below in self._given(steps):
            if not isinstance(below.seen, Mapping):
                return found or below
            found = ChartValue(overlap(found.seen, below.seen), found.place) if found else below
        default = self._default(steps)
        if found is None:
            return default
        below_all = default.seen if isinstance(default.seen, Mapping) else {}
        return ChartValue(overlap(found.seen, below_all), found.place, note=default.note if below_all else "")

    def given(self, path: str | Path) -> ChartValue | None:
        """What the release itself gives a key; None where it leaves it to the chart.

        Raises:
            Unjudged: as with `value`.
        """
        steps = parse_path(path) if isinstance(path, str) else path
        return next(self._given(steps), None)

    def _given(self, steps: Path) -> Iterator[ChartValue]:
        """What each layer gives a key, what counts most first."""
        ways = [(*self.below, *steps)]
        if self.below and steps[:1] == ("global",):
            # What the chart around it calls global is laid over its own.
            ways.insert(0, steps)
        for way in ways:
            for layer in self.layers:
                found = layer.find(way)
                if found is not None:
                    yield found

    def mapping(self, path: str | Path) -> Mapping[str, Any]:
        """The mapping that a key comes to; empty where it has none.

        Raises:
            Unjudged: as with `value`; or something else stands there.
        """
        value = self.value(path)
        if value.seen is None:
            return {}
        return value.seen if isinstance(value.seen, Mapping) else self._wrong(path, value, "a mapping")

    def items(self, path: str | Path) -> Sequence[Any]:
        """The list that a key comes to; empty where it has none.

        Raises:
            Unjudged: as with `value`; or something else stands there.
        """
        value = self.value(path)
        if value.seen is None:
            return ()
        return value.seen if isinstance(value.seen, list) else self._wrong(path, value, "a list")

    def string(self, path: str | Path) -> str:
        """The string that a key comes to; "" where it has none.

        Raises:
            Unjudged: as with `value`; or something else stands there.
        """
        value = self.value(path)
        if value.seen is None:
            return ""
        return value.seen if isinstance(value.seen, str) else self._wrong(path, value, "a string")

    def integer(self, path: str | Path, default: int = 0) -> int:
        """The integer that a key comes to, or `default` where it has none.

        Raises:
            Unjudged: as with `value`; or something else stands there.
        """
        value = self.value(path)
        if value.seen is None:
            return default
        if isinstance(value.seen, str) and value.seen.isdigit():
            return int(value.seen)
        if isinstance(value.seen, int) and not isinstance(value.seen, bool):
            return value.seen
        return self._wrong(path, value, "an integer")

    def flag(self, path: str | Path) -> bool:
        """Whether a key comes to true; charts take the texts `true` and `false` alike.

        Raises:
            Unjudged: as with `value`; or something else stands there.
        """
        value = self.value(path)
        if value.seen is None or isinstance(value.seen, bool):
            return bool(value.seen)
        if value.seen in ("true", "false"):
            return bool(value.seen == "true")
        return self._wrong(path, value, "a boolean")

    @property
    def app_version(self) -> str:
        """The version of what the chart installs, where its values do not say otherwise.

        Raises:
            Unjudged: the chart's version is left open or not known.
        """
        return self._facts.app_version(self._selected)

    def _default(self, steps: Path) -> ChartValue:
        try:
            seen = self._facts.default(steps, self._selected)
        except Unjudged as unjudged:
            raise Unjudged(unjudged.reason, self.chart_place) from None
        return ChartValue(seen, self.chart_place, default=True, note=self._selected.note)

    @cached_property
    def _facts(self) -> Facts:
        facts = facts_of(self.chart)
        if facts is None:
            raise Unjudged(f"what the chart {self.chart} is by default is not known here", self.chart_place)
        return facts

    @cached_property
    def _selected(self) -> Selected:
        return self._facts.select(self.version)

    def _wrong(self, path: str | Path, value: ChartValue, wanted: str) -> NoReturn:
        key = path if isinstance(path, str) else format_path(path)
        raise Unjudged(f"{key} is {a_type(value.seen)} where {wanted} is wanted", value.place)
