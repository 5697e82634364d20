"""Bodies made straight from libyaml's events, with the place of every key and item.

A tree of nodes in between would double the time. Nothing recurses, and what a document expands to is bounded.
"""

from __future__ import annotations

import json
from sys import intern
from typing import TYPE_CHECKING, Any

from readycheck.documents.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from readycheck.documents.scalars import TEMPLATE_EXPRESSION, PlainScalars, resolve_tagged, undecided
from readycheck.model import Map, Seq, TaggedSeq, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

DEEPEST = 200
"""Levels of nesting; the deepest schemas of real resources need fewer than 60."""
MOST_NODES = 1_000_000
"""Parser events of one document, those behind an alias counted each time that it is used."""

_LONGEST_SHOWN = 80
_OPEN = object()
_PLAIN = PlainScalars()


class Refused(Exception):  # noqa: N818 - a fault of the document, not of the program
    """A document is not read further.

    Args:
        reason: why, for people.
        offset: where in the text.
    """

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


def too_deep(offset: int) -> Refused:
    """The refusal of a document that nests further than any manifest does."""
    return Refused(f"is nested more than {DEEPEST} levels deep", offset)


def too_large(offset: int) -> Refused:
    """The refusal of a document that holds more than any manifest does."""
    return Refused(f"expands to more than {MOST_NODES:,} values", offset)


