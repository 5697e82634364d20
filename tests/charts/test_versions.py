"""Which versions of charts a range lets in."""

from __future__ import annotations

import pytest

from readycheck.charts.facts import facts_of, tables
from readycheck.charts.versions import parse_range, parse_version


@pytest.mark.parametrize(
    ("constraint", "inside", "outside"),
    [
        ("4.x", ["4.0.0", "4.15.1"], ["3.41.0", "5.0.0"]),
        ("4.11.*", ["4.11.0", "4.11.9"], ["4.10.6", "4.12.0"]),
        (">=4.0.0 <5", ["4.0.0", "4.99.0"], ["3.9.9", "5.0.0"]),
        (">= 4.0.0, < 4.2.0", ["4.1.9"], ["4.2.0"]),
        ("^1.2.3", ["1.2.3", "1.9.0"], ["1.2.2", "2.0.0"]),
        ("^0.2.3", ["0.2.3", "0.2.9"], ["0.3.0"]),
        ("~1.2.3", ["1.2.3", "1.2.9"], ["1.3.0"]),
        ("~1", ["1.0.0", "1.9.9"], ["2.0.0"]),
        ("<=1.2", ["1.2.9", "0.1.0"], ["1.3.0"]),
        (">1.2", ["1.3.0"], ["1.2.9"]),
        ("1.2 - 1.4.5", ["1.2.0", "1.4.5"], ["1.4.6", "1.1.9"]),
        ("1.x || 3.x", ["1.5.0", "3.0.1"], ["2.0.0"]),
        ("!=1.2.0", ["1.1.0", "1.2.1"], ["1.2.0"]),
        ("*", ["0.0.1", "88.0.0"], []),
        ("", ["0.0.1", "88.0.0"], []),
        ("v1.15.3", ["1.15.3"], ["1.15.2", "1.15.4"]),
    ],
)
def test_a_range_lets_in_what_helm_lets_in(constraint: str, inside: list[str], outside: list[str]) -> None:
    span = parse_range(constraint)
    assert span is not None
    decided = {text: span.has(version) for text in [*inside, *outside] if (version := parse_version(text))}
    assert decided == dict.fromkeys(inside, True) | dict.fromkeys(outside, False)


@pytest.mark.parametrize("text", ["HEAD", "main", "4.x.y.z", "latest"])
def test_what_is_no_range_is_told_apart(text: str) -> None:
    assert parse_range(text) is None


def test_what_comes_before_a_release_is_older_than_the_release() -> None:
    before, release = parse_version("1.16.0-beta.1"), parse_version("v1.16.0+build.7")
    assert before is not None
    assert release is not None
    assert before < release


@pytest.mark.parametrize("chart", sorted(tables()))
def test_a_table_is_in_the_order_of_its_versions_and_says_where_it_is_from(chart: str) -> None:
    facts = facts_of(chart)
    assert facts is not None
    numbers = [parse_version(version) for version in facts.versions]
    assert None not in numbers
    assert numbers == sorted(filter(None, numbers))
    assert facts.source
    assert facts.date.startswith("2026-")
    for history in facts.histories.values():
        since = [index for index, _ in history]
        assert since == sorted(since)
    for path in facts.histories:
        assert any(path[: len(part)] == part or part[: len(path)] == path for part in facts.covers), path
