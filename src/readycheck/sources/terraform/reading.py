"""Reading states and plans from end to end: each document by itself, then plans beside the states that they change."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from readycheck.documents.text import Unreadable
from readycheck.model import Collected, Problem, Resource
from readycheck.sources.terraform.document import Document
from readycheck.sources.terraform.judged import Reading, read_document, together
from readycheck.sources.terraform.request import TerraformRequest

_SOURCE = "terraform"


def read(request: TerraformRequest, progress: Callable[[str], None]) -> Collected:
    """Read states and plans.

    Args:
        request: which.
        progress: told what is being done.
    """
    problems: list[Problem] = []
    readings: list[Reading] = []
    for uri, document in _documents(request, progress, problems):
        try:
            reading = read_document(document)
        except Unreadable as unreadable:
            problems.append(Problem(uri, unreadable.reason, unreadable.line, hides_objects=True))
            continue
        problems += reading.problems
        readings.append(reading)
    resources: list[Resource] = together(readings)
    return Collected(
        _SOURCE,
        sorted(resources, key=lambda each: (each.kind, each.name)),
        problems=problems,
        failed=not resources and bool(problems),
    )


def _documents(
    request: TerraformRequest, progress: Callable[[str], None], problems: list[Problem]
) -> Iterator[tuple[str, Document]]:
    """Each document that can be read; what cannot is a problem."""
    for path in _unique((*request.states, *request.plans)):
        uri = path if isinstance(path, str) else _uri(path, request.base)
        progress(f"terraform: {uri}")
        try:
            yield uri, Document.read(Path(path), uri)
        except Unreadable as unreadable:
            problems.append(Problem(uri, unreadable.reason, unreadable.line, hides_objects=True))


def _unique(paths: Sequence[Path | str]) -> Iterator[Path | str]:
    yield from dict.fromkeys(paths)


def _uri(file: Path, base: Path) -> str:
    return Path(os.path.relpath(file, base)).as_posix()
