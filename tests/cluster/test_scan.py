"""A scan of a real API server: what it may, what it is refused, and what goes wrong on the way."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster import faults
from tests.cluster.definitions import define
from tests.cluster.faults import Fault, FaultyProxy
from tests.cluster.scans import scan_of
from tests.cluster.servers import ApiServer

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

SHOP = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "registry.example.com/web:1.4"}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {minAvailable: 1, unhealthyPodEvictionPolicy: AlwaysAllow, selector: {matchLabels: {app: web}}}
---
apiVersion: v1
kind: Secret
metadata: {name: web, namespace: shop}
stringData: {password: correct-horse-battery}
"""
BUDGETS = "/apis/policy/v1/poddisruptionbudgets"


@pytest.fixture(scope="module", autouse=True)
def shop(bare: ApiServer) -> None:
    """A small company."""
    define(bare.client)
    bare.client.apply(*yaml.safe_load_all(SHOP))


@pytest.fixture(scope="module")
def role() -> list[dict[str, Any]]:
    """The rules of the ClusterRole that readycheck asks for."""
    done = subprocess.run(
        [sys.executable, "-m", "readycheck", "rules", "rbac"], capture_output=True, text=True, check=True
    )
    (document,) = yaml.safe_load_all(done.stdout)
    assert document["kind"] == "ClusterRole"
    rules: list[dict[str, Any]] = document["rules"]
    return rules


def test_the_role_of_the_rules_is_enough(bare: ApiServer, role: list[dict[str, Any]], tmp_path: Path) -> None:
    assert {verb for rule in role for verb in rule["verbs"]} <= {"get", "list"}
    seen = scan_of(bare.service_account("auditor", role), tmp_path)
    assert seen.problems == {}
    assert [source["status"] for source in seen.report["sources"]] == ["ok"]
    assert seen.statuses("workload/disruption-budget") == {"web": "pass"}
    assert "forbidden" not in seen.text


def test_no_kind_of_the_role_is_more_than_what_is_listed(
    bare: ApiServer, role: list[dict[str, Any]], tmp_path: Path, proxy: FaultyProxy
) -> None:
    scan_of(bare.service_account("auditor", role, url=proxy.url), tmp_path)
    listed = {path.rsplit("/", 1)[1] for path in proxy.lists}
    served = {resource for rule in role for resource in rule["resources"] if serves(bare, rule["apiGroups"], resource)}
    assert served - listed == set()


def serves(bare: ApiServer, groups: list[str], resource: str) -> bool:
    found = {group["name"]: group["preferredVersion"]["groupVersion"] for group in bare.client.get("/apis")["groups"]}
    paths = ["/api/v1" if group == "" else f"/apis/{found[group]}" for group in groups if group in {"", *found}]
    return any(resource == each["name"] for path in paths for each in bare.client.get(path)["resources"])


def test_without_any_right_nothing_passes_and_what_is_said_to_grant_is_enough(bare: ApiServer, tmp_path: Path) -> None:
    seen = scan_of(bare.service_account("nobody"), tmp_path)
    assert seen.code == 3
    assert {outcome["status"] for outcome in seen.report["outcomes"]} == {"unknown"}
    _, _, missing = seen.text.partition("Rights that are missing")
    for right in ("list deployments.apps", "list pods", "list poddisruptionbudgets.policy", "list certificates.cert-m"):
        assert missing.count(right) == 1
    role = re.search(r"^  apiVersion: rbac\.authorization\.k8s\.io/v1\n(?:  .*\n)+", missing, re.MULTILINE)
    assert role
    granted = scan_of(bare.service_account("nobody", yaml.safe_load(role[0])["rules"]), tmp_path)
    assert granted.problems == {}
    assert granted.statuses("workload/disruption-budget") == {"web": "pass"}


def test_values_of_secrets_are_nowhere(bare: ApiServer, tmp_path: Path) -> None:
    seen = scan_of(bare.admin(), tmp_path)
    assert "correct-horse" not in seen.text + str(seen.report)
    assert "Y29ycmVjdC1ob3" not in seen.text + str(seen.report)


