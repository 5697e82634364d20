"""The words of a shell script: their parts, and what the parser must not take apart in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from readycheck.documents.expressions import replaced
from readycheck.documents.statements import Part, Statement, Word

if TYPE_CHECKING:
    from tree_sitter import Node

_MASK = re.compile("\ue000\\d+\ue001")
_BACKSLASH = re.compile(r"\\(\n|.)", re.DOTALL)
_QUOTED_BACKSLASH = re.compile(r'\\([$`"\\]|\n)')
_OPAQUE = "\ue002", "\ue003"
_PARTED = re.compile("(?:\ue002[^\ue003]*\ue003|\\S)+")


def opaque(text: str) -> str:
    """A text to stand in a script as one piece of a word, whatever is in it.

    Args:
        text: the text; a word that holds it shows it as it is.
    """
    return text.join(_OPAQUE)


def is_whole(text: str) -> bool:
    """Whether all of a text is known: it holds no opaque piece and no command to put the output of in.

    Args:
        text: the text.
    """
    return _OPAQUE[0] not in text and "$" not in text


def parted(text: str) -> list[str]:
    """The words of a text, its opaque pieces not taken apart.

    Args:
        text: the text.
    """
    return _PARTED.findall(text)


def shown(text: str) -> str:
    """A text as it was written, for people.

    Args:
        text: the text, with opaque pieces or without.
    """
    return text.replace(_OPAQUE[0], "").replace(_OPAQUE[1], "")


class Words:
    """Reads the words of a script.

    Args:
        text: the script.
    """

    def __init__(self, text: str) -> None:
        self._expressions: dict[str, str] = {}
        masked = replaced(replaced(text, self._masked), self._masked, *_OPAQUE)
        self._data = masked.encode("utf-8", "replace")

    def _statements(self, node: Node) -> Iterator[Statement]:
        raise NotImplementedError

    def _masked(self, expression: str) -> str:
        """What stands in place of what the parser must not take apart."""
        mask = f"\ue000{len(self._expressions)}\ue001"
        self._expressions[mask] = expression.strip("".join(_OPAQUE))
        return mask

    def _text(self, node: Node) -> str:
        return self._unmasked((node.text or b"").decode("utf-8", "replace"))

    def _unmasked(self, text: str) -> str:
        return _MASK.sub(lambda match: self._expressions.get(match[0], match[0]), text)

    def _word(self, node: Node) -> Word:
        return Word(tuple(self._parts(node, quoted=False)))

    def _parts(self, node: Node, *, quoted: bool) -> Iterator[Part]:
        kind = node.type
        if kind == "string":
            yield Part("", quoted=True)
            yield from self._string(node)
        elif kind in ("concatenation", "array"):
            end = node.start_byte
            for child in node.named_children:
                if kind == "array" and child.start_byte > end > node.start_byte:
                    yield Part(" ")
                yield from self._parts(child, quoted=quoted)
                end = child.end_byte
        elif kind == "raw_string":
            yield Part(self._text(node)[1:-1], quoted=True)
        elif kind == "ansi_c_string":
            yield Part(self._text(node)[2:-1], quoted=True)
        elif kind in ("simple_expansion", "expansion"):
            yield self._variable(node, quoted=quoted)
        elif kind in ("command_substitution", "process_substitution"):
            yield Part(self._text(node), quoted=quoted, body=tuple(self._statements(node)))
        else:
            yield Part(_BACKSLASH.sub(lambda match: match[1].strip("\n"), self._text(node)), quoted=quoted)

    def _string(self, node: Node) -> Iterator[Part]:
        end = node.start_byte + 1
        for child in node.named_children:
            yield from self._between(end, child.start_byte)
            if child.type == "string_content":
                text = self._text(child)
                yield Part(_QUOTED_BACKSLASH.sub(lambda match: match[1].strip("\n"), text), quoted=True)
            else:
                yield from self._parts(child, quoted=True)
            end = child.end_byte
        yield from self._between(end, node.end_byte - 1)

    def _between(self, start: int, end: int) -> Iterator[Part]:
        """What the parser leaves out of a string: spaces and line breaks beside variables."""
        if start < end:
            yield Part(self._unmasked(self._data[start:end].decode("utf-8", "replace")), quoted=True)

    def _variable(self, node: Node, *, quoted: bool) -> Part:
        name = next((child for child in node.named_children if "variable_name" in child.type), None)
        operators = [child.type for child in node.children if not child.is_named and child.type not in ("$", "${", "}")]
        default: str | None = None
        if operators in ([":-"], ["-"], [":="], ["="]):
            default = "".join(
                part.text for child in node.named_children[1:] for part in self._parts(child, quoted=quoted)
            )
        plain = name is not None and (default is not None or not operators)
        return Part(self._text(node), self._text(name) if name is not None else "", default, plain, quoted)


def joined(word: Word, more: Word) -> Word:
    """One word of two that the parser has torn apart: of `$A:$1` it makes `$A:` and `1`."""
    text = more.text
    if not text[:1].isdigit():
        return Word((*word.parts, *more.parts))
    return Word((*word.parts, Part(f"${text[0]}", text[0]), Part(text[1:])))
