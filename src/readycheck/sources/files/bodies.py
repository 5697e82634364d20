"""Ways into bodies as files and builds give them, whatever shape they have."""

from __future__ import annotations

from typing import Any

from readycheck.model import Map, Path, Unresolved


def at(body: object, path: Path) -> Any:
    """What stands at a path, as text where it is not decided yet; None where nothing does."""
    for step in path:
        if isinstance(body, Map) and step in body:
            body = body[str(step)]
        elif isinstance(body, list) and isinstance(step, int) and step < len(body):
            body = body[step]
        else:
            return None
    return str(body) if isinstance(body, Unresolved) else body


def has(body: object, path: Path) -> bool:
    """Whether something stands at a path, be it null."""
    if not path:
        return True
    parent = at(body, path[:-1])
    if isinstance(parent, Map):
        return path[-1] in parent
    return isinstance(parent, list) and isinstance(path[-1], int) and path[-1] < len(parent)


def list_at(body: object, path: Path) -> list[Any]:
    """The list at a path; an empty one where none stands."""
    found = at(body, path)
    return found if isinstance(found, list) else []


def name_of(body: object) -> str:
    """The name of an object."""
    return str(at(body, ("metadata", "name")))
