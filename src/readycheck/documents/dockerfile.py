"""Dockerfiles and Containerfiles: stages of instructions with the place of each, parsed with tree-sitter-containerfile.

What the instructions mean is from BuildKit's Dockerfile reference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from readycheck.documents.text import line_of
from readycheck.documents.yaml import MOST_FAULTS, Document, Fault
from readycheck.model import Map, Seq

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_DIRECTIVE = re.compile(r"#[ \t]*(syntax|escape|check)[ \t]*=[ \t]*(\S+)[^\n]*(?:\n|\Z)", re.IGNORECASE)
_BACKTICK_AT_END = re.compile(r"`(?=[ \t]*\r?\n)")
_KEYWORD = re.compile(r"\s*([A-Za-z]+)\s*")
_CONTINUATION = re.compile(r"\\[ \t]*\r?\n(?:[ \t]*#[^\n]*\n)*")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PAIRS = frozenset({"arg_instruction", "env_instruction", "label_instruction"})
_PASSED_OVER = frozenset({"comment", "line_continuation", "heredoc_block"})


def parse_dockerfile(text: str) -> tuple[list[Document], list[Fault]]:
    """Read a Dockerfile: one document, none where no instruction stands.

    The body has `syntax` and `escape` where directives give them, `arguments` (those before the first stage) and
    `stages`. A stage has `from`, perhaps `platform` and `name`, and `instructions`; each of these its `instruction` in
    capitals and, as far as it has them, `flags`, `pairs` (ARG, ENV, LABEL), `words`, `shell` (a command for a shell) or
    `command` (its exec form), and `heredocs`. What is no instruction is a fault, and the rest is read.

    Args:
        text: the text, as read_text gives it.
    """
    return _Reading(text).run()


class _Reading:
    """One pass over the tree of a Dockerfile."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._directives = dict(_directives(text))
        # What is put in another's place has the same length, so that offsets hold.
        plain = text.replace("\r\n", " \n")
        if self._directives.get("escape") == "`":
            plain = _BACKTICK_AT_END.sub("\\\\", plain)
        self._data = plain.encode("utf-8", "surrogatepass")
        self._ascii = len(self._data) == len(text)
        self._faults: list[Fault] = []
        self._arguments, self._stages = Seq(), Seq()
        self._arguments.marks, self._stages.marks = [], []

    def run(self) -> tuple[list[Document], list[Fault]]:
        for node in _parser().parse(self._data).root_node.named_children:
            if node.type.endswith("_instruction"):
                self._take(node)
            elif node.is_error:
                self._fault(node, f"`{self._word(node)}` is no instruction of a Dockerfile, or is not written like one")
        fields: list[tuple[str, Any, int]] = [(name, value, 0) for name, value in self._directives.items()]
        if self._arguments:
            fields.append(("arguments", self._arguments, self._arguments.marks[0]))
        if self._stages:
            fields.append(("stages", self._stages, self._stages.marks[0]))
        if not self._arguments and not self._stages:
            return [], self._faults
        offset = min(mark for _, value, mark in fields if isinstance(value, Seq))
        return [Document(_map(fields), offset, line_of(self._text, offset))], self._faults

    def _take(self, node: Node) -> None:
        offset = self._offset(node)
        if node.type == "from_instruction":
            self._stages.append(self._stage(node))
            self._stages.marks.append(offset)
        elif self._stages:
            instructions = self._stages[-1]["instructions"]
            instructions.append(self._instruction(node))
            instructions.marks.append(offset)
        elif node.type == "arg_instruction":
            self._arguments.append(self._instruction(node))
            self._arguments.marks.append(offset)
        else:
            self._fault(node, f"{self._word(node)} stands before the first FROM")

    def _stage(self, node: Node) -> Map:
        fields: list[tuple[str, Any, int]] = []
        for child in node.named_children:
            if child.type == "image_spec":
                fields.insert(0, ("from", self._of(child), self._offset(child)))
            elif child.type == "image_alias":
                fields.append(("name", self._of(child), self._offset(child)))
            elif child.type == "param":
                name, value = self._flag(child)
                fields.append((name, value, self._offset(child)))
        if not fields or fields[0][0] != "from":
            # `FROM ${BASE}:x` and the like: the words that are no flags.
            words = [word for word in self._rest(node).split() if not word.startswith("--")]
            fields.insert(0, ("from", words[0] if words else "", self._offset(node)))
        instructions = Seq()
        instructions.marks = []
        return _map([*fields, ("instructions", instructions, self._offset(node))])

    def _instruction(self, node: Node) -> Map:
        keyword = self._word(node).upper()
        fields: list[tuple[str, Any, int]] = [("instruction", keyword, self._offset(node))]
        flags: list[tuple[str, Any, int]] = []
        pairs: list[tuple[str, Any, int]] = []
        words: list[tuple[str, int]] = []
        heredocs: list[tuple[str, int]] = []
        for child in node.named_children:
            offset = self._offset(child)
            if child.type in ("param", "mount_param"):
                name, value = self._flag(child)
                flags.append((name, value, offset))
            elif child.type.endswith("_pair"):
                pairs.append(self._pair(child))
            elif child.type == "heredoc_block":
                content = next((part for part in child.named_children if part.type == "heredoc_content"), None)
                heredocs.append((self._of(content) if content is not None else "", offset))
            elif child.type == "shell_command":
                fields.append(("shell", self._of(child), offset))
            elif child.type in ("json_string_array", "string_array"):
                fields.append(("command", self._array(child), offset))
            elif child.type.endswith("_instruction"):
                # HEALTHCHECK CMD, ONBUILD RUN: what they wrap.
                fields += [field for field in self._fields(child) if field[0] != "instruction"]
            elif child.type not in _PASSED_OVER and node.type not in _PAIRS:
                words.append((self._of(child), offset))
        if node.type == "user_instruction" and words:
            words = [(self._rest(node), words[0][1])]
        fields += _collected("flags", flags) + _collected("pairs", pairs)
        fields += _listed("words", words) + _listed("heredocs", heredocs)
        return _map(fields)

    def _fields(self, node: Node) -> Iterator[tuple[str, Any, int]]:
        made = self._instruction(node)
        return zip(made.keys(), made.values(), made.marks, strict=True)

    def _flag(self, node: Node) -> tuple[str, str]:
        name, _, value = self._of(node).removeprefix("--").partition("=")
        return name.lower(), value

    def _pair(self, node: Node) -> tuple[str, Any, int]:
        parts = [child for child in node.named_children if child.type not in _PASSED_OVER]
        name = self._of(parts[0])
        value = self._string(parts[1]) if len(parts) > 1 else None
        return name, value, self._offset(node)

    def _string(self, node: Node) -> str:
        text = self._of(node)
        if node.type == "single_quoted_string":
            return text[1:-1]
        if node.type == "double_quoted_string":
            return _ESCAPED.sub(r"\1", text[1:-1])
        return text

    def _array(self, node: Node) -> Seq:
        items = [child for child in node.named_children if child.type not in _PASSED_OVER]
        words = Seq(_decoded(self._of(item)) for item in items)
        words.marks = [self._offset(item) for item in items]
        return words

    # Text ------------------------------------------------------------------------------------------------------

    def _of(self, node: Node) -> str:
        """What stands there, with continued lines joined."""
        text = self._data[node.start_byte : node.end_byte].decode("utf-8", "surrogatepass").rstrip("\n")
        return _CONTINUATION.sub(" ", text) if "\\" in text else text

    def _word(self, node: Node) -> str:
        keyword = _KEYWORD.match(self._of(node))
        return keyword[1] if keyword else self._of(node).split(maxsplit=1)[0]

    def _rest(self, node: Node) -> str:
        """An instruction's text behind its keyword."""
        return _KEYWORD.sub("", self._of(node), count=1).strip()

    def _offset(self, node: Node) -> int:
        if self._ascii:
            return node.start_byte
        return len(self._data[: node.start_byte].decode("utf-8", "surrogatepass"))

    def _fault(self, node: Node, reason: str) -> None:
        if len(self._faults) < MOST_FAULTS:
            self._faults.append(Fault(line_of(self._text, self._offset(node)), reason))


