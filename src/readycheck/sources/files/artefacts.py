"""Which files are read that are no manifests: what a file's name and text say that it is, and what parses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from readycheck.documents.yaml import Document, Fault

CONFIG_FILE = "ConfigFile"
"""A YAML document that is neither a Kubernetes object nor any other kind here."""


def _always(text: str) -> bool:
    del text
    return True


@dataclass(frozen=True, slots=True, eq=False)
class Artefact:
    """A kind of file.

    Args:
        kind: the kind of the resources that it becomes.
        matches: whether a path from the scan root may be one; asked of every file, so it looks at the name alone.
        parse: reads the text.
        claims: whether a text is one after all, where the name does not tell; a look at a few characters.
        apart: whether it is nothing else: False where it may be a manifest too.
    """

    kind: str
    matches: Callable[[str], bool]
    parse: Callable[[str], tuple[Sequence[Document], Sequence[Fault]]]
    claims: Callable[[str], bool] = _always
    apart: bool = True


ARTEFACTS: tuple[Artefact, ...] = ()


def artefacts_of(uri: str) -> Iterator[Artefact]:
    """The kinds that a file may be, by its path."""
    return (artefact for artefact in ARTEFACTS if artefact.matches(uri))
