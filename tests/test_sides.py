"""What is declared and what runs are judged apart, and what could not be read is never taken for absent."""

from __future__ import annotations

from pathlib import Path

import pytest

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.model import Collected, Outcome, Problem, Status
from readycheck.sources.files import FilesRequest, collect
from readycheck.sources.recorded import cluster as recorded

RULES = {rule.id: rule for rule in packs.load()}

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, uid: d-1}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "web:1.4"}]
---
"""
REPLICA_SET = """
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: web-5d8f
  namespace: shop
  labels: {app: web, pod-template-hash: 5d8f}
  ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: d-1, controller: true}]
spec:
  replicas: 2
  template:
    metadata: {labels: {app: web, pod-template-hash: 5d8f}}
    spec:
      containers: [{name: web, image: "web:1.4"}]
---
"""
POD = """
apiVersion: v1
kind: Pod
metadata:
  name: web-5d8f-abcde
  namespace: shop
  labels: {app: web, pod-template-hash: 5d8f}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-5d8f, uid: r-1, controller: true}]
spec:
  nodeName: one
  containers: [{name: web, image: "web:1.4"}]
status: {phase: Running}
---
"""
NODE = """
apiVersion: v1
kind: Node
metadata: {name: one, labels: {topology.kubernetes.io/zone: eu-west-1a}}
---
"""
BUDGET = """
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
---
"""


def live(tmp_path: Path, text: str) -> Collected:
    file = tmp_path / "cluster.yaml"
    file.write_text(text, "utf-8")
    return recorded.collect(file)


def declared(tmp_path: Path, text: str) -> Collected:
    folder = tmp_path / "tree"
    folder.mkdir(exist_ok=True)
    (folder / "all.yaml").write_text(text, "utf-8")
    return collect(FilesRequest(paths=(folder,)))


def outcomes(rule: str, *sources: Collected) -> list[Outcome]:
    return judge([Selection.default(RULES[rule])], *(Inventory((source,)) for source in sources))


def told(rule: str, *sources: Collected) -> list[tuple[str, str, str, str]]:
    return [
        (each.resource.root.origin.source, each.resource.kind, each.resource.name, each.status.value)
        for each in outcomes(rule, *sources)
    ]


def test_a_budget_in_git_does_not_cover_what_runs(tmp_path: Path) -> None:
    assert told("workload/disruption-budget", declared(tmp_path, WEB + BUDGET), live(tmp_path, WEB)) == [
        ("files", "Deployment", "web", "pass"),
        ("cluster", "Deployment", "web", "fail"),
    ]


def test_what_a_deployment_made_is_judged_as_the_deployment_once(tmp_path: Path) -> None:
    assert told("workload/image-tag", live(tmp_path, WEB + REPLICA_SET + POD)) == [
        ("cluster", "Container", "web", "pass"),
    ]
    (outcome,) = outcomes("workload/image-tag", live(tmp_path, WEB + REPLICA_SET + POD))
    assert outcome.resource.root.kind == "Deployment"


def test_a_kind_that_was_refused_makes_what_asks_for_it_unknown(tmp_path: Path) -> None:
    refused = live(tmp_path, "# unread: PodDisruptionBudget: forbidden: list poddisruptionbudgets.policy\n" + WEB)
    (outcome,) = outcomes("workload/disruption-budget", refused)
    assert (outcome.resource.name, outcome.status) == ("web", Status.UNKNOWN)
    assert outcome.reason == "forbidden: list poddisruptionbudgets.policy"


def test_a_rule_whose_own_things_were_refused_is_unknown_once_and_judges_the_others(tmp_path: Path) -> None:
    refused = live(tmp_path, "# unread: StatefulSet: forbidden: list statefulsets.apps\n" + WEB + BUDGET)
    assert told("workload/disruption-budget", refused) == [
        ("cluster", "Deployment", "web", "pass"),
        ("cluster", "Environment", "", "unknown"),
    ]
    assert told("workload/image-tag", refused)[-1] == ("cluster", "Environment", "", "unknown")


def test_the_pods_of_a_deployment_that_was_refused_are_not_taken_for_naked_ones(tmp_path: Path) -> None:
    refused = live(tmp_path, "# unread: Deployment: forbidden: list deployments.apps\n" + REPLICA_SET + POD)
    assert told("workload/image-tag", refused) == [("cluster", "Environment", "", "unknown")]


def test_a_budget_that_may_select_what_was_refused_selects_nothing_for_sure(tmp_path: Path) -> None:
    refused = live(tmp_path, "# unread: Deployment: forbidden: list deployments.apps\n" + BUDGET)
    (outcome,) = outcomes("workload/drainable", refused)
    assert (outcome.resource.kind, outcome.status) == ("PodDisruptionBudget", Status.UNKNOWN)


def test_the_pods_of_one_custom_resource_and_of_one_static_pod_are_judged_once(tmp_path: Path) -> None:
    pods = "".join(
        f"""
apiVersion: v1
kind: Pod
metadata:
  name: {name}
  namespace: kube-system
  ownerReferences: [{{apiVersion: {api}, kind: {kind}, name: {owner}, uid: "{owner}", controller: true}}]
spec:
  nodeName: {node}
  containers: [{{name: main, image: "main:1.4"}}]
---
"""
        for name, api, kind, owner, node in (
            ("kube-apiserver-one", "v1", "Node", "one", "one"),
            ("kube-apiserver-two", "v1", "Node", "two", "two"),
            ("etcd-one", "v1", "Node", "one", "one"),
            ("broker-0", "core.strimzi.io/v1beta2", "StrimziPodSet", "broker", "one"),
            ("broker-1", "core.strimzi.io/v1beta2", "StrimziPodSet", "broker", "two"),
        )
    )
    judged = outcomes("workload/image-tag", live(tmp_path, pods + NODE))
    assert [each.resource.root.name for each in judged] == ["kube-apiserver-one", "etcd-one", "broker-0"]


def test_a_source_that_failed_passes_nothing() -> None:
    failed = Collected("cluster", [], problems=(Problem("cluster://prod", "cannot be reached"),), failed=True)
    assert told("workload/replicas", failed) == [("cluster", "Environment", "", "unknown")]


@pytest.mark.parametrize(
    ("rule", "reason"),
    [("image/multistage", "no source: files"), ("workload/replicas", "no source: files or cluster or terraform")],
)
def test_without_a_source_that_can_answer_a_rule_is_unknown(rule: str, reason: str) -> None:
    (outcome,) = outcomes(rule, Collected("aws", []))
    assert (outcome.status, outcome.reason, outcome.lacks_source) == (Status.UNKNOWN, reason, True)


def test_what_files_lack_is_not_said_where_the_cluster_answers(tmp_path: Path) -> None:
    assert told("cluster/node-zones", declared(tmp_path, WEB)) == [("files", "Environment", "", "unknown")]
    both = told("cluster/node-zones", declared(tmp_path, WEB), live(tmp_path, NODE))
    assert {source for source, *_ in both} == {"cluster"}


def test_pods_are_found_by_the_workload_that_made_them_and_stand_in_zones(tmp_path: Path) -> None:
    inventory = Inventory((live(tmp_path, WEB + REPLICA_SET + POD + NODE),))
    (web,) = inventory.workloads
    assert [pod.name for pod in inventory.pods_of(web)] == ["web-5d8f-abcde"]
    assert list(inventory.zones_of(web)) == ["eu-west-1a"]
