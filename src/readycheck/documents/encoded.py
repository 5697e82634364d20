"""Texts as tree-sitter's parsers want them: UTF-8, with the way back from bytes to characters."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node


class Encoded:
    """A text and its bytes.

    Args:
        text: the text; characters that UTF-8 has no bytes for become question marks.
    """

    def __init__(self, text: str) -> None:
        self.data = text.encode("utf-8", "replace")
        self._text = text
        self._same = len(self.data) == len(text)

    def offset(self, byte: int) -> int:
        """The offset in characters of an offset in bytes."""
        if self._same:
            return byte
        characters, lines = self._starts
        line = bisect_right(lines, byte) - 1
        return characters[line] + len(self.data[lines[line] : byte].decode("utf-8", "replace"))

    @cached_property
    def _starts(self) -> tuple[list[int], list[int]]:
        """Where each line starts, in characters and in bytes."""
        lines = self._text.splitlines(keepends=True)
        characters = list(accumulate(map(len, lines), initial=0))
        return characters, list(accumulate((len(line.encode("utf-8", "replace")) for line in lines), initial=0))

    def text_of(self, node: Node) -> str:
        """What stands in the text at a node."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")
