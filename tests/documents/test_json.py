from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readycheck.documents.json import parse_json
from readycheck.documents.yaml import Fault, locate
from readycheck.model import Map, Seq, Unresolved


def _body(text: str) -> Any:
    (document,), faults = parse_json(text)
    assert faults == []
    return document.body


def _broken(text: str) -> Fault:
    documents, (fault,) = parse_json(text)
    assert documents == []
    return fault


def test_every_key_and_item_is_marked_with_its_offset() -> None:
    text = '{"kind": "Pod",\n\t"spec" : {"containers": [{"name": "web"}, 2, "x"]}}'
    body = _body(text)
    assert body == {"kind": "Pod", "spec": {"containers": [{"name": "web"}, 2, "x"]}}
    assert body.marks == [1, text.index('"spec"')]
    ways: dict[tuple[str | int, ...], str] = {
        ("spec", "containers"): '"containers"',
        ("spec", "containers", 0): '{"name"',
        ("spec", "containers", 0, "name"): '"name"',
        ("spec", "containers", 1): "2,",
        ("spec", "containers", 2): '"x"',
    }
    for path, there in ways.items():
        assert text[locate(body, path, 0) :].startswith(there), path


def test_a_list_at_the_top_gives_a_document_for_each_item() -> None:
    documents, faults = parse_json('[\n {"a": 1},\n null,\n {"b": 2}\n]')
    assert faults == []
    assert [(document.body, document.line, document.offset) for document in documents] == [
        ({"a": 1}, 2, 3),
        ({"b": 2}, 4, 21),
    ]


@pytest.mark.parametrize("text", ["", " \n", "\ufeff", "null", "[]"])
def test_what_holds_nothing_gives_no_document(text: str) -> None:
    assert parse_json(text) == ([], [])


def test_what_yaml_readers_refuse_in_json_is_read_and_marked() -> None:
    key = "k" * 2000
    text = '\ufeff{"a": "\\ud83d\\ude00",\n\t"' + key + '": "\\/\\u0001",\n"\\u0061b": 1}'
    body = _body(text)
    assert body == {"a": "😀", key: "/\x01", "ab": 1}
    assert [text[mark : mark + 2] for mark in body.marks] == ['"a', '"k', '"\\']


def test_half_a_surrogate_pair_becomes_a_character_that_can_be_printed() -> None:
    assert _body('{"a": "x\\ud800y"}') == {"a": "x\ufffdy"}


def test_numbers_have_their_types() -> None:
    body = _body("[[1, -0, 1.0, 1e3, 12345678901234567890, true, false]]")
    assert body == [1, 0, 1.0, 1000.0, 12345678901234567890, True, False]
    assert [type(value) for value in body] == [int, int, float, float, int, bool, bool]


def test_words_and_timestamps_in_quotes_are_text() -> None:
    assert _body('{"a": "yes", "b": "1", "c": "2001-01-01", "<<": {"d": "~"}}') == {
        "a": "yes",
        "b": "1",
        "c": "2001-01-01",
        "<<": {"d": "~"},
    }


def test_a_variable_is_undecided() -> None:
    assert isinstance(_body('{"a": "${X}"}')["a"], Unresolved)


def test_a_key_that_stands_twice_is_a_fault_and_the_document_comes() -> None:
    documents, faults = parse_json('{"a": {"b": 1,\n"b": 2}, "c": 3}')
    assert faults == [Fault(2, "the key 'b' stands twice in one mapping")]
    assert documents[0].body["c"] == 3
    assert isinstance(documents[0].body["a"]["b"], Unresolved)


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ('{"a": 1,\n2}', 2, "expecting property name enclosed in double quotes"),
        ("{a: 1}", 1, "expecting property name enclosed in double quotes"),
        ('{"a": 1}\n{"b": 2}', 2, "extra data"),
        ('{"a":\n"x\n"}', 2, "invalid control character"),
        ('{"a": "x', 1, "unterminated string"),
        ('\ufeff{"a":\r\n\r\n1 2}', 3, "expecting ',' delimiter"),
        ('{"a":\n-Infinity}', 2, "NaN and Infinity are no JSON values"),
        ('// x\n{"a": 1}', 1, "expecting value"),
    ],
)
def test_what_is_not_valid_is_a_fault_with_its_line(text: str, line: int, problem: str) -> None:
    assert _broken(text) == Fault(line, f"is not valid JSON: {problem}")


def test_nesting_beyond_what_manifests_need_is_refused() -> None:
    assert isinstance(_body("[" + "[" * 199 + "]" * 199 + "]"), Seq)
    assert _broken("[" * 201 + "]" * 201) == Fault(1, "is nested more than 200 levels deep")
    assert _broken("[" * 1_000_000) == Fault(1, "is nested more than 200 levels deep")
    assert _broken('{"a":\n' * 1_000_000) == Fault(201, "is nested more than 200 levels deep")


def test_hostile_text_takes_bounded_time() -> None:
    begun = time.perf_counter()
    assert _broken("[" + "1," * 3_000_000 + "1]").reason == "expands to more than 1,000,000 values"
    assert len(_body('{"a": "' + "\\n" * 3_000_000 + '"}')["a"]) == 3_000_000
    assert _broken('"' + "\\" * 3_000_001).line == 1
    assert _broken('{"a": ' + "9" * 3_000_000 + "}}").line == 1
    assert _body('{"a": ' + "9" * 100_000 + "}")["a"] == "9" * 100_000
    documents, _ = parse_json("[" + '{"a": 1},\n' * 200_000 + "{}]")
    assert documents[199_999].line == 200_000
    assert time.perf_counter() - begun < 15


_data = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(blacklist_categories=["Cs"])),
    lambda part: st.lists(part) | st.dictionaries(st.text(st.characters(blacklist_categories=["Cs"])), part),
    max_leaves=30,
)


def _assert_marked(text: str, body: Any) -> None:
    reader = json.JSONDecoder()
    if isinstance(body, Map):
        assert [reader.raw_decode(text, mark)[0] for mark in body.marks] == list(body)
        for value in body.values():
            _assert_marked(text, value)
    elif isinstance(body, Seq):
        assert [reader.raw_decode(text, mark)[0] for mark in body.marks] == body
        for value in body:
            _assert_marked(text, value)


@settings(deadline=None)  # what a machine is busy with is no failure
@given(data=_data, ascii_only=st.booleans(), indent=st.none() | st.integers(0, 3))
def test_any_data_is_read_back_and_marked(data: Any, ascii_only: bool, indent: int | None) -> None:  # noqa: FBT001
    text = json.dumps({"data": data}, ensure_ascii=ascii_only, indent=indent)
    body = _body(text)
    assert body == {"data": data}
    _assert_marked(text, body)
