"""Controllers that a chart brings count, whatever installs the chart."""

from __future__ import annotations

from pathlib import Path

import pytest

from readycheck.model import Outcome, Status
from readycheck.scan import ScanRequest, scan

WRAPPER = """\
apiVersion: v2
name: entry
version: 1.0.0
dependencies:
  - name: ingress-nginx
    version: 4.15.1
    repository: https://kubernetes.github.io/ingress-nginx
"""
KUSTOMIZATION = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
helmCharts:
  - name: ingress-nginx
    repo: https://kubernetes.github.io/ingress-nginx
    version: 4.15.1
    releaseName: ingress-nginx
    namespace: ingress
"""
TERRAFORM = """\
resource "helm_release" "entry" {
  name       = "ingress-nginx"
  namespace  = "ingress"
  repository = "https://kubernetes.github.io/ingress-nginx"
  chart      = "ingress-nginx"
  version    = "4.15.1"
}
"""
VALUES = """\
ingress-nginx:
  controller:
    service:
      loadBalancerClass: service.k8s.aws/nlb
"""


def outcomes(folder: Path, rule: str) -> list[Outcome]:
    return [each for each in scan(ScanRequest(paths=(folder,))).outcomes if each.rule == rule]


@pytest.mark.parametrize(
    ("file", "text", "kind"),
    [
        ("entry/Chart.yaml", WRAPPER, "Chart"),
        ("kustomization.yaml", KUSTOMIZATION, "KustomizationFile"),
        ("main.tf", TERRAFORM, "helm_release"),
    ],
)
def test_a_retired_controller_is_found_whatever_installs_its_chart(
    tmp_path: Path, file: str, text: str, kind: str
) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text)
    (outcome,) = outcomes(tmp_path, "network/ingress-controller-supported")
    assert (outcome.resource.kind, outcome.status) == (kind, Status.FAIL)
    assert (outcome.reason or "").startswith("ingress-nginx was retired in March 2026")


def test_the_load_balancer_of_a_wrapped_chart_is_that_of_the_values_around_it(tmp_path: Path) -> None:
    (tmp_path / "Chart.yaml").write_text(WRAPPER)
    (tmp_path / "values.yaml").write_text(VALUES)
    (outcome,) = outcomes(tmp_path, "network/load-balancer")
    assert (outcome.resource.kind, outcome.status) == ("Chart", Status.PASS)


def test_the_load_balancer_of_a_release_without_values_is_one_that_nothing_tells_of(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(TERRAFORM)
    (outcome,) = outcomes(tmp_path, "network/load-balancer")
    assert (outcome.resource.kind, outcome.status) == ("helm_release", Status.UNKNOWN)
    assert (outcome.reason or "").startswith("may or may not become an NLB: it names neither a class nor a type")
