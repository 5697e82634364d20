"""The conditions of `rules: if` and `only: variables` (GitLab docs: CI/CD YAML syntax, Choose when jobs run)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct

from readycheck.pipelines.values import (
    Own,
    Some,
    Unset,
    Value,
    all_of,
    any_of,
    differ,
    equal,
    is_set,
    matches,
    mismatches,
    negated,
)

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<operator>==|!=|=~|!~|&&|\|\||[()!])
      | \$(?:\{(?P<braced>\w+)\}|(?P<variable>\w+))
      | "(?P<double>[^"]*)" | '(?P<single>[^']*)'
      | (?P<pattern>/(?:\\.|[^/\\])+/[a-z]*)
      | (?P<null>null\b)
    )""",
    re.VERBOSE,
)
_PATTERN = re.compile(r"/(.*)/([a-z]*)\Z", re.DOTALL)
_REFERENCE = re.compile(r"\$\{?(\w+)\}?\Z")
_DEEPEST = 50


class _Malformed(Exception):  # noqa: N818 - a fault of the file, not of the program
    """A condition does not follow the grammar."""


class _Token(Struct, frozen=True):
    kind: str
    text: str


@lru_cache(maxsize=4096)
def _tokens(text: str) -> tuple[_Token, ...]:
    tokens: list[_Token] = []
    position = 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise _Malformed
        tokens.append(_Token(match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return tuple(tokens)


def holds(condition: str, variables: Mapping[str, Value], *, typically: bool = False) -> bool | None:
    """Whether a condition holds; None where it cannot be told, or where it cannot be read.

    Args:
        condition: as it is written.
        variables: what is known of the variables; any other one is given by nothing in the files.
        typically: whether what is set nowhere is taken to be unset, and what is not typical not to be so.
    """
    try:
        parser = _Parser(_tokens(condition), variables, typically=typically)
        return parser.whole()
    except _Malformed:
        return None


class _Parser:
    def __init__(self, tokens: tuple[_Token, ...], variables: Mapping[str, Value], *, typically: bool) -> None:
        self._tokens = tokens
        self._variables = variables
        self._typically = typically
        self._next = 0
        self._depth = 0

    def whole(self) -> bool | None:
        answer = self._any()
        if self._next != len(self._tokens):
            raise _Malformed
        return answer

    def _any(self) -> bool | None:
        answers = [self._all()]
        while self._takes("||"):
            answers.append(self._all())
        return any_of(*answers)

    def _all(self) -> bool | None:
        answers = [self._comparison()]
        while self._takes("&&"):
            answers.append(self._comparison())
        return all_of(*answers)

    def _comparison(self) -> bool | None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Malformed
        try:
            if self._takes("!"):
                return negated(self._comparison())
            if self._takes("("):
                answer = self._any()
                if not self._takes(")"):
                    raise _Malformed
                return answer
            return self._compared(self._operand())
        finally:
            self._depth -= 1

    def _compared(self, left: _Token) -> bool | None:
        value = self._value(left)
        for operator in ("==", "!=", "=~", "!~"):
            if self._takes(operator):
                right = self._operand()
                if operator in {"==", "!="}:
                    return self._told((equal if operator == "==" else differ)(value, self._value(right)))
                pattern = self._pattern(right)
                if pattern is None:
                    return None
                ask = matches if operator == "=~" else mismatches
                return self._told(ask(value, pattern[1], ignore_case="i" in pattern[2]))
        return is_set(value)

    def _told(self, answer: bool | None) -> bool | None:  # noqa: FBT001 - three answers, not a switch
        return False if answer is None and self._typically else answer

    def _operand(self) -> _Token:
        if self._next >= len(self._tokens) or self._tokens[self._next].kind == "operator":
            raise _Malformed
        self._next += 1
        return self._tokens[self._next - 1]

    def _takes(self, operator: str) -> bool:
        if self._next < len(self._tokens) and self._tokens[self._next] == _Token("operator", operator):
            self._next += 1
            return True
        return False

    def _value(self, token: _Token) -> Value:
        if token.kind in {"variable", "braced"}:
            value = self._variables.get(token.text, _predefined(token.text))
            return None if isinstance(value, Unset) and self._typically else value
        if token.kind == "null":
            return None
        alone = _REFERENCE.match(token.text) if token.kind == "double" else None
        return self._variables.get(alone[1], _predefined(alone[1])) if alone else token.text

    def _pattern(self, token: _Token) -> re.Match[str] | None:
        if token.kind == "pattern":
            return _PATTERN.match(token.text)
        value = self._value(token)
        return _PATTERN.match(value) if isinstance(value, str) else None


_OWN = re.compile(
    r"CI_(PROJECT|SERVER|API|PAGES|REGISTRY|DEPENDENCY_PROXY|TEMPLATE_REGISTRY|MERGE_REQUEST_(SOURCE_)?PROJECT)_"
)


def _predefined(name: str) -> Value:
    """What is known of a variable on any occasion."""
    if name in {"CI", "GITLAB_CI"}:
        return "true"
    if name == "CI_REGISTRY" or _OWN.match(name):
        return Own()
    if name in {"CI_COMMIT_MESSAGE", "CI_COMMIT_TITLE", "CI_COMMIT_DESCRIPTION"}:
        return Some(("Change it",))
    if name in {"CI_COMMIT_AUTHOR", "GITLAB_USER_LOGIN", "GITLAB_USER_EMAIL", "GITLAB_USER_NAME"}:
        return Some(("somebody",))
    return Unset()
