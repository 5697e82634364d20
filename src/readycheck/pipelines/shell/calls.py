"""What commands call that stands in the tree: scripts, Makefile targets, shells that are given a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from readycheck.model import Place, Resource
from readycheck.pipelines.acts.doing import from_root
from readycheck.pipelines.acts.words import Call, called
from readycheck.pipelines.model import Command, Files
from readycheck.pipelines.shell import makefile
from readycheck.pipelines.shell.reading import Reading, Start, Where

SCRIPT = "Script"

_SHELLS = ("bash", "sh", "dash", "ash", "zsh", "ksh")
_SHELL_FILES = (".sh", ".bash")
_MOST_COMMANDS = 2_000
"""Commands of one step, with all that it calls."""
_DEEPEST = 12
"""Scripts that call scripts."""
_SHEBANG = re.compile(r"#!\s*\S*?(?:/env\s+(?:-S\s+)?)?(?:ba|da|a|z|k)?sh\b(.*)")
_FLAGS_WITH_VALUE = ("-O", "+O", "--rcfile", "--init-file")

_Read: TypeAlias = "Callable[[str, Where, Start, Walk], Reading]"


class Walk:
    """How far what a step calls is followed.

    Args:
        files: finds scripts and Makefiles; None where nothing is followed.
        read: understands a text of shell.
    """

    def __init__(self, files: Files | None, read: _Read) -> None:
        self.files = files
        self._read = read
        self._left = _MOST_COMMANDS
        self._chain: list[str] = []

    @property
    def goes_on(self) -> bool:
        """Whether there is room for more commands."""
        return self._left > 0

    def count(self) -> None:
        """Note a command."""
        self._left -= 1

    @contextmanager
    def into(self, name: str) -> Iterator[bool]:
        """Go into something that is called; False where it calls itself, or is too deep."""
        entered = name not in self._chain and len(self._chain) < _DEEPEST
        self._chain.append(name)
        self.count()  # what does nothing is not free
        try:
            yield entered
        finally:
            self._chain.pop()

    def read(self, text: str, at: Where, start: Start) -> Reading:
        """Understand a text of shell that something calls."""
        return self._read(text, at, start, self)


class Called(Struct, frozen=True, eq=False):
    """What a command calls.

    Args:
        reading: what that does; nothing where it could not be read.
        sourced: where it is run in the very shell: its text, the places of its lines, and its name.
        path: the path by which it is called.
    """

    reading: Reading
    sourced: tuple[str, Where, str] | None = None
    path: str = ""


def called_by(command: Command, start: Start, heredoc: str, walk: Walk) -> Called | None:
    """What a command calls; None where that is a program of somebody else.

    Args:
        command: the command.
        start: how what it calls is started.
        heredoc: the text that it reads.
        walk: how far to follow.
    """
    call = called(command.words)
    if call.inside or call.remote:
        return None
    under = replace(start, via=(*start.via, command.text))
    if call.program in _SHELLS:
        return _shell(call, under, command.place, heredoc, walk)
    if call.program in ("source", "."):
        return _sourced(call, start, walk)
    if call.program in ("make", "gmake"):
        return Called(makefile.run(call, under, walk)) if walk.files is not None else None
    if "/" in call.path:
        return _script(call.path, (call.path, *call.arguments), under, walk)
    return None


def _shell(call: Call, start: Start, place: Place, heredoc: str, walk: Walk) -> Called | None:
    """`bash -c "..."`, `sh -e ./x.sh`, and a shell that reads a heredoc."""
    words, text = list(call.arguments), None
    while words and words[0][:1] in ("-", "+") and len(words[0]) > 1:
        option = words.pop(0)
        if option in _FLAGS_WITH_VALUE or (option[0] in "-+" and option[-1] == "o"):
            start = with_flags(start, [option, *words[:1]])
            words = words[1:]
        elif re.fullmatch(r"-[a-z]*c", option):
            start = with_flags(start, [option])
            text = words.pop(0) if words else ""
        else:
            start = with_flags(start, [option])
    if text is None and words:
        return _script(words[0], words, start, walk)
    text = heredoc if text is None else text
    if not text:
        return None
    with walk.into(text) as entered:
        return Called(walk.read(text, lambda _: place, replace(start, arguments=tuple(words)))) if entered else None


def with_flags(start: Start, flags: Sequence[str]) -> Start:
    """A start with the flags of a shell: `-e`, `-euo pipefail`.

    Args:
        start: the start without them.
        flags: the flags, as words.
    """
    for flag, following in zip_longest(flags, flags[1:], fillvalue=""):
        if flag[:1] not in ("-", "+") or flag.startswith("--"):
            continue
        on = flag[0] == "-"
        if "e" in flag or (flag[-1] == "o" and following == "errexit"):
            start = replace(start, errexit=on)
        if flag[-1] == "o" and following == "pipefail":
            start = replace(start, pipefail=on)
    return start


def _script(path: str, arguments: Sequence[str], start: Start, walk: Walk) -> Called | None:
    """A script that is run; None where it is no shell script, so that its command says all."""
    found = _found(path, start, walk)
    if not isinstance(found, Resource):
        return found
    text, at = _text_of(found)
    shebang = _SHEBANG.match(text)
    if shebang:
        start = with_flags(start, shebang[1].split())
    elif text.startswith("#!"):
        return None
    with walk.into(found.name) as entered:
        return Called(walk.read(text, at, replace(start, arguments=tuple(arguments)))) if entered else None


def _sourced(call: Call, start: Start, walk: Walk) -> Called | None:
    found = _found(call.arguments[0], start, walk) if call.arguments else None
    if not isinstance(found, Resource):
        return found
    return Called(Reading(), (*_text_of(found), f"{call.program} {call.arguments[0]}"), call.arguments[0])


def _found(path: str, start: Start, walk: Walk) -> Resource | Called | None:
    """The script at a path; why it could not be read; None where it is no shell script that should stand there."""
    if walk.files is None:
        return None
    uri = from_root(path, start.folder)
    resource = walk.files.file(uri)
    if resource is not None and resource.kind == SCRIPT:
        return resource
    if uri in walk.files.listing.entries or not uri.endswith(_SHELL_FILES):
        return None
    if uri.startswith("/"):
        why = "which is outside of the tree"
    else:
        why = "whose path a variable decides" if "$" in uri else "which could not be found in the tree"
    return Called(Reading(unread=(f"it runs `{path}`, {why}",)), path=path)


def _text_of(script: Resource) -> tuple[str, Where]:
    lines = script.strings("lines")
    return "\n".join(lines), lambda number: Place(script, ("lines", number))
