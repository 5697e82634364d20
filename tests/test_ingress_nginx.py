"""The manifests for AWS that ingress-nginx itself publishes get the verdicts that their authors could follow."""

from __future__ import annotations

from pathlib import Path

from readycheck.model import Outcome, Status
from readycheck.scan import ScanRequest, scan

PUBLISHED = Path(__file__).parent / "data" / "ingress-nginx"


def entry(manifest: str, rule: str) -> Outcome:
    report = scan(ScanRequest(paths=(PUBLISHED / manifest,)))
    outcomes = [outcome for outcome in report.outcomes if outcome.rule == rule]
    return next(outcome for outcome in outcomes if outcome.resource.name == "ingress-nginx-controller")


def test_the_plain_manifest_makes_an_nlb_that_has_no_certificate_before_or_behind_it() -> None:
    assert entry("deploy.yaml", "network/load-balancer").status is Status.PASS
    outcome = entry("deploy.yaml", "network/load-balancer-tls")
    assert outcome.status is Status.FAIL
    assert outcome.reason == (
        "no certificate for TLS on port 443: the NLB has none, and ingress-nginx behind it has none but one that it"
        " made itself (* -> NLB -> ingress-nginx -> ?)"
    )


def test_the_manifest_with_tls_termination_passes_and_what_is_behind_the_nlb_is_plain() -> None:
    assert entry("nlb-with-tls-termination-deploy.yaml", "network/load-balancer").status is Status.PASS
    outcome = entry("nlb-with-tls-termination-deploy.yaml", "network/load-balancer-tls")
    assert outcome.status is Status.PASS
    assert "traffic behind the NLB is plain: port 443 goes to http" in (outcome.reason or "")
