"""Which files of a tree are read: each once, none that is ignored, nothing outside of the repository."""

from __future__ import annotations

import os
import stat
from collections import Counter, deque
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from msgspec import Struct, field

from readycheck.model import Entry, Listing, Problem
from readycheck.sources.files.artefacts import artefacts_of
from readycheck.sources.files.gitignore import GitIgnores, Patterns

SKIPPED_FOLDERS = frozenset({"vendor", "node_modules", "testdata", "_archived"})
"""Folders that hold what is not the user's own production."""
TOOL_FOLDERS = frozenset(
    {
        ".argo",
        ".argocd",
        ".azure",
        ".azure-pipelines",
        ".azuredevops",
        ".buildkite",
        ".ci",
        ".circleci",
        ".cloudbuild",
        ".forgejo",
        ".gitea",
        ".github",
        ".gitlab",
        ".gitlab-ci",
        ".pipelines",
        ".tekton",
        ".woodpecker",
    }
)
"""The hidden folders that hold pipelines and tools: the only ones that are read."""
_DATA = (".yaml", ".yml", ".json")


class File(Struct, frozen=True):
    """A regular file of the tree."""

    uri: str
    """The path from the scan root, with forward slashes."""
    path: str
    """The path that opens it, from the working directory or absolute."""

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.uri.rpartition("/")[2]


class Tree(Struct):
    """What a walk found.

    Args:
        root: the absolute folder that uris start at.
        boundary: the folder that nothing is read outside of: the git repository that holds the scan root, else that.
        files: all regular files, in the order of their uris.
        skipped: what was left out on purpose, by reason, counted; a folder counts once.
        problems: folders that could not be listed, links to nothing.
        links: all symbolic links that are not ignored.
        executable: the uris of the files that may be executed; asked of none that is YAML or JSON.
        hidden: the hidden folders that were not entered.
        left_out: other folders that were not entered, by name, by configuration or because git ignores them.
        entire: whether what was asked for is all that counts: one path, or one of several that is the root.
    """

    root: str
    boundary: str
    files: list[File] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    links: list[Entry] = field(default_factory=list)
    executable: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    left_out: set[str] = field(default_factory=set)
    entire: bool = True

    @property
    def listing(self) -> Listing:
        """The names in the tree."""
        linked = {link.uri for link in self.links}
        files = (
            Entry(file.uri, executable=file.uri in self.executable) for file in self.files if file.uri not in linked
        )
        whole = self.entire and self.boundary == self.root
        return Listing((*files, *self.links), self.hidden, self.left_out, whole=whole)


def walk(
    paths: Sequence[Path],
    *,
    exclude: Sequence[str] = (),
    exclude_base: Path | None = None,
    skip: Collection[str] = SKIPPED_FOLDERS,
    repository: Path | None = None,
) -> Tree:
    """List the files below some paths.

    A path that is given is read whatever ignores it. With one folder, uris start there; with one file, at its folder;
    with several paths, at the working directory. A file with several paths is listed once, by one without links where
    there is one.

    Args:
        paths: files and folders.
        exclude: what to leave out, in the syntax of .gitignore.
        exclude_base: the folder that `exclude` starts at; the scan root where not given.
        skip: the names of folders that are not entered.
        repository: the folder that counts as the repository; the git repository that holds a path where not given.
    """
    root = root_of(paths)
    own = os.path.realpath(repository) if repository else None
    tree = Tree(root, own or _repository(root) or root, entire=len(paths) == 1 or root in map(os.path.realpath, paths))
    excluded = None
    if exclude:
        excluded = Patterns(os.path.realpath(exclude_base) if exclude_base else root, exclude)
        tree.problems += (Problem(".", f"`{line}` is no pattern to exclude by") for line in excluded.invalid)
    seen: set[tuple[int, int]] = set()
    for path in paths:
        _Walk(tree, seen, skip, excluded, str(path), own).run(single=len(paths) == 1)
    tree.files.sort(key=lambda file: file.uri)
    return tree


def root_of(paths: Sequence[Path]) -> str:
    """The absolute folder that uris start at when some paths are scanned."""
    if len(paths) == 1:
        only = os.path.realpath(paths[0])
        return only if os.path.isdir(only) else os.path.dirname(only)
    return os.path.realpath(".")


def repository_of(folder: Path) -> Path:
    """The git repository that holds a folder, without links; the folder itself where none does."""
    real = os.path.realpath(folder)
    return Path(_repository(real) or real)


def _repository(folder: str) -> str | None:
    while not os.path.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


class _Spot(Struct, frozen=True):
    """A file or folder on the way."""

    path: str
    uri: str
    real: str

    def below(self, entry: os.DirEntry[str]) -> _Spot:
        """An entry of this folder."""
        uri = f"{self.uri}/{entry.name}" if self.uri else entry.name
        return _Spot(entry.path, uri, entry.path if self.path == self.real else os.path.join(self.real, entry.name))


