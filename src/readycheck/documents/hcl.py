"""HCL, the language of Terraform and OpenTofu: blocks and attributes with the place of each.

Parsed with tree-sitter-hcl. What the syntax means is from the HCL native syntax specification.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from readycheck.documents.encoded import Encoded
from readycheck.documents.json import parse_json
from readycheck.documents.text import line_of
from readycheck.documents.yaml import MOST_FAULTS, Document, Fault
from readycheck.model import Map, Seq, Unresolved

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

EXPRESSION = "is an expression, which Terraform evaluates when it runs"

_DEEPEST = 100
_TOP_LEVEL = re.compile(r"^(?=[A-Za-z_][\w-]*(?:[ \t]+(?:\"[^\"\n]*\"|[\w-]+))*[ \t]*\{)", re.MULTILINE)
_ESCAPE = re.compile(r'\\(?:([nrt"\\])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|([$%])\4\{')
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_PATH_ALONE = re.compile(r"\.{1,2}/[\w./ -]+\n?")
_NUMBER = re.compile(r"-?\d+")
_PLAIN = re.compile(r'"([^"\\{\n]*)"|(-?\d+)')
_WRAPPERS = frozenset({"expression", "literal_value", "collection_value", "template_expr", "operation"})
"""Nodes that stand around a value and are none themselves."""


def parse_hcl(text: str) -> tuple[list[Document], list[Fault]]:
    """Read HCL: one document, none where nothing stands.

    The body has `attributes` and `blocks`, and so has each block, beside its `type` and its `labels`. Literals are
    values, everything else is Unresolved with the expression as its text. A block that cannot be parsed is a fault, and
    the others are read. Where no links can be checked out, a file holds the path that it should lead to: `link`.

    Args:
        text: the text, as read_text gives it.
    """
    if _PATH_ALONE.fullmatch(text):
        body = _body(0)
        body["link"] = text.strip()
        body.marks.append(0)
        return [Document(body, 0, 1)], []
    source = Encoded(text)
    tree = parser().parse(source.data)
    if not tree.root_node.has_error:
        return _Reading(source, 0).run(tree.root_node), []
    # What is broken takes much of what follows along: block by block, it takes itself alone.
    body = _body(0)
    faults: list[Fault] = []
    starts = [match.start() for match in _TOP_LEVEL.finditer(text)]
    bounds = [0, *(start for start in starts if start), len(text)]
    for start, end in pairwise(bounds):
        part = Encoded(text[start:end])
        root = parser().parse(part.data).root_node
        if root.has_error:
            if len(faults) < MOST_FAULTS:
                offset = start + part.offset(_first_error(root).start_byte)
                faults.append(Fault(line_of(text, offset), "is no HCL: what stands here is not read"))
            continue
        for document in _Reading(part, start).run(root):
            _merge(body, document.body)
    return _document(body, text), faults


def parse_tfvars(text: str) -> tuple[list[Document], list[Fault]]:
    """Read values of Terraform's variables (`.tfvars`): one mapping, as the JSON form has it."""
    documents, faults = parse_hcl(text)
    return [Document(each.body["attributes"], each.offset, each.line) for each in documents], faults


def parse_hcl_json(text: str) -> tuple[list[Document], list[Fault]]:
    """Read HCL in its JSON form (`.tf.json`) into the same shape (HCL JSON syntax specification)."""
    documents, faults = parse_json(text)
    body = _body(0)
    for document in documents:
        if isinstance(document.body, Map):
            for kind, content, mark in _entries(document.body):
                for block in _json_blocks(kind, content, mark, _LABELS.get(kind, 0), ()):
                    _append(body["blocks"], block, mark)
    return _document(body, text), list(faults)


# How many labels the blocks of Terraform have that stand at the top (Terraform language documentation).
_LABELS = {"resource": 2, "data": 2, "ephemeral": 2, "module": 1, "provider": 1, "variable": 1, "output": 1, "check": 1}
# Blocks in blocks, whose JSON form looks like that of an object.
_NESTED = {"terraform": {"backend": 1, "cloud": 0, "required_providers": 0, "provider_meta": 1}}


