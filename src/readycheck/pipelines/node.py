"""Values of a pipeline's files with the places where they are written, whatever they were merged from.

Systems put pipelines together from several files and several jobs, so what a job comes to has no one body; each of its
values still stands somewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from msgspec import Struct

from readycheck.model import Path, Place, Resource, TaggedSeq

Rewrite: TypeAlias = "Callable[[Node, str | TaggedSeq], Node | str | None]"
"""What a system puts in place of a text or a tagged list; None where that stays as it is."""

_DEEPEST = 20
"""Levels of lists in lists: GitLab takes 10."""
_MOST_ITEMS = 20_000
"""Items of a list, with those of lists in it."""


class Node(Struct, eq=False):
    """A value with the place where it is written. One that is absent is a node too, and false.

    Args:
        value: what a parser read.
        resource: the file that it stands in.
        path: where it stands there.
        rewrite: what the system replaces before it looks at values.
        synthetic: whether it stands nowhere itself: the places of its parts are its own.
    """

    value: Any
    resource: Resource
    path: Path = ()
    rewrite: Rewrite | None = None
    synthetic: bool = False
    _entries: Mapping[str, Node] | None = None
    _items: Sequence[Node] | None = None

    @classmethod
    def of(cls, resource: Resource, rewrite: Rewrite | None = None) -> Node:
        """The whole of a file."""
        return cls(resource.body, resource, (), rewrite)

    @property
    def place(self) -> Place:
        """Where it is written."""
        return Place(self.resource, self.path)

    def __bool__(self) -> bool:
        return self.value is not None

    @property
    def is_mapping(self) -> bool:
        """Whether it has keys."""
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        """Whether it has items."""
        return isinstance(self.value, list | tuple)

    @property
    def entries(self) -> Mapping[str, Node]:
        """The values of a mapping; none of anything else."""
        if self._entries is None:
            self._entries = (
                {self._text(str(key)): self._child(key, value) for key, value in self.value.items()}
                if self.is_mapping
                else {}
            )
        return self._entries

    @property
    def items(self) -> Sequence[Node]:
        """The items of a list, lists in it taken apart; of anything else itself alone; none where it is absent."""
        if self._items is None:
            self._items = tuple(self._flat()) if self.value is not None else ()
        return self._items

    def _flat(self) -> Iterator[Node]:
        """Its items, as far as they are not too many: lists that refer to each other multiply."""
        waiting = [iter((self,))]
        for _ in range(_MOST_ITEMS):
            node = next(waiting[-1], None)
            if node is None:
                waiting.pop()
                if not waiting:
                    return
            elif not node.is_list:
                if node:
                    yield node
            elif len(waiting) <= _DEEPEST:
                waiting.append(iter([node._child(index, value) for index, value in enumerate(node.value)]))  # noqa: SLF001 - a node of its own

    def __getitem__(self, key: str) -> Node:
        found = (self._entries or self.entries).get(key)
        if found is not None and found.value is not None:
            return found
        return Node(None, self.resource, self.path if self.synthetic else (*self.path, key))

    def __contains__(self, key: str) -> bool:
        return bool(self.entries.get(key))

    @property
    def text(self) -> str:
        """The value as a system that wants a text would take it; "" for what is absent or no scalar."""
        value = self.value
        if type(value) is str or value is None:
            return value or ""
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, str | int | float) else ""

    @property
    def texts(self) -> tuple[str, ...]:
        """Its items as texts: a lone one may stand without a list around it."""
        return tuple(item.text for item in self.items)

    @property
    def flag(self) -> bool:
        """Whether it is true, written as a boolean or as a text."""
        return self.text.lower() == "true"

    def _child(self, step: str | int, value: Any) -> Node:
        path = self.path if self.synthetic else (*self.path, step)
        node = Node(value, self.resource, path, self.rewrite, synthetic=self.synthetic)
        if self.rewrite is not None and isinstance(value, str | TaggedSeq):
            replaced = self.rewrite(node, value)
            if isinstance(replaced, Node):
                return replaced
            if replaced is not None:
                node.value = replaced
        return node

    def _text(self, key: str) -> str:
        if self.rewrite is not None and not key.isidentifier():
            replaced = self.rewrite(self, key)
            if replaced is not None:
                return replaced if isinstance(replaced, str) else replaced.text
        return key

    def with_entries(self, entries: Mapping[str, Node]) -> Node:
        """A mapping that stands where this one stands and has these values."""
        node = Node(entries, self.resource, self.path, synthetic=self.synthetic)
        node._entries = entries
        return node


def merged(base: Node, over: Node) -> Node:
    """One mapping laid over another, key by key and at every level; a list or a scalar replaces what was there."""
    if not (base.is_mapping and over.is_mapping):
        return over
    entries = dict(base.entries)
    for key, value in over.entries.items():
        entries[key] = merged(entries[key], value) if key in entries else value
    return over.with_entries(entries)
