"""Edits of JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readycheck.documents.edits import Change, Code, Refused
from readycheck.documents.edits.json import revise


def one(text: str, path: tuple[str | int, ...], value: Any, document: int = 0) -> str:
    return revise(text, [Change(document, path, value)])


@pytest.mark.parametrize(
    ("text", "path", "value", "revised"),
    [
        ('{\n  "a": 1\n}\n', ("b",), 2, '{\n  "a": 1,\n  "b": 2\n}\n'),
        ('{"a": 1}', ("b",), {"c": [1]}, '{"a": 1, "b": {"c": [1]}}'),
        ('{\n  "a": {}\n}\n', ("a", "b"), 1, '{\n  "a": {\n    "b": 1\n  }\n}\n'),
        ('{\r\n\t"a": [\r\n\t\t1\r\n\t]\r\n}', ("a", 1), 2, '{\r\n\t"a": [\r\n\t\t1,\r\n\t\t2\r\n\t]\r\n}'),
        ('{ "a": "x\\u00e9", "b": true }', ("b",), False, '{ "a": "x\\u00e9", "b": false }'),
        ('{\n  "a": 1\n}\n', ("b",), {"c": 2}, '{\n  "a": 1,\n  "b": {\n    "c": 2\n  }\n}\n'),
    ],
)
def test_only_what_is_meant_changes(text: str, path: tuple[str | int, ...], value: Any, revised: str) -> None:
    assert one(text, path, value) == revised


def test_a_list_at_the_top_has_several_documents() -> None:
    assert one('[{"a": 1}, {"a": 2}]', ("a",), 3, document=1) == '[{"a": 1}, {"a": 3}]'


@pytest.mark.parametrize(
    ("text", "path", "code"),
    [
        ('{"a": 1, "sops": {"mac": "x"}}', ("a",), Code.ENCRYPTED),
        ('{"a": 1,}', ("a",), Code.UNPARSABLE),
        ('{"a": "x"}', ("a", "b"), Code.MISSING),
    ],
)
def test_what_could_go_wrong_is_refused(text: str, path: tuple[str | int, ...], code: Code) -> None:
    with pytest.raises(Refused) as caught:
        one(text, path, 2)
    assert caught.value.code is code


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text('aé"\\ \n', max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", 'c"']), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["a", "b", "c"]), VALUES, min_size=1),
    st.sampled_from([None, 2, "\t"]),
    VALUES,
    st.data(),
)
def test_any_value_is_set_as_meant(
    body: dict[str, Any], indent: int | str | None, value: Any, data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from([*body, "new"]))
    text = json.dumps(body, indent=indent, ensure_ascii=data.draw(st.booleans()))
    assert json.loads(one(text, (key,), value)) == {**body, key: value}
