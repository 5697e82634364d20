"""Random changes of random YAML, written in all the ways that people write it: right or refused, never wrong."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from readycheck.documents.edits import Change, Code, Refused
from readycheck.documents.edits.yaml import revise
from readycheck.documents.yaml import parse

WORDS = st.sampled_from(
    [
        "web",
        "a b",
        "true",
        "yes",
        "1",
        "0644",
        "1.5",
        "~",
        "",
        "a: b",
        "- x",
        "#no",
        "é😀",
        "x\ny",
        "'",
        '"',
        "a\\",
        "{{",
        "*",
        "2026-01-01",
        "1:30",
        "=",
        "<<",
        "\u2028",
        "\x7f",
        "a #b",
        "end:",
        "100m",
        "http://x/y?z",
    ]
)
SCALARS = st.one_of(
    WORDS,
    st.text(st.characters(max_codepoint=0x2FFF, exclude_characters="$"), max_size=8),
    st.integers(-9, 99),
    st.booleans(),
    st.none(),
    st.floats(-5, 5),
)
KEYS = st.sampled_from(["a", "b", "c", "name", "x-y", "app.kubernetes.io/name", "on", "1", "k v"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)


class Writer:
    """Writes data as YAML in a style that is drawn anew at each turn."""

    def __init__(self, draw: Any) -> None:
        self._draw = draw
        self.newline = draw(st.sampled_from(["\n", "\n", "\r\n"]))

    def _chance(self, percent: int) -> bool:
        return bool(self._draw(st.integers(0, 99)) < percent)

    def comment(self, indent: int) -> list[str]:
        if not self._chance(15):
            return []
        return [self._draw(st.sampled_from(["", "# note", " " * indent + "# note: x", " " * indent + "#- y"]))]

    def tail(self) -> str:
        return str(self._draw(st.sampled_from(["", "", "", "  # tail", " ", "\t# tab"])))

    def scalar(self, value: Any) -> str:
        if value is None:
            return str(self._draw(st.sampled_from(["null", "~", "Null"])))
        if isinstance(value, str):
            plain = str(yaml.safe_dump(value, width=10**6, allow_unicode=True)).split("\n")[0]
            return (
                plain
                if self._chance(50) and "\n" not in value and parse(f"a: {plain}")[0][0].body["a"] == value
                else self.quoted(value)
            )
        return str(yaml.safe_dump(value)).split("\n")[0]

    def quoted(self, value: str) -> str:
        return str(yaml.safe_dump(value, default_style='"', width=10**6).strip())

    def flow(self, value: Any) -> str:
        space = str(self._draw(st.sampled_from(["", " "])))
        if isinstance(value, dict):
            parts = [f"{self.scalar(key)}: {self.flow(item)}" for key, item in value.items()]
            return "{" + space + ", ".join(parts) + space + "}"
        if isinstance(value, list):
            return "[" + space + ", ".join(map(self.flow, value)) + space + "]"
        return self.quoted(value) if isinstance(value, str) else self.scalar(value)

    def block(self, value: Any, column: int) -> list[str]:
        """The lines of a collection that is not empty, at a column."""
        lines: list[str] = []
        step = self._draw(st.sampled_from([2, 2, 4, 1]))
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            lines += self.comment(column)
            head = " " * column + ("-" if isinstance(value, list) else f"{self.scalar(key)}:")
            if isinstance(item, dict | list) and item and self._chance(80):
                if isinstance(value, list):
                    inner = self.block(item, column + 2)
                    while inner and (not inner[0].strip() or inner[0].lstrip().startswith("#")):
                        inner.pop(0)
                    lines += [head + " " + inner[0][column + 2 :], *inner[1:]]
                else:
                    dash = self._draw(st.sampled_from([0, step])) if isinstance(item, list) else step
                    lines += [head + self.tail(), *self.block(item, column + dash)]
            elif isinstance(item, str) and item.strip() and item.isascii() and item.isprintable() and self._chance(15):
                style = self._draw(st.sampled_from(["|", "|-", "|+", ">", ">-"]))
                lines += [f"{head} {style}", " " * (column + 2) + item.strip()]
                lines += [""] * self._draw(st.integers(0, 2))
            elif item is None and isinstance(value, dict) and self._chance(40):
                lines.append(head + self.tail())
            else:
                lines.append(
                    f"{head} {self.flow(item) if isinstance(item, dict | list) else self.scalar(item)}{self.tail()}"
                )
        return lines


@st.composite
def texts(draw: Any) -> str:
    writer = Writer(draw)
    lines: list[str] = []
    for number in range(draw(st.integers(1, 3))):
        lines += ["---"] if number or draw(st.booleans()) else []
        body = draw(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
        lines += writer.block(body, 0)
    return str(writer.newline.join(lines) + draw(st.sampled_from(["", writer.newline])))


def paths(body: Any, prefix: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [prefix] if prefix else []
    if isinstance(body, dict):
        found.append((*prefix, "new"))
        for key, value in body.items():
            found += paths(value, (*prefix, key))
    elif isinstance(body, list):
        found.append((*prefix, len(body)))
        for index, value in enumerate(body):
            found += paths(value, (*prefix, index))
    return found


def put(body: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """The plain data with one value set: the judge's own way, on copies without places."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(body, list):
        assert isinstance(step, int)
        return [*body[:step], put(body[step] if step < len(body) else None, rest, value), *body[step + 1 :]]
    return {**(body or {}), step: put((body or {}).get(step), rest, value)}


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_change_is_made_as_meant_or_refused(data: st.DataObject) -> None:
    text = data.draw(texts())
    documents, faults = parse(text)
    if faults or not documents:
        return
    number = data.draw(st.integers(0, len(documents) - 1))
    path = data.draw(st.sampled_from(paths(documents[number].body) or [("new",)]))
    value = data.draw(VALUES)
    try:
        revised = revise(text, [Change(number, path, value)])
    except Refused as refused:
        event(f"refused: {refused.code.value}")
        if refused.code is Code.UNPROVEN:
            raise  # only the check behind it has seen that it would have been wrong
        return
    event("made")
    found, faults = parse(revised)
    wanted = [each.body for each in documents]
    wanted[number] = put(wanted[number], path, value)
    assert not faults
    assert repr([each.body for each in found]) == repr(wanted) or [each.body for each in found] == wanted
    if path[-1] == "new":
        assert lost_lines(text, revised) <= 1


def lost_lines(before: str, after: str) -> int:
    """How many lines of a text are no longer there, in their order."""
    old, new = before.splitlines(), after.splitlines()
    longest = [0] * (len(new) + 1)
    for line in old:
        diagonal = 0
        for column, other in enumerate(new, start=1):
            diagonal, longest[column] = (
                longest[column],
                diagonal + 1 if line == other else max(longest[column], longest[column - 1]),
            )
    return len(old) - longest[-1]
