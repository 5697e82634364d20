"""Helm charts of the tree, and what became of them when they were rendered and linted."""

from __future__ import annotations

from msgspec import Struct

from readycheck.model import Resource

CHART = "Chart"


class Trial(Struct, frozen=True):
    """What became of a chart with one set of values.

    Args:
        release: what asks for it with these values; "" for the chart's own values.
        fault: why it does not render, where a template of the chart is to blame; "" where none is.
        untried: why it could not be tried, or not with the values that it needs; "" where it was.
        complaints: the errors that linting found.
    """

    release: str
    fault: str = ""
    untried: str = ""
    complaints: tuple[str, ...] = ()


class Chart(Resource, frozen=True):
    """A chart: its name is the uri of its folder, its body what `Chart.yaml` says."""

    trials: tuple[Trial, ...] = ()

    @property
    def folder(self) -> str:
        """The folder that it stands in; "" for the scan root."""
        return "" if self.name == "." else self.name

    @property
    def title(self) -> str:
        """What it calls itself."""
        return str(self.body.get("name", self.name))

    @property
    def broken(self) -> bool:
        """Whether it renders with none of the values that the tree gives it, so that nothing of it is to be seen."""
        return all(trial.fault or trial.complaints for trial in self.trials)

    @property
    def as_folder(self) -> Resource:
        """The folder that it stands in, as what is judged where no workload stands for it."""
        return Resource("Folder", self.name, "", self.body, self.origin)
