"""Makefiles: rules, variables and includes, with the place of each recipe line.

Read line by line, as make does: what a line is depends on its first character and on what stood before it, which
grammars get wrong in the Makefiles of large projects (GNU make manual: How Makefiles Are Parsed). What stands in
conditional parts (`ifeq`) is in the body too, marked as such: whether it holds is known only when make runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from readycheck.documents.yaml import Document, Fault
from readycheck.model import Map, Seq

_LONGEST = 2_000_000
_LINE = re.compile(r"[^\n]*(?:\n|\Z)")
_CONTINUED = re.compile(r"(?<!\\)(?:\\\\)*\\\Z")
_COMMENT = re.compile(r"(?<!\\)#.*", re.DOTALL)
_CONDITION = re.compile(r"(?:ifeq|ifneq|ifdef|ifndef)\b")
_INCLUDE = re.compile(r"[-s]?include\s+(?P<names>.*)", re.DOTALL)
_DEFINE = re.compile(r"(?:override\s+|export\s+)*define\s+(?P<name>\S+)\s*(?P<operator>[:?+!]*=)?\s*\Z")
_PREFIX = re.compile(r"(?:(?:export|override|private)\s+)+")
_ASSIGNMENT = re.compile(r"(?::{1,3}|[?+!])?=")
_OF_TARGET = re.compile(
    r"\s*(?:(?:export|override|private)\s+)*(?P<name>[\w.-]+)\s*(?P<operator>(?::{1,3}|[?+!])?=)(?P<value>.*)",
    re.DOTALL,
)


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
    return [Document(_Reading(text).run(), 0, 1)], []


class _Reading:
    """One pass over the lines of a Makefile."""

    def __init__(self, text: str) -> None:
        self._lines = [(match.start(), match[0].rstrip("\r\n")) for match in _LINE.finditer(text)]
        self._next = 0
        self._rules = _seq()
        self._variables = _seq()
        self._includes = _seq()
        self._recipe: Seq | None = None
        """The recipe that lines with a tab belong to; None where they are lines like others."""
        self._conditions = 0

    def run(self) -> Map:
        while self._next < len(self._lines):
            start, line = self._lines[self._next]
            if self._recipe is not None and line.startswith("\t"):
                _add(self._recipe, self._logical("\n")[1:], start + 1)
            else:
                written = _COMMENT.sub("", self._logical(" ")).strip()
                if written:
                    self._read(written, start)
        parts = {"rules": self._rules, "variables": self._variables, "includes": self._includes}
        return _map(parts, [part.marks[0] if part.marks else 0 for part in parts.values()])

    def _logical(self, joint: str) -> str:
        """The next line with those that continue it; the backslashes stay where the joint is a line break."""
        parts: list[str] = []
        while self._next < len(self._lines):
            line = self._lines[self._next][1]
            self._next += 1
            if not _CONTINUED.search(line):
                parts.append(line)
                break
            parts.append(line if joint == "\n" else line[:-1])
        return joint.join(parts)

    def _read(self, line: str, start: int) -> None:
        if _CONDITION.match(line):
            self._conditions += 1
        elif line.startswith("endif"):
            self._conditions -= 1
        elif not re.match(r"else\b", line):
            self._recipe = None
            self._statement(line, start)

    def _statement(self, line: str, start: int) -> None:
        define = _DEFINE.match(line)
        if include := _INCLUDE.match(line):
            for name in _words(include["names"]):
                _add(self._includes, name, start)
        elif define:
            self._assign(define["name"], define["operator"] or "=", self._defined(), start)
        else:
            line = _PREFIX.sub("", line, count=1) if _PREFIX.match(line) else line
            split = _split(line)
            if split is None:
                return
            before, mark, behind = split
            if mark == ":":
                self._rule(before, behind, start)
            else:
                self._assign(before.strip(), mark, behind.lstrip(), start)

    def _defined(self) -> str:
        """The lines up to `endef`."""
        lines: list[str] = []
        while self._next < len(self._lines):
            line = self._lines[self._next][1]
            self._next += 1
            if line.strip().startswith("endef"):
                break
            lines.append(line)
        return "\n".join(lines)

    def _assign(self, name: str, operator: str, value: str, start: int, targets: Seq | None = None) -> None:
        variable: dict[str, Any] = {"name": name, "operator": operator, "value": value}
        if targets is not None:
            variable["targets"] = targets
        if self._conditions > 0:
            variable["conditional"] = True
        _add(self._variables, _map(variable, [start] * len(variable)), start)

    def _rule(self, before: str, behind: str, start: int) -> None:
        targets = _named(_words(before.rstrip("&")), start)
        behind = behind.lstrip(":")
        own = _OF_TARGET.match(behind)
        if own:
            self._assign(own["name"], own["operator"], own["value"].strip(), start, targets)
            return
        needs, semicolon, inline = behind.partition(";")
        # In a static pattern rule, the pattern stands between two colons.
        pattern = _split(needs)
        needs = pattern[2] if pattern is not None and pattern[1] == ":" else needs
        self._recipe = _seq()
        if semicolon and inline.strip():
            _add(self._recipe, inline.strip(), start)
        rule = {
            "targets": targets,
            "prerequisites": _named((word for word in _words(needs) if word != "|"), start),
            "recipe": self._recipe,
        }
        _add(self._rules, _map(rule, [start] * len(rule)), start)


def _split(line: str) -> tuple[str, str, str] | None:
    """A line at its first `:` or `=` that stands in no `$( )`: what is before, the mark, what is behind."""
    depth = 0
    for index, character in enumerate(line):
        if character in "({":
            depth += 1
        elif character in ")}":
            depth -= 1
        elif depth <= 0 and character in ":=?+!":
            assignment = _ASSIGNMENT.match(line, index)
            if assignment:
                return line[:index], assignment[0], line[assignment.end() :]
            if character == ":":
                return line[:index], ":", line[index + 1 :]
    return None


def _words(text: str) -> Iterator[str]:
    """Words parted at spaces, those inside of `$( )` not taken apart."""
    word: list[str] = []
    depth = 0
    for character in text:
        depth += (character in "({") - (character in ")}")
        if character.isspace() and depth <= 0:
            if word:
                yield "".join(word)
            word = []
        else:
            word.append(character)
    if word:
        yield "".join(word)


def _named(words: Iterator[str], start: int) -> Seq:
    names = _seq()
    for word in words:
        _add(names, word, start)
    return names


def _add(sequence: Seq, item: object, mark: int) -> None:
    sequence.append(item)
    sequence.marks.append(mark)


def _seq() -> Seq:
    sequence = Seq()
    sequence.marks = []
    return sequence


def _map(entries: dict[str, Any], marks: list[int]) -> Map:
    mapping = Map(entries)
    mapping.marks = marks
    return mapping
