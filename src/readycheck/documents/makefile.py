"""Makefiles: rules, variables and includes, with the place of each recipe line.

Parsed with tree-sitter-make. What stands in conditional parts (`ifeq`) is in the body too, marked as such: whether it
holds is known only when make runs.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from readycheck.documents.yaml import Document, Fault
from readycheck.model import Map, Seq

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_DEEPEST = 60
_LONGEST = 2_000_000


def parse_makefile(text: str) -> tuple[Sequence[Document], Sequence[Fault]]:
    """Read a Makefile.

    Its body has

    - `rules`: of each one `targets`, `prerequisites` and `recipe`, the lines with the prefixes `@`, `-` and `+`;
    - `variables`: of each assignment its `name`, `operator` and `value`, `targets` where it is for some targets only,
      and `conditional` where it stands in an `ifeq` or its like;
    - `includes`: the names of other Makefiles, as they are written.

    Args:
        text: the Makefile.
    """
    if len(text) > _LONGEST:
        return [], [Fault(1, f"is longer than {_LONGEST:,} characters, the most that is read of a Makefile")]
    return _Reading(text).run()


class _Reading:
    """One pass over the tree of a Makefile."""

    def __init__(self, text: str) -> None:
        self._data = text.encode("utf-8", "replace")
        # Offsets are asked for by the byte and given by the character: those of each line's start are known in advance.
        lines = text.splitlines(keepends=True)
        self._characters = list(accumulate((len(line) for line in lines), initial=0))
        self._bytes = list(accumulate((len(line.encode("utf-8", "replace")) for line in lines), initial=0))
        self._rules = _seq()
        self._variables = _seq()
        self._includes = _seq()
        self._faults: list[Fault] = []

    def run(self) -> tuple[Sequence[Document], Sequence[Fault]]:
        self._visit(_parser().parse(self._data).root_node, conditional=False, depth=0)
        parts = {"rules": self._rules, "variables": self._variables, "includes": self._includes}
        body = _map(parts, [part.marks[0] if part.marks else 0 for part in parts.values()])
        return [Document(body, 0, 1)], self._faults

    def _visit(self, node: Node, *, conditional: bool, depth: int) -> None:
        if depth > _DEEPEST:
            self._faults.append(Fault(node.start_point.row + 1, f"is nested more than {_DEEPEST} levels deep"))
            return
        for child in node.children:
            kind = child.type
            if kind == "rule":
                self._rule(child)
            elif kind in ("variable_assignment", "shell_assignment", "define_directive"):
                self._assignment(child, conditional=conditional)
            elif kind == "include_directive":
                self._include(child)
            elif kind in ("export_directive", "override_directive", "private_directive", "ERROR"):
                self._visit(child, conditional=conditional, depth=depth + 1)
            elif kind in ("conditional", "elsif_directive", "else_directive"):
                self._visit(child, conditional=True, depth=depth + 1)

    # Parts -----------------------------------------------------------------------------------------------------

    def _rule(self, node: Node) -> None:
        targets = next((child for child in node.children if child.type == "targets"), None)
        named = targets if targets is not None else node.child_by_field_name("target")
        start = self._offset(node)
        recipe = _seq()
        for line in self._lines(node):
            self._add(recipe, self._text(line), self._offset(line))
        rule = {
            "targets": self._names([named] if named is not None else []),
            "prerequisites": self._names(
                [*node.children_by_field_name("normal"), *node.children_by_field_name("order_only")]
            ),
            "recipe": recipe,
        }
        self._add(self._rules, _map(rule, [start, start, recipe.marks[0] if recipe.marks else start]), start)

    def _lines(self, node: Node) -> Iterator[Node]:
        """The recipe lines below a rule, those in conditional parts too."""
        waiting = list(reversed(node.children))
        while waiting:
            child = waiting.pop()
            if child.type == "recipe_line":
                yield child
            elif child.type in ("recipe", "conditional", "elsif_directive", "else_directive", "ERROR"):
                waiting += reversed(child.children)

    def _names(self, nodes: Sequence[Node]) -> Seq:
        names = _seq()
        for node in nodes:
            for word in _words(self._text(node)):
                self._add(names, word, self._offset(node))
        return names

    def _assignment(self, node: Node, *, conditional: bool) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None:
            return
        operator = node.child_by_field_name("operator")
        targets = node.child_by_field_name("target_or_pattern")
        start = self._offset(node)
        variable: dict[str, Any] = {
            "name": self._text(name),
            "operator": self._text(operator) if operator is not None else "=",
            "value": self._text(value).rstrip("\n") if value is not None else "",
        }
        if targets is not None:
            variable["targets"] = self._names([targets])
        if conditional:
            variable["conditional"] = True
        self._add(self._variables, _map(variable, [start] * len(variable)), start)

    def _include(self, node: Node) -> None:
        names = node.child_by_field_name("filenames")
        if names is not None:
            for word in _words(self._text(names)):
                self._add(self._includes, word, self._offset(names))

    # Text ------------------------------------------------------------------------------------------------------

    def _text(self, node: Node) -> str:
        return self._data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def _offset(self, node: Node) -> int:
        line = bisect_right(self._bytes, node.start_byte) - 1
        before = self._data[self._bytes[line] : node.start_byte]
        return self._characters[line] + len(before.decode("utf-8", "replace"))

    @staticmethod
    def _add(sequence: Seq, item: object, mark: int) -> None:
        sequence.append(item)
        sequence.marks.append(mark)


def _words(text: str) -> Iterator[str]:
    """Words parted at spaces, those inside of `$( )` not taken apart."""
    word, depth = "", 0
    for character in text.replace("\\\n", " "):
        depth += (character in "({") - (character in ")}")
        if character.isspace() and depth <= 0:
            if word:
                yield word
            word = ""
        else:
            word += character
    if word:
        yield word


def _seq() -> Seq:
    sequence = Seq()
    sequence.marks = []
    return sequence


def _map(entries: dict[str, Any], marks: list[int]) -> Map:
    mapping = Map(entries)
    mapping.marks = marks
    return mapping


@cache
def _parser() -> Parser:
    import tree_sitter_make  # noqa: PLC0415 - wanted only where there is a Makefile
    from tree_sitter import Language, Parser  # noqa: PLC0415 - same

    return Parser(Language(tree_sitter_make.language()))
