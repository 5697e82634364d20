"""YAML files that several objects were made from, each read once and only when somebody asks."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from readycheck.documents.text import SourceText, read_text
from readycheck.documents.yaml import Document, Fault, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@lru_cache(maxsize=1)
def parse_once(text: str) -> tuple[Sequence[Document], Sequence[Fault]]:
    """The documents of a text that is asked for several times in a row: a file may be of several kinds."""
    return parse(text)


class ParsedFile(Struct, frozen=True, eq=False):
    """A file's text and the documents in it."""

    source: SourceText
    documents: Sequence[Document]
    faults: Sequence[Fault]


class ParsedFiles:
    """The files of one scan, by absolute path.

    Args:
        root: the scan root, which reports name files from.
        read: gives the text of a file by its absolute path.
    """

    def __init__(self, root: Path, read: Callable[[str], str] = lambda file: read_text(Path(file))) -> None:
        self._root = os.path.realpath(root)
        self._text = read
        self._files: dict[str, ParsedFile] = {}
        self._uris: dict[str, str] = {}

    def uri(self, file: str) -> str:
        """The path from the scan root, with forward slashes; with `..` for what stands outside of it."""
        # Which things stand together is asked over and over, and shows by where they come from.
        found = self._uris.get(file)
        if found is None:
            found = self._uris[file] = Path(os.path.relpath(file, self._root)).as_posix()
        return found

    def absolute(self, uri: str) -> str:
        """The inverse of uri."""
        return os.path.normpath(os.path.join(self._root, uri))

    def read(self, file: str) -> ParsedFile:
        """A file, from its absolute path.

        Raises:
            Unreadable: it can't be read as text.
        """
        found = self._files.get(file)
        if found is None:
            source = SourceText(self.uri(file), self._text(file))
            found = self._files[file] = ParsedFile(source, *parse(source.text))
        return found

    def parse_inline(self, text: str) -> Sequence[Document]:
        """The documents of YAML that stands as a string in another file."""
        return parse(text)[0]
