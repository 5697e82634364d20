"""What a shell makes of a text: the commands that it runs, and what their failures do.

A failure stops the job where it ends the shell: `set -e` acts on it, or it is the last status. It does not in front of
`&&` and `||`, in conditions, behind `!`, and in a pipe without pipefail (Bash manual: The Set Builtin, Pipelines).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

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
    Pipe,
    Simple,
    Statement,
    Test,
    Word,
)
from readycheck.pipelines.model import Command, Files
from readycheck.pipelines.shell.branching import Branching, Needed, shown
from readycheck.pipelines.shell.calls import Called, Walk, called_by
from readycheck.pipelines.shell.endings import Ending, commands_in, ending, fails_for, kept_by, set_to_failure
from readycheck.pipelines.shell.expansion import known_output, text_of, words_of
from readycheck.pipelines.shell.reading import Reading, Start, Where
from readycheck.pipelines.shell.state import BUILTINS, TURNED, Fate, State

_GOES_ON = "its shell goes on after a failure (no `set -e`)"
_SUBSTITUTED = "its failure is lost in `$( )`"


def read(text: str, at: Where, start: Start, files: Files | None = None) -> Reading:
    """Understand a text of shell.

    Args:
        text: the text; expressions of pipelines (`${{ }}`) may stand in it anywhere.
        at: the place of a line of the text, by its number from 0.
        start: how the shell is started.
        files: finds the scripts and Makefiles that it calls; None where they are not to be followed.
    """
    return _read(text, at, start, Walk(files, _read))


def _read(text: str, at: Where, start: Start, walk: Walk) -> Reading:
    block, faults = parse(text)
    if faults and not block:
        return Reading(unread=(f"it runs a script that {faults[0].reason}",))
    return _Shell(at, start, walk).run(block)


class _Shell(Branching):
    """Runs statements as far as that can be done by looking."""

    def __init__(self, at: Where, start: Start, walk: Walk) -> None:
        super().__init__()
        self._at = at
        self._start = start
        self._walk = walk
        self._via = start.via
        self._unread: list[str] = []
        self._handlers: Mapping[type[Statement], Callable[..., Needed]] = {
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
            Background: self._background,
        }

    def run(self, block: Block) -> Reading:
        start = self._start
        variables = dict(start.variables) | {str(index): word for index, word in enumerate(start.arguments)}
        if start.arguments:
            variables["@"] = variables["*"] = " ".join(start.arguments[1:])
        state = State(start.errexit, start.pipefail, variables, set(start.variables), start.folder)
        fate = Fate(
            if_fails=start.swallowed,
            exits=start.swallowed,
            conditional=start.conditional,
            given=start.given,
            output=start.output,
        )
        needed = self._block(block, state, fate)
        for trap in state.traps:
            lost = replace(fate, if_fails="a trap is run whatever came of the script", exits="it is run in a trap")
            state.ended = ""
            self._block(parse(trap)[0], state, lost)
        return Reading(tuple(self._commands), tuple(dict.fromkeys(self._unread)), needed)

    # Sequences -------------------------------------------------------------------------------------------------

    def _block(self, block: Block, state: State, fate: Fate) -> Needed:
        needed: Needed = ()
        for index, statement in enumerate(block):
            if state.ended or not self._walk.goes_on:
                break
            rest = (*block[index + 1 :], *fate.rest)
            if index == len(block) - 1:
                own = replace(fate, rest=rest)
            else:
                own = replace(fate, if_fails=fate.errexit or _GOES_ON, if_succeeds=TURNED, rest=rest)
            acted_on = state.errexit and not fate.errexit
            found = self._statement(statement, state, own)
            needed = (*needed, *found) if acted_on else found
        return needed

    def _statement(self, statement: Statement, state: State, fate: Fate) -> Needed:
        return self._handlers[type(statement)](statement, state, fate)

    def _chain(self, chain: Chain, state: State, fate: Fate) -> Needed:
        fates = [fate]
        for (operator, right), (_, left) in zip(chain.links[:0:-1], chain.links[-2::-1], strict=True):
            fates.append(self._left_of(operator, left, right, state, fates[-1]))
        needed = self._statement(chain.links[0][1], state, fates.pop())
        ended, before = state.ended, dict(state.variables)
        questions, asked = False, shown(chain.links[0][1].text)
        for index, ((operator, statement), own) in enumerate(zip(chain.links[1:], reversed(fates), strict=True)):
            if ended:
                break
            if operator == "&&":
                questions = questions or _asks(chain.links[index][1])
                under = replace(own, given=(*own.given, *needed))
                under = under.under(asked) if questions else under
                needed = (*needed, *self._statement(statement, state, under))
            else:
                self._statement(statement, state, own.under(f"not ({asked})"))
                ends = ending((statement,), state.functions)
                if ends is Ending.LEAVES:
                    state.given = (*state.given, *needed)
                needed = needed if ends in (Ending.EXITS, Ending.LEAVES, Ending.FAILS) else ()
            state.ended, asked = ended, shown(f"{asked} {operator} {statement.text}")
        # `cd x && VERSION=1` is no condition in practice: without the one, nothing that follows makes sense.
        if any(operator == "||" or isinstance(link, Test) for operator, link in chain.links):
            state.forget_since(before)
        return needed

    def _left_of(self, operator: str, left: Statement, right: Statement, state: State, fate: Fate) -> Fate:
        """The fate of what stands left of an operator."""
        if operator == "&&":
            lost = f"`set -e` does not act on what stands in front of `&& {shown(right.text)}`"
            return replace(fate, if_fails=fate.if_fails and lost, errexit=lost)
        reason = f"`|| {shown(right.text)}`"
        ends = ending((right,), state.functions)
        if ends is Ending.EXITS:
            if_fails = fate.exits
        elif ends is Ending.FAILS or (ends is Ending.OPEN and _again(left, right)):
            if_fails = state.stops(fate)
        else:
            kept = kept_by((right,)) or set_to_failure((right,))
            if_fails = "" if kept and fails_for(kept, fate.rest, state.functions) else reason
        return replace(fate, if_fails=if_fails, errexit=reason, rest=())

    def _pipe(self, pipe: Pipe, state: State, fate: Fate) -> Needed:
        needed: Needed = ()
        looked_at = bool(fate.rest) and "PIPESTATUS" in fate.rest[0].text
        for index, part in enumerate(pipe.parts):
            own = fate
            if index < len(pipe.parts) - 1:
                own = replace(fate, output=shown(pipe.parts[index + 1].text))
                if not state.pipefail:
                    reason = "" if looked_at else "a pipe without pipefail"
                    own = replace(own, if_fails=reason, errexit=reason, exits=reason, rest=())
            found = self._statement(part, state.copy(), own)
            needed = (*needed, *found) if state.pipefail else found
        return needed

    def _negation(self, negation: Negation, state: State, fate: Fate) -> Needed:
        turned = replace(fate, if_fails=fate.if_succeeds, if_succeeds=fate.if_fails, errexit=TURNED, rest=())
        self._refused = self._block(negation.inner, state, turned)
        return ()

    def _group(self, group: Group, state: State, fate: Fate) -> Needed:
        if group.output is not None:
            fate = replace(fate, output=text_of(group.output, state.variables, state.folder))
        if not group.subshell:
            return self._block(group.body, state, fate)
        return self._block(group.body, state.copy(), replace(fate, exits=state.stops(fate)))

    def _background(self, background: Background, state: State, fate: Fate) -> Needed:
        reason = "it runs in the background"
        self._block(
            background.inner, state.copy(), replace(fate, if_fails=reason, errexit=reason, exits=reason, rest=())
        )
        return ()

    def _test(self, test: Test, state: State, fate: Fate) -> Needed:
        for body in test.bodies:
            self._substituted(body, state, fate, _SUBSTITUTED)
        return ()

    # Functions -------------------------------------------------------------------------------------------------

    def _function(self, function: Function, state: State, fate: Fate) -> Needed:
        del fate
        state.functions[function.name] = function.body
        return ()

    def _call(self, words: Sequence[str], state: State, fate: Fate) -> Needed:
        """Run a function that is defined here."""
        kept = {name: value for name, value in state.variables.items() if name in _POSITIONS}
        for name in _POSITIONS:
            state.variables.pop(name, None)
        state.variables |= {str(index): word for index, word in enumerate(words) if index}
        state.variables["@"] = state.variables["*"] = " ".join(words[1:])
        outer, self._via = self._via, (*self._via, " ".join(words))
        try:
            with self._walk.into(f"{words[0]}()") as entered:
                return self._block(state.functions[words[0]], state, fate) if entered else ()
        finally:
            state.ended = state.ended.removeprefix("return")
            self._via = outer
            for name in _POSITIONS:
                state.variables.pop(name, None)
            state.variables |= kept

    # Simple commands -------------------------------------------------------------------------------------------

    def _simple(self, simple: Simple, state: State, fate: Fate) -> Needed:
        alone = not simple.words
        self._substitutions(simple.words, state, fate)
        self._substitutions([value for _, value in simple.assignments], state, fate, lost="" if alone else _SUBSTITUTED)
        words = tuple(words_of(simple.words, state.variables, state.folder))
        values = {name: text_of(value, state.variables, state.folder) for name, value in simple.assignments}
        if simple.lasting:
            state.variables |= values
            if words and words[0] in ("export", "declare", "typeset") and (words[0] == "export" or "-x" in words):
                state.exported |= {*values, *words[1:]}
        if not words:
            return ()
        output = text_of(simple.output, state.variables, state.folder) if simple.output is not None else fate.output
        return self._run(words, values, simple, state, replace(fate, output=output))

    def _substitutions(self, words: Iterable[Word], state: State, fate: Fate, *, lost: str = _SUBSTITUTED) -> None:
        for word in words:
            for part in word.parts:
                if part.body and not known_output(part, state.variables, state.folder):
                    self._substituted(part.body, state, fate, lost)

    def _substituted(self, body: Block, state: State, fate: Fate, lost: str) -> None:
        stops = lost or state.stops(fate)
        own = replace(fate, if_fails=stops, errexit=_SUBSTITUTED, exits=stops, output="a variable", rest=())
        self._block(body, state.copy(), own)

    def _run(
        self, words: tuple[str, ...], values: Mapping[str, str], simple: Simple, state: State, fate: Fate
    ) -> Needed:
        if words[0] in state.functions:
            return self._call(words, state, fate)
        builtin = BUILTINS.get(words[0])
        if builtin is not None:
            builtin(words, state)
            return ()
        environment = {name: state.variables[name] for name in state.exported if name in state.variables}
        environment.update(values)
        start = Start(
            variables=environment,
            folder=state.folder,
            via=self._via,
            swallowed=state.stops(fate),
            conditional=fate.conditional,
            given=(*fate.given, *state.given),
            output=fate.output,
        )
        command = Command(
            words,
            self._at(simple.line),
            start.swallowed,
            start.conditional,
            start.variables,
            start.via,
            start.output,
            start.folder,
            start.given,
        )
        if words[0] == "exec" and len(words) > 1:
            state.ended = "exit"
        called = called_by(command, start, text_of(simple.input, state.variables) if simple.input else "", self._walk)
        if called is not None and called.sourced is not None:
            return self._source(called, state, fate)
        if called is not None:
            if not self._is_made_here(called.path):
                self._unread += called.reading.unread
            if called.reading.commands:
                self._commands += called.reading.commands
                return called.reading.needed
        self._walk.count()
        self._commands.append(command)
        return (command,)

    def _is_made_here(self, path: str) -> bool:
        """Whether a script that is not in the tree is one that was loaded down or written before."""
        name = path.rpartition("/")[2]
        return bool(name) and any(
            name in command.output or (command.words[0] in _LOADERS and name in command.text)
            for command in self._commands
        )

    def _source(self, called: Called, state: State, fate: Fate) -> Needed:
        """Run the statements of another file in this very shell."""
        text, at, name = called.sourced or ("", self._at, "")
        outer, self._at = self._at, at
        source = state.variables.get("BASH_SOURCE")
        state.variables["BASH_SOURCE"] = called.path
        via, self._via = self._via, (*self._via, name)
        try:
            with self._walk.into(name) as entered:
                return self._block(parse(text)[0], state, fate) if entered else ()
        finally:
            self._at, self._via = outer, via
            if source is None:
                state.variables.pop("BASH_SOURCE", None)
            else:
                state.variables["BASH_SOURCE"] = source


_POSITIONS = frozenset((*"123456789@*",))


_LOADERS = frozenset(("curl", "wget", "aws", "gsutil", "gh"))
_ASKING = frozenset(("[", "test", "grep", "egrep", "command", "which", "type", "diff", "cmp", "hash", "kill", "pgrep"))


def _asks(statement: Statement) -> bool:
    """Whether a statement in front of `&&` asks something, so that what follows is not always wanted."""
    if isinstance(statement, Simple):
        return bool(statement.words) and statement.words[0].text in _ASKING
    return isinstance(statement, Test | Negation | Pipe)


def _again(left: Statement, right: Statement) -> bool:
    """Whether what is run after a failure is the same once more."""
    wanted = [tuple(word.text for word in words) for words in commands_in((left,))]
    return any(tuple(word.text for word in words) in wanted for words in commands_in((right,)))
