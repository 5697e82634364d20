"""Fixes as operations of a JSON patch (RFC 6902): for live objects, and for overlays of kustomize."""

from __future__ import annotations

import json
import shlex
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from readycheck.documents.edits import Change
from readycheck.documents.edits.bodies import changed
from readycheck.model import Edit, Path, Resource


class Operations:
    """The operations that put values into an object, one after the other: each finds what those before it made.

    Args:
        body: the object as it is.
    """

    def __init__(self, body: Any) -> None:
        self._body = body
        self._done: dict[Path, list[Any]] = defaultdict(list)
        self.made: list[Mapping[str, Any]] = []

    def set(self, path: Path, value: Any) -> None:
        """Put a value at a path, beside those that were put there before."""
        if value in self._done[path]:
            return
        if self._done[path] and isinstance(value, list):
            path, value = (*path, len(self._done[path])), value[0]
        self._done[path].append(value)
        self.made.append(_operation(self._body, path, value))
        self._body = changed(self._body, [Change(0, path, value)])


def operations(root: Resource, edits: Iterable[Edit]) -> list[Mapping[str, Any]]:
    """The operations that make edits.

    Args:
        root: the object.
        edits: edits of this object alone.
    """
    made = Operations(root.body)
    for edit in edits:
        made.set(edit.place.resource.path + edit.place.path, edit.value)
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
