"""Where expressions stand in a text."""

from __future__ import annotations

from collections.abc import Callable, Iterator


def spans(text: str, opening: str = "${{", closing: str = "}}") -> Iterator[tuple[int, int]]:
    """Where expressions start and end, in time that grows with the text alone.

    Args:
        text: the text.
        opening: what they start with.
        closing: what they end with.
    """
    end = 0
    while (start := text.find(opening, end)) >= 0:
        closed = text.find(closing, start + len(opening))
        if closed < 0:
            return
        end = closed + len(closing)
        yield start, end


def replaced(text: str, value: Callable[[str], str], opening: str = "${{", closing: str = "}}") -> str:
    """A text with each expression replaced.

    Args:
        text: the text.
        value: gives what stands in an expression's place, from the expression with what it starts and ends with.
        opening: what expressions start with.
        closing: what they end with.
    """
    parts: list[str] = []
    end = 0
    for start, stop in spans(text, opening, closing):
        parts += text[end:start], value(text[start:stop])
        end = stop
    return "".join([*parts, text[end:]])
