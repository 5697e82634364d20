"""What stands in a manifest that cannot be read is not said to be missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.model import Status
from tests.trees import collected_from

RULES = {rule.id: rule for rule in packs.load()}
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80}]
"""
AUTOSCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  minReplicas: 2
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
"""
BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector: {matchLabels: {app: web}}
"""
WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "registry.example.com/web:1.0"}]}
"""
BROKEN = {
    "broken syntax": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web\nspec: {}\n",
    "a template": "{{ if .on }}\n" + WORKLOAD + "{{ end }}\n",
    "no name": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {}\nspec: {}\n",
}


def verdict(root: Path, rule: str, manifest: str, other: dict[str, str]) -> Status:
    inventory = Inventory((collected_from(root, {"manifest.yaml": manifest, **other}),))
    outcomes = judge([Selection.default(RULES[rule])], inventory)
    (status,) = (each.status for each in outcomes if each.resource.name == "web" and each.resource.scope == "")
    return status


@pytest.mark.parametrize(
    ("rule", "manifest"),
    [
        ("network/service-endpoints", SERVICE),
        ("workload/autoscaler-floor", AUTOSCALER),
        ("workload/drainable", BUDGET),
        ("workload/disruption-budget", WORKLOAD),
    ],
)
class TestWhatSeemsToBeMissing:
    @pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
    def test_may_stand_in_an_unread_manifest(self, tmp_path: Path, rule: str, manifest: str, text: str) -> None:
        assert verdict(tmp_path, rule, manifest, {"other.yaml": text}) is Status.UNKNOWN

    def test_may_stand_in_a_manifest_of_another_encoding(self, tmp_path: Path, rule: str, manifest: str) -> None:
        (tmp_path / "other.yaml").write_bytes(f"# café\n{WORKLOAD}".encode("latin-1"))
        assert verdict(tmp_path, rule, manifest, {}) is Status.UNKNOWN

    def test_does_not_stand_in_what_is_no_manifest(self, tmp_path: Path, rule: str, manifest: str) -> None:
        assert verdict(tmp_path, rule, manifest, {"mkdocs.yml": "site_name: {docs\ntheme: x\n"}) is Status.FAIL
