"""Kubernetes quantities as exact numbers (Kubernetes API conventions, resource.Quantity)."""

from __future__ import annotations

import re
from decimal import Decimal, DecimalException
from functools import lru_cache

from readycheck.model import Unjudged, Unresolved

_QUANTITY = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:([eE][+-]?[0-9]+)|([numkMGTPE]|[KMGTPE]i))?\Z")
_NUMBER_AND_WORD = re.compile(r"[+-]?[0-9][0-9.,]*\s*[A-Za-z]*\Z")
_SUFFIX = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    **{letter: Decimal(1000) ** power for power, letter in enumerate("kMGTPE", start=1)},
    **{f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", start=1)},
}


def quantity(value: object) -> Decimal:
    """The number that a quantity such as `250m`, `1.5Gi`, `1e9` or 2 stands for, in cores or bytes.

    Raises:
        Unjudged: the value is no quantity, or is not decided yet.
    """
    if isinstance(value, Unresolved):
        raise Unjudged(f"`{value!s}` {value.reason}")
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise Unjudged(f"`{value}` is no quantity")
    return _parse(str(value))


@lru_cache(maxsize=2048)
def _parse(text: str) -> Decimal:
    match = _QUANTITY.match(text.strip())
    if match is None:
        raise Unjudged(f"`{text}` is no quantity")
    number, exponent, suffix = match.groups()
    try:
        return Decimal(number + (exponent or "")) * _SUFFIX[suffix or ""]
    except DecimalException as error:
        raise Unjudged(f"`{text}` is larger or smaller than any quantity") from error


def misspelt(value: object) -> bool:
    """Whether a value is meant as a quantity and is none: a number with a unit that does not exist, such as `128MB`.

    A word alone may be a placeholder that something fills in before the manifest is applied.
    """
    if isinstance(value, Unresolved) or not isinstance(value, str):
        return False
    text = value.strip()
    return _QUANTITY.match(text) is None and _NUMBER_AND_WORD.match(text) is not None


def percentage(value: object) -> Decimal | None:
    """The share that `"51%"` stands for, 0.51; None where the value is no percentage."""
    if isinstance(value, Unresolved):
        raise Unjudged(f"`{value!s}` {value.reason}")
    if isinstance(value, str) and value.endswith("%") and value[:-1].isdigit():
        return Decimal(value[:-1]) / 100
    return None
