"""Shell scripts as trees of statements."""

from __future__ import annotations

from readycheck.documents.script import parse_script
from readycheck.documents.shell import parse
from readycheck.documents.statements import Chain, Pipe, Simple, Statement
from readycheck.documents.words import opaque


def only(text: str) -> Statement:
    (statement,), faults = parse(text)
    assert faults == []
    return statement


def test_long_chains_are_as_flat_as_they_are_written() -> None:
    chain = only(" && ".join(f"c{number}" for number in range(3000)))
    assert isinstance(chain, Chain)
    assert [operator for operator, _ in chain.links] == ["", *["&&"] * 2999]


def test_what_follows_the_start_of_a_heredoc_is_not_lost() -> None:
    pipe = only("cat <<EOF | kubectl apply -f -\ndata\nEOF\n")
    assert isinstance(pipe, Pipe)
    assert [part.text for part in pipe.parts] == ["cat", "kubectl apply -f -"]
    chain = only("bash <<EOF || true\ndata\nEOF\n")
    assert isinstance(chain, Chain)
    assert [operator for operator, _ in chain.links] == ["", "||"]


def test_statements_have_their_lines_and_texts() -> None:
    statements, _ = parse("a\n\nb \\\n  c\n# no\nd\n")
    assert [(statement.line, statement.text) for statement in statements] == [(0, "a"), (2, "b \\\n  c"), (5, "d")]


def test_expressions_stand_in_words_as_they_are_written() -> None:
    simple = only("push ${{ a || 'b c' }} \"x-${{ d }}\" y")
    assert isinstance(simple, Simple)
    assert [word.text for word in simple.words] == ["push", "${{ a || 'b c' }}", "x-${{ d }}", "y"]


def test_what_is_opaque_stays_in_one_piece() -> None:
    simple = only(f"push {opaque('$(foreach x,a b,$(x))')}")
    assert isinstance(simple, Simple)
    assert [word.text for word in simple.words] == ["push", "$(foreach x,a b,$(x))"]


def test_a_broken_spot_is_told_and_the_rest_is_read() -> None:
    statements, faults = parse("a\nif b; then\nc\n")
    assert statements[0].text == "a"
    assert faults


def test_a_script_is_its_lines_with_their_offsets() -> None:
    (document,), faults = parse_script("#!/bin/sh\r\n\nä\n")
    assert faults == []
    assert document.body["lines"] == ["#!/bin/sh", "", "ä", ""]
    assert document.body["lines"].marks == [0, 11, 12, 14]
