"""Reading a page of HTML as a test needs it, and making one of a few made-up scans."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from readycheck.outputs.formats import Look
from readycheck.outputs.html import Edition, render

TEMPLATES = Path(__file__).parents[3] / "reports" / "html"


def page_of(*editions: Edition, codeowners: str = "", override: Path | None = None) -> str:
    """The page of some editions, with readycheck's own templates."""
    return render(editions, Look(TEMPLATES, override, codeowners)).decode()


def data_of(page: str) -> dict[str, Any]:
    """The findings that a page embeds."""
    found = re.search(r'<script type="([^"]*)" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    kind, text = found.groups()
    plain = gzip.decompress(base64.b64decode(text)) if kind == "application/gzip+base64" else text
    read: dict[str, Any] = json.loads(plain)
    return read


def rows_of(page: str, *columns: str) -> list[tuple[str, ...]]:
    """Some columns of the embedded findings, as texts."""
    data = data_of(page)
    return list(zip(*([data["strings"][number] for number in data["columns"][name]] for name in columns), strict=True))


class Reader(HTMLParser):
    """The elements of a page with their attributes, and the text of each section that has an id."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, Mapping[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self._open: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag == "section":
            self._open.append((tag, attributes.get("id") or attributes.get("aria-labelledby") or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "section":
            self._open.pop()

    def handle_data(self, data: str) -> None:
        for _, name in self._open:
            self.texts[name] = " ".join(f"{self.texts.get(name, '')} {data}".split())
