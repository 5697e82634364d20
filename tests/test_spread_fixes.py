"""What the spread rules propose is what the API server takes and what lets the pods spread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.model import Finding
from readycheck.sources.files import FilesRequest, collect

ZONE = "topology.kubernetes.io/zone"
RULES = {rule.id: rule for rule in packs.load()}
SPREAD = "spec.template.spec.topologySpreadConstraints"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: %s
  template:
    metadata: {labels: %s}
    spec:
      topologySpreadConstraints: %s
      containers: [{name: web, image: "registry.example.com/web:1.0"}]
"""
OWN = "{matchLabels: {app: web}}"
LABELS = "{app: web, release: a}"


def _finding(tmp_path: Path, rule: str, text: str) -> Finding:
    (tmp_path / "web.yaml").write_text(text)
    inventory = Inventory((collect(FilesRequest(paths=(tmp_path,))),))
    (outcome,) = judge([Selection.default(RULES[f"workload/{rule}"])], inventory)
    (finding,) = outcome.findings
    return finding


def _added(key: str, selector: dict[str, Any]) -> dict[str, Any]:
    return {"maxSkew": 1, "topologyKey": key, "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": selector}


@pytest.mark.parametrize(("rule", "key"), [("zone-spread", ZONE), ("node-spread", "kubernetes.io/hostname")])
def test_a_constraint_that_no_pod_waits_for_is_safe(tmp_path: Path, rule: str, key: str) -> None:
    fix = _finding(tmp_path, rule, DEPLOYMENT % (OWN, LABELS, "null")).fix
    assert fix is not None
    assert fix.safe
    assert [(edit.place.field, edit.value) for edit in fix.edits] == [
        (SPREAD, [_added(key, {"matchLabels": {"app": "web"}})])
    ]


def test_it_is_added_to_the_constraints_that_stand_there(tmp_path: Path) -> None:
    other = (
        f"[{{topologyKey: kubernetes.io/hostname, maxSkew: 1, whenUnsatisfiable: DoNotSchedule, labelSelector: {OWN}}}]"
    )
    fix = _finding(tmp_path, "zone-spread", DEPLOYMENT % (OWN, LABELS, other)).fix
    assert fix is not None
    assert [(edit.place.field, edit.value) for edit in fix.edits] == [
        (f"{SPREAD}[1]", _added(ZONE, {"matchLabels": {"app": "web"}}))
    ]


def test_without_a_selector_of_its_own_it_takes_the_labels_of_its_pods(tmp_path: Path) -> None:
    fix = _finding(tmp_path, "zone-spread", DEPLOYMENT % ("null", LABELS, "null")).fix
    assert fix is not None
    assert [edit.value for edit in fix.edits] == [[_added(ZONE, {"matchLabels": {"app": "web", "release": "a"}})]]


@pytest.mark.parametrize(("when", "safe"), [("ScheduleAnyway", True), ("DoNotSchedule", False)])
def test_a_constraint_that_selects_others_is_aimed_at_the_pods_and_is_safe_where_none_waits(
    tmp_path: Path, when: str, *, safe: bool
) -> None:
    others = "{matchLabels: {app: api}}"
    idle = f"[{{topologyKey: {ZONE}, maxSkew: 1, whenUnsatisfiable: {when}, labelSelector: {others}}}]"
    fix = _finding(tmp_path, "zone-spread", DEPLOYMENT % (OWN, LABELS, idle)).fix
    assert fix is not None
    assert fix.safe is safe
    assert [(edit.place.field, edit.value) for edit in fix.edits] == [
        (f"{SPREAD}[0].labelSelector", {"matchLabels": {"app": "web"}})
    ]


@pytest.mark.parametrize(
    ("labels", "constraints"),
    [
        ("{}", "null"),
        (
            LABELS,
            f"[{{topologyKey: {ZONE}, minDomains: 2, whenUnsatisfiable: ScheduleAnyway, labelSelector: {OWN}}}]",
        ),
    ],
)
def test_where_it_cannot_be_told_what_would_help_nothing_is_proposed(
    tmp_path: Path, labels: str, constraints: str
) -> None:
    assert _finding(tmp_path, "zone-spread", DEPLOYMENT % ("null", labels, constraints)).fix is None
