"""What a live cluster shows of workloads that no file shows: who owns them, and what they leave behind."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import NOWHERE, Inventory
from readycheck.model import Collected, Outcome, Resource
from readycheck.outputs import json as json_output
from readycheck.outputs.terminal import render_plain
from readycheck.report import ExitCode, Gate, Report
from readycheck.sources.recorded import cluster as recorded

RULES = {rule.id: rule for rule in packs.load()}
ABOUT = {rule.id: (rule.title, rule.help) for rule in RULES.values()}


def workload(kind: str, name: str, owner: str = "", replicas: int = 1, image: str = "web:latest") -> str:
    spec = f"""
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{containers: [{{name: main, image: "{image}"}}]}}
  replicas: {replicas}"""
    if kind == "Pod":
        spec = f"""
  containers: [{{name: main, image: "{image}"}}]"""
    api = "v1" if kind in ("Pod", "ReplicationController") else "apps/v1"
    references = f", ownerReferences: [{owner}]" if owner else ""
    return f"""
apiVersion: {api}
kind: {kind}
metadata: {{name: {name}, namespace: shop, uid: "{kind}-{name}"{references}}}
spec:{spec}
---
"""


def owner(api: str, kind: str, name: str) -> str:
    return f"{{apiVersion: {api}, kind: {kind}, name: {name}, uid: {kind}-{name}, controller: true}}"


PROMETHEUS = owner("monitoring.coreos.com/v1", "Prometheus", "k8s")


def outcomes(tmp_path: Path, text: str, rule: str = "workload/image-tag") -> list[Outcome]:
    file = tmp_path / "cluster.yaml"
    file.write_text(text, "utf-8")
    return judge([Selection.default(RULES[rule])], Inventory((recorded.collect(file),)))


def report(found: list[Outcome]) -> Report:
    return Report("1.0", "", "2026-11-25T12:00:00Z", [], found, [], Gate(ExitCode.READY, ("no violation",)), ABOUT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (workload("StatefulSet", "prometheus-k8s", PROMETHEUS), {"kind": "Prometheus", "name": "k8s"}),
        (workload("Pod", "etcd-one", owner("v1", "Node", "one")), {"kind": "Node", "name": "one"}),
        (workload("Deployment", "web"), None),
        (workload("Pod", "web-0", owner("apps/v1", "StatefulSet", "web")), None),
    ],
)
def test_a_report_names_what_owns_a_workload_that_is_none_itself(
    tmp_path: Path, text: str, expected: dict[str, str] | None
) -> None:
    document = json.loads(json_output.render(report(outcomes(tmp_path, text))))
    jsonschema.validate(document, json.loads(json_output.schema()), cls=jsonschema.Draft202012Validator)
    (outcome,) = document["outcomes"]
    assert outcome["resource"].get("owner") == expected
    assert [finding["resource"].get("owner") for finding in document["findings"]] == [expected]


def test_people_are_told_whose_a_workload_is(tmp_path: Path) -> None:
    found = outcomes(tmp_path, workload("StatefulSet", "prometheus-k8s", PROMETHEUS))
    page = render_plain([report(found)], verbose=False)
    assert "shop/StatefulSet/prometheus-k8s" in page
    assert "\n  owned by Prometheus k8s\n" in page


def test_what_a_controller_keeps_to_roll_back_to_is_not_judged(tmp_path: Path) -> None:
    of_openshift = owner("apps.openshift.io/v1", "DeploymentConfig", "web")
    text = (
        workload("ReplicationController", "web-1", of_openshift, replicas=0)
        + workload("ReplicationController", "web-2", of_openshift, replicas=3, image="web:1.4")
        + workload("ReplicaSet", "gone-6c4b8d7f9", replicas=0)
    )
    assert [(each.resource.root.name, each.status.value) for each in outcomes(tmp_path, text)] == [("web-2", "pass")]


def test_of_the_pods_of_one_operator_one_that_runs_stands_for_all(tmp_path: Path) -> None:
    orders = owner("postgresql.cnpg.io/v1", "Cluster", "orders")
    ended, running = workload("Pod", "orders-1", orders), workload("Pod", "orders-2", orders)
    text = ended.replace("spec:", "status: {phase: Failed}\nspec:") + running
    (outcome,) = outcomes(tmp_path, text)
    assert (outcome.resource.root.name, outcome.status.value) == ("orders-2", "fail")


def test_what_looks_like_a_variable_is_what_an_api_answers_with(tmp_path: Path) -> None:
    (outcome,) = outcomes(tmp_path, workload("Deployment", "web", image="${IMAGE}"))
    assert outcome.reason == "`${IMAGE}` is no image reference"


def test_each_credential_of_what_stands_on_no_line_is_found() -> None:
    containers = [
        {"name": name, "image": "web:1.4", "env": [{"name": "DB_PASSWORD", "value": f"Tr0ub4dor-and-{name}"}]}
        for name in ("web", "worker")
    ]
    body = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": containers}}
    pod = Resource("Pod", "web", "shop", body, NOWHERE)
    inventory = Inventory((Collected("cluster", [pod]),))
    (outcome,) = judge([Selection.default(RULES["secret/plain-text"])], inventory)
    assert [finding.place.field for finding in outcome.findings] == [
        "spec.containers[0].env[0].value",
        "spec.containers[1].env[0].value",
    ]
