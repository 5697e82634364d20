"""Edits of strategic merge patches, in which items of some lists go by a key instead of by their place.

Which lists those are is from the Kubernetes API reference (patch merge key); what kustomize does to all others, and to
objects of custom resources, from its reference documentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from msgspec.structs import replace

from readycheck.documents.edits import Change, Code, Refused, yaml
from readycheck.documents.edits.bodies import same
from readycheck.documents.yaml import parse
from readycheck.model import Path, format_path

MERGE_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "volumes": "name",
    "env": "name",
    "volumeMounts": "mountPath",
    "topologySpreadConstraints": "topologyKey",
}
"""The lists of pods whose items go by a key, and the key."""
_GROUPS = frozenset({"", "apps", "batch"})
"""The API groups of the objects that hold pods."""


class Item(str):
    """A step of a path to an item of a list by its key, written as in the field paths of kustomize's replacements.

    Args:
        key: the merge key of the list.
        name: what stands there in the item.
        before: what stands there in the items before it. A merge puts those first that a patch names: to keep their
            order, it has to name all of these too.
    """

    __slots__ = ("before", "key", "name")
    key: str
    name: str
    before: Sequence[str]

    def __new__(cls, key: str, name: str, before: Sequence[str] = ()) -> Self:
        """Make the step."""
        step = super().__new__(cls, f"[{key}={name}]")
        step.key, step.name, step.before = key, name, tuple(before)
        return step


def said(group: str, body: Any, path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    """What a patch has to say, and where, so that a value stands at a path of an object.

    Args:
        group: the object's API group.
        body: the object as it is.
        path: a way into it.
        value: what should stand there.

    Raises:
        Refused: no patch says that without saying more.
    """
    keyed = group in _GROUPS
    steps: list[str | int] = []
    inside = body
    for depth, step in enumerate(path):
        if isinstance(step, int):
            last = depth == len(path) - 1
            steps.append(_item(path[:depth], inside, step, value if last else None, keyed=keyed))
            inside = inside[step] if isinstance(inside, list) and step < len(inside) else None
        else:
            steps.append(step)
            inside = inside.get(step) if isinstance(inside, Mapping) else None
    if not same(_merged(inside, value), value) or (keyed and inside and isinstance(value, list)):
        raise Refused(Code.LAYOUT, f"would take something away at {format_path(path)}, which a patch does not")
    key = MERGE_KEYS.get(str(path[-1])) if keyed and path else None
    names = [each.get(key) for each in value] if key and isinstance(value, list) and _are_mappings(value) else []
    if key and names and all(isinstance(name, str) for name in names) and len(set(names)) == len(names):
        yield from (((*steps, Item(key, name)), each) for name, each in zip(names, value, strict=True))
    else:
        yield tuple(steps), value


def _item(path: Path, items: Any, index: int, new: Any, *, keyed: bool) -> Item:
    """The step to an item of a list, there or to be added, by its key."""
    key = MERGE_KEYS.get(str(path[-1]) if path else "") if keyed else None
    there = items if isinstance(items, list) else []
    names = [each.get(key) for each in there] if key and _are_mappings(there) else []
    old = index < len(names)
    name = names[index] if old else new.get(key) if isinstance(new, Mapping) else None
    if (
        not key
        or not isinstance(name, str)
        or not all(isinstance(each, str) for each in names)
        or names.count(name) != old
    ):
        where = format_path(path)
        raise Refused(Code.LAYOUT, f"stands in a list that a patch can only replace as a whole: {where}")
    return Item(key, name, names[:index] if old else ())


def _are_mappings(items: Sequence[Any]) -> bool:
    return all(isinstance(each, Mapping) for each in items)


def _merged(old: Any, new: Any) -> Any:
    """What a patch makes of a value: mappings are merged, and what is null there is taken away."""
    if not isinstance(new, Mapping):
        return new
    kept = dict(old) if isinstance(old, Mapping) else {}
    merged = {key: _merged(kept.get(key), value) for key, value in new.items() if value is not None}
    return {**kept, **merged}


def revise(text: str, changes: Sequence[Change]) -> str:
    """The text of patches with changes made.

    Args:
        text: the text, as read_text gives it.
        changes: what should be said where; the paths are those that `said` gives.

    Raises:
        Refused: a change cannot be made without touching anything else; nothing is changed then.
    """
    for change in changes:
        documents, faults = parse(text)
        if faults or change.document >= len(documents):
            raise Refused(Code.UNPARSABLE, "is no patch that can be read")
        text = yaml.revise(text, [*_placed(documents[change.document].body, change)])
    return text


def _placed(body: Any, change: Change) -> Iterator[Change]:
    """A change with the places that its items have in a patch; what the patch does not name yet is added to it."""
    found: Path = ()
    for depth, step in enumerate(change.path):
        if not isinstance(step, Item):
            found = (*found, step)
            body = body.get(step) if isinstance(body, Mapping) and isinstance(step, str) else None
            continue
        items = body if isinstance(body, list) else []
        names = [each.get(step.key) if isinstance(each, Mapping) else None for each in items]
        if step.name not in names:
            added = [{step.key: name} for name in step.before if name not in names]
            for index, each in enumerate([*added, _whole(change.path[depth:], change.value)], len(names)):
                yield replace(change, path=(*found, index), value=each)
            return
        found = (*found, names.index(step.name))
        body = items[names.index(step.name)]
    yield replace(change, path=found)


def _whole(path: Path, value: Any) -> Any:
    """A value with all that a path leads through; the value itself where the path is at its end."""
    if not path:
        return value
    step, inner = path[0], _whole(path[1:], value)
    if isinstance(step, Item):
        return inner if step.key in inner else {step.key: step.name, **inner}
    return {step: [inner] if isinstance(next(iter(path[1:]), None), Item) else inner}
