"""GitHub's expressions, as far as they can be worked out before anything runs.

An answer may be left open, and may still have a typical value: a commit message holds no `[skip ci]`, as a rule (GitHub
docs: Evaluate expressions in workflows and actions).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeAlias

from readycheck.documents.expressions import replaced, spans
from readycheck.pipelines.github.answers import OPEN, Maybe, Result, Status, all_of, call, negated, same, truth_of

Lookup: TypeAlias = Callable[[str], Result]
"""Gives the value of `github.event_name` and its like."""

_LONGEST = 4_000
_DEEPEST = 40
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?))
    |(?P<name>[A-Za-z_][\w-]*)|(?P<mark>&&|\|\||==|!=|<=|>=|[<>!()\[\].,*]))""",
    re.VERBOSE,
)
_PATH = re.compile(r"\s*((?!(?:true|false|null)\b)[a-z_][\w-]*(?:\.[a-z_][\w-]*)*)\s*", re.IGNORECASE | re.ASCII)
STATUS_FUNCTION = re.compile(r"\b(?:always|failure|cancelled|success)\s*\(\s*\)")


def condition_of(text: str) -> str:
    """The expression of an `if`, which may stand in `${{ }}` or not."""
    stripped = text.strip()
    whole = next(spans(stripped), None) == (0, len(stripped))
    return " ".join((_inside(stripped) if whole else stripped).split())


def holds(condition: str, lookup: Lookup, status: Status | None = None) -> bool | None:
    """Whether an `if` holds: None where that cannot be told; what is typically so counts as told.

    Args:
        condition: the expression, without `${{ }}` around it; "" holds where nothing has failed.
        lookup: gives the values of contexts.
        status: what has happened before.
    """
    status = status or Status()
    truth: Result = True
    if condition:
        inside = replaced(condition, lambda expression: f"({_inside(expression)})")
        truth = truth_of(evaluate(inside, lookup, status))
    if not STATUS_FUNCTION.search(condition):
        truth = all_of(truth, not status.failed)
    if isinstance(truth, Maybe):
        return True if truth.typically else None
    return truth if isinstance(truth, bool) else None


def filled(text: str, lookup: Lookup) -> str:
    """A text with the expressions replaced that come to a text; the others stay as they are written.

    Args:
        text: the text.
        lookup: gives the values of contexts.
    """
    if "${{" not in text:
        return text

    def value(expression: str) -> str:
        result = evaluate(_inside(expression), lookup, Status())
        if isinstance(result, bool):
            return "true" if result else "false"
        return result if isinstance(result, str) else expression

    return replaced(text, value)


def _inside(expression: str) -> str:
    return expression.removeprefix("${{").removesuffix("}}")


def evaluate(text: str, lookup: Lookup, status: Status) -> Result:
    """What an expression comes to.

    Args:
        text: the expression, without `${{ }}` around it.
        lookup: gives the values of contexts.
        status: what has happened before.
    """
    path = _PATH.fullmatch(text)
    if path:
        # Most expressions name a value and do nothing with it.
        return lookup(path[1].lower())
    tokens = _tokens(text) if len(text) <= _LONGEST else None
    if tokens is None:
        return OPEN
    try:
        return _Parser(tokens, lookup, status).whole()
    except _Broken:
        return OPEN


@lru_cache(maxsize=4096)
def _tokens(text: str) -> Sequence[tuple[str, str]] | None:
    """The tokens of an expression, which workflows repeat; None where something else stands between them."""
    tokens: list[tuple[str, str]] = []
    end = 0
    while match := _TOKEN.match(text, end):
        tokens.append((str(match.lastgroup), str(match[str(match.lastgroup)])))
        end = match.end()
    return None if text[end:].strip() else tokens


class _Broken(Exception):  # noqa: N818 - never leaves this module
    """It is no expression, or one that nobody would write."""


class _Parser:
    """Works an expression out while reading it."""

    def __init__(self, tokens: Sequence[tuple[str, str]], lookup: Lookup, status: Status) -> None:
        self._tokens = tokens
        self._next = 0
        self._lookup = lookup
        self._status = status
        self._depth = 0

    def whole(self) -> Result:
        result = self._either()
        if self._next < len(self._tokens):
            raise _Broken
        return result

    def _peek(self) -> str:
        return self._tokens[self._next][1] if self._next < len(self._tokens) else ""

    def _take(self, *wanted: str) -> str:
        if self._next < len(self._tokens):
            kind, text = self._tokens[self._next]
            if kind == "mark" and text in wanted:
                self._next += 1
                return text
        return ""

    def _need(self, wanted: str) -> None:
        if not self._take(wanted):
            raise _Broken

    def _either(self) -> Result:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Broken
        left = self._both()
        while self._take("||"):
            right = self._both()
            truth = truth_of(left)
            if truth is False:
                left = right
            elif truth is not True:
                left = negated(all_of(negated(truth), negated(truth_of(right))))
        self._depth -= 1
        return left

    def _both(self) -> Result:
        left = self._compared()
        while self._take("&&"):
            right = self._compared()
            truth = truth_of(left)
            if truth is True:
                left = right
            elif truth is not False:
                left = all_of(truth, truth_of(right))
        return left

    def _compared(self) -> Result:
        left = self._unary()
        while operator := self._take("==", "!=", "<", "<=", ">", ">="):
            right = self._unary()
            if operator in ("==", "!="):
                alike = same(left, right)
                left = alike if operator == "==" else negated(alike)
            else:
                left = OPEN
        return left

    def _unary(self) -> Result:
        turns = 0
        while self._take("!"):
            turns += 1
        value = self._postfix()
        if not turns:
            return value
        truth = truth_of(value)
        return negated(truth) if turns % 2 else truth

    def _postfix(self) -> Result:
        if self._take("("):
            value = self._either()
            self._need(")")
        else:
            kind, text = self._tokens[self._next] if self._next < len(self._tokens) else ("", "")
            self._next += 1
            if kind == "text":
                value = text[1:-1].replace("''", "'")
            elif kind == "number":
                value = text
            elif kind == "name":
                return self._named(text)
            else:
                raise _Broken
        while self._peek() in (".", "["):
            self._step()
            value = OPEN
        return value

    def _named(self, name: str) -> Result:
        if name.lower() in ("true", "false"):
            return name.lower() == "true"
        if name.lower() == "null":
            return None
        if self._take("("):
            value = call(name.lower(), self._arguments(), self._status)
            while self._peek() in (".", "["):
                self._step()
                value = OPEN
            return value
        path: str | None = name
        while self._peek() in (".", "["):
            step = self._step()
            path = f"{path}.{step}" if path is not None and step is not None else None
        return self._lookup(path.lower()) if path is not None else OPEN

    def _step(self) -> str | None:
        """A step into a context; None where it is not known which."""
        if self._take("."):
            if self._take("*"):
                return None
            kind, text = self._tokens[self._next] if self._next < len(self._tokens) else ("", "")
            self._next += 1
            if kind not in ("name", "number"):
                raise _Broken
            return text
        self._need("[")
        index = None if self._take("*") else self._either()
        self._need("]")
        return index if isinstance(index, str) else None

    def _arguments(self) -> list[Result]:
        arguments: list[Result] = []
        while not self._take(")"):
            arguments.append(self._either())
            if not self._take(","):
                self._need(")")
                break
        return arguments
