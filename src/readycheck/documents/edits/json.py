"""Edits of JSON, at the places of its tokens."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct, field

from readycheck.documents.edits import Change, Code, Refused, TextEdit, line_break_near
from readycheck.documents.edits.bodies import same
from readycheck.documents.edits.proven import revised
from readycheck.documents.json import parse_json
from readycheck.documents.yaml import Document

_TOKEN = re.compile(r'([{\[])|([}\]])|"(?:[^"\\]++|\\.)*"|[^\s,:{}\[\]"]+')


class _Node(Struct, eq=False):
    """A value of the text: where it begins and ends, and what stands in it."""

    start: int
    end: int = 0
    keys: list[str] | None = None
    key_starts: list[int] = field(default_factory=list)
    values: list[_Node] = field(default_factory=list)


def revise(text: str, changes: Sequence[Change]) -> str:
    """The text with changes made.

    Args:
        text: the text, as read_text gives it.
        changes: what should stand where; a list at the top has a document for each of its items.

    Raises:
        Refused: a change cannot be made without touching anything else; nothing is changed then.
    """
    return revised(text, changes, parse_json, lambda documents, wanted: _edits(text, documents, wanted))


def _edits(text: str, documents: Sequence[Document], wanted: Sequence[Any]) -> Iterator[TextEdit]:
    root = _read(text)
    nodes = [root] if root.keys is not None else root.values
    for node, document, body in zip(nodes, documents, wanted, strict=False):
        if body is not document.body:
            if "sops" in document.body:
                raise Refused(Code.ENCRYPTED, "is encrypted by SOPS, whose checksum covers its values")
            yield from _turn(text, node, document.body, body)


def _read(text: str) -> _Node:
    """The nodes of a valid text."""
    top = _Node(0)
    stack = [top]
    key: tuple[str, int] | None = None
    for token in _TOKEN.finditer(text):
        opening, closing = token.groups()
        holder = stack[-1]
        if closing:
            stack.pop().end = token.end()
            continue
        if holder.keys is not None and key is None:
            key = json.loads(token[0]), token.start()
            continue
        node = _Node(token.start(), token.end())
        if holder.keys is not None and key is not None:
            holder.keys.append(key[0])
            holder.key_starts.append(key[1])
            key = None
        holder.values.append(node)
        if opening:
            node.keys = [] if opening == "{" else None
            stack.append(node)
    return top.values[0]


def _turn(text: str, node: _Node, old: Any, new: Any) -> Iterator[TextEdit]:
    if same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() <= new.keys() and node.keys is not None:
        for name, value in old.items():
            if not same(value, new[name]):
                if node.keys.count(name) != 1:
                    raise Refused(Code.DUPLICATE_KEY, f"has the key {name} twice in one object")
                yield from _turn(text, node.values[node.keys.index(name)], value, new[name])
        added = {name: value for name, value in new.items() if name not in old}
        if added:
            yield _add(text, node, node.key_starts, [(f"{json.dumps(key)}: ", added[key]) for key in added])
    elif isinstance(old, list) and isinstance(new, list) and len(old) <= len(new) and node.keys is None:
        for child, one, other in zip(node.values, old, new, strict=False):
            yield from _turn(text, child, one, other)
        if len(new) > len(old):
            starts = [child.start for child in node.values]
            yield _add(text, node, starts, [("", value) for value in new[len(old) :]])
    else:
        yield TextEdit(node.start, node.end, _written(new, _Lines.of(text, node.start)))


class _Lines(Struct, frozen=True):
    """How lines are written around an offset.

    Args:
        indent: what the offset's own line starts with.
        step: what each level is indented by; "" where everything stands on one line.
        ending: the line break.
    """

    indent: str
    step: str
    ending: str

    @classmethod
    def of(cls, text: str, offset: int) -> _Lines:
        start = text.rfind("\n", 0, offset) + 1
        indent = text[start : start + len(text[start:]) - len(text[start:].lstrip(" \t"))]
        step = _FIRST_STEP.search(text)
        return cls(indent, step[1] if step else "", line_break_near(text, offset))

    def deeper(self) -> _Lines:
        return _Lines(self.indent + self.step, self.step, self.ending)


_FIRST_STEP = re.compile(r"[{\[]\r?\n([ \t]+)")


def _add(text: str, node: _Node, starts: Sequence[int], added: Sequence[tuple[str, Any]]) -> TextEdit:
    """The edit that adds to an object or a list, each addition on a line of its own where the others stand so."""
    lines = _Lines.of(text, node.start)
    if not node.values:
        inner = lines.deeper()
        parts = [head + _written(value, inner) for head, value in added]
        if not lines.step:
            return TextEdit(node.start + 1, node.end - 1, ", ".join(parts))
        content = f",{inner.ending}".join(inner.indent + part for part in parts)
        return TextEdit(node.start + 1, node.end - 1, f"{inner.ending}{content}{lines.ending}{lines.indent}")
    end = node.values[-1].end
    line = text.rfind("\n", 0, starts[-1]) + 1
    if text[line : starts[-1]].strip() or not lines.step:
        flat = _Lines("", "", "")
        return TextEdit(end, end, "".join(f", {head}{_written(value, flat)}" for head, value in added))
    inner = _Lines(text[line : starts[-1]], lines.step, lines.ending)
    return TextEdit(
        end, end, "".join(f",{inner.ending}{inner.indent}{head}{_written(value, inner)}" for head, value in added)
    )


def _written(value: Any, lines: _Lines) -> str:
    """A value as JSON."""
    if not isinstance(value, dict | list) or not value or not lines.step:
        return json.dumps(value, ensure_ascii=False)
    inner = lines.deeper()
    parts = (
        [f"{json.dumps(key)}: {_written(item, inner)}" for key, item in value.items()]
        if isinstance(value, dict)
        else [_written(item, inner) for item in value]
    )
    content = f",{inner.ending}".join(inner.indent + part for part in parts)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}{inner.ending}{content}{inner.ending}{lines.indent}{closing}"
