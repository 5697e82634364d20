"""What was measured gives fixes: of requests safely, of limits for somebody to look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.model import Fix, Needed
from readycheck.sources.files import FilesRequest, collect

RULES = {rule.id: rule for rule in packs.load()}
WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.0
          resources: %s
"""
MEASURED = """\
---
apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata: {name: web}
spec: {targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
status:
  conditions: [{type: LowConfidence, status: "%s"}]
  recommendation:
    containerRecommendations: [{containerName: web, target: {cpu: 200m, memory: "262144k"}}]
"""


def _fixes(tmp_path: Path, rule: str, text: str) -> list[tuple[bool, dict[str, object]] | None]:
    (tmp_path / "web.yaml").write_text(text)
    inventory = Inventory((collect(FilesRequest(paths=(tmp_path,))),))
    outcomes = judge([Selection.default(RULES[f"workload/{rule}"])], inventory)
    return [_edits(finding.fix) for outcome in outcomes for finding in outcome.findings]


def _edits(fix: Fix | None) -> tuple[bool, dict[str, object]] | None:
    if fix is None:
        return None
    start = "spec.template.spec.containers[0].resources."
    return fix.safe, {edit.place.field.removeprefix(start): edit.value for edit in fix.edits}


@pytest.mark.parametrize(
    ("rule", "resources", "fixes"),
    [
        ("resource-requests", "{}", [(True, {"requests.cpu": "200m", "requests.memory": "262144k"})]),
        ("resource-requests", "{requests: {cpu: 1}}", [(True, {"requests.memory": "262144k"})]),
        ("resource-limits", "{}", [(False, {"limits.memory": "262144k"}), (False, {"limits.cpu": "200m"})]),
        ("resource-limits", "{requests: {cpu: 1, memory: 64Mi}}", [(False, {"limits.memory": "262144k"}), None]),
        ("right-size", "{requests: {cpu: 2, memory: 262144k}}", [(True, {"requests.cpu": "200m"})]),
        ("right-size", "{requests: {memory: 262144k}}", [(True, {"requests.cpu": "200m"})]),
    ],
)
def test_the_recommended_target_is_the_fix(
    tmp_path: Path, rule: str, resources: str, fixes: list[tuple[bool, dict[str, object]] | None]
) -> None:
    assert _fixes(tmp_path, rule, WORKLOAD % resources + MEASURED % "False") == fixes


@pytest.mark.parametrize(("rule", "findings"), [("resource-requests", 1), ("resource-limits", 2)])
def test_figures_that_nobody_can_trust_yet_are_asked_for(tmp_path: Path, rule: str, findings: int) -> None:
    fixes = _fixes(tmp_path, rule, WORKLOAD % "{}" + MEASURED % "True")
    assert len(fixes) == findings
    assert all(_asked(fix) for fix in fixes)


@pytest.mark.parametrize(("rule", "findings"), [("resource-requests", 1), ("resource-limits", 2)])
def test_without_figures_a_person_is_asked_for_them(tmp_path: Path, rule: str, findings: int) -> None:
    fixes = _fixes(tmp_path, rule, WORKLOAD % "{}")
    assert len(fixes) == findings
    assert all(_asked(fix) for fix in fixes)


def _asked(fix: tuple[bool, dict[str, object]] | None) -> bool:
    """Whether a fix is unsafe and has no value of its own."""
    return fix is not None and not fix[0] and all(isinstance(value, Needed) for value in fix[1].values())


def test_a_request_that_would_pass_its_limit_is_left_to_people(tmp_path: Path) -> None:
    limited = "{requests: {cpu: 50m, memory: 262144k}, limits: {cpu: 100m, memory: 1Gi}}"
    assert _fixes(tmp_path, "right-size", WORKLOAD % limited + MEASURED % "False") == [None]
