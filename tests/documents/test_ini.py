from __future__ import annotations

import pytest

from readycheck.documents.ini import parse_ini
from readycheck.documents.yaml import locate


def test_sections_hold_their_keys() -> None:
    documents, faults = parse_ini('; head\ntop = 1\n[web]\nuser=bob\npassword = "x=y"\n# more\n[db]\nhost: h\n')
    assert documents[0].body == {
        "DEFAULT": {"top": "1"},
        "web": {"user": "bob", "password": "x=y"},
        "db": {"host": "h"},
    }
    assert faults == []


def test_a_section_that_stands_twice_is_one() -> None:
    documents, _ = parse_ini("[web]\na = 1\n[db]\n[web]\na = 2\nb = 3\n")
    assert documents[0].body == {"web": {"a": "2", "b": "3"}, "db": {}}


@pytest.mark.parametrize("value", ['"""two\nlines"""', "`two\nlines`"])
def test_a_quoted_value_may_have_lines(value: str) -> None:
    assert parse_ini(f"[web]\nkey = {value}\nnext = 1\n")[0][0].body == {"web": {"key": "two\nlines", "next": "1"}}


def test_sections_and_keys_have_their_places() -> None:
    text = "[web]\nuser = bob\n\n[db]\n  host = h\n"
    body = parse_ini(text)[0][0].body
    paths = (("web",), ("web", "user"), ("db",), ("db", "host"))
    assert [text[locate(body, path, 0) :].partition("\n")[0] for path in paths] == [
        "web]",
        "user = bob",
        "db]",
        "host = h",
    ]


def test_a_line_that_is_neither_is_a_fault_and_the_rest_is_read() -> None:
    documents, faults = parse_ini("[web]\njunk\nkey = 1\n")
    assert documents[0].body == {"web": {"key": "1"}}
    assert [(fault.line, fault.reason) for fault in faults] == [(2, "is neither a section nor a key with a value")]


def test_an_empty_file_holds_no_document() -> None:
    assert parse_ini("; nothing\n") == ([], [])
