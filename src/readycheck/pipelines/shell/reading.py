"""How a shell is started, and what it makes of what it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from msgspec import Struct, field

from readycheck.model import Place
from readycheck.pipelines.model import Command

Where: TypeAlias = Callable[[int], Place]
"""The place of a line of a text, by its number from 0."""


class Start(Struct, frozen=True, eq=False):
    """How a shell is started.

    Args:
        errexit: whether the first command that fails ends it (`-e`).
        pipefail: whether a program in front of a pipe counts.
        variables: the environment, as far as it is known.
        folder: the folder that it starts in, from the root of the repository.
        via: what called it, from the outside in.
        arguments: what it is given: `$0`, `$1` and so on.
        swallowed: why its own failure does not stop the job; "" where it does.
        conditional: the condition that it is started under, as it is written; "" where there is none.
        given: the commands without whose success it is not started.
        output: where its output goes, if that is not the log.
    """

    errexit: bool = False
    pipefail: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""
    via: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    swallowed: str = ""
    conditional: str = ""
    given: tuple[Command, ...] = ()
    output: str = ""


class Reading(Struct, frozen=True, eq=False):
    """What a shell makes of a text.

    Args:
        commands: the commands that it runs, scripts and Makefile targets followed, in the order in which they start.
        unread: what it runs that could not be read, each with the reason.
        needed: those of the commands without which it does not succeed.
    """

    commands: tuple[Command, ...] = ()
    unread: tuple[str, ...] = ()
    needed: tuple[Command, ...] = ()