class Composer:
    """Composes bodies of one text.

    Args:
        text: what the events were parsed from.
        templated: whether `{{ }}` is a template expression here.
        decided: whether `${VAR}` is no variable here.
    """

    def __init__(self, text: str, *, templated: bool, decided: bool = False) -> None:
        self.faults: list[tuple[int, str]] = []
        """What is wrong with documents that could be read all the same: offset and reason."""
        self._text = text
        self._templated = templated and "{{" in text
        self._undecided = not decided and (self._templated or "${" in text)
        self._anchored = "&" in text

    def compose(self, get_event: Callable[[], Any], base: int) -> tuple[Any, int]:  # noqa: C901, PLR0912, PLR0915 - one
        # loop over all events: a call for each would cost a third of the speed
        """The body of a document whose start event has been read, and its offset.

        Args:
            get_event: gives the parser's next event.
            base: the offset in the text where the parser started.

        Raises:
            Refused: the document is nested too deep, expands too far or has a broken alias.
            MarkedYAMLError: it is not valid YAML.
        """
        plain_scalars, templated, undecided_here, anchored = _PLAIN, self._templated, self._undecided, self._anchored
        scalar, mapping, sequence, alias = ScalarEvent, MappingStartEvent, SequenceStartEvent, AliasEvent
        text = self._text
        stack: list[tuple[list[str] | None, list[Any], list[int], str | None, int]] = []
        anchors: dict[str, tuple[Any, int]] = {}
        expanded = 0
        keys: list[str] | None = None
        values: list[Any] = []
        marks: list[int] = []
        key_is_next = False
        for count in range(MOST_NODES):
            event = get_event()
            kind = type(event)
            if kind is scalar:
                value = event.value
                if key_is_next:
                    keys.append(intern(value))  # type: ignore[union-attr] # keys are awaited in a mapping only
                    marks.append(event.start_mark.index + base)
                    key_is_next = False
                    if anchored and event.anchor:
                        anchors[event.anchor] = value, 1
                    continue
                plain, quoted = event.implicit
                if plain:
                    value = plain_scalars[value]
                elif not quoted:
                    value = resolve_tagged(event.tag, value)
                if undecided_here and type(value) is str and ("$" in value or "{{" in value):
                    value = undecided(value, templated=templated)
                if anchored and event.anchor:
                    anchors[event.anchor] = value, 1
                if keys is None:
                    marks.append(event.start_mark.index + base)
            elif kind is mapping or kind is sequence:
                offset = event.start_mark.index + base
                if key_is_next or (templated and text.startswith("{{", offset)):
                    end = _skip(get_event, base)
                    if key_is_next:
                        keys.append(self._complex_key(offset, end))  # type: ignore[union-attr] # as above
                        marks.append(offset)
                        key_is_next = False
                        continue
                    value = Unresolved(text[offset:end], TEMPLATE_EXPRESSION)
                    if keys is None:
                        marks.append(offset)
                else:
                    if len(stack) >= DEEPEST:
                        raise too_deep(offset)
                    if keys is None:
                        marks.append(offset)
                    stack.append((keys, values, marks, event.anchor, count + expanded))
                    if event.anchor:
                        anchors[event.anchor] = _OPEN, 0
                    marks = []
                    key_is_next = kind is mapping
                    if key_is_next:
                        keys, values = [], []
                    else:
                        tag = event.tag
                        keys, values = None, TaggedSeq(tag) if tag and tag[0] == "!" else Seq()
                        values.marks = marks
                    continue
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                value = values if keys is None else self.settle(keys, values, marks)
                keys, values, marks, anchor, begun = stack.pop()
                if anchor:
                    anchors[anchor] = value, count + expanded - begun
            elif kind is alias:
                offset = event.start_mark.index + base
                value, size = anchors.get(event.anchor, (None, -1))
                if size < 0:
                    raise Refused("uses an alias whose anchor is not defined before it", offset)
                if value is _OPEN:
                    raise Refused("has an alias inside the very thing that it stands for", offset)
                expanded += size
                if count + expanded > MOST_NODES:
                    raise too_large(offset)
                if key_is_next:
                    keys.append(value if type(value) is str else self._complex_key(offset, event.end_mark.index + base))  # type: ignore[union-attr] # as above
                    marks.append(offset)
                    key_is_next = False
                    continue
                if keys is None:
                    marks.append(offset)
            elif kind is DocumentEndEvent:
                return values[0], marks[0]
            values.append(value)
            key_is_next = keys is not None
        raise too_large(event.start_mark.index + base)

    def settle(self, keys: list[str], values: list[Any], marks: list[int], *, merging: bool = True) -> Map:
        """The mapping of these keys, values and places.

        Args:
            keys: the keys as they stand, some perhaps more than once.
            values: the value of each.
            marks: the offset of each.
            merging: whether `<<` merges other mappings.
        """
        node = Map(zip(keys, values, strict=True))
        if len(node) == len(keys) and not (merging and "<<" in node):
            node.marks = marks
            return node
        return self._untangled(keys, values, marks, merging=merging)

    def _untangled(self, keys: list[str], values: list[Any], marks: list[int], *, merging: bool) -> Map:
        own: dict[str, int] = {}
        merged: list[int] = []
        for position, key in enumerate(keys):
            if merging and key == "<<" and self._text.startswith("<<", marks[position]):
                merged.append(position)
                continue
            if key in own:
                self.faults.append((marks[position], f"the key {_shown(key)} stands twice in one mapping"))
                values[position] = _later(values[own[key]], values[position])
            own[key] = position
        node = Map((key, values[position]) for key, position in own.items())
        node.marks = [marks[position] for position in own.values()]
        for position in merged:
            source = values[position]
            for part in source if isinstance(source, Seq) else [source]:
                if not isinstance(part, Map):
                    self.faults.append((marks[position], "`<<` merges something that is not a mapping"))
                    continue
                for (key, value), mark in zip(part.items(), part.marks, strict=True):
                    if key not in node:
                        node[key] = value
                        node.marks.append(mark)
        return node

    def _complex_key(self, offset: int, end: int) -> str:
        """The text of a key that is no scalar: a template expression, or something that Kubernetes has no use for."""
        key = self._text[offset:end]
        if not (self._templated and key.startswith("{{")):
            self.faults.append((offset, "a mapping or a list stands where Kubernetes takes a string as key"))
        return key


def _skip(get_event: Callable[[], Any], base: int) -> int:
    """Read on to the end of the collection that was just opened; the offset of that end."""
    depth = 1
    while True:
        event = get_event()
        kind = type(event)
        if kind is MappingStartEvent or kind is SequenceStartEvent:
            depth += 1
            if depth > DEEPEST:
                raise too_deep(event.start_mark.index + base)
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            depth -= 1
            if not depth:
                end: int = event.end_mark.index + base
                return end


def _later(former: Any, latter: Any) -> Any:
    """What a key that stands twice has for a value: readers differ, so two different values leave it undecided."""
    if isinstance(latter, Unresolved | Map | Seq) or (type(former) is type(latter) and former == latter):
        return latter
    text = latter if isinstance(latter, str) else json.dumps(latter)
    return Unresolved(text, "is one of several values of a key that stands twice", same=False)


def _shown(key: str) -> str:
    """A key for a message: shortened, and without control characters."""
    return repr(key if len(key) <= _LONGEST_SHOWN else key[:_LONGEST_SHOWN] + "...")