def _json_blocks(kind: str, content: Any, mark: int, labels: int, given: tuple[str, ...]) -> Iterator[Map]:
    if labels and isinstance(content, Map):
        for label, inner, inner_mark in _entries(content):
            yield from _json_blocks(kind, inner, inner_mark, labels - 1, (*given, label))
        return
    for each in content if isinstance(content, Seq) else [content]:
        block = _body(mark, kind, given)
        for key, value, key_mark in _entries(each) if isinstance(each, Map) else ():
            nested = _NESTED.get(kind, {}).get(key)
            if nested is None:
                _put(block["attributes"], key, value, key_mark)
            else:
                for inner in _json_blocks(key, value, key_mark, nested, ()):
                    _append(block["blocks"], inner, key_mark)
        yield block


def _entries(mapping: Map) -> Iterator[tuple[str, Any, int]]:
    return zip(mapping.keys(), mapping.values(), mapping.marks, strict=True)


class _Reading:
    """One pass over the tree of a text, or of a part of one that starts at an offset."""

    def __init__(self, source: Encoded, start: int) -> None:
        self._source = source
        self._start = start

    def run(self, root: Node) -> list[Document]:
        body = _body(self._start)
        for node in root.named_children:
            if node.type == "body":
                self._fill(body, node, 0)
        return _document(body, "") if body["attributes"] or body["blocks"] else []

    def _fill(self, body: Map, node: Node, depth: int) -> None:
        attributes, blocks = body["attributes"], body["blocks"]
        for child in node.named_children:
            kind = child.type
            if kind == "attribute":
                parts = child.named_children
                _put(attributes, self._source.text_of(parts[0]), self._value(parts[-1], depth), self._offset(child))
            elif kind == "block" and depth < _DEEPEST:
                _append(blocks, self._block(child, depth + 1), self._offset(child))

    def _block(self, node: Node, depth: int) -> Map:
        kind, *rest = node.named_children
        labels = [self._string(child) for child in rest if child.type in ("string_lit", "identifier")]
        block = _body(self._offset(node), self._source.text_of(kind), labels)
        for child in rest:
            if child.type == "body":
                self._fill(block, child, depth)
        return block

    # Expressions -----------------------------------------------------------------------------------------------

    def _value(self, node: Node, depth: int) -> Any:
        plain = _PLAIN.fullmatch(self._source.text_of(node)) if depth < _DEEPEST else None
        if plain:
            # Most values, for which the nodes within would tell no more.
            return int(plain[2]) if plain[2] else plain[1]
        kind = node.type
        while kind in _WRAPPERS:
            inner = node.named_children
            if len(inner) != 1:
                inner = [child for child in inner if child.type != "comment"]
                if len(inner) != 1:
                    return self._expression(node)
            node = inner[0]
            kind = node.type
        read = _KINDS.get(kind)
        if read is None or depth >= _DEEPEST:
            return self._expression(node)
        return read(self, node, depth)

    def _expression(self, node: Node) -> Unresolved:
        return Unresolved(self._source.text_of(node), EXPRESSION)

    def _string(self, node: Node, depth: int = 0) -> str:
        del depth
        text = self._source.text_of(node)
        if node.type != "identifier":
            text = _unescaped(text[1:-1])
        return text

    def _number(self, node: Node, depth: int) -> int | float:
        del depth
        text = self._source.text_of(node)
        return int(text) if _NUMBER.fullmatch(text) else float(text)

    def _negative(self, node: Node, depth: int) -> Any:
        text = self._source.text_of(node).replace(" ", "")
        if text.startswith("-") and text[1:].replace(".", "", 1).isdigit():
            return int(text) if _NUMBER.fullmatch(text) else float(text)
        del depth
        return self._expression(node)

    def _template(self, node: Node, depth: int) -> Any:
        del depth
        text = self._source.text_of(node)[1:-1]
        if any(child.type in ("template_interpolation", "template_directive") for child in node.named_children):
            return Unresolved(text, EXPRESSION)
        return _unescaped(text)

    def _heredoc(self, node: Node, depth: int) -> Any:
        del depth
        text = self._source.text_of(node)
        opening, _, rest = text.partition("\n")
        content = rest.rpartition("\n")[0] + "\n" if "\n" in rest else ""
        if opening.startswith("<<-"):
            content = textwrap.dedent(content)
        if any(child.type in ("template_interpolation", "template_directive") for child in node.named_children):
            return Unresolved(content, EXPRESSION)
        return content

    def _tuple(self, node: Node, depth: int) -> Seq:
        items = [child for child in node.named_children if child.type == "expression"]
        found = Seq(self._value(item, depth + 1) for item in items)
        found.marks = [self._offset(item) for item in items]
        return found

    def _object(self, node: Node, depth: int) -> Map:
        found = Map()
        found.marks = []
        for element in node.named_children:
            if element.type == "object_elem":
                key, value = (child for child in element.named_children if child.type == "expression")
                _put(found, self._key(key), self._value(value, depth + 1), self._offset(element))
        return found

    def _key(self, node: Node) -> str:
        text = self._source.text_of(node)
        return _unescaped(text[1:-1]) if text.startswith('"') else text

    def _offset(self, node: Node) -> int:
        return self._start + self._source.offset(node.start_byte)


