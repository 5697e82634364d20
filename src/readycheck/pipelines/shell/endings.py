"""How statements end that are run when another one failed, and whether a status that was kept is looked at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum, auto

from readycheck.documents.statements import Block, Case, Chain, Choice, Group, Simple, Statement, Test, Word

_SPEAK = frozenset(
    ("true", ":", "echo", "printf", "export", "local", "unset", "set", "cd", "sleep", "continue", "break")
)
"""Commands that succeed, so that whatever failed before them is forgotten."""
_GIVE_UP = frozenset(("die", "fatal", "fail", "abort", "error_exit", "exit_with_error", "panic", "bail"))
"""What functions are called that end a script, where they stand in a file that is not at hand."""
_DEEPEST = 12


class Ending(Enum):
    """How a block ends."""

    EXITS = auto()
    """It ends the shell with a failure."""
    LEAVES = auto()
    """It ends the shell with a success."""
    FAILS = auto()
    """Its own status is a failure."""
    SUCCEEDS = auto()
    """Its status is a success whatever went before."""
    OPEN = auto()
    """It does something that may succeed or fail."""


def ending(block: Block, functions: Mapping[str, Block], depth: int = 0) -> Ending:
    """How a block ends once it is run.

    Args:
        block: the statements.
        functions: the functions that are defined.
        depth: how deep in other blocks it stands.
    """
    last = Ending.SUCCEEDS
    for statement in block:
        last = _of_statement(statement, functions, depth + 1) if depth < _DEEPEST else Ending.OPEN
        if last in (Ending.EXITS, Ending.LEAVES):
            return last
    return last


def _of_statement(statement: Statement, functions: Mapping[str, Block], depth: int) -> Ending:
    if isinstance(statement, Simple):
        return _of_simple(statement, functions, depth)
    if isinstance(statement, Group):
        inner = ending(statement.body, functions, depth)
        return _STATUS.get(inner, inner) if statement.subshell else inner
    if isinstance(statement, Choice | Case):
        found = {ending(body, functions, depth) for _, body in statement.branches}
        # Under what condition it gives up is not known; that it does is what it is written for.
        return Ending.EXITS if Ending.EXITS in found else Ending.OPEN
    if isinstance(statement, Chain):
        found = {_of_statement(link, functions, depth) for _, link in statement.links}
        return Ending.EXITS if Ending.EXITS in found else _of_statement(statement.links[-1][1], functions, depth)
    return Ending.OPEN


_STATUS = {Ending.EXITS: Ending.FAILS, Ending.LEAVES: Ending.SUCCEEDS}
"""What the exit of a shell of its own is to the one around it."""


def _of_simple(simple: Simple, functions: Mapping[str, Block], depth: int) -> Ending:
    words = [word.text for word in simple.words]
    program = words[0] if words else ":"
    if program in functions:
        return ending(functions[program], functions, depth)
    if words[1:2] == ["0"] and program in ("exit", "return"):
        return Ending.LEAVES if program == "exit" else Ending.SUCCEEDS
    if program == "exit" or program in _GIVE_UP:
        return Ending.EXITS
    if program in ("return", "false"):
        return Ending.FAILS
    return Ending.SUCCEEDS if program in _SPEAK else Ending.OPEN


_STATUS_KEPT = re.compile(r"\$\?|\$\{\?\}")


def looks_at_status(rest: Block, functions: Mapping[str, Block]) -> bool:
    """Whether what follows a statement looks at its status and fails for it.

    Args:
        rest: the statements that follow, in order.
        functions: the functions that are defined.
    """
    if not rest:
        return False
    first = rest[0]
    name = _keeps(first)
    if name:
        return fails_for(name, rest[1:], functions)
    return bool(_STATUS_KEPT.search(first.text)) and _may_fail(first, functions)


def _keeps(statement: Statement) -> str:
    """The variable that keeps the status of what ran before; "" where none does."""
    if isinstance(statement, Simple):
        for name, word in statement.assignments:
            if _STATUS_KEPT.search(word.text):
                return name
    return ""


def kept_by(block: Block) -> str:
    """The variable in which a block keeps the status that it is run for; "" where there is none."""
    return next((name for statement in block for name in [_keeps(statement)] if name), "")


def set_to_failure(block: Block) -> str:
    """The variable that a block sets to a number other than 0: a failure that is kept for later; "" for none."""
    for statement in block:
        if isinstance(statement, Group) and not statement.subshell:
            return set_to_failure(statement.body)
        if isinstance(statement, Simple):
            for name, word in statement.assignments:
                if re.fullmatch(r"[1-9]\d*|true|\$\?", word.text):
                    return name
    return ""


def fails_for(name: str, rest: Iterable[Statement], functions: Mapping[str, Block]) -> bool:
    """Whether later statements ask a variable and may fail for it.

    Args:
        name: the variable.
        rest: the statements.
        functions: the functions that are defined.
    """
    mention = re.compile(rf"\$\{{?{re.escape(name)}\b|\b{re.escape(name)}\s*[=!<>]=?|\(\(\s*{re.escape(name)}\b")
    return any(mention.search(statement.text) and _may_fail(statement, functions) for statement in rest)


def _may_fail(statement: Statement, functions: Mapping[str, Block]) -> bool:
    if isinstance(statement, Test):
        return True
    if isinstance(statement, Simple):
        return bool(statement.words) and statement.words[0].text in ("exit", "return", "test", "[", "if")
    return _of_statement(statement, functions, 0) in (Ending.EXITS, Ending.FAILS)


def commands_in(block: Block) -> Iterator[tuple[Word, ...]]:
    """The words of the simple commands of a block that stand in it directly or in groups."""
    for statement in block:
        if isinstance(statement, Simple):
            yield statement.words
        elif isinstance(statement, Group):
            yield from commands_in(statement.body)
        elif isinstance(statement, Chain):
            yield from commands_in(tuple(link for _, link in statement.links))
