"""Dockerfiles and Containerfiles: stages of instructions with the place of each, parsed with tree-sitter-containerfile.

Each instruction is parsed by itself, so that one which the parser does not understand takes no other along. Where they
start and end, and what they mean, is from BuildKit's Dockerfile reference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from readycheck.documents.scalars import TEMPLATE_EXPRESSION
from readycheck.documents.text import LineCounter, line_of
from readycheck.documents.yaml import MOST_FAULTS, Document, Fault
from readycheck.model import Map, Seq, Unresolved

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_DIRECTIVE = re.compile(r"#[ \t]*(syntax|escape|check)[ \t]*=[ \t]*(\S+)[^\n]*(?:\n|\Z)", re.IGNORECASE)
_BACKTICK_AT_END = re.compile(r"`(?=[ \t]*(?:\n|\Z))")
_BACKSLASH_AT_END = re.compile(r"\\(?=[ \t]*(?:\n|\Z))")
# No possessive group here, nor in other expressions: Python's were wrong before 3.11.5.
_NO_INSTRUCTION = r"(?:[ \t]*+(?:#[^\n]*+)?\n)*(?:[ \t]*#[^\n]*\Z)?"
_IGNORED = re.compile(rf"{_NO_INSTRUCTION}[ \t]*")
_LINE = r"(?:[^\n\\]++|\\(?![ \t]*(?:\n|\Z)))*"
# Lines of comments, and empty ones, within an instruction are no part of it.
_GAP = rf"\\[ \t]*(?:\n|\Z){_NO_INSTRUCTION}"
_CONTINUED = re.compile(_GAP)
_INSTRUCTION = re.compile(rf"{_LINE}(?:{_GAP}{_LINE})*(?:\n|\Z)")
_KEYWORD = re.compile(r"\s*([A-Za-z]+)(?:\s+|\Z)")
_TABS = r"\t*"
_HEREDOC = re.compile(r"(?<!\S)\d*<<(-?)(?:'([^'\s]+)'|\"([^\"\s]+)\"|([A-Za-z_][\w.-]*))(?!\S)")
_FLAG = re.compile(r"--([a-z-]+)(?:=(\S*))?\s+")
_WRITTEN_PAIR = re.compile(r"""([^\s=]+)(?:=("(?:[^"\\]|\\.)*"|'[^']*'|\S*))?""")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_WITH_HEREDOCS = frozenset({"RUN", "COPY", "ADD", "ONBUILD"})
_WITH_PAIRS = frozenset({"ARG", "ENV", "LABEL"})
_WITH_COMMANDS = frozenset({"RUN", "CMD", "ENTRYPOINT", "SHELL", "HEALTHCHECK"})
_KEYWORDS = frozenset(
    {*_WITH_HEREDOCS, *_WITH_PAIRS, *_WITH_COMMANDS}
    | {"EXPOSE", "FROM", "MAINTAINER", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"}
)
_PASSED_OVER = frozenset({"comment", "line_continuation", "heredoc_block"})
_TEMPLATE = re.compile(r"\{\{|\}\}|\{%|<%")
_MOST_INSTRUCTIONS = 10_000
_LONGEST_INSTRUCTION = 500_000

_Field: TypeAlias = tuple[str, Any, int]


def parse_dockerfile(text: str) -> tuple[list[Document], list[Fault]]:
    """Read a Dockerfile: one document, none where no instruction stands.

    The body has `syntax` and `escape` where directives give them, `arguments` (those before the first stage) and
    `stages`. A stage has `from`, perhaps `platform` and `name`, and `instructions`; each of these its `instruction` in
    capitals and, as far as it has them, `flags`, `pairs` (ARG, ENV, LABEL), `words`, `shell` (a command for a shell) or
    `command` (its exec form), and `heredocs`. What is no instruction is a fault, and the rest is read; nothing is of a
    template whose expressions stand in place of instructions.

    Args:
        text: the text, as read_text gives it.
    """
    return _Reading(text).run()


class _Reading:
    """One pass over the instructions of a Dockerfile."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._directives = dict(_directives(text))
        # What is put in another's place has the same length, so that offsets hold.
        plain = text.replace("\r\n", " \n")
        if self._directives.get("escape") == "`":
            plain = _BACKTICK_AT_END.sub("\\\\", _BACKSLASH_AT_END.sub("/", plain))
        self._plain = plain
        self._data, self._ascii = b"", True
        self._base = 0
        self._known = 0, 0
        self._lines = LineCounter(text)
        self._faults: list[Fault] = []
        self._template: int | None = None
        self._arguments, self._stages = Seq(), Seq()
        self._arguments.marks, self._stages.marks = [], []

    def run(self) -> tuple[list[Document], list[Fault]]:
        if "\0" in self._text:
            return [], [Fault(1, "holds NUL characters: it is no text, or one in UTF-16 without its mark")]
        for count, (start, end, broken) in enumerate(self._instructions()):
            if count == _MOST_INSTRUCTIONS:
                self._fault(start, f"is not read from here on, behind {count} instructions")
                break
            if broken:
                self._fault(start, broken)
            self._take(start, self._plain[start:end])
        if self._template is not None:
            reason = "is a template of a Dockerfile that was not rendered"
            return [], [Fault(line_of(self._text, self._template), reason)]
        fields: list[_Field] = [(name, value, 0) for name, value in self._directives.items()]
        if self._arguments:
            fields.append(("arguments", self._arguments, self._arguments.marks[0]))
        if self._stages:
            fields.append(("stages", self._stages, self._stages.marks[0]))
        if not self._arguments and not self._stages:
            return [], self._faults
        offset = min(mark for _, value, mark in fields if isinstance(value, Seq))
        return [Document(_map(fields), offset, line_of(self._text, offset))], self._faults

    def _instructions(self) -> Iterator[tuple[int, int, str]]:
        """Where each instruction starts and ends, its heredocs included, and what is wrong with its end."""
        text, end = self._plain, 0
        while True:
            start = _end_of(_IGNORED, text, end)
            if start >= len(text):
                return
            end = _end_of(_INSTRUCTION, text, start)
            broken = ""
            keyword = _KEYWORD.match(text, start, end)
            if keyword and keyword[1].upper() in _WITH_HEREDOCS and text.find("<<", start, end) >= 0:
                for tabs, *names in _HEREDOC.findall(text, start, end):
                    name = next(filter(None, names))
                    closing = re.compile(rf"\n{_TABS if tabs else ''}{re.escape(name)} ?(?:\n|\Z)")
                    found = closing.search(text, end - 1) if len(self._faults) < MOST_FAULTS else None
                    if found is None:
                        broken = f"starts a heredoc that no line `{name}` ends"
                        break
                    end = found.end()
            yield start, end, broken

    def _take(self, start: int, text: str) -> None:
        """Read one instruction.

        Args:
            start: where it starts.
            text: all of it.
        """
        keyword = _KEYWORD.match(text)
        name = keyword[1].upper() if keyword else ""
        if name not in _KEYWORDS:
            if self._template is None and _TEMPLATE.search(text):
                self._template = start
            self._fault(start, f"`{text.strip().partition(' ')[0]}` is no instruction of a Dockerfile")
            return
        if keyword is None or keyword.end() == len(text):
            self._fault(start, f"{name} stands without what it is about")
            return
        if len(text) > _LONGEST_INSTRUCTION:
            self._fault(start, f"is longer than {_LONGEST_INSTRUCTION} characters, the most of one instruction")
            return
        self._base, self._data, self._known = start, text.encode("utf-8", "surrogatepass"), (0, 0)
        self._ascii = text.isascii()
        nodes = [node for node in _parser().parse(self._data).root_node.named_children if node.type != "comment"]
        understood = len(nodes) == 1 and nodes[0].type.endswith("_instruction") and not nodes[0].has_error
        if name == "FROM":
            self._stages.append(self._stage(nodes[0]) if understood else self._plain_stage(start, text))
            self._stages.marks.append(start)
            return
        instruction = self._instruction(nodes[0]) if understood else _map([*_plainly(start, name, text)])
        if self._stages:
            instructions = self._stages[-1]["instructions"]
            instructions.append(instruction)
            instructions.marks.append(start)
        elif name == "ARG":
            self._arguments.append(instruction)
            self._arguments.marks.append(start)
        else:
            self._fault(start, f"{name} stands before the first FROM")

    def _stage(self, node: Node) -> Map:
        fields: list[_Field] = []
        for child in node.named_children:
            if child.type == "image_spec":
                fields.insert(0, ("from", _image(self._of(child)), self._offset(child)))
            elif child.type == "image_alias":
                fields.append(("name", self._of(child), self._offset(child)))
            elif child.type == "param":
                name, value = self._flag(child)
                fields.append((name, value, self._offset(child)))
        instructions = Seq()
        instructions.marks = []
        return _map([*fields, ("instructions", instructions, self._offset(node))])

    def _plain_stage(self, start: int, text: str) -> Map:
        """A FROM that the parser does not understand, taken by its words."""
        flags, rest = _plain_flags(_KEYWORD.sub("", _CONTINUED.sub("", text), count=1))
        words = rest.split()
        fields: list[_Field] = [("from", _image(rest.strip() if "{{" in rest else words[0] if words else ""), start)]
        if "{{" not in rest and [word.lower() for word in words[1:2]] == ["as"]:
            fields += [("name", word, start) for word in words[2:3]]
        instructions = Seq()
        instructions.marks = []
        return _map([*fields, *((name, value, start) for name, value in flags), ("instructions", instructions, start)])

    def _instruction(self, node: Node) -> Map:
        keyword = self._word(node).upper()
        fields: list[_Field] = [("instruction", keyword, self._offset(node))]
        flags: list[_Field] = []
        pairs: list[_Field] = []
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
            elif child.type.endswith("_instruction") and child.type != node.type:
                # HEALTHCHECK CMD, ONBUILD RUN: what they wrap.
                fields += [field for field in self._fields(child) if field[0] != "instruction"]
            elif child.type not in _PASSED_OVER and keyword not in _WITH_PAIRS:
                words.append((self._of(child), offset))
        if node.type == "user_instruction" and words:
            words = [(_unquoted(self._rest(node)), words[0][1])]
        fields += _collected("flags", flags) + _collected("pairs", pairs)
        fields += _listed("words", words) + _listed("heredocs", heredocs)
        return _map(fields)

    def _fields(self, node: Node) -> Iterator[_Field]:
        made = self._instruction(node)
        return zip(made.keys(), made.values(), made.marks, strict=True)

    def _flag(self, node: Node) -> tuple[str, str]:
        name, _, value = self._of(node).removeprefix("--").partition("=")
        return name.lower(), value

    def _pair(self, node: Node) -> _Field:
        parts = [child for child in node.named_children if child.type not in _PASSED_OVER]
        name = self._of(parts[0])
        value = self._string(parts[1]) if len(parts) > 1 else None
        if value is None and any(child.type == "=" for child in node.children):
            value = ""
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
        return _CONTINUED.sub("", text) if "\\" in text else text

    def _word(self, node: Node) -> str:
        keyword = _KEYWORD.match(self._of(node))
        return keyword[1] if keyword else self._of(node).split(maxsplit=1)[0]

    def _rest(self, node: Node) -> str:
        """An instruction's text behind its keyword."""
        return _KEYWORD.sub("", self._of(node), count=1).strip()

    def _offset(self, node: Node) -> int:
        """Where a node starts in the text; nodes are mostly asked for in their order."""
        byte = node.start_byte
        if self._ascii:
            return self._base + byte
        known, characters = self._known if self._known[0] <= byte else (0, 0)
        characters += len(self._data[known:byte].decode("utf-8", "surrogatepass"))
        self._known = byte, characters
        return self._base + characters

    def _fault(self, offset: int, reason: str) -> None:
        if len(self._faults) < MOST_FAULTS:
            self._faults.append(Fault(self._lines.line(offset), reason))


def _plainly(start: int, name: str, text: str) -> Iterator[_Field]:
    """The fields of an instruction that the parser does not understand, taken by its words."""
    yield "instruction", name, start
    end = _end_of(_INSTRUCTION, text, 0)
    flags, rest = _plain_flags(_KEYWORD.sub("", _CONTINUED.sub("", text[:end]), count=1))
    yield from _collected("flags", [(flag, value, start) for flag, value in flags])
    if name in _WITH_PAIRS:
        pairs = [(key, value.strip("\"'") if value else None, start) for key, value in _WRITTEN_PAIR.findall(rest)]
        yield from _collected("pairs", pairs)
    elif name in _WITH_COMMANDS:
        yield "shell", rest.strip(), start
    else:
        yield from _listed("words", [(_unquoted(word), start) for word in rest.split()])
    if end < len(text):
        yield from _listed("heredocs", [(text[end:].rstrip("\n").rpartition("\n")[0], start)])


def _plain_flags(text: str) -> tuple[list[tuple[str, str]], str]:
    """The flags that a text begins with, and the rest."""
    flags = []
    while found := _FLAG.match(text):
        flags.append((found[1], found[2] or ""))
        text = text[found.end() :]
    return flags, text


def _end_of(pattern: re.Pattern[str], text: str, start: int) -> int:
    """Where a match that starts at an offset ends."""
    found = pattern.match(text, start)
    return found.end() if found else start


def _directives(text: str) -> Iterator[tuple[str, str]]:
    """The parser directives: comments of a form, which count only above everything else."""
    start = 0
    while found := _DIRECTIVE.match(text, start):
        yield found[1].lower(), found[2]
        start = found.end()


def _image(text: str) -> str:
    return Unresolved(text, TEMPLATE_EXPRESSION) if "{{" in text else _unquoted(text)


def _unquoted(text: str) -> str:
    quote = text[:1]
    return text[1:-1] if quote in ("'", '"') and len(text) > 1 and text.endswith(quote) else text


def _decoded(text: str) -> str:
    try:
        return str(json.loads(text))
    except ValueError:
        return text.strip("\"'")


def _collected(name: str, entries: list[_Field]) -> list[_Field]:
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


def _listed(name: str, entries: list[tuple[str, int]]) -> list[_Field]:
    if not entries:
        return []
    found = Seq(text for text, _ in entries)
    found.marks = [mark for _, mark in entries]
    return [(name, found, entries[0][1])]


def _map(fields: list[_Field]) -> Map:
    made: dict[str, tuple[Any, int]] = {name: (value, mark) for name, value, mark in fields}
    node = Map((name, value) for name, (value, _) in made.items())
    node.marks = [mark for _, mark in made.values()]
    return node


@cache
def _parser() -> Parser:
    import tree_sitter  # noqa: PLC0415 - only where a Dockerfile is read
    import tree_sitter_containerfile  # noqa: PLC0415 - same

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_containerfile.language()))
