"""Which series an expression of an alert asks for: PromQL by a parser of its grammar, others by their tokens.

PromQL is parsed with promql-parser. LogQL and MetricsQL have other grammars with the same selectors: there, braces
outside of strings are selectors and nothing else (Grafana Loki and VictoriaMetrics, documentation of their languages).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from msgspec import Struct

_LONGEST = 20_000
_DEEPEST = 200


class BrokenExpression(Exception):  # noqa: N818 - a fault of what is read, not of the program
    """An expression cannot be parsed.

    Args:
        reason: why, for people.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Matcher(Struct, frozen=True):
    """What a selector asks of one label.

    Args:
        label: the label.
        operator: `=`, `!=`, `=~` or `!~`.
        value: the value, or the expression that values match as a whole.
    """

    label: str
    operator: str
    value: str


class SeriesSelector(Struct, frozen=True):
    """The series that a part of an expression asks for.

    Args:
        metric: the name of the metric; "" where it is not given as one.
        matchers: what it asks of labels.
    """

    metric: str
    matchers: tuple[Matcher, ...]


class Expression(Struct, frozen=True):
    """An expression of an alert.

    Args:
        selectors: the series that it asks for.
        grouped: the labels that it aggregates by.
    """

    selectors: tuple[SeriesSelector, ...]
    grouped: frozenset[str] = frozenset()


@lru_cache(maxsize=4096)
def parse_promql(text: str) -> Expression:
    """Read an expression of PromQL.

    Args:
        text: the expression.

    Raises:
        BrokenExpression: it is none.
    """
    if len(text) > _LONGEST or _depth(text) > _DEEPEST:
        raise BrokenExpression("is too long or too deeply nested to be read")
    import promql_parser as promql  # noqa: PLC0415 - only what reads alerts waits for it

    selectors: list[SeriesSelector] = []
    grouped: set[str] = set()
    try:
        waiting: list[Any] = [promql.parse(text)]
    except ValueError as error:
        raise BrokenExpression(f"is no PromQL: {error}") from error
    while waiting:
        node = waiting.pop()
        match node:
            case promql.VectorSelector():
                selectors.extend(_of_vector(node))
            case promql.MatrixSelector():
                waiting.append(node.vector_selector)
            case promql.AggregateExpr():
                grouped.update(_grouping(node.modifier, promql.AggModifierType.By))
                waiting.append(node.expr)
            case promql.BinaryExpr():
                waiting += (node.rhs, node.lhs)
            case promql.Call():
                waiting += reversed(node.args)
            case _:
                waiting += [inner] if (inner := getattr(node, "expr", None)) is not None else []
    return Expression(tuple(selectors), frozenset(grouped))


def _grouping(modifier: Any, by: object) -> Iterator[str]:
    if modifier is not None and modifier.type == by:
        yield from modifier.labels


_OPERATORS = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}


def _of_vector(vector: Any) -> Iterator[SeriesSelector]:
    for matchers in vector.matchers.or_matchers or [vector.matchers.matchers]:
        read = [Matcher(each.name, _OPERATORS[str(each.op).rpartition(".")[2]], each.value) for each in matchers]
        yield _selector(vector.name or "", read)


def _selector(metric: str, matchers: list[Matcher]) -> SeriesSelector:
    named = next((each.value for each in matchers if each.label == "__name__" and each.operator == "="), "")
    return SeriesSelector(metric or named, tuple(each for each in matchers if each.label != "__name__"))


_TOKEN = re.compile(
    r"""\s+|\#[^\n]*
    |(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)
    |(?P<name>[A-Za-z_:][\w:.]*)
    |(?P<sign>=~|!~|!=|==|\|[=~>]|.)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@lru_cache(maxsize=4096)
def read_selectors(text: str) -> Expression:
    """Read the selectors of an expression of LogQL, MetricsQL or PromQL with a dashboard's variables in it.

    Args:
        text: the expression.

    Raises:
        BrokenExpression: a selector in it is not closed, or not made of matchers.
    """
    if len(text) > _LONGEST:
        raise BrokenExpression("is too long to be read")
    selectors: list[SeriesSelector] = []
    grouped: set[str] = set()
    tokens = [match for match in _TOKEN.finditer(text) if match.lastgroup]
    position, before = 0, ""
    while position < len(tokens):
        token = tokens[position]
        position += 1
        if token[0] == "{":
            position, found = _braces(tokens, position)
            selectors.extend(_selector(before, matchers) for matchers in found)
        elif token[0] in ("by", "on") and position < len(tokens) and tokens[position][0] == "(":
            while position < len(tokens) and tokens[position][0] != ")":
                if token[0] == "by" and tokens[position].lastgroup == "name":
                    grouped.add(tokens[position][0])
                position += 1
        before = token[0] if token.lastgroup == "name" else ""
    return Expression(tuple(selectors), frozenset(grouped))


def _braces(tokens: list[re.Match[str]], position: int) -> tuple[int, list[list[Matcher]]]:
    """The matchers from behind a brace up to the one that closes it; in groups, where they are joined by `or`."""
    groups: list[list[Matcher]] = [[]]
    while position < len(tokens):
        if tokens[position][0] == "}":
            return position + 1, groups
        if tokens[position][0] == ",":
            position += 1
        elif tokens[position][0] == "or":
            groups.append([])
            position += 1
        else:
            three = tokens[position : position + 3]
            kinds = [each.lastgroup for each in three]
            if kinds != ["name", "sign", "string"] or three[1][0] not in _OPERATORS.values():
                break
            quoted = three[2][0]
            value = quoted[1:-1] if quoted[0] == "`" else _ESCAPE.sub(r"\1", quoted[1:-1])
            groups[-1].append(Matcher(three[0][0], three[1][0], value))
            position += 3
    raise BrokenExpression("holds a selector that cannot be read")


def _depth(text: str) -> int:
    deepest = depth = 0
    for sign in text:
        if sign in "({[":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in ")}]":
            depth -= 1
    return deepest
