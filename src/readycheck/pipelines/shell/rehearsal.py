"""What a script does in each round of its loops, with globs and conditions answered by the names of the tree.

`read` says what may be run and what its failure does; this says in which folders: it goes through a loop value by
value. What cannot be answered is taken to be so, and commands are taken to succeed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct, field
from msgspec.structs import replace

from readycheck.documents.shell import parse
from readycheck.documents.statements import (
    Background,
    Block,
    Case,
    Chain,
    Choice,
    Function,
    Group,
    Loop,
    Negation,
    Part,
    Pipe,
    Simple,
    Statement,
    Test,
    Word,
)
from readycheck.model import Listing
from readycheck.pipelines.acts.doing import from_root
from readycheck.pipelines.model import Command, Files
from readycheck.pipelines.shell.calls import Walk, called_by
from readycheck.pipelines.shell.conditions import answer, condition_of
from readycheck.pipelines.shell.expansion import known_output
from readycheck.pipelines.shell.reading import Reading, Start, Where
from readycheck.pipelines.shell.tree_names import found_by, matching

_MOST_ROUNDS = 200
"""Values that one loop goes through."""
_ARRAY = re.compile(r"\$\{(\w+)\[[@*]\]\}")
_CUT = re.compile(r"\$\{(\w+)(%%?|##?)(.*)\}")
_GLOB = re.compile(r"[*?\[]")


def rehearse(text: str, at: Where, start: Start, files: Files) -> Reading:
    """What a script runs, round by round.

    Args:
        text: the script.
        at: the place of a line of it, by its number from 0.
        start: how it is started.
        files: finds the scripts and Makefiles that it calls, and what its globs match.
    """
    return reader(files)(text, at, start, Walk(files, reader(files)))


def reader(files: Files) -> Callable[[str, Where, Start, Walk], Reading]:
    """What understands a text of shell that something calls.

    Args:
        files: finds scripts, Makefiles and what globs match.
    """

    def read(text: str, at: Where, start: Start, walk: Walk) -> Reading:
        return _Rehearsal(at, start, walk, files.listing).run(parse(text)[0])

    return read


class _State(Struct, eq=False):
    """What a shell keeps from one statement to the next."""

    variables: dict[str, str]
    folder: str
    errexit: bool = False
    folders: list[str] = field(default_factory=list)
    functions: dict[str, Block] = field(default_factory=dict)
    ended: str = ""
    """`continue`, `break`, `return` or `exit`, once there was one."""


class _Rehearsal:
    """One pass through a script."""

    def __init__(self, at: Where, start: Start, walk: Walk, listing: Listing) -> None:
        self._at = at
        self._start = start
        self._walk = walk
        self._listing = listing
        self._commands: list[Command] = []
        self._unread: list[str] = []
        self._handlers: Mapping[type[Statement], Callable[..., bool | None]] = {
            Simple: self._simple,
            Test: self._test,
            Pipe: self._pipe,
            Chain: self._chain,
            Negation: self._negation,
            Group: self._group,
            Choice: self._choice,
            Loop: self._loop,
            Case: self._case,
            Function: self._function,
            Background: lambda background, state: self._block(background.inner, state),
        }

    def run(self, block: Block) -> Reading:
        """Go through the statements."""
        start = self._start
        variables = dict(start.variables) | {str(index): word for index, word in enumerate(start.arguments)}
        self._block(block, _State(variables, start.folder, start.errexit))
        return Reading(tuple(self._commands), tuple(dict.fromkeys(self._unread)))

    def _block(self, block: Block, state: _State) -> bool | None:
        holds: bool | None = True
        for statement in block:
            if state.ended or not self._walk.goes_on:
                break
            holds = self._handlers[type(statement)](statement, state)
        return holds

    # Conditions ------------------------------------------------------------------------------------------------

    def _chain(self, chain: Chain, state: _State) -> bool | None:
        holds: bool | None = True
        for operator, statement in chain.links:
            if state.ended:
                break
            if (operator == "&&" and holds is False) or (operator == "||" and holds is not False):
                continue
            # Where a question has no answer, what leaves the round is not taken.
            if operator == "&&" and holds is None and _leaves(statement):
                continue
            holds = self._handlers[type(statement)](statement, state)
        return holds

    def _negation(self, negation: Negation, state: _State) -> bool | None:
        holds = self._block(negation.inner, state)
        return None if holds is None else not holds

    def _choice(self, choice: Choice, state: _State) -> bool | None:
        for condition, body in choice.branches:
            holds = self._block(condition, state) if condition else True
            if holds is False:
                continue
            if holds is None and body and _leaves(body[-1]):
                continue
            self._block(body, state)
            if holds:
                break
        return True

    def _case(self, case: Case, state: _State) -> bool | None:
        subject = self._text(case.subject, state)
        for patterns, body in case.branches:
            if "$" in subject or any(fnmatchcase(subject, pattern) for pattern in patterns):
                self._block(body, state)
                if "$" not in subject:
                    break
        return True

    def _test(self, test: Test, state: _State) -> bool | None:
        condition = condition_of(test)
        if condition is None:
            return None
        holds = answer(self._listing, [self._text(word, state) for word in condition.words], state.folder)
        return None if holds is None else holds is not condition.turned

    # Loops and functions ---------------------------------------------------------------------------------------

    def _loop(self, loop: Loop, state: _State) -> bool | None:
        if loop.values is None:
            self._block(loop.condition, state)
            self._round(loop.body, state)
            return True
        for value in self._values(loop.values, state)[:_MOST_ROUNDS]:
            state.variables[loop.variable] = value
            if not self._round(loop.body, state):
                break
        return True

    def _round(self, body: Block, state: _State) -> bool:
        """One round; False where it is the last one."""
        self._block(body, state)
        last = state.ended
        if state.ended in ("continue", "break"):
            state.ended = ""
        return last in ("", "continue")

    def _function(self, function: Function, state: _State) -> bool | None:
        state.functions[function.name] = function.body
        return True

    def _group(self, group: Group, state: _State) -> bool | None:
        if not group.subshell:
            return self._block(group.body, state)
        own = replace(state, variables=dict(state.variables), folders=list(state.folders))
        return self._block(group.body, own)

    def _pipe(self, pipe: Pipe, state: _State) -> bool | None:
        *before, last = pipe.parts
        inner = last.words if isinstance(last, Simple) else ()
        reads = _read_variable(last)
        if reads or (inner and inner[0].text == "xargs"):
            values = self._output(tuple(before), state)
            for value in values if values is not None else ():
                if isinstance(last, Loop):
                    state.variables[reads] = value
                    self._round(last.body, state)
                else:
                    self._xargs([self._text(word, state) for word in inner[1:]], value, last, state)
            if values is None:
                self._unread.append(f"what `{before[0].text}` gives cannot be told")
            return True
        own = replace(state, variables=dict(state.variables))
        for part in pipe.parts:
            self._handlers[type(part)](part, own)
        return None

    def _xargs(self, words: list[str], value: str, last: Statement, state: _State) -> None:
        mark = ""
        while words and words[0].startswith("-"):
            option = words.pop(0)
            if option.startswith("-I"):
                mark = option[2:] or (words.pop(0) if words else "{}")
            elif option in ("-n", "-P", "-L", "-d") and words:
                words.pop(0)
        line = [word.replace(mark, value) for word in words] if mark else [*words, value]
        if line:
            self._run(tuple(line), last.line, {}, "", state)

    # Simple commands -------------------------------------------------------------------------------------------

    def _simple(self, simple: Simple, state: _State) -> bool | None:
        values = {name: " ".join(self._values((value,), state)) for name, value in simple.assignments}
        if simple.lasting:
            state.variables |= values
        words = tuple(self._values(simple.words, state, glob=False))
        if not words or (simple.lasting and simple.assignments):
            return True
        heredoc = self._text(simple.input, state) if simple.input is not None else ""
        return self._run(words, simple.line, values, heredoc, state)

    def _run(
        self, words: tuple[str, ...], line: int, values: Mapping[str, str], heredoc: str, state: _State
    ) -> bool | None:
        name = words[0]
        if name in ("continue", "break", "exit", "return"):
            state.ended = name
        elif name in ("cd", "pushd", "popd"):
            _go(words, state)
        elif name == "set":
            state.errexit = state.errexit or any(word[0] == "-" and "e" in word for word in words[1:] if word)
        elif name in ("test", "["):
            return answer(self._listing, [word for word in words[1:] if word != "]"], state.folder)
        elif name in state.functions:
            self._call(words, state)
        elif name not in _SILENT:
            self._command(words, line, values, heredoc, state)
        return None if name in _ASKING else True

    def _call(self, words: Sequence[str], state: _State) -> None:
        kept = dict(state.variables)
        state.variables |= {str(index): word for index, word in enumerate(words) if index}
        with self._walk.into(f"{words[0]}()") as entered:
            if entered:
                self._block(state.functions[words[0]], state)
        state.ended = state.ended if state.ended == "exit" else ""
        state.variables |= {name: kept[name] for name in kept if name.isdigit()}

    def _command(
        self, words: tuple[str, ...], line: int, values: Mapping[str, str], heredoc: str, state: _State
    ) -> None:
        start = Start(variables={**state.variables, **values}, folder=state.folder, via=self._start.via)
        swallowed = "" if state.errexit else "its shell goes on after a failure (no `set -e`)"
        command = Command(words, self._at(line), swallowed, variables=values, via=self._start.via, folder=state.folder)
        called = called_by(command, start, heredoc, self._walk)
        if called is not None and called.sourced is not None:
            text, at, name = called.sourced
            with self._walk.into(name) as entered:
                outer, self._at = self._at, at
                if entered:
                    self._block(parse(text)[0], state)
                self._at = outer
            return
        if called is not None and (called.reading.commands or called.reading.unread):
            self._unread += called.reading.unread
            self._commands += called.reading.commands
            return
        self._walk.count()
        self._commands.append(command)

    # Words -----------------------------------------------------------------------------------------------------

    def _text(self, word: Word, state: _State) -> str:
        return "".join(self._value(part, state) for part in word.parts)

    def _values(self, words: Sequence[Word], state: _State, *, glob: bool = True) -> list[str]:
        """The words that a shell makes of some: parted at the spaces of values, globs put in."""
        found: list[str] = []
        for word in words:
            text = self._text(word, state)
            quoted = any(part.quoted for part in word.parts) and not any(_ARRAY.fullmatch(p.text) for p in word.parts)
            for piece in [text] if quoted else text.split():
                expanded = self._matching(piece, state.folder) if glob and _GLOB.search(piece) else []
                found += expanded or [piece]
        return found

    def _matching(self, pattern: str, folder: str) -> list[str]:
        return matching(self._listing, pattern, folder)

    def _value(self, part: Part, state: _State) -> str:
        variables = state.variables
        if array := _ARRAY.fullmatch(part.text):
            return variables.get(array[1], part.text)
        if cut := _CUT.fullmatch(part.text):
            value = variables.get(cut[1])
            return _cut(value, cut[2], cut[3]) if value is not None and "$" not in value else part.text
        if part.body:
            known = known_output(part, variables, state.folder)
            output = self._output(part.body, state) if not known else None
            return known or (" ".join(output) if output is not None else part.text)
        if part.text.startswith("$(wildcard "):
            return " ".join(self._matching(part.text.removeprefix("$(wildcard ").rstrip(")"), state.folder))
        if not part.variable or not part.plain:
            return part.text
        value = variables.get(part.variable)
        return part.text if value is None and part.default is None else value or part.default or ""

    def _output(self, body: Block, state: _State) -> list[str] | None:
        """What comes out of commands that list folders; None for all others."""
        found: list[str] | None = None
        for part in body[0].parts if len(body) == 1 and isinstance(body[0], Pipe) else body:
            if not isinstance(part, Simple):
                return None
            words = self._values(part.words, state, glob=False)
            found = found_by(self._listing, words, found, state.folder)
            if found is None:
                return None
        return found


_SILENT = frozenset(
    ("echo", "printf", "true", "false", ":", "export", "local", "declare", "readonly", "shopt", "shift")
)
_ASKING = frozenset(("grep", "command", "which", "diff", "cmp", "false", "read"))


def _leaves(statement: Statement) -> bool:
    """Whether a statement does nothing but leave the round, or the script."""
    if isinstance(statement, Group):
        return bool(statement.body) and _leaves(statement.body[-1])
    return isinstance(statement, Simple) and bool(statement.words) and statement.words[0].text in _LEAVING


_LEAVING = ("continue", "break", "exit", "return")


def _read_variable(statement: Statement) -> str:
    """The variable that a `while read` fills; "" for all else."""
    if not isinstance(statement, Loop) or len(statement.condition) != 1:
        return ""
    condition = statement.condition[0]
    words = [word.text for word in condition.words] if isinstance(condition, Simple) else []
    return words[-1] if words[:1] == ["read"] and len(words) > 1 else ""


def _cut(value: str, operator: str, pattern: str) -> str:
    """`${x%pattern}` and its like, for patterns with at most one `*` at an end."""
    if operator == "%" and pattern == "/*":
        return value.rpartition("/")[0] if "/" in value else value
    if operator == "##" and pattern == "*/":
        return value.rpartition("/")[2]
    if "*" not in pattern:
        return value.removesuffix(pattern) if operator[0] == "%" else value.removeprefix(pattern)
    return value


def _go(words: Sequence[str], state: _State) -> None:
    target = next((word for word in words[1:] if not word.startswith("-") or word == "-"), "")
    if words[0] == "popd" or target == "-":
        state.folder = state.folders.pop() if state.folders else state.folder
    elif target:
        state.folders.append(state.folder)
        state.folder = from_root(target, state.folder)
