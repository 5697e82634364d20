"""What is looked at when the acts of a step are told: one command or use, where it stands and what it is called."""

from __future__ import annotations

import posixpath
import re
from functools import cached_property
from typing import Any, TypeVar

from msgspec import Struct

from readycheck.model import Place
from readycheck.pipelines.acts.nouns import Act
from readycheck.pipelines.acts.words import Call, called, segments
from readycheck.pipelines.model import Command, Job, Step, Use

AnAct = TypeVar("AnAct", bound=Act)


class Doing(Struct, frozen=True, eq=False, dict=True):
    """One command or use of a step.

    Args:
        job: the job.
        step: the step.
        cause: the command or use.
        words: the words to understand; another command's than the cause's where a use's input holds them.
    """

    job: Job
    step: Step
    cause: Command | Use
    words: tuple[str, ...] = ()

    @cached_property
    def call(self) -> Call:
        """The program and its arguments; an empty one for a use."""
        return called(self.words)

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.cause.place

    @cached_property
    def purpose(self) -> frozenset[str]:
        """The words for what it is done for: of what called it, and of its job."""
        via = self.cause.via if isinstance(self.cause, Command) else ()
        return segments(" ".join((*via, self.job.name, self.job.id)))

    @cached_property
    def title(self) -> frozenset[str]:
        """The words by which people call it: of its step too, which may be called after its first command."""
        return self.purpose | segments(self.step.name)

    @property
    def folder(self) -> str:
        """The folder that it runs in, from the root of the repository."""
        return self.cause.folder if isinstance(self.cause, Command) else ""

    def act(self, kind: type[AnAct], what: str, **more: Any) -> AnAct:
        """An act that this is.

        Args:
            kind: the noun.
            what: what people call it.
            more: what else the noun is told.
        """
        return kind(what=what, step=self.step, cause=self.cause, place=self.place, **more)

    def path(self, written: str) -> str:
        """A path as it is written, from the root of the repository; "" for the root itself.

        Args:
            written: the path, relative to the folder that the command runs in.
        """
        return from_root(written, self.folder)

    def context(self, written: str) -> str | None:
        """The folder of a build's context; None for what comes from elsewhere: standard input, a repository's URL.

        Args:
            written: the context, as the command has it.
        """
        if written == "-" or "://" in written.removeprefix("dir://").removeprefix("file://"):
            return None
        return self.path(written)


_ROOTS = re.compile(
    r"""(?x)
    \$\{?(?:CI_PROJECT_DIR|GITHUB_WORKSPACE|PWD|WORKSPACE|BUILD_SOURCESDIRECTORY|CIRCLE_WORKING_DIRECTORY)\}?
    | \$\{\{\s*github\.workspace\s*\}\}
    | \$\((?:Build\.SourcesDirectory|System\.DefaultWorkingDirectory|pwd)\)
    """
)
"""What stands for the root of the repository, unless the command has gone elsewhere."""


def from_root(written: str, folder: str = "") -> str:
    """A path from the root of the repository; "" for the root itself.

    Args:
        written: the path as it stands in a command.
        folder: the folder that the command runs in.
    """
    text = written.removeprefix("dir://").removeprefix("file://")
    match = _ROOTS.match(text)
    if match and (match.end() == len(text) or text[match.end()] == "/"):
        inner = text[match.end() :].lstrip("/")
        text = inner if "PWD" not in match[0] and "pwd" not in match[0] else posixpath.join(folder, inner)
    else:
        text = posixpath.join(folder, text)
    plain = posixpath.normpath(text) if text else ""
    return "" if plain in (".", "/") else plain
