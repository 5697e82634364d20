"""JSON documents, with the place of every key and item.

JSON is no subset of what libyaml reads: it refuses the escapes of characters beyond U+FFFF and long keys. So JSON has
a reader of its own: the standard library's judges whether it is valid, and one pass over the tokens finds the places.
"""

from __future__ import annotations

import json
import re
from sys import intern
from typing import Any

import orjson

from readycheck.documents.composer import DEEPEST, MOST_NODES, Composer, Refused, too_deep, too_large
from readycheck.documents.scalars import PlainScalars, undecided
from readycheck.documents.text import LineCounter, line_of
from readycheck.documents.yaml import BYTE_ORDER_MARK, Document, Fault
from readycheck.model import Seq

_TOKEN = re.compile(r'([{\[])|([}\]])|"((?:[^"\\]++|\\.)*)"(?:[ \t\r\n]*+(:))?|([^\s,:{}\[\]"]+)')
_LITERALS = PlainScalars()


def parse_json(text: str, *, templated: bool = True) -> tuple[list[Document], list[Fault]]:
    """Read a JSON text; a list at the top gives a document for each of its items, an empty text none.

    What is not valid is a fault. A key that stands twice is one too, and the document comes all the same. Strings
    with `${VAR}` and, where `templated`, `{{ }}` become Unresolved.

    Args:
        text: the text, as read_text gives it.
        templated: whether `{{ }}` is a template expression.
    """
    start = len(BYTE_ORDER_MARK) if text.startswith(BYTE_ORDER_MARK) else 0
    if not text[start:].strip():
        return [], []
    composer = Composer(text, templated=templated)
    try:
        _validate(text[start:], start)
        body, offset = _compose(text, start, composer, templated=templated)
    except Refused as refusal:
        return [], [Fault(line_of(text, refusal.offset), refusal.reason)]
    whole = zip(body, body.marks, strict=True) if isinstance(body, Seq) else [(body, offset)]
    lines = LineCounter(text)
    documents = [Document(part, place, lines.line(place)) for part, place in whole if part is not None]
    return documents, [Fault(line_of(text, place), reason) for place, reason in sorted(composer.faults)]


def parse_json_without_places(text: str) -> tuple[list[Document], list[Fault]]:
    """Read a JSON object as parse_json does, in a fraction of the time: its body doesn't know where its parts stand.

    For reports of which hardly any part is ever pointed at.
    """
    try:
        body = orjson.loads(text)
    except orjson.JSONDecodeError:
        return parse_json(text, templated=False)  # which says what is wrong, and where
    if not isinstance(body, dict):
        return parse_json(text, templated=False)
    offset = text.find("{")
    return [Document(body, offset, line_of(text, offset))], []


def _validate(text: str, start: int) -> None:
    try:
        json.loads(text, parse_int=str)  # str: int() refuses numbers of more than 4,300 digits
    except json.JSONDecodeError as error:
        problem = error.msg[0].lower() + error.msg[1:].removesuffix(" at").removesuffix(" starting")
        raise Refused(f"is not valid JSON: {problem}", start + error.pos) from error
    except RecursionError:
        return  # what precedes is valid, and composing stops far before that depth


def _compose(text: str, start: int, composer: Composer, *, templated: bool) -> tuple[Any, int]:
    """The body of a valid text, and its offset."""
    stack: list[tuple[list[str] | None, list[Any], list[int]]] = []
    keys: list[str] | None = None
    values: list[Any] = []
    marks: list[int] = []
    for count, token in enumerate(_TOKEN.finditer(text, start)):
        offset = token.start()
        if count >= MOST_NODES:
            raise too_large(offset)
        opening, closing, string, colon, literal = token.groups()
        if colon:
            keys.append(intern(_string(string)))  # type: ignore[union-attr] # only objects have keys
            marks.append(offset)
            continue
        if closing:
            value = values if keys is None else composer.settle(keys, values, marks, merging=False)
            keys, values, marks = stack.pop()
            values.append(value)
            continue
        if keys is None:
            marks.append(offset)
        if opening:
            if len(stack) >= DEEPEST:
                raise too_deep(offset)
            stack.append((keys, values, marks))
            marks = []
            if opening == "{":
                keys, values = [], []
            else:
                keys, values = None, Seq()
                values.marks = marks
        elif literal:
            values.append(_literal(literal, offset))
        else:
            values.append(undecided(_string(string), templated=templated))
    return values[0], marks[0]


def _literal(written: str, offset: int) -> Any:
    if written.endswith(("NaN", "Infinity")):  # which the standard library accepts
        raise Refused("is not valid JSON: NaN and Infinity are no JSON values", offset)
    return _LITERALS[written]


def _string(written: str) -> str:
    if "\\" not in written:
        return written
    value: str = json.loads(f'"{written}"')
    # A lone half of a surrogate pair is no character and could not be printed; Go's reader replaces it as well.
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
