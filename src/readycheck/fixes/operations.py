"""Fixes as operations of a JSON patch (RFC 6902): for live objects, and for overlays of kustomize."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from readycheck.model import Edit, Path, Resource


def operations(body: Any, edits: Iterable[tuple[Path, Any]]) -> list[Mapping[str, Any]]:
    """The operations that put values into an object as it is.

    Args:
        body: the object.
        edits: the paths in it, and what should stand there.
    """
    return [_operation(body, path, value) for path, value in edits]


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


def kubectl_patch(root: Resource, edits: Iterable[Edit]) -> str:
    """The command that makes edits in a cluster, for the current context.

    Args:
        root: the live object.
        edits: edits of this object alone.
    """
    paths = [(edit.place.resource.path + edit.place.path, edit.value) for edit in edits]
    patch = json.dumps(operations(root.body, paths), separators=(",", ":"))
    kind = f"{root.kind}.{root.group}" if root.group else root.kind
    namespace = ["--namespace", root.scope] if root.scope else []
    return shlex.join(["kubectl", "patch", *namespace, kind.lower(), root.name, "--type=json", "--patch", patch])