_KINDS: Mapping[str, Any] = {
    "string_lit": _Reading._string,  # noqa: SLF001 - the class's own
    "numeric_lit": _Reading._number,  # noqa: SLF001 - same
    "bool_lit": lambda reading, node, _: reading._source.text_of(node) == "true",  # noqa: SLF001 - same
    "null_lit": lambda *_: None,
    "unary_operation": _Reading._negative,  # noqa: SLF001 - same
    "quoted_template": _Reading._template,  # noqa: SLF001 - same
    "heredoc_template": _Reading._heredoc,  # noqa: SLF001 - same
    "tuple": _Reading._tuple,  # noqa: SLF001 - same
    "object": _Reading._object,  # noqa: SLF001 - same
}


def _unescaped(text: str) -> str:
    if "\\" not in text and "{" not in text:
        return text

    def character(match: re.Match[str]) -> str:
        if match[4]:
            return f"{match[4]}{{"
        return _ESCAPED[match[1]] if match[1] else chr(min(int(match[2] or match[3], 16), 0x10FFFF))

    return _ESCAPE.sub(character, text)


def _body(mark: int, kind: str | None = None, labels: list[str] | tuple[str, ...] = ()) -> Map:
    attributes, blocks, named = Map(), Seq(), Seq(labels)
    attributes.marks, blocks.marks, named.marks = [], [], [mark] * len(labels)
    head = {} if kind is None else {"type": kind, "labels": named}
    body = Map({**head, "attributes": attributes, "blocks": blocks})
    body.marks = [mark] * len(body)
    return body


def _put(mapping: Map, key: str, value: Any, mark: int) -> None:
    if key not in mapping:
        mapping.marks.append(mark)
    mapping[key] = value


def _append(blocks: Seq, block: Map, mark: int) -> None:
    blocks.append(block)
    blocks.marks.append(mark)


def _merge(body: Map, other: Map) -> None:
    for key, value, mark in _entries(other["attributes"]):
        _put(body["attributes"], key, value, mark)
    for block, mark in zip(other["blocks"], other["blocks"].marks, strict=True):
        _append(body["blocks"], block, mark)


def _document(body: Map, text: str) -> list[Document]:
    marks = [*body["attributes"].marks, *body["blocks"].marks]
    if not marks:
        return []
    first = min(marks)
    body.marks = [first] * len(body)
    return [Document(body, first, line_of(text, first) if text else 1)]


def _first_error(node: Node) -> Node:
    while not node.is_error and not node.is_missing:
        worse = next((child for child in node.children if child.has_error or child.is_missing), None)
        if worse is None:
            return node
        node = worse
    return node


@cache
def parser() -> Parser:
    """The parser of HCL, made once."""
    import tree_sitter  # noqa: PLC0415 - only where HCL is read
    import tree_sitter_hcl  # noqa: PLC0415 - same

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))
