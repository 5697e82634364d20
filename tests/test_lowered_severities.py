"""What is wrong by little fails, and less severely than its rule's other findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.model import Severity
from readycheck.sources.files import FilesRequest, collect

FIXTURES = Path(__file__).parents[1] / "fixtures" / "rules"
RULES = {rule.id: rule for rule in packs.load()}


def severities(rule: str, case: str) -> set[Severity]:
    path = FIXTURES / rule / case
    source = collect(FilesRequest(paths=(path,), repository=path if path.is_dir() else path.parent))
    selection = Selection(RULES[rule], RULES[rule].declaration.severity, {})
    return {outcome.severity for outcome in judge((selection,), Inventory((source,))) if outcome.findings}


@pytest.mark.parametrize(
    ("rule", "case"),
    [
        ("network/load-balancer-tls", "fail-no-policy.yaml"),
        ("network/load-balancer-tls", "fail-listener-of-terraform-without-a-policy"),
        ("network/ingress-controller-supported", "fail-release.yaml"),
        ("vault/not-dev-mode", "fail-dummy-token"),
    ],
)
def test_what_is_wrong_by_little_is_of_low_severity(rule: str, case: str) -> None:
    assert severities(rule, case) == {Severity.LOW}


@pytest.mark.parametrize(
    ("rule", "case", "severity"),
    [
        ("network/load-balancer-tls", "fail-policy-of-old-versions.yaml", Severity.HIGH),
        ("network/load-balancer-tls", "fail-listener-of-terraform-with-an-old-policy", Severity.HIGH),
        ("vault/not-dev-mode", "fail-provider", Severity.CRITICAL),
    ],
)
def test_its_neighbour_that_is_wrong_is_of_the_rule_s_severity(rule: str, case: str, severity: Severity) -> None:
    assert severities(rule, case) == {severity}
