"""What libyaml reports while it parses, as records that are made in C.

PyYAML's own events are Python classes, and calling their constructors takes two fifths of the time of parsing. Its
binding to libyaml looks the classes up by name each time, so it can be given others that have the same fields in
the same order. Who loads or dumps YAML by PyYAML sees nothing of it: there the binding makes nodes, and no events.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from yaml import _yaml


class _Event(Struct, gc=False):
    """An event between two places of the text."""

    start_mark: Any = None
    end_mark: Any = None


class StreamStartEvent(_Event, gc=False):
    """The text begins."""

    encoding: Any = None


class DocumentStartEvent(_Event, gc=False):
    """A document begins."""

    explicit: Any = None
    version: Any = None
    tags: Any = None


class DocumentEndEvent(_Event, gc=False):
    """A document ends."""

    explicit: Any = None


class MappingEndEvent(_Event, gc=False):
    """A mapping ends."""


class SequenceEndEvent(_Event, gc=False):
    """A sequence ends."""


class AliasEvent(Struct, gc=False):
    """An alias stands for what an anchor names."""

    anchor: Any
    start_mark: Any = None
    end_mark: Any = None


class _CollectionStartEvent(Struct, gc=False):
    anchor: Any
    tag: Any
    implicit: Any
    start_mark: Any = None
    end_mark: Any = None
    flow_style: Any = None


class MappingStartEvent(_CollectionStartEvent, gc=False):
    """A mapping begins."""


class SequenceStartEvent(_CollectionStartEvent, gc=False):
    """A sequence begins."""


class ScalarEvent(Struct, gc=False):
    """A scalar; `implicit` says whether it needs no tag where it is plain, and where it is quoted."""

    anchor: Any
    tag: Any
    implicit: Any
    value: Any
    start_mark: Any = None
    end_mark: Any = None
    style: Any = None


for _event in (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamStartEvent,
):
    setattr(_yaml, _event.__name__, _event)
