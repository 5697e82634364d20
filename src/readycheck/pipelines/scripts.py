"""Steps made of the lines of shell that a pipeline's file holds, and the variables that are put into it before."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate

from msgspec import Struct, field

from readycheck.model import Place
from readycheck.pipelines import shell
from readycheck.pipelines.model import Files, Step
from readycheck.pipelines.node import Node

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_MOST_ROUNDS = 5
_LONGEST = 10_000
"""Characters of a text with its variables put in; variables that hold each other twice double with each round."""


def expanded(text: str, variables: Mapping[str, str]) -> str:
    """A text with the variables put in that are known; the others stay as they are written."""
    if "$" not in text:
        return text
    put_in = _VARIABLE.sub(lambda match: variables.get(match[1] or match[2], match[0]), text)
    return put_in if len(put_in) <= _LONGEST else text


def settled(variables: Mapping[str, str]) -> dict[str, str]:
    """Variables with those put in that their values name."""
    known = dict(variables)
    for _ in range(_MOST_ROUNDS):
        before = known
        known = {name: expanded(text, {**before, name: f"${name}"}) for name, text in before.items()}
        if known == before:
            break
    return known


class Script(Struct, frozen=True, eq=False):
    """Lines of shell that run one after the other in one shell.

    Args:
        name: what people call the step.
        place: where it stands.
        lines: the lines, each where it is written; one may be a script of many lines.
        variables: the environment, as far as it is written.
        errexit: whether the first command that fails ends it.
        pipefail: whether a program in front of a pipe counts.
        folder: the folder that it runs in.
    """

    name: str
    place: Place
    lines: Sequence[Node]
    variables: Mapping[str, str] = field(default_factory=dict)
    errexit: bool = True
    pipefail: bool = False
    folder: str = ""

    def step(self, files: Files) -> Step:
        """The step that it is.

        Args:
            files: finds the scripts and Makefiles that it calls.
        """
        texts = [line.text for line in self.lines]
        starts = list(accumulate((text.count("\n") + 1 for text in texts), initial=0))
        reading = shell.read(
            "\n".join(texts),
            lambda number: self.lines[min(bisect_right(starts, number), len(texts)) - 1].place,
            shell.Start(self.errexit, self.pipefail, self.variables, self.folder),
            files,
        )
        return Step(
            self.name,
            self.place,
            reading.commands,
            variables=self.variables,
            unread="; ".join(reading.unread),
        )
