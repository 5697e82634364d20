"""The Secrets that a kustomization would generate, where it is not built: what they hold stands in the tree.

What a generator does is from kustomize's reference documentation (kubernetes-sigs/kustomize, `secretGenerator`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from readycheck.documents.dotenv import parse_dotenv
from readycheck.documents.text import Unreadable, read_text
from readycheck.documents.yaml import locate
from readycheck.model import Map, Path

if TYPE_CHECKING:
    from readycheck.sources.files.kustomizations import Kustomization

_GENERATORS = "secretGenerator"


def generated_secrets(part: Kustomization, boundary: str) -> Iterator[Map]:
    """The Secrets of one kustomization, each value with the place of the entry that gives it.

    Args:
        part: the kustomization.
        boundary: the folder that nothing is read outside of.
    """
    generators = part.body.get(_GENERATORS)
    for index, generator in enumerate(generators if isinstance(generators, list) else ()):
        if isinstance(generator, Mapping):
            yield _Generator(part, generator, (_GENERATORS, index), boundary).secret()


class _Generator:
    def __init__(self, part: Kustomization, generator: Mapping[str, Any], path: Path, boundary: str) -> None:
        self._part = part
        self._generator = generator
        self._path = path
        self._boundary = boundary

    def secret(self) -> Map:
        values = [*self._literals(), *self._variables(), *self._files()]
        data = Map((key, value) for key, value, _ in values)
        places = {key: place for key, _, place in values}
        data.marks = [places[key] for key in data]
        kind = self._generator.get("type")
        metadata = {"name": self._generator.get("name"), "namespace": self._generator.get("namespace")}
        body = Map(
            apiVersion="v1",
            kind="Secret",
            metadata={key: value for key, value in metadata.items() if value is not None},
            type="Opaque" if kind is None else kind,
            stringData=data,
        )
        body.marks = [self._mark(())] * len(body)
        return body

    def _mark(self, way: Path) -> int:
        return locate(self._part.body, (*self._path, *way), 0)

    def _entries(self, field: str) -> Iterator[tuple[str, int]]:
        given = self._generator.get(field)
        for index, entry in enumerate(given if isinstance(given, list) else [given]):
            if isinstance(entry, str):
                yield str(entry), self._mark((field, index) if isinstance(given, list) else (field,))

    def _literals(self) -> Iterator[tuple[str, str, int]]:
        for entry, place in self._entries("literals"):
            key, _, value = entry.partition("=")
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
            yield key, value[1:-1] if quoted else value, place

    def _variables(self) -> Iterator[tuple[str, str, int]]:
        for field in ("env", "envs"):
            for entry, place in self._entries(field):
                documents, _ = parse_dotenv(self._text(entry))
                for document in documents:
                    yield from ((key, value, place) for key, value in document.body.items() if value is not None)

    def _files(self) -> Iterator[tuple[str, str, int]]:
        for entry, place in self._entries("files"):
            key, given, file = entry.rpartition("=")
            yield key if given else os.path.basename(file), self._text(file), place

    def _text(self, file: str) -> str:
        """What stands in an input; nothing where it is not there, as with secrets that git ignores."""
        path = os.path.realpath(os.path.join(self._part.folder, file))
        if os.path.commonpath((path, self._boundary)) != self._boundary:
            return ""
        try:
            return read_text(path)
        except Unreadable:
            return ""
