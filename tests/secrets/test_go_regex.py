from __future__ import annotations

import time

import pytest

from readycheck.secrets.go_regex import GoRegex, UnreadableRegex


@pytest.mark.parametrize(
    ("expression", "text", "matches"),
    [
        ("data", "metadata", True),
        ("^data$", "metadata", False),
        ("^data$", "data\n", False),
        ("((?i)pass|secret($|[^N]))", "PASS", True),
        ("((?i)pass|secret($|[^N]))", "mySecrets", True),
        ("(pass|secret($|[^N]))", "secretName", False),
        (r"[[:alpha:]]+\d\z", "abc1", True),
        (r"\pL+", "é", True),
        (r"\Qa.b\E", "a.b", True),
        (r"\Qa.b\E", "acb", False),
        ("", "anything", True),
    ],
)
def test_an_expression_means_what_it_means_to_go(expression: str, text: str, *, matches: bool) -> None:
    assert GoRegex(expression).matches(text) is matches


@pytest.mark.parametrize("expression", ["(?=ahead)", "(?!not)", "(?<=behind)", r"(a)\1", "(", "a**", "a{2000}"])
def test_what_go_refuses_is_unreadable(expression: str) -> None:
    with pytest.raises(UnreadableRegex, match="is no regular expression of Go"):
        GoRegex(expression)


def test_no_expression_takes_for_ever() -> None:
    started = time.perf_counter()
    assert not GoRegex("^(a+)+$").matches("a" * 5_000 + "b")
    assert time.perf_counter() - started < 1
