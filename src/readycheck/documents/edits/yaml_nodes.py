"""The nodes of a YAML text as edits need them: where each begins and really ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import yaml
from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from readycheck.documents.edits import Code, Refused

BREAKS = "\n\r\x85\u2028\u2029"
"""What YAML 1.1 takes for line breaks."""

_REST_OF_LINE = re.compile(r"[ \t]*(?:(?<=[ \t])#[^\n\r\x85\u2028\u2029]*)?(\r\n|[\n\r\x85\u2028\u2029]|\Z)")
_AFTER_KEY = re.compile(r"\s*:")
_ALIAS = re.compile(r"[ \t]*\*[^\s,\[\]{}]+")
_DEEPEST = 200


class Nodes:
    """The nodes of a text.

    Args:
        text: the text.

    Raises:
        Refused: it is no YAML as a whole.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            roots = list(yaml.compose_all(text, Loader=yaml.CSafeLoader))
        except (yaml.YAMLError, RecursionError) as error:
            raise Refused(Code.UNPARSABLE, "cannot be parsed as a whole") from error
        self._by_offset: Mapping[int, Node] = {root.start_mark.index: root for root in roots if root is not None}

    def root_at(self, offset: int) -> Node:
        """The root of the document that starts at an offset.

        Raises:
            Refused: a templated one, say, of which the parser makes something else.
        """
        root = self._by_offset.get(offset)
        if root is None:
            raise Refused(Code.LAYOUT, "has a document whose start is not found")
        return root

    def line_start(self, offset: int) -> int:
        """Where the line of an offset starts."""
        while offset and self.text[offset - 1] not in BREAKS:
            offset -= 1
        return offset

    def column(self, offset: int) -> int:
        """The column of an offset, counted from 0."""
        return offset - self.line_start(offset)

    def line_end(self, offset: int) -> tuple[int, str]:
        """Where the rest of a line, blank or a comment, ends behind an offset; and the break that follows.

        Raises:
            Refused: something else stands on the line.
        """
        rest = _REST_OF_LINE.match(self.text, offset)
        if rest is None:
            raise Refused(Code.LAYOUT, "has something else on the line that the edit would stand behind")
        return rest.start(1), rest[1]

    def behind_colon(self, key: Node) -> int:
        """The offset behind the colon of a key.

        Raises:
            Refused: the key is written with a question mark.
        """
        colon = _AFTER_KEY.match(self.text, key.end_mark.index)
        if colon is None:
            raise Refused(Code.LAYOUT, "has a key that is written in an unusual way")
        return colon.end()

    def end_of(self, node: Node) -> int:
        """Where a node really ends: libyaml's mark of a block collection runs past blank lines and comments.

        Raises:
            Refused: it ends with an alias, or with a block scalar that the end of the file cuts off.
        """
        text = self.text
        if isinstance(node, ScalarNode):
            end: int = node.end_mark.index
            return self._end_of_block(node) if node.style in ("|", ">") else end
        if (isinstance(node, CollectionNode) and node.flow_style) or not node.value:
            return int(node.end_mark.index)
        if isinstance(node, SequenceNode):
            last, floor = node.value[-1], node.start_mark.index
            if len(node.value) > 1:
                floor = node.value[-2].start_mark.index
        else:
            key, last = node.value[-1]
            floor = self.behind_colon(key)
        if last.start_mark.index < floor:
            # Its mark is that of the anchor.
            alias = _ALIAS.match(text, floor) if isinstance(node, MappingNode) else None
            if alias is not None:
                return alias.end()
            raise Refused(Code.ALIASED, "has an alias where the edit would stand behind it")
        if isinstance(last, ScalarNode) and last.start_mark.index == last.end_mark.index:
            # An empty value: behind its colon or dash.
            if isinstance(node, SequenceNode):
                raise Refused(Code.LAYOUT, "has a list that ends with an empty item")
            return floor
        if text[last.start_mark.index] == "*":
            raise Refused(Code.ALIASED, "has an alias where the edit would stand behind it")
        return self.end_of(last)

    def _end_of_block(self, node: ScalarNode) -> int:
        """The end of the last line of a block scalar that belongs to it, before the line's break."""
        end = node.end_mark.index
        if end == len(self.text) and not self.text.endswith(tuple(BREAKS)):
            raise Refused(Code.BLOCK_SCALAR, "ends with a block scalar and without a line break")
        header = self.text[node.start_mark.index : self.text.find("\n", node.start_mark.index)]
        keeps = "+" in header.partition("#")[0]
        end = self.line_start(end)
        while end > node.start_mark.index:
            before = self.line_start(end - 1)
            if self.text[end - 2 : end] == "\r\n":
                before = self.line_start(end - 2)
            if keeps or self.text[before:end].strip():
                break
            end = before
        return end - (2 if self.text[end - 2 : end] == "\r\n" else 1)


def shared(root: Node) -> frozenset[int]:
    """The identities of the nodes that aliases lead to, with all that stands in them.

    Raises:
        Refused: the nodes nest deeper than any manifest does.
    """
    seen: set[int] = set()
    twice: list[Node] = []
    waiting: list[tuple[Node, int]] = [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > _DEEPEST:
            raise Refused(Code.UNPARSABLE, f"is nested more than {_DEEPEST} levels deep")
        if id(node) in seen:
            twice.append(node)
            continue
        seen.add(id(node))
        waiting += ((child, depth + 1) for child in children(node))
    found: set[int] = set()
    while twice:
        node = twice.pop()
        if id(node) not in found:
            found.add(id(node))
            twice += children(node)
    return frozenset(found)


def children(node: Node) -> Iterator[Node]:
    """The nodes right inside of a node."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield key
            yield value
    elif isinstance(node, SequenceNode):
        yield from node.value


def is_templated(text: str, root: Node) -> bool:
    """Whether a document is a template: `{{ }}` stands in it outside of quotes and blocks of text."""
    if "{{" not in text:
        return False
    waiting = [root]
    while waiting:
        node = waiting.pop()
        start = node.start_mark.index
        if isinstance(node, ScalarNode):
            if not node.style and "{{" in node.value:
                return True
        elif text.startswith("{{", start):
            return True
        waiting += children(node)
    return False