def _directives(text: str) -> Iterator[tuple[str, str]]:
    """The parser directives: comments of a form, which count only above everything else."""
    start = 0
    while found := _DIRECTIVE.match(text, start):
        yield found[1].lower(), found[2]
        start = found.end()


def _decoded(text: str) -> str:
    try:
        return str(json.loads(text))
    except ValueError:
        return text.strip("\"'")


def _collected(name: str, entries: list[tuple[str, Any, int]]) -> list[tuple[str, Any, int]]:
    """A mapping of entries, as a field; several flags of one name are a list."""
    if not entries:
        return []
    merged: dict[str, tuple[Any, int]] = {}
    for key, value, mark in entries:
        if key in merged and name == "flags":
            earlier, first = merged[key]
            several = Seq([*(earlier if isinstance(earlier, Seq) else [earlier]), value])
            several.marks = [first] * len(several)
            merged[key] = several, first
        else:
            merged[key] = value, mark
    return [(name, _map([(key, value, mark) for key, (value, mark) in merged.items()]), entries[0][2])]


def _listed(name: str, entries: list[tuple[str, int]]) -> list[tuple[str, Any, int]]:
    if not entries:
        return []
    found = Seq(text for text, _ in entries)
    found.marks = [mark for _, mark in entries]
    return [(name, found, entries[0][1])]


def _map(fields: list[tuple[str, Any, int]]) -> Map:
    made: dict[str, tuple[Any, int]] = {name: (value, mark) for name, value, mark in fields}
    node = Map((name, value) for name, (value, _) in made.items())
    node.marks = [mark for _, mark in made.values()]
    return node


@cache
def _parser() -> Parser:
    import tree_sitter  # noqa: PLC0415 - only where a Dockerfile is read
    import tree_sitter_containerfile  # noqa: PLC0415 - same

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_containerfile.language()))
