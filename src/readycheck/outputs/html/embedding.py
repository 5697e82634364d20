"""Putting data, styles and scripts into a page so that none of them can end where it stands."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson
from markupsafe import Markup
from msgspec import Struct

from readycheck.outputs.formats import LayoutError

PLAIN_ROWS = 200
"""Up to so many findings are embedded as they are: small reports can be read and compared as text."""

_ESCAPES = {"<": "\\u003c", "\u2028": "\\u2028", "\u2029": "\\u2029"}


class Embedded(Struct, frozen=True):
    """Data as it stands in a script element of a page: its MIME type and its text."""

    type: str
    text: Markup


def embedded(data: Mapping[str, Any], rows: int) -> Embedded:
    """Data for a script element: JSON, or its compressed form where there are many rows.

    The same bytes for the same data.
    """
    text = orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)
    if rows > PLAIN_ROWS:
        packed = base64.b64encode(gzip.compress(text, compresslevel=6, mtime=0))
        return Embedded("application/gzip+base64", Markup(packed.decode()))  # noqa: S704 - base64 has no markup
    return Embedded("application/json", Markup(_escaped(text.decode())))  # noqa: S704 - escaped above


def _escaped(json: str) -> str:
    for character, escape in _ESCAPES.items():
        json = json.replace(character, escape)
    return json


def inline(name: str, text: str, element: str) -> Markup:
    """The content of a style or script element, which must not end it.

    Raises:
        LayoutError: it holds the element's end tag.
    """
    if f"</{element}" in text.lower():
        raise LayoutError(f"{name}: holds `</{element}`, which would end the element that it stands in")
    return Markup(text)  # noqa: S704 - it is the template's own


def source_hash(text: str) -> str:
    """What a content security policy names an inline script or style by."""
    return "'sha256-" + base64.b64encode(sha256(text.encode()).digest()).decode() + "'"
