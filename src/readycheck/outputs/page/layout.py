"""Lines of styled words, fitted to a width, with nothing in them that a terminal would obey."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TypeAlias

from msgspec import Struct

from readycheck.model import Location, Resource, Severity
from readycheck.report import container_name

Words: TypeAlias = tuple[str, str]
"""A piece of a line and the name of its style; "" for none."""

Line: TypeAlias = tuple[Words, ...]

_ICONS = {
    Severity.CRITICAL: ("✖", "!!"),
    Severity.HIGH: ("✖", "!"),
    Severity.MEDIUM: ("▲", "^"),
    Severity.LOW: ("●", "*"),
    Severity.INFO: ("·", "-"),
}
_LEAST_PROSE = 20


class Layout(Struct, frozen=True):
    """How wide a page is, and whether it can be drawn with more than ASCII."""

    width: int
    unicode: bool = True

    @property
    def bar(self) -> str:
        """What stands between the number of a line and its text."""
        return "│" if self.unicode else "|"

    def severity(self, severity: Severity) -> Words:
        """A severity as a sign and a word, as wide for each: colour alone says nothing to many."""
        return f"{_ICONS[severity][not self.unicode]:2}{severity.value:8} ", severity.value

    def heading(self, text: str) -> Iterator[Line]:
        """A heading with room above it."""
        yield ()
        yield ((text, "heading"),)

    def paragraph(
        self, text: str, style: str = "", *, indent: int = 2, hang: int = 0, head: Line = ()
    ) -> Iterator[Line]:
        """Prose, wrapped.

        Args:
            text: what is said.
            style: how.
            indent: where each line begins.
            hang: how much further the lines after the first begin.
            head: what stands before the first line, in place of its indentation.
        """
        # A path or a field is left whole, to be copied: the terminal itself breaks what is wider.
        lines = textwrap.wrap(
            printable(text),
            max(self.width - indent, _LEAST_PROSE),
            subsequent_indent=" " * hang,
            break_on_hyphens=False,
            break_long_words=False,
        ) or [""]
        taken = sum(len(words) for words, _ in head)
        yield (*head, (" " * (indent - taken), ""), (lines[0], style))
        for line in lines[1:]:
            yield ((" " * indent, ""), (line, style))

    def fits(self, line: Line) -> bool:
        """Whether a line is no wider than the page."""
        return sum(len(words) for words, _ in line) <= self.width

    def side_by_side(self, left: Line, right: Words, *, indent: int) -> Iterator[Line]:
        """Two things in one line where they fit, below each other where they don't; neither is ever cut."""
        together = (*left, ("  ", ""), right)
        if self.fits(together):
            yield together
        else:
            yield left
            yield ((" " * indent, ""), right)

    def cut(self, text: str, room: int) -> str:
        """Text that is shown as far as there is room."""
        ellipsis = "…" if self.unicode else "..."
        return text if len(text) <= room else text[: max(room - len(ellipsis), 0)] + ellipsis


def printable(text: str) -> str:
    """Text of the scanned tree with control characters, line breaks and invisible signs shown by their escapes."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )


def thing(resource: Resource, *, container: bool = False) -> str:
    """What names a thing: its namespace, kind and name, and its container where that is wanted and judged."""
    root = resource.root
    if root.kind == "Environment":
        return f"environment {root.name}".strip()
    # An address of Terraform's says the kind already.
    named = root.name if f"{root.kind}." in root.name else f"{root.kind}/{root.name or '(not named)'}"
    name = f"{root.scope}/{named}" if root.scope else named
    part = container_name(resource) if container else None
    return printable(f"{name} {part}" if part is not None else name)


def place(location: Location) -> str:
    """`file:line`, as editors and terminals take it."""
    return printable(f"{location.uri}:{location.line}" if location.line else location.uri)


def plural(number: int, noun: str) -> str:
    """`1 rule`, `2 rules`."""
    return f"{number} {noun}" + ("" if number == 1 else "s")
