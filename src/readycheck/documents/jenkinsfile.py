"""Jenkinsfiles, as far as blocks and calls go: Groovy has no parser here, and nothing of it is computed.

A statement becomes a mapping of its `name`, its `arguments`, its named `options` and the statements of its `block`;
what it is `assigned` to, if anything (Jenkins docs: Pipeline Syntax; Groovy docs: Syntax).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from readycheck.documents.text import line_of
from readycheck.documents.yaml import Document, Fault
from readycheck.model import Map, Seq

_TOKEN = re.compile(
    r"""
      (?P<space>(?:[ \t\r]|\\\n)+|//[^\n]*|\#!?[^\n]*|/\*.*?(?:\*/|\Z))
    | (?P<newline>[\n;])
    | (?P<string>'''.*?(?<!\\)'''|\"\"\".*?(?<!\\)\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")
    | (?P<word>@?[\w$]+(?:\??\.[\w$]+)*)
    | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_DEEPEST = 100
"""Blocks in blocks; the deepest real pipelines need fewer than 20."""
_MOST_TOKENS = 200_000
_ESCAPE = re.compile(r"\\(?:\n|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_INTERPOLATION = re.compile(r"(?<!\\)\$\{([^{}]*)\}")
_OPENING = {"(": ")", "[": "]", "{": "}"}


class _Token(Struct, frozen=True):
    kind: str
    text: str
    offset: int


def parse(text: str) -> tuple[Sequence[Document], Sequence[Fault]]:
    """Read a Jenkinsfile: one document, a mapping whose `block` holds the statements at the top.

    Args:
        text: the text, as read_text gives it.
    """
    tokens: list[_Token] = []
    for match in _TOKEN.finditer(text):
        if len(tokens) >= _MOST_TOKENS:
            return [], [Fault(line_of(text, match.start()), f"holds more than {_MOST_TOKENS:,} words")]
        kind = str(match.lastgroup)
        if kind != "space":
            tokens.append(_Token(kind, match[0], match.start()))
    parser = _Parser(text, tokens)
    block = parser.block(0)
    if not block:
        return [], parser.faults
    offset = block.marks[0]
    return [Document(_mapping(block=(block, offset)), offset, line_of(text, offset))], parser.faults


def _mapping(**entries: tuple[Any, int]) -> Map:
    made = Map({key: value for key, (value, _) in entries.items()})
    made.marks = [offset for _, offset in entries.values()]
    return made


def _sequence(items: Sequence[tuple[Any, int]]) -> Seq:
    made = Seq(value for value, _ in items)
    made.marks = [offset for _, offset in items]
    return made


class _Parser:
    def __init__(self, text: str, tokens: Sequence[_Token]) -> None:
        self.faults: list[Fault] = []
        self._text = text
        self._tokens = tokens
        self._next = 0

    def block(self, depth: int) -> Seq:
        """The statements up to the brace that ends the block."""
        statements: list[tuple[Any, int]] = []
        if depth:
            self._skip_parameters()
        while self._next < len(self._tokens):
            token = self._tokens[self._next]
            if token.kind == "newline":
                self._next += 1
            elif token.text == "}" and token.kind == "mark":
                self._next += 1
                if depth:
                    return _sequence(statements)
                self._fault(token, "ends a block that was not begun")
            else:
                statements.append((self._statement(depth), token.offset))
        if depth:
            last = self._tokens[-1]
            if not self.faults:
                self._fault(last, "ends within a block")
        return _sequence(statements)

    def _skip_parameters(self) -> None:
        """Pass over what a closure calls its arguments: `{ name, value -> ... }`."""
        position = self._next
        while position < len(self._tokens) and (
            self._tokens[position].kind == "word" or self._tokens[position].text == ","
        ):
            position += 1
        if [token.text for token in self._tokens[position : position + 2]] == ["-", ">"]:
            self._next = position + 2

    def _fault(self, token: _Token, reason: str) -> None:
        self.faults.append(Fault(line_of(self._text, token.offset), reason))

    def _statement(self, depth: int) -> Map:
        head: list[_Token] = []
        closing: list[str] = []
        while self._next < len(self._tokens):
            token = self._tokens[self._next]
            if token.kind == "mark":
                if token.text == "{" and not closing:
                    self._next += 1
                    if depth >= _DEEPEST:
                        self._fault(token, f"is nested more than {_DEEPEST} blocks deep")
                        self._next = len(self._tokens)
                        return self._called(head, None)
                    return self._called(head, (self.block(depth + 1), token.offset))
                if token.text == "}" and not closing:
                    break
                if token.text in _OPENING:
                    closing.append(_OPENING[token.text])
                elif closing and token.text == closing[-1]:
                    closing.pop()
            self._next += 1
            if token.kind == "newline":
                if not closing:
                    break
            else:
                head.append(token)
        return self._called(head, None)

    def _called(self, head: list[_Token], block: tuple[Seq, int] | None) -> Map:
        """A statement from the tokens in front of its block."""
        start = head[0].offset if head else block[1] if block else 0
        entries: dict[str, tuple[Any, int]] = {}
        equals = _assignment(head)
        if equals:
            entries["assigned"] = " ".join(token.text for token in head[:equals]), start
            head = head[equals + 1 :]
        if head and head[0].kind == "word":
            entries["name"] = head[0].text.replace("?.", "."), head[0].offset
            head = head[1:]
        elif equals and head and head[0].kind == "string":
            entries["name"] = "", head[0].offset
        arguments, options = self._arguments(head)
        if arguments:
            entries["arguments"] = arguments, arguments.marks[0]
        if options:
            entries["options"] = options, options.marks[0]
        if block is not None:
            entries["block"] = block
        entries.setdefault("name", ("", start))
        return _mapping(**entries)

    def _arguments(self, tokens: list[_Token]) -> tuple[Seq, Map]:
        """What a call is given, between parentheses or without them."""
        if tokens and tokens[0].text == "(" and tokens[0].kind == "mark":
            tokens = tokens[1 : _end(tokens)]
        arguments: list[tuple[Any, int]] = []
        options: dict[str, tuple[Any, int]] = {}
        for part in _parts(tokens):
            if len(part) > 2 and part[1].text == ":" and part[1].kind == "mark":  # noqa: PLR2004 - name, colon, value
                options[_value(part[0])] = self._said(part[2:]), part[2].offset
            else:
                arguments.append((self._said(part), part[0].offset))
        return _sequence(arguments), _mapping(**options)

    def _said(self, tokens: list[_Token]) -> Any:
        """A value: a text without its quotes, a list of them, or code as it is written."""
        if len(tokens) == 1:
            return _value(tokens[0])
        if tokens[0].text == "[" and _end(tokens) == len(tokens) - 1:
            parts = _parts(tokens[1:-1])
            return _sequence([(self._said(part), part[0].offset) for part in parts])
        return self._text[tokens[0].offset : tokens[-1].offset + len(tokens[-1].text)]


def _assignment(tokens: list[_Token]) -> int:
    """Where in a statement `=` stands; 0 where it is no assignment."""
    for position, token in enumerate(tokens[:6]):
        if token.kind == "mark" and token.text == "=":
            alone = position + 1 < len(tokens) and tokens[position + 1].text not in {"=", "~"}
            return position if alone else 0
        if token.kind != "word":
            return 0
    return 0


def _end(tokens: Sequence[_Token]) -> int:
    """Where the bracket ends that a list of tokens starts with."""
    depth = 0
    for position, token in enumerate(tokens):
        if token.kind == "mark":
            depth += (token.text in _OPENING) - (token.text in _OPENING.values())
            if not depth:
                return position
    return len(tokens)


def _parts(tokens: Sequence[_Token]) -> list[list[_Token]]:
    """The parts between commas."""
    parts: list[list[_Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.kind == "mark":
            depth += (token.text in _OPENING) - (token.text in _OPENING.values())
        if token.text == "," and token.kind == "mark" and not depth:
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def _value(token: _Token) -> str:
    """A token's text; of a string what it stands for, its expressions written as a shell writes variables."""
    if token.kind != "string":
        return token.text
    quotes = 3 if token.text[:3] in {"'''", '"""'} and len(token.text) > 5 else 1  # noqa: PLR2004 - three quotes, twice
    text = token.text[quotes:-quotes]
    if token.text[0] == '"':
        text = _INTERPOLATION.sub(_interpolated, text)
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1] or ""), text)


def _interpolated(match: re.Match[str]) -> str:
    name = match[1].strip().removeprefix("env.").removeprefix("params.")
    return f"${{{name}}}" if name.isidentifier() else f"${{{{ {match[1].strip()} }}}}"
