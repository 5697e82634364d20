"""What a YAML scalar means to Kubernetes.

Kubernetes reads manifests with sigs.k8s.io/yaml, whose resolution of plain scalars is that of go-yaml v2: YAML 1.1
with exceptions. Timestamps and base-60 numbers stay the text they are, and `0o17` is a number.
"""

from __future__ import annotations

import math
import re
from typing import Any

from readycheck.model import Unresolved

_WORDS: dict[str, Any] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
_BASED = re.compile(r"([-+]?)0(?:[xX]([0-9a-fA-F]+)|[bB]([01]+)|[oO]?([0-7]+))\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_LONGEST_INTEGER = 20
"""Digits and sign of the longest decimal that Go reads as an integer; longer ones become floats."""

_TAG = "tag:yaml.org,2002:"
_RESOLVED_TAGS = frozenset(_TAG + name for name in ("bool", "int", "null", "timestamp"))


def resolve(text: str) -> Any:
    """The value of a plain scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    digits = text if text[0] == "." else text.replace("_", "")
    if len(digits) <= _LONGEST_INTEGER and _DECIMAL.match(digits):
        return int(digits)
    if based := _BASED.match(digits):
        sign, hexadecimal, binary, octal = based.groups()
        magnitude = int(hexadecimal, 16) if hexadecimal else int(binary, 2) if binary else int(octal, 8)
        return -magnitude if sign == "-" else magnitude
    if _FLOAT.match(digits) and not math.isinf(number := float(digits)):
        return number
    return text


def resolve_tagged(tag: str, text: str) -> Any:
    """The value of a scalar with an explicit tag; custom tags and `!!binary` leave the text as it is."""
    if tag in _RESOLVED_TAGS:
        return resolve(text)
    if tag == _TAG + "float":
        value = resolve(text)
        return float(value) if type(value) is int else value
    return text


class PlainScalars(dict[str, Any]):
    """The values of plain scalars, each resolved once: manifests repeat few of them often."""

    _MOST = 20_000
    _LONGEST = 64

    def __missing__(self, text: str) -> Any:
        value = resolve(text)
        if len(text) <= self._LONGEST and len(self) < self._MOST:
            self[text] = value
        return value


_VARIABLE = re.compile(r"(?<!\$)\$\{[A-Za-z_][^{}]*+\}")


def undecided(value: str, *, templated: bool) -> str:
    """The string itself, or as Unresolved where something is to be put in before it is applied.

    Args:
        value: a string that stands in a manifest.
        templated: whether `{{ }}` is a template expression here, not text for another program.
    """
    if templated and (start := value.find("{{")) >= 0 and value.find("}}", start) >= 0:
        return Unresolved(value, TEMPLATE_EXPRESSION)
    if "${" in value and _VARIABLE.search(value):
        return Unresolved(value, "is substituted when Flux applies it")
    return value


TEMPLATE_EXPRESSION = "is a template expression that was not rendered"
