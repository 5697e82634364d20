"""The charts of the tree: where they stand, what they are called, and which workloads they render."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from functools import cached_property

from readycheck.inventory.core import Core
from readycheck.kubernetes.chart import CHART, Chart


class Charts(Core):
    """The relations between charts and what they install."""

    @cached_property
    def charts_by_workload(self) -> Mapping[tuple[str, str], str]:
        """The folders of charts, by the kinds and names of the workloads that they render."""
        return {
            (workload.kind, workload.name): folder
            for workload in reversed(self.workloads)
            if workload.origin.world and (folder := self.chart_holding(workload.origin.file)) is not None
        }

    def chart_holding(self, uri: str) -> str | None:
        """The folder of the chart that a file is a part of, not that of a chart within it; None where it is none's."""
        charts, folder = self.charts, posixpath.dirname(uri)
        while charts and folder and folder not in charts:
            folder = posixpath.dirname(folder)
        return folder if folder in charts else None

    @cached_property
    def charts(self) -> Mapping[str, Chart]:
        """Every chart that is installed by itself, by its folder."""
        return {chart.folder: chart for chart in self.of(CHART) if isinstance(chart, Chart)}

    def chart_at(self, folder: str) -> Chart | None:
        """The chart of a folder, with what became of it; None where none was tried there: a part of another one."""
        return self.charts.get(folder)

    @cached_property
    def charts_by_name(self) -> Mapping[str, str]:
        """The folders of charts, by what they call themselves and by the name of the folder."""
        names: dict[str, str] = {}
        for folder, chart in sorted(self.charts.items()):
            for name in (str(chart.body.get("name", "")), posixpath.basename(folder)):
                names.setdefault(name, folder)
        return names
