"""The tree as it was at a revision, judged as it is judged now: what a change has made worse is told by the difference.

The revision's files are written to a folder of their own, below the same path as they stand at, so that everything in
them is called by the same names; the work tree is only read.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import chdir
from glob import escape, glob
from pathlib import Path

from msgspec.structs import replace

from readycheck.model import Collected
from readycheck.report import Report
from readycheck.section import ConfigError
from readycheck.sources.files import ChartRelease, FilesRequest, collect
from readycheck.sources.files.commit import Commit, CommitError

ReadFiles = Callable[[FilesRequest, Callable[[str], None]], Collected]


def report_at(
    revision: str, report: Report, files: FilesRequest | None, rescan: Callable[[ReadFiles], Report]
) -> Report:
    """The report on the tree as it was at a revision; the very same report where nothing differs.

    Args:
        revision: a branch, tag or commit; with `...` at its end, the merge base of that and HEAD.
        report: the report on the tree as it is.
        files: which files that was of.
        rescan: scans again, with another way to read the files.

    Raises:
        ConfigError: there is no such revision, or it cannot be read.
    """
    top = Path(report.checkout.repository)
    if files is None:
        raise ConfigError(f"--new-since {revision}: compares files, and none are scanned here")
    try:
        commit = Commit(top, revision)
        entries = commit.entries()
        if not commit.differs(entries, _present(report)):
            return report
        # The same path below another root: what is told relative to the working directory stays the same.
        with tempfile.TemporaryDirectory(prefix="readycheck-") as elsewhere:
            moved = _Elsewhere(Path(os.path.realpath(elsewhere)), top)
            moved.top.mkdir(parents=True)
            # Whoever looks for the repository's top finds it here.
            (moved.top / ".git").mkdir()
            commit.write(entries, moved.top)
            return rescan(moved.read)
    except CommitError as error:
        raise ConfigError(f"--new-since {revision}: {error}") from error


def _present(report: Report) -> Iterator[str]:
    """The files that were read, by their paths from the repository's top."""
    for source in report.sources:
        if source.listing is not None:
            for uri in source.listing.entries:
                path = report.checkout.path_of(uri)
                if not path.startswith("../"):
                    yield path


class _Elsewhere:
    """The place where the tree stands as it was.

    Args:
        root: the folder that stands for the root of the file system.
        top: the repository's top, as it really is.
    """

    def __init__(self, root: Path, top: Path) -> None:
        self._root = root
        self._real_top = top
        self.top = self._place(top)

    def read(self, files: FilesRequest, progress: Callable[[str], None]) -> Collected:
        """Read what the request asks for, as it was; what was not there yet is left out."""
        here = self._place(Path(os.path.realpath(".")))
        moved = FilesRequest(
            paths=tuple(path for path in map(self._moved, files.paths) if path.exists()),
            exclude=files.exclude,
            exclude_base=self._moved(files.exclude_base) if files.exclude_base else None,
            charts=tuple(self._chart(chart) for chart in files.charts if self._moved(chart.chart).is_dir()),
            reports=tuple(map(self._reports, files.reports)),
            skip_folders=files.skip_folders,
            repository=self._moved(files.repository) if files.repository else None,
        )
        here.mkdir(parents=True, exist_ok=True)
        with chdir(here):
            return collect(moved, progress)

    def _place(self, path: Path) -> Path:
        return self._root / path.relative_to(path.anchor)

    def _moved(self, path: Path) -> Path:
        """Where a path of the repository stands; any other stays where it is."""
        real = Path(os.path.realpath(path))
        return self._place(real) if real.is_relative_to(self._real_top) else real

    def _chart(self, chart: ChartRelease) -> ChartRelease:
        values = tuple(value for value in map(self._moved, chart.values) if value.is_file())
        return replace(chart, chart=self._moved(chart.chart), values=values)

    def _reports(self, pattern: str) -> str:
        """The reports as they were; those of now where the repository holds none, as when a pipeline makes them."""
        top = escape(str(self._real_top))
        moved = escape(str(self.top)) + pattern.removeprefix(top)
        found = pattern.startswith(top) and glob(moved, recursive=True)  # noqa: PTH207 - the pattern is absolute
        return moved if found else pattern
