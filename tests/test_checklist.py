"""Every row of the checklist has its rule, or says here why not yet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from readycheck import packs

CHECKLIST = Path(__file__).parents[2] / "shared" / "checklist.md"
# Areas and single rules whose evidence no source reads yet, with what they wait for.
WAITING: dict[str, str] = {}


def rows() -> str:
    if not CHECKLIST.is_file():
        pytest.skip("the corpora and the checklist do not lie beside the project")
    return CHECKLIST.read_text("utf-8")


@pytest.fixture
def promised() -> set[str]:
    first_cells = re.findall(r"^\| ([a-z][^|]*/[^|]*) \|", rows(), re.MULTILINE)
    return {rule_id.strip() for cell in first_cells for rule_id in cell.split(",")}


@pytest.fixture
def missing(promised: set[str]) -> set[str]:
    assert len(promised) > 80
    return promised - {rule.id for rule in packs.load()}


def test_each_promised_rule_exists_or_waits_for_something(missing: set[str]) -> None:
    assert {rule_id for rule_id in missing if not WAITING.keys() & {rule_id, rule_id.partition("/")[0]}} == set()


def test_nothing_waits_that_is_there(missing: set[str]) -> None:
    assert WAITING.keys() - missing - {rule_id.partition("/")[0] for rule_id in missing} == set()


def test_a_rule_is_answered_from_a_live_cluster_where_that_is_promised() -> None:
    letters = re.findall(r"^\| ([a-z][^|]*/[^|]*) \|[^|]+\|((?: [FCAT])+) \|", rows(), re.MULTILINE)
    promised = {rule_id.strip() for cell, sources in letters if "C" in sources for rule_id in cell.split(",")}
    answered = {rule.id for rule in packs.load() if "cluster" in rule.sources}
    assert len(promised) > 40
    assert answered ^ (promised - WAITING.keys()) == set()


@pytest.mark.parametrize(("letter", "source"), [("A", "aws"), ("T", "terraform")])
def test_a_rule_is_answered_from_accounts_and_states_where_that_is_promised(letter: str, source: str) -> None:
    letters = re.findall(r"^\| ([a-z][^|]*/[^|]*) \|[^|]+\|((?: [FCAT])+) \|", rows(), re.MULTILINE)
    promised = {rule_id.strip() for cell, sources in letters if letter in sources for rule_id in cell.split(",")}
    answered = {rule.id for rule in packs.load() if source in rule.sources}
    assert len(promised) > 20
    assert promised - answered == set()
