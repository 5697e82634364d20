"""What the rules on availability propose is what the API server takes, and safe where there is nothing to decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.model import Fix
from readycheck.sources.files import FilesRequest, collect

RULES = {rule.id: rule for rule in packs.load()}

WORKLOAD = """\
apiVersion: apps/v1
kind: {kind}
metadata: {{name: web}}
spec:
  replicas: {replicas}
  {strategy}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      {volumes}
      containers: [{{name: web, image: "registry.example.com/web:1.0"}}]
"""
MOUNTS = "volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]"


def workload(kind: str = "Deployment", replicas: int = 3, volumes: str = "", strategy: str = "") -> str:
    return WORKLOAD.format(kind=kind, replicas=replicas, volumes=volumes, strategy=strategy)


def claim(mode: str) -> str:
    return f"""\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: data}}
spec: {{accessModes: [{mode}], resources: {{requests: {{storage: 1Gi}}}}}}
"""


def autoscaler(least: int, most: int) -> str:
    return f"""\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: web}}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}
  minReplicas: {least}
  maxReplicas: {most}
  metrics: [{{type: Resource, resource: {{name: cpu, target: {{type: AverageValue, averageValue: 500m}}}}}}]
"""


def scaled_object(spec: str, annotations: str = "{}") -> str:
    return f"""\
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {{name: web, annotations: {annotations}}}
spec: {{scaleTargetRef: {{name: web}}, triggers: [], {spec}}}
"""


def budget(spec: str) -> str:
    return f"""\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: web}}
spec: {{unhealthyPodEvictionPolicy: AlwaysAllow, selector: {{matchLabels: {{app: web}}}}, {spec}}}
"""


SERVICE = "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80}]}}\n"


def proposed(tmp_path: Path, rule: str, *documents: str) -> Fix | None:
    (tmp_path / "web.yaml").write_text("---\n".join(documents))
    inventory = Inventory((collect(FilesRequest(paths=(tmp_path,))),))
    outcomes = judge([Selection.default(RULES[f"workload/{rule}"])], inventory)
    (finding,) = (finding for outcome in outcomes for finding in outcome.findings)
    return finding.fix


def edits(fix: Fix | None) -> dict[str, object]:
    assert fix is not None
    return {f"{edit.place.resource.root.kind} {edit.place.field}": edit.value for edit in fix.edits}


@pytest.mark.parametrize(
    ("documents", "safe"),
    [
        ((workload(replicas=1),), True),
        ((workload("StatefulSet", 1),), False),
        ((workload(replicas=1, volumes=MOUNTS), claim("ReadWriteOnce")), False),
        ((workload(replicas=1, volumes=MOUNTS), claim("ReadWriteOncePod")), False),
        ((workload(replicas=1, volumes=MOUNTS), claim("ReadWriteMany")), True),
        ((workload(replicas=1, volumes=MOUNTS),), False),
    ],
    ids=["stateless", "StatefulSet", "one node's claim", "one pod's claim", "shared claim", "claim not at hand"],
)
def test_one_more_replica_is_safe_where_it_can_run_beside_the_first(
    tmp_path: Path, documents: tuple[str, ...], *, safe: bool
) -> None:
    fix = proposed(tmp_path, "replicas", *documents)
    assert list(edits(fix).values()) == [2]
    assert fix is not None
    assert fix.safe is safe


@pytest.mark.parametrize("rule", ["replicas", "autoscaler-floor"])
def test_the_floor_is_raised_where_it_is_set(tmp_path: Path, rule: str) -> None:
    fix = proposed(tmp_path, rule, workload(), autoscaler(1, 10))
    assert edits(fix) == {"HorizontalPodAutoscaler spec.minReplicas": 2}
    assert fix is not None
    assert fix.safe


def test_the_floor_of_what_mounts_one_node_s_claim_needs_a_look(tmp_path: Path) -> None:
    documents = (workload(volumes=MOUNTS), claim("ReadWriteOnce"), autoscaler(1, 10))
    fix = proposed(tmp_path, "autoscaler-floor", *documents)
    assert fix is not None
    assert not fix.safe


def test_a_ceiling_below_the_new_floor_is_raised_too_and_needs_a_look(tmp_path: Path) -> None:
    fix = proposed(tmp_path, "replicas", workload(), autoscaler(1, 1))
    assert edits(fix) == {
        "HorizontalPodAutoscaler spec.minReplicas": 2,
        "HorizontalPodAutoscaler spec.maxReplicas": 2,
    }
    assert fix is not None
    assert not fix.safe


@pytest.mark.parametrize(
    "keda",
    [
        scaled_object("minReplicaCount: 2, idleReplicaCount: 0"),
        scaled_object("minReplicaCount: 2", '{autoscaling.keda.sh/paused-replicas: "1"}'),
    ],
    ids=["idles at 0", "paused at 1"],
)
def test_no_number_is_put_where_keda_takes_none_or_somebody_paused_it(tmp_path: Path, keda: str) -> None:
    assert proposed(tmp_path, "autoscaler-floor", workload(), SERVICE, keda) is None


def test_keda_s_floor_is_raised(tmp_path: Path) -> None:
    fix = proposed(tmp_path, "autoscaler-floor", workload(), scaled_object("minReplicaCount: 1"))
    assert edits(fix) == {"ScaledObject spec.minReplicaCount": 2}


@pytest.mark.parametrize(
    ("replicas", "demand", "wanted"),
    [
        (3, "minAvailable: 3", {"PodDisruptionBudget spec.minAvailable": 2}),
        (3, "minAvailable: 100%", {"PodDisruptionBudget spec.minAvailable": 2}),
        (2, "maxUnavailable: 0", {"PodDisruptionBudget spec.maxUnavailable": 1}),
        (2, "maxUnavailable: 0%", {"PodDisruptionBudget spec.maxUnavailable": 1}),
    ],
)
def test_a_budget_is_relaxed_by_one_pod(tmp_path: Path, replicas: int, demand: str, wanted: dict[str, object]) -> None:
    fix = proposed(tmp_path, "drainable", workload(replicas=replicas), budget(demand))
    assert edits(fix) == wanted
    assert fix is not None
    assert fix.safe


def test_no_budget_is_proposed_that_would_let_the_only_replica_go(tmp_path: Path) -> None:
    assert proposed(tmp_path, "drainable", workload(replicas=1), budget("minAvailable: 1")) is None


def test_a_rollout_takes_one_replica_of_several(tmp_path: Path) -> None:
    strategy = "strategy: {rollingUpdate: {maxUnavailable: 100%}}"
    fix = proposed(tmp_path, "rollout-strategy", workload(strategy=strategy))
    assert edits(fix) == {"Deployment spec.strategy.rollingUpdate.maxUnavailable": 1}


def test_a_rollout_brings_the_only_replica_s_successor_first(tmp_path: Path) -> None:
    strategy = "strategy: {rollingUpdate: {maxUnavailable: 1, maxSurge: 0}}"
    fix = proposed(tmp_path, "rollout-strategy", workload(replicas=1, strategy=strategy))
    assert edits(fix) == {
        "Deployment spec.strategy.rollingUpdate.maxUnavailable": 0,
        "Deployment spec.strategy.rollingUpdate.maxSurge": 1,
    }
