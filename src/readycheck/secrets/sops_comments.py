"""The comments that SOPS takes for a value's own, where comments say what is to be encrypted."""

from __future__ import annotations

import re

from readycheck.model import Path, Resource

_MOST_LINES = 50
_COMMENT_LINE = re.compile(r"\s*[#;](?P<text>.*)")
_TRAILING = re.compile(r"\s#(?P<text>.*)$")


def comments_above(resource: Resource, path: Path) -> list[str]:
    """The comments right above a value, behind it, and those of everything that it stands in."""
    found: list[str] = []
    for depth in range(1, len(path) + 1):
        line = resource.locate(path[:depth]).line
        lines = resource.origin.excerpt(resource.root.body, resource.path + path[:depth], _MOST_LINES)
        here = next((text for number, text in lines if number == line), "")
        trailing = _TRAILING.search(here)
        if trailing:
            found.append(trailing["text"])
        for number, text in reversed(lines):
            if line is None or number >= line:
                continue
            comment = _COMMENT_LINE.match(text)
            if comment:
                found.append(comment["text"])
            elif text.strip():
                break
    return found
