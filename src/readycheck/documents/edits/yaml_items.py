"""Taking items out of a list of a YAML document; every other byte stays."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from readycheck.documents.edits import Code, Refused, TextEdit, apply
from readycheck.documents.edits.bodies import same
from readycheck.documents.edits.yaml_nodes import Nodes
from readycheck.documents.yaml import parse


def remove_items(text: str, key: str, indexes: Collection[int]) -> str:
    """The text without some items of a list; without its key where none is left.

    Args:
        text: the text of one document, as read_text gives it.
        key: the key of the list, at the top of the document.
        indexes: which items to take out.

    Raises:
        Refused: that cannot be done without touching anything else; nothing is changed then.
    """
    documents, faults = parse(text)
    if faults or len(documents) != 1 or not isinstance(documents[0].body, dict):
        raise Refused(Code.UNPARSABLE, "is no YAML mapping")
    body: dict[str, Any] = documents[0].body
    kept = [item for index, item in enumerate(body[key]) if index not in indexes]
    wanted = {name: kept if name == key else value for name, value in body.items() if name != key or kept}
    nodes = Nodes(text)
    root = nodes.root_at(documents[0].offset)
    revised = apply(text, _edits(nodes, root, key, indexes))
    found, faults = parse(revised)
    left = found[0].body if found else {}
    if faults or len(found) > 1 or not same(left or {}, wanted):
        raise Refused(Code.UNPROVEN, "would not read as meant after the edit")
    return revised


def _edits(nodes: Nodes, root: Node, key: str, indexes: Collection[int]) -> Iterator[TextEdit]:
    if not isinstance(root, MappingNode):
        raise Refused(Code.UNPARSABLE, "is no YAML mapping")
    found = [(name, value) for name, value in root.value if isinstance(name, ScalarNode) and name.value == key]
    if (
        len(found) != 1
        or not isinstance(found[0][1], SequenceNode)
        or found[0][1].start_mark.index < found[0][0].end_mark.index
    ):
        raise Refused(Code.LAYOUT, f"has no plain list `{key}`")
    name, items = found[0]
    left = [item for index, item in enumerate(items.value) if index not in indexes]
    if not left and not root.flow_style:
        yield _lines(nodes, name.start_mark.index, items)
    elif items.flow_style:
        yield from _flow(items.value, left)
    else:
        for index in sorted(indexes):
            item = items.value[index]
            if nodes.text[nodes.line_start(item.start_mark.index) : item.start_mark.index].strip() != "-":
                raise Refused(Code.LAYOUT, "has a list that is written in an unusual way")
            yield _lines(nodes, item.start_mark.index, item)


def _lines(nodes: Nodes, start: int, last: Node) -> TextEdit:
    """The edit that takes out whole lines, from that of an offset to the one where a node ends."""
    end, line_break = nodes.line_end(nodes.end_of(last))
    return TextEdit(nodes.line_start(start), end + len(line_break), "")


def _flow(items: list[Node], left: list[Node]) -> Iterator[TextEdit]:
    if not left:
        yield TextEdit(items[0].start_mark.index, items[-1].end_mark.index, "")
        return
    last = items.index(left[-1])
    for index, item in enumerate(items[:last]):
        if item not in left:
            yield TextEdit(item.start_mark.index, items[index + 1].start_mark.index, "")
    if last + 1 < len(items):
        yield TextEdit(items[last].end_mark.index, items[-1].end_mark.index, "")
