"""Which files of a tree are read: each once, none that is ignored, nothing outside of the repository."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from readycheck.model import Problem

SKIPPED_FOLDERS = frozenset({"vendor", "node_modules", "testdata", "_archived"})
"""Folders that hold what is not the user's own production."""
TOOL_FOLDERS = frozenset(
    {
        ".argo",
        ".azure-pipelines",
        ".buildkite",
        ".circleci",
        ".github",
        ".gitlab",
        ".tekton",
    }
)
"""The hidden folders that hold pipelines and tools: the only ones that are read."""
_IGNORE_FILE = ".gitignore"
_DATA = (".yaml", ".yml", ".json")

Matcher = Callable[[str, bool], bool | None]
"""Tells of a path below a folder, and whether it is a folder: True ignored, False wanted all the same, None silent."""


@dataclass(frozen=True, slots=True)
class File:
    """A regular file of the tree."""

    uri: str
    """The path from the scan root, with forward slashes."""
    path: str
    """The path that opens it, from the working directory or absolute."""

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.uri.rpartition("/")[2]


@dataclass(slots=True)
class Tree:
    """What a walk found.

    Args:
        root: the absolute folder that uris start at.
        boundary: the folder that nothing is read outside of: the git repository that holds the scan root, else that.
    """

    root: str
    boundary: str
    files: list[File] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)


def walk(paths: Sequence[Path], *, exclude: Sequence[str] = (), exclude_base: Path | None = None) -> Tree:
    """List the files below some paths, in the order of their names.

    A path that is given is read whatever ignores it. With one folder, uris start there; with one file, at its folder;
    with several paths, at the working directory.

    Args:
        paths: files and folders.
        exclude: what to leave out, in the syntax of .gitignore.
        exclude_base: the folder that `exclude` starts at; the scan root where not given.
    """
    root = _root(paths)
    walker = _Walker(Tree(root, _repository(root) or root))
    if exclude:
        base = os.path.realpath(exclude_base) if exclude_base else root
        walker.rules.append((base, _matcher(exclude), "excluded"))
    for path in paths:
        walker.enter(str(path))
    return walker.tree


def _root(paths: Sequence[Path]) -> str:
    if len(paths) == 1:
        only = os.path.realpath(paths[0])
        return only if os.path.isdir(only) else os.path.dirname(only)
    return os.path.realpath(".")


def _repository(folder: str) -> str | None:
    while not os.path.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


class _Walker:
    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.rules: list[tuple[str, Matcher, str]] = []
        self._seen: set[tuple[int, int]] = set()
        self._ignoring: dict[str, Matcher | None] = {}

    def enter(self, path: str) -> None:
        """Walk from a path that the user gave."""
        real = os.path.realpath(path)
        if not os.path.isdir(real):
            self._file(path, os.stat(real))
            return
        waiting = [path]
        while waiting:
            waiting.extend(reversed(list(self._folder(waiting.pop()))))

    def _folder(self, folder: str) -> Iterator[str]:
        """Take in the files of a folder, and give the folders in it that are walked too."""
        status = os.stat(folder)
        if not self._first(status):
            self.tree.skipped["links to what is read already"] += 1
            return
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self.tree.problems.append(Problem(self._uri(folder), f"cannot be listed: {error.strerror}"))
            return
        real = os.path.realpath(folder)
        for entry in listed:
            path = os.path.join(folder, entry.name)
            if entry.is_symlink() and not self._may_follow(path):
                continue
            if entry.is_dir():
                if not self._skips_folder(entry.name) and not self._ignored(
                    os.path.join(real, entry.name), folder=True
                ):
                    yield path
            elif entry.is_file() and not self._ignored(os.path.join(real, entry.name), folder=False):
                self._file(path, entry.stat())

    def _file(self, path: str, status: os.stat_result) -> None:
        if self._first(status):
            self.tree.files.append(File(self._uri(path), path))
        else:
            self.tree.skipped["links to what is read already"] += 1

    def _first(self, status: os.stat_result) -> bool:
        key = status.st_dev, status.st_ino
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    def _uri(self, path: str) -> str:
        absolute = os.path.abspath(path)
        return os.path.relpath(absolute, self.tree.root).replace(os.sep, "/")

    def _may_follow(self, path: str) -> bool:
        target = os.path.realpath(path)
        if not os.path.exists(target):
            if path.endswith(_DATA):
                self.tree.problems.append(Problem(self._uri(path), "is a link to something that does not exist"))
            else:
                self.tree.skipped["links to nothing"] += 1
            return False
        if os.path.commonpath((target, self.tree.boundary)) != self.tree.boundary:
            self.tree.skipped["links out of the repository"] += 1
            return False
        return True

    def _skips_folder(self, name: str) -> bool:
        if name in SKIPPED_FOLDERS:
            self.tree.skipped[f"{name}/"] += 1
            return True
        if name.startswith(".") and name not in TOOL_FOLDERS:
            if name != ".git":
                self.tree.skipped["hidden folders"] += 1
            return True
        return False

    def _ignored(self, path: str, *, folder: bool) -> bool:
        for base, matcher, reason in self.rules:
            if matcher(os.path.relpath(path, base), folder):
                self.tree.skipped[reason] += 1
                return True
        above = os.path.dirname(path)
        while True:
            matcher_here = self._ignoring_in(above)
            verdict = matcher_here(path[len(above) :].lstrip("/"), folder) if matcher_here else None
            if verdict is not None:
                self.tree.skipped["ignored by git"] += verdict
                return verdict
            if above == self.tree.boundary or len(above) <= len(self.tree.boundary):
                return False
            above = os.path.dirname(above)

    def _ignoring_in(self, folder: str) -> Matcher | None:
        """What the .gitignore of a folder ignores; at the top of the repository, also what git keeps for itself."""
        if folder not in self._ignoring:
            files = [os.path.join(folder, _IGNORE_FILE)]
            if folder == self.tree.boundary:
                files.append(os.path.join(folder, ".git", "info", "exclude"))
            lines = [line for file in files for line in _lines(file)]
            self._ignoring[folder] = _matcher(lines) if lines else None
        return self._ignoring[folder]


def _lines(file: str) -> list[str]:
    try:
        return Path(file).read_text("utf-8", "replace").splitlines()
    except OSError:
        return []


def _matcher(lines: Sequence[str]) -> Matcher:
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - slow to import, and most trees that are scanned have no need

    spec = GitIgnoreSpec.from_lines(lines)

    def matches(path: str, folder: bool) -> bool | None:  # noqa: FBT001 - the form of a Matcher
        return spec.check_file(path.replace(os.sep, "/") + ("/" if folder else "")).include

    return matches
