"""Text of others as a page may show it: what cannot be seen is made visible, and nothing turns the page around."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import orjson

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")

# Unicode's pictures of the control characters; and its marks that reorder text, which could make one name look like
# another one, by their numbers.
_VISIBLE = {
    **{code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\n\t"},
    0x7F: "\u2421",
    **{code: f"\\x{code:02x}" for code in range(0x80, 0xA0)},
    **{
        code: f"\\u{code:04x}"
        for code in (0x061C, 0x200B, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2060, 0x206A), 0xFEFF)
    },
}


def visible(text: str) -> str:
    """A text with a visible sign for each character that shows nothing or that reorders others."""
    # Nearly all text is plain.
    return text if text.isascii() and text.isprintable() else text.translate(_VISIBLE)


def shown(value: Any) -> str:
    """A value that was seen, as text: strings as they are, all else as JSON."""
    return visible(value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode())


def first_sentence(text: str) -> str:
    """The first sentence of a text, without the marks of code."""
    return visible(_SENTENCE.split(" ".join(text.split()), maxsplit=1)[0].replace("`", ""))


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 finding`, `1,200 findings`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def day(moment: str) -> str:
    """The day of an RFC 3339 time: `23 Nov 2026`."""
    at = datetime.fromisoformat(moment).astimezone(UTC)
    return f"{at.day} {at:%b %Y}"


def minute(moment: str) -> str:
    """The minute of an RFC 3339 time: `23 Nov, 07:00 UTC`."""
    at = datetime.fromisoformat(moment).astimezone(UTC)
    return f"{at.day} {at:%b}, {at:%H:%M} UTC"


def span(seconds: float) -> str:
    """A duration: `0.4 s`, `12 s`, `3 min 5 s`."""
    if seconds < 10:  # noqa: PLR2004 - below, tenths matter
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
