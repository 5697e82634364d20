"""The expressions of Azure Pipelines, as far as they tell when something runs (Azure Pipelines docs: Expressions)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from readycheck.pipelines.values import Unset, Value, all_of, any_of, differ, equal, matches, negated, starts_with

Answer: TypeAlias = "bool | Value | None"
Names: TypeAlias = Callable[[str], Value]
"""What is known of a name such as `variables['Build.Reason']`, given without quotes and brackets: `Build.Reason`."""

_TOKEN = re.compile(r"\s*(?:'((?:[^']|'')*)'|([\w.$*-]+)|([(),\[\]]))")
_DEEPEST = 50
_STATUS = {"succeeded": True, "succeededorfailed": True, "always": True, "failed": False, "canceled": False}
_HOLDERS = ("variables.", "parameters.")


class _Malformed(Exception):  # noqa: N818 - a fault of the file, not of the program
    """An expression does not follow the grammar."""


class _Undecided:
    """What nothing here can tell."""


_UNDECIDED = _Undecided()
_Result: TypeAlias = "bool | Value | _Undecided"


def holds(text: str, names: Names) -> bool | None:
    """Whether an expression is true, where nothing before it has failed; None where it cannot be told.

    Args:
        text: the expression, without the braces around it.
        names: what is known of the names in it.
    """
    try:
        return _truth(_Parser(_tokens(text), names).whole())
    except _Malformed:
        return None


def asks_for_success(text: str) -> bool:
    """Whether a condition asks that what came before succeeded; one that does not runs whatever came of that."""
    return re.search(r"\bsucceeded\s*\(", text, re.IGNORECASE) is not None


@lru_cache(maxsize=2048)
def _tokens(text: str) -> tuple[tuple[str, str], ...]:
    tokens: list[tuple[str, str]] = []
    position = 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _Malformed
        kind = "text" if match[1] is not None else "name" if match[2] is not None else "mark"
        tokens.append((kind, next(part for part in match.groups() if part is not None)))
        position = match.end()
    return tuple(tokens)


def _truth(result: _Result) -> bool | None:
    if isinstance(result, bool) or result is None:
        return bool(result)
    if isinstance(result, str):
        return result.lower() not in {"", "false", "0"}
    return None


class _Parser:
    def __init__(self, tokens: Sequence[tuple[str, str]], names: Names) -> None:
        self._tokens = tokens
        self._names = names
        self._next = 0
        self._depth = 0

    def whole(self) -> _Result:
        result = self._value()
        if self._next != len(self._tokens):
            raise _Malformed
        return result

    def _take(self) -> tuple[str, str]:
        if self._next >= len(self._tokens):
            raise _Malformed
        self._next += 1
        return self._tokens[self._next - 1]

    def _takes(self, mark: str) -> bool:
        if self._next < len(self._tokens) and self._tokens[self._next] == ("mark", mark):
            self._next += 1
            return True
        return False

    def _value(self) -> _Result:
        self._depth += 1
        kind, text = self._take()
        if self._depth > _DEEPEST or kind == "mark":
            raise _Malformed
        if kind == "text":
            result: _Result = text.replace("''", "'")
        elif self._takes("("):
            result = _call(text.lower(), self._arguments())
        else:
            result = self._named(text)
        self._depth -= 1
        return result

    def _arguments(self) -> list[_Result]:
        arguments: list[_Result] = []
        while not self._takes(")"):
            arguments.append(self._value())
            if not self._takes(","):
                if not self._takes(")"):
                    raise _Malformed
                break
        return arguments

    def _named(self, text: str) -> _Result:
        while self._takes("["):
            text = f"{text}.{self._take()[1]}"
            if not self._takes("]"):
                raise _Malformed
        if text.lower() in {"true", "false"}:
            return text.lower() == "true"
        if text.replace(".", "").isdigit():
            return text
        for holder in _HOLDERS:
            text = text.removeprefix(holder)
        return self._names(text)


def _call(name: str, arguments: list[_Result]) -> _Result:
    if name in _STATUS:
        return _STATUS[name]
    if name in _JOINING:
        return _told(_JOINING[name](*(_truth(argument) for argument in arguments)))
    values = [_as_value(argument) for argument in arguments]
    if name in _COMPARING and len(values) > 1:
        return _told(_COMPARING[name](values))
    return _UNDECIDED


def _told(answer: bool | None) -> _Result:  # noqa: FBT001 - three answers, not a switch
    return _UNDECIDED if answer is None else answer


def _as_value(result: _Result) -> Value:
    if isinstance(result, bool):
        return "True" if result else "False"
    return Unset() if isinstance(result, _Undecided) else result


def _none_of(*answers: bool | None) -> bool | None:
    return negated(any_of(*answers))


def _same(left: Value, right: Value) -> bool | None:
    """Equal as Azure compares texts: without regard to case."""
    if isinstance(left, str) and isinstance(right, str):
        return left.lower() == right.lower()
    return equal(left, right)


def _other(values: Sequence[Value]) -> bool | None:
    left, right = values[0], values[1]
    both = isinstance(left, str) and isinstance(right, str)
    return negated(_same(left, right)) if both else differ(left, right)


def _begins(values: Sequence[Value]) -> bool | None:
    return starts_with(values[0], values[1]) if isinstance(values[1], str) else None


def _has(values: Sequence[Value]) -> bool | None:
    return matches(values[0], re.escape(values[1]), ignore_case=True) if isinstance(values[1], str) else None


_JOINING: Mapping[str, Callable[..., bool | None]] = {"and": all_of, "or": any_of, "not": _none_of}
_COMPARING: Mapping[str, Callable[[Sequence[Value]], bool | None]] = {
    "eq": lambda values: _same(values[0], values[1]),
    "ne": _other,
    "in": lambda values: any_of(*(_same(values[0], value) for value in values[1:])),
    "notin": lambda values: negated(any_of(*(_same(values[0], value) for value in values[1:]))),
    "startswith": _begins,
    "contains": _has,
}
