"""Trivy's ignore files: a line for each finding that is left out, with the date until which it is (Trivy: filtering).

The YAML form is read as YAML; this gives the text form the same shape.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from readycheck.documents.yaml import Document, Fault
from readycheck.model import Map, Seq

_ENTRY = re.compile(r"^[ \t]*([^\s#]\S*)([^\r\n]*)", re.MULTILINE)
_EXPIRY = re.compile(r"(?:^|\s)exp:(\S*)")


def parse_trivyignore(text: str) -> tuple[Sequence[Document], Sequence[Fault]]:
    """The entries of an ignore file, as a body `{"vulnerabilities": [{"id": ..., "expired_at": ...}]}`.

    Args:
        text: the file's text.
    """
    entries = Seq()
    entries.marks = []
    for match in _ENTRY.finditer(text):
        expiry = _EXPIRY.search(match[2])
        entry = Map(id=match[1], **({"expired_at": expiry[1]} if expiry else {}))
        entry.marks = [match.start(1)] + ([match.start(2) + expiry.start(1)] if expiry else [])
        entries.append(entry)
        entries.marks.append(match.start(1))
    body = Map(vulnerabilities=entries)
    body.marks = [0]
    return ([Document(body, 0, 1)] if entries else []), []
