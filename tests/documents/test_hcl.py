"""HCL is read with the place of each part, whatever else in the file is broken."""

from __future__ import annotations

from typing import Any

import pytest

from readycheck.documents.hcl import parse_hcl, parse_hcl_json
from readycheck.documents.yaml import locate
from readycheck.model import Unresolved


def body_of(text: str) -> Any:
    documents, faults = parse_hcl(text)
    assert faults == []
    return documents[0].body


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('"plain"', "plain"),
        (r'"a\tb \"c\" \\ é"', 'a\tb "c" \\ é'),
        ('"$${literal} %%{too}"', "${literal} %{too}"),
        ("5", 5),
        ("-5", -5),
        ("2.5", 2.5),
        ("true", True),
        ("null", None),
        ('["a", 1, false]', ["a", 1, False]),
        ('{ a = 1, "b" = 2, c : 3 }', {"a": 1, "b": 2, "c": 3}),
        ("<<EOT\n  a\n b\nEOT", "  a\n b\n"),
        ("<<-EOT\n    a\n      b\n  EOT", "a\n  b\n"),
    ],
)
def test_literals_are_values(written: str, read: object) -> None:
    assert body_of(f"x = {written}\n")["attributes"]["x"] == read


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("var.size", "var.size"),
        ('"a-${var.b}"', "a-${var.b}"),
        ("1 + 2", "1 + 2"),
        ('file("x")', 'file("x")'),
        ("[for x in y : x]", "[for x in y : x]"),
    ],
)
def test_what_terraform_evaluates_is_undecided_with_its_text(written: str, text: str) -> None:
    value = body_of(f"x = {written}\n")["attributes"]["x"]
    assert isinstance(value, Unresolved)
    assert str.__str__(value) == text


def test_blocks_stand_in_blocks_with_their_labels() -> None:
    body = body_of('terraform {\n  backend "s3" {\n    key = "k"\n  }\n}\nresource "a" "b" {}\n')
    terraform, resource = body["blocks"]
    assert (terraform["blocks"][0]["labels"], terraform["blocks"][0]["attributes"]) == (["s3"], {"key": "k"})
    assert (resource["type"], resource["labels"]) == ("resource", ["a", "b"])


def test_each_attribute_is_found_in_its_text_behind_letters_of_several_bytes() -> None:
    text = '# été ☃\nmodule "a" {\n  source = "./é"\n  name   = "x"\n}\n'
    body = body_of(text)
    offset = locate(body, ("blocks", 0, "attributes", "name"), 0)
    assert text[offset:].startswith('name   = "x"')


def test_a_broken_block_is_a_fault_and_the_others_are_read() -> None:
    documents, faults = parse_hcl(
        'module "a" {\n  x = 1\n}\n\nmodule "b" {\n  y = = 2\n}\n\nmodule "c" {\n  z = 3\n}\n'
    )
    assert [fault.line for fault in faults] == [6]
    assert [block["labels"] for block in documents[0].body["blocks"]] == [["a"], ["c"]]


def test_json_has_the_same_shape() -> None:
    documents, _ = parse_hcl_json(
        '{"terraform": {"backend": {"s3": {"key": "k"}}}, "module": {"vpc": {"source": "./vpc"}}}'
    )
    terraform, module = documents[0].body["blocks"]
    assert [(block["type"], block["labels"]) for block in terraform["blocks"]] == [("backend", ["s3"])]
    assert (module["type"], module["labels"], module["attributes"]) == ("module", ["vpc"], {"source": "./vpc"})


def test_a_link_that_was_checked_out_as_text_is_told_from_configuration() -> None:
    documents, faults = parse_hcl("../../common/vault.tf")
    assert (documents[0].body["link"], documents[0].body["blocks"], faults) == ("../../common/vault.tf", [], [])


def test_brackets_without_end_take_no_stack_with_them() -> None:
    documents, faults = parse_hcl("x = " + "[" * 5_000 + "]" * 5_000 + "\n")
    assert documents or faults
