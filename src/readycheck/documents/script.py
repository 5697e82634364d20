"""Scripts as the lines that they have; what they do is for those to find out who ask."""

from __future__ import annotations

import re
from collections.abc import Sequence

from readycheck.documents.yaml import Document, Fault
from readycheck.model import Map, Seq

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n|\Z)")


def parse_script(text: str) -> tuple[Sequence[Document], Sequence[Fault]]:
    """The lines of a script, as a body `{"lines": [...]}` whose marks are their offsets.

    Args:
        text: the script.
    """
    lines = Seq()
    lines.marks = []
    for match in _LINE.finditer(text):
        lines.append(match[0].rstrip("\r\n"))
        lines.marks.append(match.start())
    body = Map(lines=lines)
    body.marks = [0]
    return [Document(body, 0, 1)], []
