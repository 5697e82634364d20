"""Every rule does what its fixtures say."""

from __future__ import annotations

from pathlib import Path

import pytest

from readycheck import packs
from readycheck.harness import cases, run, run_case

FIXTURES = Path(__file__).parents[1] / "fixtures" / "rules"
RULES = {rule.id: rule for rule in packs.load()}
CASES = [(rule_id, case) for rule_id in RULES for case in cases(FIXTURES / rule_id)]


@pytest.mark.parametrize(
    ("rule_id", "case"), [pytest.param(rule_id, case, id=f"{rule_id}/{case.name}") for rule_id, case in CASES]
)
def test_findings_are_those_that_the_case_announces(rule_id: str, case: Path) -> None:
    assert run_case(case, RULES[rule_id]).complaints == []


def test_each_rule_has_an_ok_and_a_fail_case_and_each_case_a_rule() -> None:
    results = {result.name: result.complaints for result in run(FIXTURES, list(RULES.values()))}
    assert {name: complaints for name, complaints in results.items() if complaints} == {}