class _Walk:
    """The walk from one path that the user gave."""

    def __init__(
        self,
        tree: Tree,
        seen: set[tuple[int, int]],
        skip: Collection[str],
        excluded: Patterns | None,
        path: str,
        repository: str | None,
    ) -> None:
        self._tree = tree
        self._seen = seen
        self._skip = skip
        self._excluded = excluded
        self._path = path
        self._real = os.path.realpath(path)
        folder = self._real if os.path.isdir(self._real) else os.path.dirname(self._real)
        self._boundary = repository or _repository(folder) or folder
        self._ignores = GitIgnores(self._boundary)
        self._links: deque[_Spot] = deque()

    def run(self, *, single: bool) -> None:
        """Walk.

        Args:
            single: whether this is the only path, which uris start at.
        """
        uri = os.path.relpath(self._path).replace(os.sep, "/")
        if not os.path.isdir(self._real):
            self._take(_Spot(self._path, os.path.basename(self._real) if single else uri, self._real))
            return
        # What is asked for by name is read: the patterns that leave it out have no say in it.
        if self._ignores.ignores(self._real, folder=True):
            self._ignores = GitIgnores(self._real)
        if self._excluded and self._excluded.verdict(self._real, folder=True):
            self._excluded = None
        self._descend(_Spot(self._path, "" if single or uri == "." else uri, self._real))
        while self._links:
            # Links come last, so that what stands in the tree itself is called by its own name.
            self._follow(self._links.popleft())
        for file, unreadable in self._ignores.unreadable:
            self._problem(os.path.relpath(file, self._tree.root), unreadable.reason, unreadable.line)

    def _descend(self, start: _Spot) -> None:
        waiting = deque([start])
        while waiting:
            folder = waiting.popleft()
            try:
                waiting += self._list(folder)
            except OSError as error:
                self._problem(folder.uri, f"cannot be listed: {error.strerror}")

    def _list(self, folder: _Spot) -> Iterator[_Spot]:
        """Take in the files of a folder, and give the folders in it that are walked too."""
        status = os.stat(folder.path)
        if not self._first((status.st_dev, status.st_ino)):
            return
        with os.scandir(folder.path) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
        for entry in listed:
            spot = folder.below(entry)
            if entry.is_dir(follow_symlinks=False):
                if not self._skips_folder(spot) and not self._ignored(spot, folder=True):
                    yield spot
            elif entry.is_symlink():
                self._links.append(spot)
            elif not entry.is_file(follow_symlinks=False):
                self._tree.skipped["pipes, sockets and devices"] += 1
            elif not self._ignored(spot, folder=False) and self._first((status.st_dev, entry.inode())):
                self._add(spot)
                if not entry.name.endswith(_DATA) and entry.stat().st_mode & stat.S_IXUSR:
                    self._tree.executable.add(_printable(spot.uri))

    def _follow(self, link: _Spot) -> None:
        if self._ignored(link, folder=False):
            return
        target = os.path.realpath(link.path)
        folder = os.path.isdir(target)
        self._list_link(link, target, folder=folder)
        if os.path.commonpath((target, self._boundary)) != self._boundary:
            self._tree.skipped["links out of the repository"] += 1
        elif folder and self._skips_folder(link):
            return
        elif folder:
            self._descend(_Spot(link.path, link.uri, target))
        elif os.path.exists(target) or _is_read(link.uri):
            self._take(link)
        else:
            self._tree.skipped["links to nothing"] += 1

    def _list_link(self, link: _Spot, target: str, *, folder: bool) -> None:
        to = os.path.relpath(target, self._tree.root).replace(os.sep, "/")
        dangling = not os.path.exists(target)
        written = os.readlink(link.path)
        self._tree.links.append(
            Entry(_printable(link.uri), _printable(written), _printable(to), folder=folder, dangling=dangling)
        )

    def _take(self, spot: _Spot) -> None:
        """Add what a path leads to, links followed."""
        try:
            status = os.stat(spot.path)
        except OSError as error:
            about = "a link to something that cannot be read" if os.path.islink(spot.path) else "not to be read"
            self._problem(spot.uri, f"is {about}: {error.strerror}")
            return
        if self._first((status.st_dev, status.st_ino)):
            self._add(spot)

    def _add(self, spot: _Spot) -> None:
        self._tree.files.append(File(_printable(spot.uri), spot.path))

    def _problem(self, uri: str, reason: str, line: int | None = None) -> None:
        self._tree.problems.append(Problem(_printable(uri.replace(os.sep, "/")) or ".", reason, line))

    def _first(self, inode: tuple[int, int]) -> bool:
        if inode in self._seen:
            self._tree.skipped["reached twice"] += 1
            return False
        self._seen.add(inode)
        return True

    def _skips_folder(self, folder: _Spot) -> bool:
        name = folder.uri.rpartition("/")[2]
        if name in self._skip:
            self._tree.skipped[f"{name}/"] += 1
            self._tree.left_out.add(_printable(folder.uri))
            return True
        if name.startswith(".") and name not in TOOL_FOLDERS:
            if name != ".git":
                self._tree.skipped["hidden folders"] += 1
                self._tree.hidden.add(_printable(folder.uri))
            return True
        return False

    def _ignored(self, spot: _Spot, *, folder: bool) -> bool:
        if self._excluded and self._excluded.verdict(spot.real, folder=folder):
            reason = "excluded"
        elif self._ignores.ignores(spot.real, folder=folder):
            reason = "ignored by git"
        else:
            return False
        self._tree.skipped[reason] += 1
        self._tree.left_out.add(_printable(spot.uri))
        return True


def _printable(uri: str) -> str:
    """A uri whose bytes that are no UTF-8 are replaced: reports are UTF-8."""
    return uri if uri.isascii() else os.fsencode(uri).decode("utf-8", "replace")


def _is_read(uri: str) -> bool:
    """Whether a file of this name is read, whatever is in it."""
    return uri.endswith(_DATA) or any(artefact.begins is None for artefact in artefacts_of(uri))
