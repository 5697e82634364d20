"""One state or plan as a file: its JSON, and the line of each part of it, found when somebody asks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

import orjson

from readycheck.documents.json import parse_json
from readycheck.documents.text import SourceText, Unreadable, read_start, read_text
from readycheck.documents.yaml import Document as Placed
from readycheck.documents.yaml import locate
from readycheck.model import Path
from readycheck.sources.terraform.request import LARGEST_DOCUMENT

_LARGEST_WITH_LINES = 32 * 1024 * 1024
"""Characters. Beyond, finding a line would take longer than reading and judging all of it."""


class Document:
    """A JSON document that Terraform wrote.

    Args:
        uri: what it is called in reports.
        text: what stands in it.
        has_lines: whether people can look a line up: it is a file.

    Raises:
        Unreadable: it holds no JSON object.
    """

    def __init__(self, uri: str, text: str, *, has_lines: bool = True) -> None:
        self.uri = uri
        text = _unwrapped(text)
        self.body = _parsed(text)
        self._text = SourceText(uri, text) if has_lines and len(text) <= _LARGEST_WITH_LINES else None

    @classmethod
    def read(cls, file: FilePath, uri: str) -> Document:
        """Read a file.

        Args:
            file: where it stands.
            uri: what it is called in reports.

        Raises:
            Unreadable: it cannot be read, or holds no JSON object.
        """
        if file.is_dir():
            raise Unreadable("is a folder: name the state or plan file in it")
        start = read_start(file, 4)
        if start.startswith(b"PK\x03\x04"):
            raise Unreadable("is a plan as Terraform keeps it for itself: scan what `terraform show -json FILE` prints")
        return cls(uri, read_text(file, LARGEST_DOCUMENT))

    @cached_property
    def _placed(self) -> Placed | None:
        """The body with the place of each part; None where the text has no lines, or more values than are placed."""
        if self._text is None:
            return None
        documents, _ = parse_json(self._text.text, templated=False)
        return documents[0] if documents else None

    def position(self, path: Path) -> tuple[int, int] | None:
        """Line and column of a path, or of the deepest part of it that exists; None where there are no lines."""
        if self._text is None or self._placed is None:
            return None
        return self._text.line_column(locate(self._placed.body, path, self._placed.offset))

    def excerpt(self, path: Path, around: int) -> list[tuple[int, str]]:
        """None: a line beside the one that matters may hold a secret."""
        del path, around
        return []


def _unwrapped(text: str) -> str:
    """The text without the lines that the action hashicorp/setup-terraform prints around what a command printed."""
    start = text.find("\n{")
    if not text.startswith("[command]") or start < 0:
        return text
    end = text.find("\n::", start)
    printed = text[start + 1 : end if end >= 0 else len(text)]
    # The line breaks before it stay, so that lines are those of the file.
    return "\n" * (text.count("\n", 0, start) + 1) + printed[: printed.rfind("}") + 1]


def _parsed(text: str) -> Mapping[str, Any]:
    if not text.strip():
        raise Unreadable("is empty: Terraform leaves such a file where it was stopped before it wrote anything")
    try:
        body = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"is not valid JSON: {error.msg}", error.lineno) from error
    if not isinstance(body, dict):
        raise Unreadable("holds no JSON object: it is neither a state nor a plan")
    return body
