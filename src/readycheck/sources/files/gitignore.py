"""What git leaves out of a tree (git's documentation of gitignore)."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from readycheck.documents.text import Unreadable, read_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pathspec import GitIgnoreSpec

_IGNORE_FILE = ".gitignore"
# RE2, which the library prefers where it is installed, takes no names that are not UTF-8.
_BACKEND: Final = "simple"


class Patterns:
    """Patterns in the syntax of .gitignore, for the paths below one folder.

    Args:
        base: the folder, absolute and without links.
        lines: the patterns; what is no valid pattern is kept in `invalid` and matches nothing, as in git.
    """

    def __init__(self, base: str, lines: Iterable[str]) -> None:
        self.invalid: list[str] = []
        self._prefix = base.rstrip(os.sep) + os.sep
        self._spec = self._compiled(list(lines))

    def _compiled(self, lines: list[str]) -> GitIgnoreSpec:
        from pathspec import GitIgnoreSpec  # noqa: PLC0415 - slow to import, and most trees have no need of it

        try:
            return GitIgnoreSpec.from_lines(lines, backend=_BACKEND)
        except (ValueError, re.error):
            if len(lines) == 1:
                self.invalid += lines
                return GitIgnoreSpec([], backend=_BACKEND)
        # One bad line must not cost the others.
        return GitIgnoreSpec(
            [pattern for line in lines for pattern in self._compiled([line]).patterns], backend=_BACKEND
        )

    def verdict(self, path: str, *, folder: bool) -> bool | None:
        """True where the patterns leave a path out, False where they take it in again, None where they are silent."""
        if not path.startswith(self._prefix):
            return None
        below = path[len(self._prefix) :].replace(os.sep, "/")
        return self._spec.check_file(below + "/" if folder else below).include


class GitIgnores:
    """The .gitignore files from one folder downwards.

    Args:
        top: the folder, absolute and without links; where it is a repository's, its `.git/info/exclude` counts too.
    """

    def __init__(self, top: str) -> None:
        self.unreadable: list[tuple[str, Unreadable]] = []
        """The ignore files that could not be read: path and reason."""
        self._top = top
        self._patterns: dict[str, tuple[Patterns, ...]] = {}

    def ignores(self, path: str, *, folder: bool) -> bool:
        """Whether git leaves out a path, absolute and without links, whose parent it does not."""
        for patterns in self._above(os.path.dirname(path)):
            verdict = patterns.verdict(path, folder=folder)
            if verdict is not None:
                return verdict
        return False

    def _above(self, folder: str) -> tuple[Patterns, ...]:
        """The patterns that count in a folder, the nearest first."""
        unknown = []
        while folder not in self._patterns:
            if folder != self._top and not folder.startswith(self._top.rstrip(os.sep) + os.sep):
                self._patterns[folder] = ()
                break
            unknown.append(folder)
            if folder == self._top:
                break
            folder = os.path.dirname(folder)
        found = self._patterns.get(folder, ())
        for below in reversed(unknown):
            found = (*self._own(below), *found)
            self._patterns[below] = found
        return found

    def _own(self, folder: str) -> tuple[Patterns, ...]:
        lines: list[str] = []
        if folder == self._top:
            lines += self._lines(os.path.join(folder, ".git", "info", "exclude"))
        lines += self._lines(os.path.join(folder, _IGNORE_FILE))
        return (Patterns(folder, lines),) if lines else ()

    def _lines(self, file: str) -> list[str]:
        if not os.path.lexists(file):
            return []
        try:
            return read_text(Path(file)).replace("\r\n", "\n").split("\n")
        except Unreadable as unreadable:
            self.unreadable.append((file, unreadable))
            return []
