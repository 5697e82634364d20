"""Reading states and plans from end to end: each document by itself, then plans beside the states that they change."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from glob import has_magic
from pathlib import Path

from readycheck.documents.text import Unreadable
from readycheck.model import Collected, Problem
from readycheck.sources.terraform.blocks import holders_of
from readycheck.sources.terraform.document import Document
from readycheck.sources.terraform.judged import Reading, read_document, together
from readycheck.sources.terraform.kubernetes import object_of
from readycheck.sources.terraform.request import TerraformRequest

_SOURCE = "terraform"
_ELSEWHERE = "states are read from files and from s3:// alone; `terraform state pull` makes a file of any other"


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
    judged = together(readings)
    resources = [*(object_of(each) or each for each in judged), *holders_of(judged)]
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
    for path in dict.fromkeys((*request.states, *request.plans)):
        if isinstance(path, str):
            problems.append(Problem(path, _ELSEWHERE))
            continue
        for file in _named(path):
            uri = uri_of(file, request.bases)
            progress(f"terraform: {uri}")
            try:
                yield uri, Document.read(file, uri)
            except Unreadable as unreadable:
                problems.append(Problem(uri, unreadable.reason, unreadable.line, hides_objects=True))


def _named(path: Path) -> Sequence[Path]:
    """The files that a path names, which may be a pattern; the path itself where no file fits."""
    if has_magic(path.name) and not path.exists():
        return sorted(path.parent.glob(path.name)) or (path,)
    return (path,)


def uri_of(file: Path, bases: Sequence[Path]) -> str:
    """What a file or folder is called in reports.

    Args:
        file: the file.
        bases: folders that its path may start from: the first that it stands in, else the last.
    """
    place = file.absolute()
    base = next((base for base in bases if place.is_relative_to(base.absolute())), bases[-1])
    return Path(os.path.relpath(place, base.absolute())).as_posix()
