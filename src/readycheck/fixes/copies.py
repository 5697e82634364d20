"""A copy of what is scanned, in which fixes are tried: the tree itself is only touched when somebody says so."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import chdir
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec.structs import replace

from readycheck.documents.text import LARGEST_FILE
from readycheck.kubernetes.chart import CHART
from readycheck.kubernetes.kustomization import KUSTOMIZATION_FILE, KustomizationFile
from readycheck.model import from_files
from readycheck.report import Report
from readycheck.sources.files import FilesRequest
from readycheck.sources.files.gitignore import GitIgnores
from readycheck.sources.files.tree import TOOL_FOLDERS


class Copy:
    """A copy of some files and folders, each below the temporary folder as it stands below `/`: ways between them hold.

    Folders that git ignores, and hidden ones that no scan enters, are left out of what stands in a folder.

    Args:
        repository: the folder that holds them all, absolute and without links; of it alone git's own settings are kept.
        wanted: the files and folders.
        entire: folders of which nothing is left out: charts, which are rendered with all that is in them.
    """

    def __init__(self, repository: str, wanted: Iterable[str], entire: Iterable[str] = ()) -> None:
        self._repository = repository
        self._entire = [*entire]
        self._wanted = [*wanted, *self._entire]
        self._ignores = GitIgnores(repository)
        self._done: set[str] = set()
        self._place = tempfile.TemporaryDirectory(prefix="readycheck-")
        self._root = os.path.realpath(self._place.name)

    def __enter__(self) -> Self:
        self._copy_settings()
        for each in self._entire:
            self._copy_folder(each, entire=True)
        for each in self._wanted:
            self._copy_folder(each) if os.path.isdir(each) else self._copy_file(each)
        os.makedirs(self.of(os.getcwd()), exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._place.cleanup()

    def of(self, path: str) -> str:
        """Where the copy of an absolute path stands."""
        return self._root + path

    def moved(self, path: Path) -> Path:
        """A path as it is called in the copy; itself where it is not copied."""
        real = os.path.realpath(path)
        return Path(self.of(real)) if self._holds(real) else path

    def told_outside(self, text: str) -> str:
        """A text in which paths of the copy are those of what it is a copy of."""
        return text.replace(self._root, "")

    def at_work(self) -> chdir[str]:
        """Work from the copy of the working directory, which relative paths start at."""
        return chdir(self.of(os.getcwd()))

    def write(self, texts: Mapping[str, bytes]) -> None:
        """Put files into the copy, by the absolute paths that they stand for."""
        for file, content in texts.items():
            place = self.of(file)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            Path(place).write_bytes(content)

    def remove(self, file: str) -> None:
        """Take a file out of the copy again."""
        Path(self.of(file)).unlink(missing_ok=True)

    def _holds(self, path: str) -> bool:
        return any(path == each or path.startswith(f"{each.rstrip('/')}/") for each in self._wanted)

    def _copy_settings(self) -> None:
        """What git ignores is told by files above what is wanted too."""
        os.makedirs(self.of(self._repository), exist_ok=True)
        git = os.path.join(self._repository, ".git")
        if os.path.lexists(git):
            os.makedirs(self.of(git), exist_ok=True)
        files = [os.path.join(git, "info", "exclude")]
        for folder in self._wanted:
            above = folder
            while above != self._repository and above != os.path.dirname(above):
                above = os.path.dirname(above)
                files.append(os.path.join(above, ".gitignore"))
        for file in files:
            if os.path.isfile(file):
                self._copy_file(file)

    def _copy_folder(self, folder: str, *, entire: bool = False) -> None:
        if folder in self._done:
            return
        self._done.add(folder)
        os.makedirs(self.of(folder), exist_ok=True)
        for entry in _entries(folder):
            place = self.of(entry.path)
            if entry.is_symlink() and not os.path.lexists(place):
                os.symlink(self._link(entry.path), place)
            elif entry.is_dir(follow_symlinks=False):
                hidden = entry.name.startswith(".") and entry.name not in TOOL_FOLDERS
                if entire or not (hidden or self._ignores.ignores(entry.path, folder=True)):
                    self._copy_folder(entry.path, entire=entire)
            elif entry.is_file(follow_symlinks=False):
                self._copy_file(entry.path)

    def _link(self, link: str) -> str:
        """Where the copy of a link leads: as it is written, or into the copy where it is written in full."""
        target = os.readlink(link)
        return self.of(target) if os.path.isabs(target) and self._holds(os.path.normpath(target)) else target

    def _copy_file(self, file: str) -> None:
        if file in self._done:
            return
        self._done.add(file)
        place = self.of(file)
        folder = os.path.dirname(file)
        if folder not in self._done:
            os.makedirs(self.of(folder), exist_ok=True)
        status = os.stat(file)
        if status.st_size > LARGEST_FILE:
            # It is not read, and that is said of it: its size is enough.
            with open(place, "wb") as handle:
                handle.truncate(status.st_size)
            return
        try:
            Path(place).write_bytes(Path(file).read_bytes())
        except PermissionError:
            # It cannot be read in the copy either.
            os.close(os.open(place, os.O_CREAT | os.O_WRONLY, 0))
            return
        if status.st_mode & stat.S_IXUSR:
            os.chmod(place, stat.S_IMODE(status.st_mode) | stat.S_IWUSR)


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            listed = list(entries)
    except OSError:
        return
    yield from listed


def wanted(files: FilesRequest, root: str, report: Report) -> tuple[list[str], list[str]]:
    """What a copy of a scan's files has to hold: what was asked for and what was read elsewhere; and whole charts.

    Args:
        files: what was asked for.
        root: the scan root, which uris start at.
        report: the scan.
    """
    uris: set[str] = set()
    folders: set[str] = set()
    for resource in from_files(report.sources):
        uris.add(resource.origin.file)
        if resource.kind == KUSTOMIZATION_FILE and isinstance(resource, KustomizationFile):
            uris |= {each.uri for each in resource.references if each.exists}
        elif resource.kind == CHART:
            folders.add(resource.name)
    values = {path for each in files.charts for path in each.values}
    asked = [os.path.realpath(path) for path in (*files.paths, *sorted(values))]
    read = sorted(os.path.realpath(f"{root}/{uri}") for uri in uris if uri)
    charts = {os.path.realpath(f"{root}/{uri}") for uri in folders}
    charts |= {os.path.realpath(each.chart) for each in files.charts}
    return [*asked, *(file for file in read if Path(file).is_file())], sorted(charts)


def moved(files: FilesRequest, move: Callable[[Path], Path]) -> FilesRequest:
    """What has to be asked for so that a copy is read.

    Args:
        files: what was asked for.
        move: gives the path of a copy.
    """
    return replace(
        files,
        paths=tuple(map(move, files.paths)),
        exclude_base=move(files.exclude_base) if files.exclude_base else None,
        charts=tuple(
            replace(each, chart=move(each.chart), values=tuple(map(move, each.values))) for each in files.charts
        ),
        repository=move(files.repository) if files.repository else None,
    )
