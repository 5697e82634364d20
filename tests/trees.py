"""Trees of files for tests, what stands in them, and what a scan of one reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from readycheck import packs
from readycheck.model import Collected
from readycheck.sources.files import FilesRequest, collect


def only(*beginnings: str) -> str:
    """The configuration that leaves the rules whose ID begins so, and no other."""
    return "rules:\n" + "".join(f"  {rule.id}: off\n" for rule in packs.load() if not rule.id.startswith(beginnings))


def write(root: Path, files: Mapping[str, str]) -> Path:
    """Write files below a folder, by their paths from it, and give the folder."""
    for uri, text in files.items():
        file = root / uri
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def collected_from(root: Path, files: Mapping[str, str]) -> Collected:
    """What is read of a folder with these files."""
    return collect(FilesRequest(paths=(write(root, files),)))


def replicas_seen(collected: Collected, *, without: tuple[str, ...]) -> list[tuple[str, str, str, object]]:
    """Kind, namespace, name and replicas of what was read, but for some kinds."""
    return sorted(
        (resource.kind, resource.scope, resource.name, resource.get("spec.replicas"))
        for resource in collected.resources
        if resource.kind not in without
    )


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The ways to everything in a document, each before those below it."""
    if path:
        yield path
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from places(inner, (*path, step))
