"""Charts of the tree that install well-known ones as their dependencies (Helm documentation, "Charts").

What a dependency is given stands in the values of the chart that wraps it, below the dependency's name or alias.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from readycheck.charts.values import Layer
from readycheck.kubernetes.chart import Chart
from readycheck.model import Place, Unjudged, parse_path

_LOCAL = "file://"


class Dependency(Struct, frozen=True, eq=False):
    """A chart that another one depends on.

    Args:
        name: its name.
        key: the key of the values that it is given.
        version: its version or range.
        repository: where it comes from.
        conditions: the keys that tell whether it is installed, the first of them that is given.
        place: where its version is named.
    """

    name: str
    key: str
    version: str
    repository: str
    conditions: Sequence[str]
    place: Place

    def left_out(self, layers: Sequence[Layer]) -> bool:
        """Whether the values of the chart that wraps it say that it is not installed.

        Args:
            layers: these values, what counts most first.
        """
        for condition in self.conditions:
            steps = parse_path(condition)
            try:
                given = next((found for layer in layers if (found := layer.find(steps)) is not None), None)
            except Unjudged:
                # What may be installed is looked at: its values will be no better known.
                return False
            if given is not None and isinstance(given.seen, bool):
                return not given.seen
        return False


def dependencies_of(chart: Chart) -> Iterator[Dependency]:
    """The charts of other repositories that a chart depends on.

    Args:
        chart: a chart of the tree.

    Raises:
        Unjudged: they are not decided.
    """
    for index, each in enumerate(chart.mappings("dependencies")):
        repository = str(each.get("repository", ""))
        name = str(each.get("name", ""))
        if name and not repository.startswith(_LOCAL):
            named = "version" if "version" in each else "name"
            yield Dependency(
                name,
                str(each.get("alias") or name),
                str(each.get("version", "")),
                repository,
                [condition.strip() for condition in str(each.get("condition", "")).split(",") if condition.strip()],
                chart.at(("dependencies", index, named)),
            )
