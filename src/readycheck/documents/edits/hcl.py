"""Edits of HCL, at the positions of tree-sitter's nodes. The bodies are those of `parse_hcl`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from readycheck.documents.edits import Change, Code, Refused, TextEdit, line_break_near
from readycheck.documents.edits.bodies import same
from readycheck.documents.edits.proven import revised
from readycheck.documents.encoded import Encoded
from readycheck.documents.hcl import parse_hcl, parser
from readycheck.documents.yaml import Document
from readycheck.model import Path, Unresolved, format_path, look

if TYPE_CHECKING:
    from tree_sitter import Node

_NAME = re.compile(r"[A-Za-z_][\w-]*\Z")
_REST_OF_LINE = re.compile(r"[ \t]*(?:(?:#|//)[^\r\n]*|/\*[^\r\n]*?\*/[ \t]*)?(?=\r?\n|\Z)")
_INDENT = re.compile(r"[ \t]*")
_STEP = "  "


def revise(text: str, changes: Sequence[Change]) -> str:
    """The text with attributes set; changes of one attribute each, applied one after the other.

    Raises:
        Refused: a change cannot be made without touching anything else.
    """
    for change in changes:
        for document in parse_hcl(text)[0]:
            _refuse_computed(document.body, change.path)
        text = revised(text, [change], parse_hcl, partial(_edits, text, change))
    return text


def _edits(text: str, change: Change, documents: Sequence[Document], wanted: Sequence[Any]) -> Iterator[TextEdit]:
    (document,), (after,) = documents, wanted
    if not same(document.body, after):
        yield _Revision(text).set(change.path, change.path.index("attributes") + 1, change.value)


def _refuse_computed(body: Any, path: Path) -> None:
    if "attributes" not in path:
        raise Refused(Code.LAYOUT, "would get a block, where only attributes are set")
    depth = path.index("attributes") + 1
    for end in range(depth, len(path) + 1):
        if isinstance(now := look(body, path[:end]), Unresolved):
            raise Refused(Code.EXPRESSION, f"computes {format_path(path[depth - 1 : end])}: {now!s}")


class _Revision:
    """The edit that sets an attribute in a text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._source = Encoded(text)
        self._root = parser().parse(self._source.data).root_node

    def set(self, path: Path, depth: int, value: Any) -> TextEdit:
        """The edit that sets what a path leads to.

        Args:
            path: the path in the body.
            depth: how many steps lead to the attributes.
            value: what should stand there.
        """
        block, body = self._root, _child(self._root, "body")
        for step in path[1 : depth - 1 : 2]:
            blocks = [node for node in (body.named_children if body else ()) if node.type == "block"]
            block = blocks[int(step)]
            body = _child(block, "body")
        name, *rest = path[depth:]
        attributes = [node for node in (body.named_children if body else ()) if node.type == "attribute"]
        found = next((each for each in attributes if self._source.text_of(each.named_children[0]) == name), None)
        if found is None:
            value = _nested(rest, value)
            return self._insert(block, attributes, f"{name}", value, top=block is self._root)
        return self._replace(found.named_children[-1], rest, value)

    def _replace(self, node: Node, rest: Sequence[str | int], value: Any) -> TextEdit:
        """The edit that changes an expression, or what stands in it."""
        while len(node.named_children) == 1 and node.type in ("expression", "collection_value"):
            node = node.named_children[0]
        indent = self._indent(self._source.offset(node.start_byte))
        if not rest:
            if _has_comment(node):
                raise Refused(Code.COMMENTS, "has comments in what would be replaced")
            start, end = self._source.offset(node.start_byte), self._source.offset(node.end_byte)
            return TextEdit(start, end, _written(value, indent))
        step, further = rest[0], rest[1:]
        if node.type == "object" and isinstance(step, str):
            elements = [child for child in node.named_children if child.type == "object_elem"]
            for element in elements:
                key, inner = (child for child in element.named_children if child.type == "expression")
                if self._source.text_of(key).strip('"') == step:
                    return self._replace(inner, further, value)
            return self._add(node, elements, f"{_key(step)} = {{}}", _nested(further, value))
        if node.type == "tuple" and isinstance(step, int):
            items = [child for child in node.named_children if child.type == "expression"]
            if step < len(items):
                return self._replace(items[step], further, value)
            return self._add(node, items, "{}", _nested(further, value))
        raise Refused(Code.LAYOUT, "holds a value that cannot be changed where it stands")

    def _add(self, node: Node, parts: Sequence[Node], form: str, value: Any) -> TextEdit:
        """The edit that adds an element to an object or a tuple."""
        if not parts:
            inside = self._source.offset(node.start_byte) + 1
            content = self._text[inside : self._source.offset(node.end_byte) - 1]
            if content.strip():
                raise Refused(Code.COMMENTS, "has comments where the edit would stand")
            return TextEdit(inside, inside + len(content), f" {form.format(_written(value, ''))} ".strip(" "))
        start, end = self._source.offset(parts[-1].start_byte), self._source.offset(parts[-1].end_byte)
        line = self._text.rfind("\n", 0, start) + 1
        if self._text[line:start].strip():
            return TextEdit(end, end, f", {form.format(_written(value, ''))}")
        indent = self._text[line:start]
        comma = "," if self._text.startswith(",", end) else ""
        separator = "," if node.type == "tuple" and not comma else ""
        if separator and not _REST_OF_LINE.match(self._text, end):
            raise Refused(Code.LAYOUT, "has something else on the line that the edit would stand behind")
        written = f"{line_break_near(self._text, end)}{indent}{form.format(_written(value, indent))}"
        if separator:
            return TextEdit(end, end, f",{written}")
        behind = self._line_end(end + len(comma))
        return TextEdit(behind, behind, written + comma)

    def _insert(self, block: Node, attributes: Sequence[Node], name: str, value: Any, *, top: bool) -> TextEdit:
        """The edit that adds an attribute to a block, in line with the attribute above it."""
        if not _NAME.match(name):
            raise Refused(Code.LAYOUT, f"cannot have an attribute {name}")
        ending = line_break_near(self._text, self._source.offset(block.start_byte))
        opening, closing = _child(block, "block_start"), _child(block, "block_end")
        one_line = not top and block.start_point.row == block.end_point.row
        if top or (attributes and not one_line):
            if not attributes:
                raise Refused(Code.LAYOUT, "has no attributes at its top that the edit would stand behind")
            last = attributes[-1]
            start, end = self._source.offset(last.start_byte), self._source.offset(last.end_byte)
            indent = self._indent(start)
            equals = self._text.find("=", start) - start
            behind = self._line_end(end)
            gap = equals - len(name)
            alone = last.start_point.row == last.end_point.row
            # A longer name would have the lines above aligned anew; behind an empty line it stands for itself.
            blank = ending if alone and gap < 1 else ""
            padding = " " * gap if alone and gap > 0 else " "
            written = f"{ending}{blank}{indent}{name}{padding}= {_written(value, indent)}"
            return TextEdit(behind, behind, written)
        if opening is None or closing is None:
            raise Refused(Code.LAYOUT, "has a block whose braces are not found")
        outer = self._indent(self._source.offset(block.start_byte))
        inner = outer + _STEP
        start, end = self._source.offset(opening.end_byte), self._source.offset(closing.start_byte)
        line = f"{inner}{name} = {_written(value, inner)}{ending}"
        if one_line:
            content = self._text[start:end].strip()
            kept = f"{inner}{content}{ending}" if content else ""
            return TextEdit(start, end, f"{ending}{kept}{line}{outer}")
        behind = self._line_end(start)
        return TextEdit(behind, behind, f"{ending}{line}".removesuffix(ending))

    def _indent(self, offset: int) -> str:
        found = _INDENT.match(self._text, self._text.rfind("\n", 0, offset) + 1)
        return found[0] if found else ""

    def _line_end(self, offset: int) -> int:
        rest = _REST_OF_LINE.match(self._text, offset)
        if rest is None:
            raise Refused(Code.LAYOUT, "has something else on the line that the edit would stand behind")
        return rest.end()


def _child(node: Node, kind: str) -> Node | None:
    return next((child for child in node.children if child.type == kind), None)


def _has_comment(node: Node) -> bool:
    return node.type == "comment" or any(map(_has_comment, node.named_children))


def _nested(steps: Sequence[str | int], value: Any) -> Any:
    for step in reversed(steps):
        value = [value] if isinstance(step, int) else {step: value}
    return value


def _key(name: str) -> str:
    return name if _NAME.match(name) else _string(name)


def _string(text: str) -> str:
    escaped = json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
    return re.sub(r"\\([bf])", lambda match: {"b": "\\u0008", "f": "\\u000c"}[match[1]], escaped)


def _written(value: Any, indent: str) -> str:
    """A value as HCL."""
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, list):
        return "[" + ", ".join(_written(item, indent) for item in value) + "]"
    if isinstance(value, dict):
        if not value:
            return "{}"
        inner = indent + _STEP
        width = max(len(_key(key)) for key in value)
        lines = (f"{inner}{_key(key):{width}} = {_written(item, inner)}\n" for key, item in value.items())
        return "{\n" + "".join(lines) + indent + "}"
    return json.dumps(value)
