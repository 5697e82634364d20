"""Fixes as operations of a JSON patch (RFC 6902): for live objects, and for overlays of kustomize."""

from __future__ import annotations

import json
import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from msgspec import Struct

from readycheck.documents.edits import Change, yaml
from readycheck.documents.edits.bodies import changed
from readycheck.documents.edits.layout import Style, items
from readycheck.documents.yaml import parse
from readycheck.model import Edit, Path, Resource, Unjudged, look


class Operations:
    """The operations that put values into an object, one after the other: each finds what those before it made.

    Args:
        body: the object as it is.
    """

    def __init__(self, body: Any) -> None:
        self.body = body
        """The object with what was put there."""
        self.made: list[Mapping[str, Any]] = []
        self._done: dict[Path, list[Any]] = defaultdict(list)
        self._appended: set[Path] = set()

    def set(self, path: Path, value: Any) -> None:
        """Put a value at a path, beside those that were put there before."""
        if value in self._done[path]:
            return
        done = self._done[path]
        place = path
        if done and isinstance(value, list):
            place, value = (*path, len(done)), value[0]
        elif path in self._appended:
            place = (*path[:-1], int(path[-1]) + len(done))
        elif _appends(self.body, path):
            self._appended.add(path)
        done.append(value)
        self.made.append(_operation(self.body, place, value))
        self.body = changed(self.body, [Change(0, place, value)])


class Meant(Struct, frozen=True):
    """A value that operations are to put into an object.

    Args:
        body: the object as it is.
        value: the value.
    """

    body: Any
    value: Any


def revise(text: str, changes: Sequence[Change]) -> str:
    """The text of a JSON patch with the operations of changes behind those that stand there.

    Args:
        text: the text, as read_text gives it; "" for a new file.
        changes: what should stand where in the object that is patched: each value is a Meant, of the same object.

    Raises:
        Refused: no operations can be added.
    """
    made = Operations(changes[0].value.body)
    guards: dict[str, Mapping[str, Any]] = {}
    for change in changes:
        guards |= {str(each["path"]): each for each in _guards(made.body, change.path)}
        made.set(change.path, change.value.value)
    if not text:
        return "\n".join(items([*guards.values(), *made.made], 0, Style())) + "\n"
    documents, _ = parse(text)
    there = documents[changes[0].document].body
    added = [*(each for each in guards.values() if each not in there), *made.made]
    return yaml.revise(text, [Change(changes[0].document, (at,), each) for at, each in enumerate(added, len(there))])


def _guards(body: Any, path: Path) -> Iterator[Mapping[str, Any]]:
    """Operations that fail where the items on a way, which have names, no longer stand where they do now."""
    for depth, step in enumerate(path):
        if isinstance(step, int):
            with suppress(Unjudged):
                name = look(body, (*path[: depth + 1], "name"))
                if isinstance(name, str):
                    yield {"op": "test", "path": _pointer((*path[: depth + 1], "name")), "value": str(name)}


def _appends(body: Any, path: Path) -> bool:
    """Whether a path leads right behind the end of a list that is there."""
    try:
        items = look(body, path[:-1])
    except Unjudged:
        return False
    return isinstance(items, list) and path[-1] == len(items)


def operations(root: Resource, edits: Iterable[Edit]) -> list[Mapping[str, Any]]:
    """The operations that make edits.

    Args:
        root: the object.
        edits: edits of this object alone.
    """
    made = Operations(root.body)
    for edit in edits:
        made.set(edit.place.way, edit.value)
    return made.made


def _operation(body: Any, path: Path, value: Any) -> Mapping[str, Any]:
    """One operation: it adds at the deepest part that is there, with what is missing below."""
    for depth, step in enumerate(path):
        inside = body.get(step) if isinstance(body, Mapping) and isinstance(step, str) else None
        if isinstance(body, list) and isinstance(step, int):
            inside = body[step] if step < len(body) else None
        if inside is None:
            place = [*path[:depth], "-" if isinstance(body, list) else step]
            return {"op": "add", "path": _pointer(place), "value": _nested(path[depth + 1 :], value)}
        body = inside
    return {"op": "replace", "path": _pointer(path), "value": value}


def _nested(steps: Path, value: Any) -> Any:
    for step in reversed(steps):
        value = [value] if isinstance(step, int) else {step: value}
    return value


def _pointer(path: Sequence[str | int]) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def target_of(root: Resource) -> Mapping[str, str]:
    """What a patch of kustomize is for, as it names an object."""
    group = {"group": root.group} if root.group else {}
    return {**group, "kind": root.kind, "name": root.name}


def kubectl_patch(root: Resource, edits: Iterable[Edit]) -> str:
    """The command that makes edits in a cluster, for the current context.

    Args:
        root: the live object.
        edits: edits of this object alone.
    """
    patch = json.dumps(operations(root, edits), separators=(",", ":"))
    kind = f"{root.kind}.{root.group}" if root.group else root.kind
    namespace = ["--namespace", root.scope] if root.scope else []
    return shlex.join(["kubectl", "patch", *namespace, kind.lower(), root.name, "--type=json", "--patch", patch])
