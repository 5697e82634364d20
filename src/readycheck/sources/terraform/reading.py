"""Reading states and plans from end to end: each document by itself, then plans beside the states that they change."""

from __future__ import annotations

from collections.abc import Callable

from readycheck.documents.text import Unreadable
from readycheck.model import Collected, Problem, Resource
from readycheck.sources.terraform.backend import backend_of
from readycheck.sources.terraform.blocks import holders_of
from readycheck.sources.terraform.fetching import Fetching, uri_of
from readycheck.sources.terraform.judged import Reading, read_document, together
from readycheck.sources.terraform.kubernetes import object_of
from readycheck.sources.terraform.request import TerraformRequest

_SOURCE = "terraform"


def read(request: TerraformRequest, progress: Callable[[str], None]) -> Collected:
    """Read states and plans.

    Args:
        request: which.
        progress: told what is being done.
    """
    fetching = Fetching(request, progress)
    problems: list[Problem] = []
    readings: list[Reading] = []
    targets: list[str] = []
    for fetched in fetching.documents():
        try:
            reading = read_document(fetched.document, fetched.store)
        except Unreadable as unreadable:
            problems.append(Problem(fetched.document.uri, unreadable.reason, unreadable.line, hides_objects=True))
            continue
        problems += reading.problems
        readings.append(reading)
        targets.append(fetched.document.uri)
    judged = together(readings)
    resources: list[Resource] = [*(object_of(each) or each for each in judged), *holders_of(judged)]
    for root in request.roots:
        backends, faults = backend_of(root, uri_of(root, request.bases))
        resources += backends
        problems += faults
    problems = [*fetching.problems, *problems]
    return Collected(
        _SOURCE,
        sorted(resources, key=lambda each: (each.kind, each.name)),
        problems=problems,
        failed=not resources and bool(problems),
        targets=targets,
    )