@pytest.fixture
def through(bare: ApiServer, proxy: FaultyProxy) -> Path:
    return bare.admin(url=proxy.url)


@pytest.mark.parametrize("fault", [faults.THROTTLED, faults.DROPPED, faults.DROPPED_MIDWAY, faults.BROKEN])
def test_what_passes_by_itself_is_asked_again(through: Path, proxy: FaultyProxy, tmp_path: Path, fault: Fault) -> None:
    proxy.fail(BUDGETS, fault, times=1)
    seen = scan_of(through, tmp_path)
    assert seen.problems == {}
    assert seen.statuses("workload/disruption-budget") == {"web": "pass"}
    assert proxy.lists[BUDGETS] == 2


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (faults.forbidden("poddisruptionbudgets", "policy"), "forbidden"),
        (faults.THROTTLED, "429"),
        (faults.BROKEN, "500"),
        (faults.TRUNCATED, "JSON"),
        (faults.DROPPED, "broke off"),
        (faults.DROPPED_MIDWAY, "broke off"),
    ],
)
def test_a_kind_that_cannot_be_read_leaves_its_rules_open_and_no_others(
    through: Path, proxy: FaultyProxy, tmp_path: Path, fault: Fault, said: str
) -> None:
    proxy.fail(BUDGETS, fault)
    seen = scan_of(through, tmp_path, timeout_seconds=4)
    assert [source["status"] for source in seen.report["sources"]] == ["partial"]
    assert list(seen.problems) == ["cluster://test/PodDisruptionBudget"]
    assert said in seen.problems["cluster://test/PodDisruptionBudget"]
    assert seen.statuses("workload/disruption-budget") == {"web": "unknown"}
    assert seen.statuses("workload/image-tag") == {"web": "pass"}


def test_a_list_that_hangs_ends_at_its_deadline(through: Path, proxy: FaultyProxy, tmp_path: Path) -> None:
    proxy.fail(BUDGETS, faults.HANGING)
    seen = scan_of(through, tmp_path, timeout_seconds=2)
    assert "within 2 seconds" in seen.problems["cluster://test/PodDisruptionBudget"]
    assert seen.statuses("workload/disruption-budget") == {"web": "unknown"}
    assert seen.statuses("workload/image-tag") == {"web": "pass"}


def test_an_expired_token_is_said_once_and_judges_nothing(through: Path, proxy: FaultyProxy, tmp_path: Path) -> None:
    proxy.fail("", faults.EXPIRED_TOKEN)
    seen = scan_of(through, tmp_path)
    assert seen.code == 3
    assert [source["status"] for source in seen.report["sources"]] == ["failed"]
    assert list(seen.problems) == ["cluster://test"]
    assert {outcome["status"] for outcome in seen.report["outcomes"]} <= {"unknown"}


@pytest.fixture
def many(bare: ApiServer) -> Iterator[set[str]]:
    """More objects of a kind than any page holds."""
    names = {f"settings-{number:04}" for number in range(1100)}
    path = bare.client.path("v1", "ConfigMap", "shop")
    for name in sorted(names):
        bare.client.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "shop"}})
    yield names
    bare.client.ask("DELETE", path)


def test_a_list_whose_rest_has_expired_begins_anew_and_is_whole(
    through: Path, proxy: FaultyProxy, tmp_path: Path, many: set[str]
) -> None:
    proxy.fail("configmaps.*continue=", faults.EXPIRED_CONTINUE, times=1)
    seen = scan_of(through, tmp_path)
    assert seen.problems == {}
    judged = [
        outcome["resource"]["name"]
        for outcome in seen.report["outcomes"]
        if outcome["rule"] == "secret/plain-text" and outcome["resource"]["name"] in many
    ]
    assert sorted(judged) == sorted(many)


def test_an_answer_without_end_is_not_read_to_its_end(through: Path, proxy: FaultyProxy, tmp_path: Path) -> None:
    proxy.fail(BUDGETS, Fault(padding=600_000_000))
    seen = scan_of(through, tmp_path)
    assert "more than 512 MiB" in seen.problems["cluster://test/PodDisruptionBudget"]
