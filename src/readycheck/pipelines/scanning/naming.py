"""The names that one image goes by: it may be scanned under one of them and pushed under another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from readycheck.pipelines.acts import Build
from readycheck.pipelines.acts.words import CONTAINER_TOOLS, called
from readycheck.pipelines.model import Command
from readycheck.pipelines.scanning.published import name_of

UNTOLD = ""
"""Stands for a name that a variable or a file decides."""
_TAGGING = (*CONTAINER_TOOLS, "buildah")
_BRINGING = frozenset({"load", "import", "commit"})
"""What makes images of something that does not say their names."""


def synonyms(builds: Iterable[Build], commands: Iterable[Command]) -> Sequence[frozenset[str]]:
    """The names that are one image's: those of what is built from the same place, and those that are given anew.

    Args:
        builds: what a job or pipeline builds.
        commands: the commands that it runs.
    """
    built: dict[object, set[str]] = defaultdict(set)
    for build in builds:
        place = (build.context, build.dockerfile, build.target, build.definition, build.parts, _arguments(build))
        built[place].update(map(name_of, build.images))
    return [frozenset(names) for names in (*built.values(), *_given_anew(commands))]


def _arguments(build: Build) -> tuple[str, ...]:
    """What makes an image another one though it is built from the same place."""
    if isinstance(build.cause, Command):
        return tuple(called(build.cause.words).options("--build-arg"))
    return (build.cause.inputs.get("build-args", ""),) if build.cause is not None else ()


def _given_anew(commands: Iterable[Command]) -> Iterator[set[str]]:
    for command in commands:
        call = called(command.words)
        words = call.plain()
        if words[:1] == ["image"]:
            words = words[1:]
        verb, images = (words[0], words[1:]) if words else ("", [])
        moved = call.program in ("buildah", "podman") and verb == "push" and len(images) > 1
        if moved or (call.program in _TAGGING and verb == "tag") or (call.program == "skopeo" and verb == "copy"):
            yield set(map(name_of, images))
        elif (call.program in _TAGGING and verb in _BRINGING) or (
            call.program in ("crane", "gcrane") and verb == "push"
        ):
            yield {UNTOLD}


def also_called(images: Iterable[str], alike: Iterable[frozenset[str]]) -> frozenset[str]:
    """All names that images go by; UNTOLD is among them where others may be.

    Args:
        images: the images.
        alike: names that are one image's, as `synonyms` finds them.
    """
    known, groups = frozenset(map(name_of, images)), list(alike)
    while more := [group for group in groups if group & (known - {UNTOLD}) and not group <= known]:
        known = known.union(*more)
    return known
