from __future__ import annotations

import pytest

from readycheck.documents.dotenv import parse_dotenv
from readycheck.documents.yaml import locate
from readycheck.model import Unresolved


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("KEY=plain", "plain"),
        ("export KEY=plain", "plain"),
        ("KEY = spaced", "spaced"),
        ("KEY=with # a comment", "with"),
        ("KEY=p@ss#word", "p@ss#word"),
        ('KEY="two words" # a comment', "two words"),
        (r'KEY="a\nb"', "a\nb"),
        (r"KEY='a\nb'", r"a\nb"),
        ("KEY='one\ntwo'", "one\ntwo"),
        ('KEY="half', '"half'),
        ('KEY={"json": "object"}', '{"json": "object"}'),
        ("KEY='$literal'", "$literal"),
        ("KEY: colon", "colon"),
        ("KEY=", ""),
        ("KEY", None),
        ("KEY=former\nKEY=later", "later"),
        ("KEY=carriage\r\n", "carriage"),
    ],
)
def test_a_line_sets_its_variable(line: str, value: str | None) -> None:
    documents, faults = parse_dotenv(line)
    assert documents[0].body == {"KEY": value}
    assert faults == []


@pytest.mark.parametrize(
    "value", ["${OTHER}", "$OTHER", "http://$HOST/", '"${OTHER}"', "$(cat file)", "{{ password }}"]
)
def test_a_value_that_refers_to_something_is_not_decided(value: str) -> None:
    documents, _ = parse_dotenv(f"KEY={value}")
    assert isinstance(documents[0].body["KEY"], Unresolved)


def test_a_dollar_in_a_password_refers_to_nothing() -> None:
    documents, _ = parse_dotenv("KEY=a$1b$$c")
    assert documents[0].body == {"KEY": "a$1b$$c"}
    assert not isinstance(documents[0].body["KEY"], Unresolved)


def test_each_variable_has_its_place() -> None:
    text = '# settings\nexport ONE=1\n\nTWO="a\nb"\nTHREE=3\n'
    body = parse_dotenv(text)[0][0].body
    assert [text[locate(body, (key,), 0) :].partition("\n")[0] for key in body] == ["ONE=1", 'TWO="a', "THREE=3"]


def test_a_line_that_sets_nothing_is_a_fault_and_the_rest_is_read() -> None:
    documents, faults = parse_dotenv("ONE=1\nif [ -f x ]; then\nTWO=2\n")
    assert documents[0].body == {"ONE": "1", "TWO": "2"}
    assert [(fault.line, fault.reason) for fault in faults] == [(2, "sets no variable: a line is NAME=value")]


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing but a comment"])
def test_a_file_without_variables_holds_no_document(text: str) -> None:
    assert parse_dotenv(text) == ([], [])
