"""What a shell runs under conditions and in loops, and what the failure of what is asked comes to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import TypeAlias

from msgspec.structs import replace

from readycheck.documents.statements import Block, Case, Choice, Loop, Word
from readycheck.pipelines.model import Command
from readycheck.pipelines.shell.endings import Ending, ending, fails_for, set_to_failure
from readycheck.pipelines.shell.expansion import text_of, words_of
from readycheck.pipelines.shell.state import Fate, State, common

Needed: TypeAlias = tuple[Command, ...]
"""The commands without which a statement does not succeed."""


_MOST_ROUNDS = 16
"""Rounds of a loop that are told apart."""
_LEFT = re.compile(r"\b(?:break|return|exit 0|exit$)\b", re.MULTILINE)
"""What leaves a loop without a failure."""
_NEXT_ROUND = "the loop goes on with its next round"
_LONGEST_SHOWN = 60


class Branching:
    """The part of a shell that chooses and repeats."""

    def __init__(self) -> None:
        self._commands: list[Command] = []
        self._refused: Needed = ()
        """What has succeeded where the last `!` has failed."""

    def _block(self, block: Block, state: State, fate: Fate) -> Needed:
        raise NotImplementedError

    def _substitutions(self, words: Iterable[Word], state: State, fate: Fate) -> None:
        raise NotImplementedError

    # Conditions ------------------------------------------------------------------------------------------------

    def _choice(self, choice: Choice, state: State, fate: Fate) -> Needed:
        before = dict(state.variables)
        outcomes: list[dict[str, str]] = []
        ends: list[str] = []
        asked: list[str] = []
        refused: Needed = ()
        for index, (condition, body) in enumerate(choice.branches):
            needed: Needed = ()
            if condition:
                self._refused = ()
                needed, refused = self._condition(choice, index, state, fate), self._refused
                asked.append(shown(" ".join(statement.text for statement in condition)))
            words = [*(f"not ({text})" for text in asked[: index if condition else None]), *asked[index:]]
            own = replace(fate.under(" and ".join(words)), given=(*fate.given, *needed))
            branch = replace(state, variables=dict(before))
            self._block(body, branch, own)
            outcomes.append(branch.variables)
            ends.append(branch.ended)
        whole = not choice.branches[-1][0]
        if not whole:
            outcomes.append(before)
            if len(choice.branches) == 1 and ending(choice.branches[0][1], state.functions) is Ending.LEAVES:
                state.given = (*state.given, *refused)
        state.variables = common(outcomes)
        if whole and all(ends):
            state.ended = "return" if "return" in ends else "exit"
        return ()

    def _condition(self, choice: Choice, index: int, state: State, fate: Fate) -> Needed:
        condition, body = choice.branches[index]
        reason = "its failure is a condition of `if`"
        rest = choice.branches[index + 1 :]
        fails = self._ends(rest[0][1], state, fate, reason) if rest and not rest[0][0] else reason
        succeeds = self._ends(body, state, fate, reason)
        asked = replace(fate, if_fails=fails, if_succeeds=succeeds, errexit=reason, rest=())
        return self._block(condition, state, asked)

    def _ends(self, body: Block, state: State, fate: Fate, reason: str) -> str:
        ends = ending(body, state.functions)
        if ends is Ending.EXITS:
            return fate.exits
        if ends is Ending.FAILS:
            return state.stops(fate)
        kept = set_to_failure(body)
        return "" if kept and fails_for(kept, fate.rest, state.functions) else reason

    def _case(self, case: Case, state: State, fate: Fate) -> Needed:
        self._substitutions([case.subject], state, fate)
        subject = text_of(case.subject, state.variables, state.folder)
        known = bool(subject) and "$" not in subject
        outcomes: list[dict[str, str]] = [] if known else [dict(state.variables)]
        for patterns, body in case.branches:
            if known and not any(fnmatchcase(subject, pattern) for pattern in patterns):
                continue
            branch = replace(state, variables=dict(state.variables))
            under = fate if known else fate.under(f"{shown(case.subject.text)} is {' or '.join(patterns)}")
            self._block(body, branch, under)
            outcomes.append(branch.variables)
            if known:
                state.ended = branch.ended
                break
        if outcomes:
            state.variables = common(outcomes)
        return ()

    # Loops and functions ---------------------------------------------------------------------------------------

    def _loop(self, loop: Loop, state: State, fate: Fate) -> Needed:
        before = dict(state.variables)
        if loop.condition:
            reason = f"its failure is a condition of `{loop.word}`"
            # What is asked until it is so goes on for ever, or gives up with a failure.
            lasts = "" if not _LEFT.search(loop.text) else reason
            fails, succeeds = (lasts, reason) if loop.word == "until" else (reason, lasts)
            asked = replace(fate, if_fails=fails, if_succeeds=succeeds, errexit=reason, rest=())
            self._block(loop.condition, state, asked)
            # Nobody counts on `while read` or `while true` not being entered.
            idle = loop.condition[0].text.split(maxsplit=1)[0] in ("read", "true", ":", "IFS=")
            condition = shown(" ".join(statement.text for statement in loop.condition))
            body = fate if idle else fate.under(f"{loop.word} {condition}")
        else:
            body = fate
        self._substitutions(loop.values or (), state, fate)
        rounds = self._rounds(loop, state)
        for index, value in enumerate(rounds, 1):
            if value is None:
                state.variables.pop(loop.variable, None)
            else:
                state.variables[loop.variable] = value
            # The status of a loop is that of its last round.
            lost = fate.if_fails or ("" if index == len(rounds) else _NEXT_ROUND)
            self._block(loop.body, state, replace(body, if_fails=fate.errexit or lost, rest=fate.rest))
            state.ended = ""
        state.forget_since(before)
        return ()

    @staticmethod
    def _rounds(loop: Loop, state: State) -> Sequence[str | None]:
        """The values that the variable of a loop goes through; None for one that is not known, or does not matter."""
        if loop.values is None or not re.search(rf"\$\{{?{re.escape(loop.variable)}\b", loop.text):
            return (None,)
        values = list(words_of(loop.values, state.variables, state.folder))
        plain = all(not any(mark in value for mark in "$*?{`") for value in values)
        return values if plain and 0 < len(values) <= _MOST_ROUNDS else (None,)


def shown(text: str) -> str:
    """A text on one line, shortened."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_SHOWN else f"{line[:_LONGEST_SHOWN]}..."
