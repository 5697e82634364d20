"""YAML documents as Kubernetes reads them, with the place of every key and item."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from yaml import MarkedYAMLError
from yaml._yaml import CParser
from yaml.reader import ReaderError

from readycheck.documents.composer import Composer, Refused
from readycheck.documents.events import DocumentStartEvent
from readycheck.documents.text import LineCounter, line_of
from readycheck.model import Map, Path, Seq, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

BYTE_ORDER_MARK = "\ufeff"
MOST_FAULTS = 100
"""Faults told of one text; nothing is read behind that many broken documents."""

_DOCUMENT_START = re.compile(r"(?<![^\r\n])---(?![^ \t\r\n])")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_CONTENT = re.compile(r"[^\r\n]")
_TEMPLATE_MARKS = ("{{", "{%", "%{")
_NOT_READ_ON = f"is not read from here on, behind {MOST_FAULTS} broken documents"


class Document(Struct, frozen=True, eq=False):
    """One document of a file.

    Args:
        body: what it holds: a Map, a Seq or a scalar; never None.
        offset: where that starts in the text, at the first key of a mapping.
        line: the line of the offset.
    """

    body: Any
    offset: int
    line: int


class Fault(Struct, frozen=True):
    """Something in a text that is wrong or could not be read.

    Args:
        line: where.
        reason: what, for people; never a value, which could be secret.
    """

    line: int
    reason: str


def parse(text: str, *, templated: bool = True, decided: bool = False) -> tuple[list[Document], list[Fault]]:
    """Read the documents of a YAML text.

    Scalars become what sigs.k8s.io/yaml makes of them, keys stay the text that stands there, `${VAR}` and, where
    `templated`, `{{ }}` become Unresolved. A broken document is a fault, and reading goes on at the next `---`. A key
    that stands twice is a fault, and its document comes all the same. Empty documents give nothing.

    Args:
        text: the text, as read_text gives it.
        templated: whether `{{ }}` is a template expression; False for what an engine has rendered.
        decided: whether `${VAR}` is no variable either, but what stands there for good: in what an API answers with.
    """
    templated = templated and not decided
    try:
        return _Reading(text, templated=templated, decided=decided).run()
    except ReaderError:
        # libyaml decodes ahead of what it parses, so one forbidden character takes the documents before it along.
        readable, found = _without_forbidden(text)
        documents, faults = _Reading(readable, templated=templated, decided=decided).run()
        return documents, sorted([*found, *faults], key=lambda fault: fault.line)


def locate(body: object, path: Path, offset: int) -> int:
    """Where a path stands in the text: the key of its last step, or the item; of the deepest part that exists.

    Args:
        body: a document's body.
        path: the way into it; the empty one is the document's first key.
        offset: the answer where the body has no marks: the document's own offset.
    """
    if not path and isinstance(body, Map | Seq) and body.marks:
        return body.marks[0]
    for step in path:
        if isinstance(body, Map) and step in body:
            position = list(body).index(str(step))
        elif isinstance(body, Seq) and isinstance(step, int) and 0 <= step < len(body):
            position = step
        else:
            break
        if position >= len(body.marks):  # put in after parsing: it stands nowhere
            break
        offset = body.marks[position]
        body = body[step]  # type: ignore[index] # an index into a Seq, a key of a Map: seen above
    return offset


class _Reading:
    """One pass over the documents of a text."""

    def __init__(self, text: str, *, templated: bool, decided: bool) -> None:
        self._text = text
        self._composer = Composer(text, templated=templated, decided=decided)
        self._documents: list[Document] = []
        self._broken: list[tuple[int, str]] = []
        self._lines = LineCounter(text)

    def run(self) -> tuple[list[Document], list[Fault]]:
        # libyaml drops the mark without counting it
        start: int | None = len(BYTE_ORDER_MARK) if self._text.startswith(BYTE_ORDER_MARK) else 0
        while start is not None:
            if len(self._broken) == MOST_FAULTS:
                self._broken.append((start, _NOT_READ_ON))
                break
            start = self._read_from(start)
        found = sorted([*self._broken, *self._composer.faults])
        if len(found) > MOST_FAULTS + 1:
            found[MOST_FAULTS:] = [(found[MOST_FAULTS][0], f"has {len(found) - MOST_FAULTS} more faults from here on")]
        return self._documents, [Fault(line_of(self._text, offset), reason) for offset, reason in found]

    def _read_from(self, base: int) -> int | None:
        """Read documents up to the end or the first broken one; where to go on behind that."""
        get_event: Callable[[], Any] = CParser(self._text[base:] if base else self._text).get_event
        begun = base
        try:
            get_event()  # the start of the stream
            while True:
                event = get_event()
                kind = type(event)
                if kind is not DocumentStartEvent:
                    return None
                begun = base + event.start_mark.index
                body, offset = self._composer.compose(get_event, base)
                if isinstance(body, Unresolved):
                    self._broken.append((offset, f"holds nothing but what {body.reason}"))
                elif body is not None:
                    self._documents.append(Document(body, offset, self._lines.line(offset)))
        except MarkedYAMLError as error:
            where = base + (error.problem_mark.index if error.problem_mark else 0)
            opened = base + error.context_mark.index if error.context_mark else begun
            return self._give_up(begun, where, _in_words(error, self._text[where : where + 1]), opened)
        except Refused as refusal:
            return self._give_up(begun, refusal.offset, refusal.reason, refusal.offset)

    def _give_up(self, begun: int, where: int, reason: str, opened: int) -> int | None:
        """Note a broken document; where the next one starts.

        Args:
            begun: where the document starts.
            where: where the parser stopped.
            reason: why.
            opened: where that began which the parser did not find the end of.
        """
        next_start = _DOCUMENT_START.search(self._text, max(where, begun + len("---")))
        end = next_start.start() if next_start else len(self._text)
        if any(self._text.find(mark, begun, end) >= 0 for mark in _TEMPLATE_MARKS):
            reason += "; it looks like a template that was not rendered"
        if where >= end:
            where = min(opened, begun + len(self._text[begun:end].rstrip()))
        self._broken.append((where, reason))
        return next_start.start() if next_start else None


def _in_words(error: MarkedYAMLError, character: str) -> str:
    """What libyaml says of an error. Its words never hold what stands in the text."""
    problem = "a tab stands where indentation must be spaces" if character == "\t" else error.problem
    return f"is not valid YAML: {problem}" + (f" ({error.context})" if error.context else "")


def _without_forbidden(text: str) -> tuple[str, list[Fault]]:
    """The text with its documents that hold a forbidden character blanked, and a fault for each of them."""
    faults: list[Fault] = []
    parts: list[str] = []
    kept = 0
    starts = [0, *(match.start() for match in _DOCUMENT_START.finditer(text)), len(text)]
    for start, end in pairwise(starts):
        forbidden = _FORBIDDEN.search(text, start, end)
        if forbidden and len(faults) == MOST_FAULTS:
            faults.append(Fault(line_of(text, start), _NOT_READ_ON))
            return "".join([*parts, text[kept:start]]), faults
        if forbidden:
            reason = f"is not valid YAML: the control character U+{ord(forbidden[0]):04X} is not allowed"
            faults.append(Fault(line_of(text, forbidden.start()), reason))
            parts += text[kept:start], _CONTENT.sub(" ", text[start:end])
            kept = end
    return "".join([*parts, text[kept:]]), faults
