"""Texts of a Makefile with the variables put in that are known."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from readycheck.documents.words import is_whole, opaque
from readycheck.pipelines.shell.make_functions import FUNCTIONS

_LONGEST = 10_000
"""Characters of what a text comes to."""
_MOST = 2_000
"""References in one text, those in variables counted each time."""
_DEEPEST = 30
"""References in references."""
_REFERENCE = re.compile(r"\$(?:(\$)|([@<^*?+%])|([A-Za-z_])(?![\w(])|([({]))")
_AUTOMATIC = frozenset("@<^*?+%123456789")
_CHANGED = re.compile(r"([\w.-]+):([^=]*)=(.*)", re.DOTALL)
"""`NAME:.c=.o`, which changes the end of each word, or what `%` stands for."""
_PATHS = ("abspath", "realpath", "strip")
"""Functions whose argument says all that is asked here."""
_BUILT_IN = {"MAKE": "make", "CURDIR": "$PWD", "PWD": "$PWD"}


Glob = Callable[[str], Sequence[str]]


def expand(text: str, variables: Mapping[str, str], own: Mapping[str, str], glob: Glob) -> str:
    """A text with make's variables put in; what is not known stays as a shell would not take it apart.

    Args:
        text: the text.
        variables: the variables of the Makefile.
        own: those of the target, which come first; automatic ones too.
        glob: gives the paths that a pattern names.
    """
    made = _Expansion(variables, glob).text(text, own)
    return made if len(made) <= _LONGEST else text


class _Expansion:
    """Works one text out; what leads to itself, or to too much, is not known."""

    def __init__(self, variables: Mapping[str, str], glob: Glob) -> None:
        self._variables = variables
        self._glob = glob
        self._chain: list[str] = []
        self._left = _MOST
        self._depth = 0

    def text(self, text: str, own: Mapping[str, str]) -> str:
        parts: list[str] = []
        end = 0
        while match := _REFERENCE.search(text, end):
            parts.append(text[end : match.start()])
            end = match.end()
            if match[1]:
                parts.append("$")
            elif match[4]:
                close = _closing(text, match.end() - 1)
                if close < 0:
                    end = match.start()  # nothing behind it closes either
                    break
                end = close + 1
                parts.append(self._value(text[match.end() : close], text[match.start() : end], own))
            else:
                parts.append(self._value(match[2] or match[3], match[0], own))
        return "".join([*parts, text[end:]])

    def _value(self, inner: str, written: str, own: Mapping[str, str]) -> str:
        name = inner.strip()
        if name in _BUILT_IN:
            return _BUILT_IN[name]
        self._left -= 1
        if self._left < 0 or self._depth >= _DEEPEST:
            return opaque(written)
        self._depth += 1
        try:
            return self._known(name, written, own)
        finally:
            self._depth -= 1

    def _known(self, name: str, written: str, own: Mapping[str, str]) -> str:
        if name.startswith("shell "):
            return f"$({self.text(name.removeprefix('shell '), own)})"
        function, _, argument = name.partition(" ")
        if function in _PATHS:
            return self.text(argument, own).strip()
        made = self._made(name, own)
        if made is not None:
            return made
        if name.startswith("call "):
            name, *arguments = _arguments(name.removeprefix("call "))
            own = {**own, **{str(index + 1): self.text(text, own) for index, text in enumerate(arguments)}}
        value = own.get(name, self._variables.get(name))
        if value is None or name in self._chain:
            return opaque(written)
        if name in _AUTOMATIC:
            return value
        self._chain.append(name)
        try:
            return self.text(value, own).strip()
        finally:
            self._chain.pop()

    def _made(self, name: str, own: Mapping[str, str]) -> str | None:
        """What a function gives; None where it is none, or not all of its arguments are known."""
        function, _, argument = name.partition(" ")
        written = _arguments(argument)
        if function == "foreach" and len(written) == 3:  # noqa: PLR2004 # the variable, the words, the text
            words = self.text(written[1], own)
            if not is_whole(words):
                return None
            return " ".join(self.text(written[2], {**own, written[0]: word}) for word in words.split())
        changed = _CHANGED.fullmatch(name)
        if changed:
            variable, old, new = changed.groups()
            function = "patsubst"
            written = [old if "%" in old else f"%{old}", new if "%" in old else f"%{new}", f"$({variable})"]
        if function != "wildcard" and (function, len(written)) not in FUNCTIONS:
            return None
        arguments = [self.text(each, own) for each in written]
        if not all(map(is_whole, arguments)):
            return None
        if function != "wildcard":
            return " ".join(FUNCTIONS[function, len(written)](*arguments))
        # Where nothing is found, it may be what is not kept in the repository.
        return " ".join(path for word in arguments[0].split() for path in self._glob(word)) or None


def _closing(text: str, opened: int) -> int:
    """Where the bracket closes that is opened somewhere; -1 where nowhere."""
    bracket = text[opened]
    other = {"(": ")", "{": "}"}[bracket]
    depth = 0
    for index in range(opened, len(text)):
        depth += (text[index] == bracket) - (text[index] == other)
        if not depth:
            return index
    return -1


def _arguments(text: str) -> list[str]:
    """What stands between the commas of a function call, those in brackets left alone."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "({") - (character in ")}")
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]
