"""What stands in a body: values with their places, values that are not decided yet, and the ways to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeAlias

if TYPE_CHECKING:
    from readycheck.model.resource import Place

Path: TypeAlias = tuple[str | int, ...]
"""A way into a body: mapping keys and sequence indexes."""


class Unjudged(Exception):  # noqa: N818 - it ends a rule's look at a thing, it does not report a fault of the program
    """The evidence that a rule asked for cannot be had: the engine turns it into an unknown outcome.

    Args:
        reason: what could not be read and why, for people.
        place: where it stands, when that is known.
    """

    def __init__(self, reason: str, place: Place | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.place = place


class Unresolved(str):
    """A value that stands as text but is not decided yet: `${VAR}`, a template expression, "known after apply".

    It can be shown and stored like the text it is. Asking it anything whose answer depends on the value that
    will stand there one day raises Unjudged, so a rule's outcome becomes unknown without its author having to
    think of it. The same text compares equal to itself, since the same variable has one value.

    Args:
        text: what stands there.
        reason: why it is not the value, for people.
        same: False where two equal texts may become different values.
    """

    __slots__ = ("reason", "same")
    reason: str
    same: bool

    def __new__(cls, text: str, reason: str, *, same: bool = True) -> Self:  # noqa: D102 - the class says it
        value = super().__new__(cls, text)
        value.reason = reason
        value.same = same
        return value

    def __getnewargs_ex__(self) -> tuple[tuple[str, str], dict[str, bool]]:
        return (str(self), self.reason), {"same": self.same}

    def ask(self, *_: object, **__: object) -> NoReturn:
        """Answer any question about the value: it cannot be told.

        Raises:
            Unjudged: always.
        """
        raise Unjudged(f"`{self!s}` {self.reason}")

    def __eq__(self, other: object) -> bool:
        if self.same and isinstance(other, str) and str.__eq__(self, other):
            return True
        if not isinstance(other, str) and other is not None:
            self.ask()
        return self.ask() if other is not None else False

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:  # noqa: PLE0309 - a look-up is a question too
        self.ask()


_ASKING_METHODS = (
    "__lt__ __le__ __gt__ __ge__ __contains__ __int__ __float__ __index__ __add__ __mod__ __mul__ __getitem__ __iter__ "
    "__len__ count endswith find index isalnum isdigit isnumeric lower partition removeprefix removesuffix replace "
    "rfind rpartition rsplit rstrip lstrip split startswith strip upper casefold"
)
for _method in _ASKING_METHODS.split():
    setattr(Unresolved, _method, Unresolved.ask)


class Map(dict[str, Any]):
    """A mapping as a parser read it, with the offset of each key in the text, in the order of the keys."""

    __slots__ = ("marks",)
    marks: list[int]


class Seq(list[Any]):
    """A sequence as a parser read it, with the offset of each item in the text."""

    __slots__ = ("marks",)
    marks: list[int]


class TaggedSeq(Seq):
    """A sequence that a parser read with a tag of somebody's own: GitLab's `!reference [job, script]`.

    Args:
        tag: the tag, with its `!`.
    """

    __slots__ = ("tag",)
    tag: str

    def __init__(self, tag: str = "") -> None:
        super().__init__()
        self.tag = tag


@lru_cache(maxsize=4096)
def parse_path(text: str) -> Path:
    """Turn `spec.containers[0].image` or `metadata.annotations["a.b/c"]` into its steps."""
    steps: list[str | int] = []
    for quoted, index, key in _STEP.findall(text):
        if quoted:
            steps.append(quoted)
        elif index:
            steps.append(int(index))
        else:
            steps.append(key)
    return tuple(steps)


_STEP = re.compile(r'\["([^"]*)"\]|\[(\d+)\]|([^.\[\]]+)')
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_/-]+\Z")


@lru_cache(maxsize=4096)
def format_path(path: Path) -> str:
    """The inverse of parse_path."""
    parts: list[str] = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif _PLAIN_KEY.match(step):
            parts.append(f".{step}" if parts else step)
        else:
            parts.append(f'["{step}"]')
    return "".join(parts)


def meet(one: Path, other: Path) -> bool:
    """Whether one of two paths leads to, above or below what the other leads to."""
    return one[: len(other)] == other[: len(one)]


def look(body: object, path: Path) -> Any:
    """What stands at `path`; None where nothing does.

    Raises:
        Unjudged: a value on the way is not decided yet, or is of a type that has no such step.
    """
    for depth, step in enumerate(path):
        if isinstance(body, dict):
            body = body.get(step)
        elif body is None:
            return None
        elif isinstance(body, list) and isinstance(step, int):
            body = body[step] if step < len(body) else None
        elif isinstance(body, Unresolved):
            body.ask()
        else:
            wanted = "a list" if isinstance(step, int) else "a mapping"
            raise Unjudged(f"{format_path(path[:depth]) or 'the document'} is {a_type(body)} where {wanted} is wanted")
    return body


def text_of(value: object) -> str:
    """A text as it stands, decided or not: what can be shown and compared with itself.

    Raises:
        Unjudged: it is no text.
    """
    if isinstance(value, str):
        return str.__str__(value)
    raise Unjudged(f"{a_type(value)} stands where a string is wanted")


def a_type(value: object) -> str:
    """The kind of a value in words: `a string`, `a list`."""
    for types, name in _TYPE_NAMES:
        if isinstance(value, types):
            return name
    return type(value).__name__


_TYPE_NAMES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "a boolean"),
    (int, "an integer"),
    (float, "a number"),
    (str, "a string"),
    (Mapping, "a mapping"),
    ((list, tuple), "a list"),
    (type(None), "empty"),
)
