"""The files source: manifests, charts and kustomizations of a tree, as what they would apply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from readycheck.model import Collected, Problem, Resource
from readycheck.sources.files.documents import parse
from readycheck.sources.files.manifests import read_objects
from readycheck.sources.files.text import SourceText, Unreadable, read_text


@dataclass(frozen=True, slots=True)
class FilesRequest:
    """Which files to read and how."""

    paths: tuple[Path, ...]
    exclude: tuple[str, ...] = ()
    charts: Sequence[object] = ()
    skip_namespaces: tuple[str, ...] = ()


def collect(request: FilesRequest) -> Collected:
    """Read the files."""
    resources: list[Resource] = []
    problems: list[Problem] = []
    for root in request.paths:
        files = sorted(root.rglob("*.yaml")) if root.is_dir() else [root]
        for file in files:
            uri = file.relative_to(root).as_posix() if root.is_dir() else file.name
            try:
                text = SourceText(uri, read_text(file))
            except Unreadable as unreadable:
                problems.append(Problem(uri, unreadable.reason, unreadable.line))
                continue
            documents, faults = parse(text.text)
            problems.extend(Problem(uri, fault.reason, fault.line) for fault in faults)
            manifests = read_objects(text, documents)
            resources.extend(manifests.resources)
            problems.extend(manifests.problems)
    return Collected("files", resources, problems=problems)
