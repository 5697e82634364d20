"""Every rule that the checklist gives a fix has one, and a case that shows what it makes of a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from readycheck.harness.mending import is_fixed

FIXTURES = Path(__file__).parents[2] / "fixtures" / "rules"

FIXED = (
    "delivery/gitops",
    "delivery/kustomize-flow",
    "image/non-root",
    "network/certificate-issuer",
    "network/dns-records",
    "network/load-balancer",
    "network/load-balancer-tls",
    "network/mesh-mtls",
    "secret/flux-decryption",
    "terraform/version-pins",
    "vault/high-availability",
    "workload/autoscaler-floor",
    "workload/disruption-budget",
    "workload/drainable",
    "workload/graceful-shutdown",
    "workload/image-tag",
    "workload/liveness-probe",
    "workload/node-spread",
    "workload/readiness-probe",
    "workload/replicas",
    "workload/resource-limits",
    "workload/resource-requests",
    "workload/right-size",
    "workload/rollout-strategy",
    "workload/zone-spread",
)
# Not here: what a printed command mends (secret/encrypted, terraform/shared-files), or a certificate (ingress-tls).


@pytest.mark.parametrize("rule", FIXED)
def test_a_case_shows_what_the_fix_makes_of_it(rule: str) -> None:
    assert [path for path in (FIXTURES / rule).iterdir() if is_fixed(path)]


def test_what_is_shown_is_known() -> None:
    shown = {path.parent.relative_to(FIXTURES).as_posix() for path in FIXTURES.glob("*/*/*") if is_fixed(path)}
    assert shown == set(FIXED)
