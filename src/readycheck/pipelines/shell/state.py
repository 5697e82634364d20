"""What a shell keeps from one statement to the next, what a statement's end does, and what a shell does itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from readycheck.documents.statements import Block
from readycheck.pipelines.acts.doing import from_root
from readycheck.pipelines.model import Command
from readycheck.pipelines.shell.endings import looks_at_status

MOST_ARGUMENTS = 100
"""Of a script or function; what is behind them is not known by its number."""
TURNED = "`!` makes a success of its failure"


class Fate(Struct, frozen=True, eq=False):
    """What a statement's end does.

    Args:
        if_fails: why its failure, as the status that it leaves, does not stop the job; "" where it does.
        if_succeeds: the same of its success: behind `!` or in a condition, that may be what stops the job.
        errexit: why `set -e` does not act on it; "" where it does once it is set.
        exits: why a failing `exit` in it does not stop the job.
        conditional: the condition that it stands under.
        given: the commands without whose success it does not run.
        output: where its output goes, if that is not the log.
        rest: the statements that follow it.
    """

    if_fails: str = ""
    if_succeeds: str = TURNED
    errexit: str = ""
    exits: str = ""
    conditional: str = ""
    given: tuple[Command, ...] = ()
    output: str = ""
    rest: Block = ()

    def under(self, condition: str) -> Fate:
        """The same under one more condition."""
        return replace(self, conditional=f"{self.conditional} and {condition}" if self.conditional else condition)


class State(Struct, eq=False):
    """What a shell keeps from one statement to the next."""

    errexit: bool
    pipefail: bool
    variables: dict[str, str]
    exported: set[str]
    folder: str
    folders: list[str] = field(default_factory=list)
    functions: dict[str, Block] = field(default_factory=dict)
    traps: list[str] = field(default_factory=list)
    given: tuple[Command, ...] = ()
    ended: str = ""
    """`exit` or `return`, once there was one."""

    def copy(self) -> State:
        """The state of a shell that is started from here."""
        return replace(
            self,
            variables=dict(self.variables),
            exported=set(self.exported),
            folders=list(self.folders),
            functions=dict(self.functions),
            traps=[],
        )

    def forget_since(self, before: Mapping[str, str]) -> None:
        """Unknow the variables that were set where that may not have happened."""
        self.variables = common([self.variables, before])

    def stops(self, fate: Fate) -> str:
        """Why a failure does not stop the job; "" where it does."""
        if not fate.if_fails:
            return ""
        if self.errexit and not fate.errexit:
            return fate.exits
        return "" if looks_at_status(fate.rest, self.functions) else fate.if_fails


def common(outcomes: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The variables that have the same value whatever branch was taken."""
    first, *others = outcomes
    return {name: value for name, value in first.items() if all(each.get(name) == value for each in others)}


# What a shell does itself ---------------------------------------------------------------------------------------


def _set(words: Sequence[str], state: State) -> None:
    for word, following in zip(words[1:], (*words[2:], ""), strict=False):
        if word in ("--", "-"):
            return
        if word[:1] not in ("-", "+"):
            continue
        on = word[0] == "-"
        if "e" in word or (word[-1] == "o" and following == "errexit"):
            state.errexit = on
        if word[-1] == "o" and following == "pipefail":
            state.pipefail = on


def _cd(words: Sequence[str], state: State) -> None:
    target = next((word for word in words[1:] if not word.startswith("-") or word == "-"), "")
    if target == "-":
        state.folder = state.folders[-1] if state.folders else state.folder
    elif target:
        state.folders.append(state.folder)
        state.folder = from_root(target, state.folder)


def _popd(words: Sequence[str], state: State) -> None:
    del words
    if state.folders:
        state.folder = state.folders.pop()


def _unset(words: Sequence[str], state: State) -> None:
    for name in words[1:]:
        state.variables.pop(name, None)


def _shift(words: Sequence[str], state: State) -> None:
    count = int(words[1]) if len(words) > 1 and words[1].isdecimal() else 1
    given = [state.variables.pop(name) for name in map(str, range(1, MOST_ARGUMENTS)) if name in state.variables]
    if "@" in state.variables:
        left = given[count:]
        state.variables |= {str(index): word for index, word in enumerate(left, 1)}
        state.variables["@"] = state.variables["*"] = " ".join(left)


def _exit(words: Sequence[str], state: State) -> None:
    state.ended = words[0]


def _trap(words: Sequence[str], state: State) -> None:
    if len(words) > 2 and words[1] not in ("-", "") and {"EXIT", "0"} & set(words[2:]):  # noqa: PLR2004
        state.traps.append(words[1])


def _nothing(words: Sequence[str], state: State) -> None:
    del words, state


BUILTINS: Mapping[str, Callable[[Sequence[str], State], None]] = {
    "set": _set,
    "cd": _cd,
    "pushd": _cd,
    "popd": _popd,
    "unset": _unset,
    "shift": _shift,
    "exit": _exit,
    "return": _exit,
    "trap": _trap,
    **dict.fromkeys(
        (
            *("true", "false", ":", "export", "local", "declare", "typeset", "readonly", "break"),
            *("continue", "wait", "read", "shopt", "ulimit", "umask", "alias", "getopts", "hash", "test", "["),
        ),
        _nothing,
    ),
}
"""What a shell does itself; none of it is a command that anybody asks about."""
