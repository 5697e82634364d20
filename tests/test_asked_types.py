"""What a rule says that it looks at of an account is all that it looks at: without the rest it says the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from readycheck import packs
from readycheck.harness import run_case
from readycheck.model import Collected
from readycheck.rule import Rule
from readycheck.sources import recorded
from readycheck.sources.recorded import account
from readycheck.terraform.types import TYPES

FIXTURES = Path(__file__).parents[1] / "fixtures" / "rules"
RULES = [rule for rule in packs.load() if rule.declaration.asks]
RECORDED = [(rule, file.parent) for rule in RULES for file in sorted((FIXTURES / rule.id).rglob("aws.json"))]


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_a_rule_looks_at_types_that_are_read(rule: Rule) -> None:
    assert rule.asks <= set(TYPES)
    assert any(asking == rule for asking, _ in RECORDED)


@pytest.mark.parametrize(("rule", "case"), RECORDED, ids=[f"{rule.id}/{case.name}" for rule, case in RECORDED])
def test_a_rule_says_the_same_where_nothing_else_is_read(
    monkeypatch: pytest.MonkeyPatch, rule: Rule, case: Path
) -> None:
    whole = account.collect

    def asked(file: Path) -> Collected:
        collected = whole(file)
        left = set(TYPES) - rule.asks
        return replace(
            collected,
            resources=[each for each in collected.resources if each.kind not in left],
            unread={**dict.fromkeys(left, "not asked"), **collected.unread},
        )

    readers = {**recorded._READERS, "aws.json": asked}  # noqa: SLF001 - the door that a case is read by
    monkeypatch.setattr(recorded, "_READERS", readers)
    assert run_case(case, rule).complaints == []
