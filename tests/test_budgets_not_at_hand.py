"""A budget that was not found may stand in what could not be read: then nothing is said to be missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.model import Status
from readycheck.sources.files import FilesRequest, collect

(RULE,) = (rule for rule in packs.load() if rule.id == "workload/disruption-budget")
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: %s}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "registry.example.com/web:1.0"}]}
"""
REMOTE = "https://git.example.com/policies//budgets?ref=v1"


@pytest.fixture(autouse=True)
def no_tools(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "no-tools"))


def kustomization(folder: Path, *, name: str, namespace: str = "", remote: bool = False) -> None:
    folder.mkdir()
    (folder / "deployment.yaml").write_text(DEPLOYMENT % name)
    resources = f"[deployment.yaml, '{REMOTE}']" if remote else "[deployment.yaml]"
    (folder / "kustomization.yaml").write_text(f"namespace: {namespace}\nresources: {resources}\n")


def verdicts(tree: Path) -> dict[str, Status]:
    inventory = Inventory((collect(FilesRequest(paths=(tree,))),))
    outcomes = judge([Selection.default(RULE)], inventory)
    return {outcome.resource.name: outcome.status for outcome in outcomes if outcome.resource.kind == "Deployment"}


def test_a_base_of_another_repository_may_bring_one_to_what_is_applied_with_it(tmp_path: Path) -> None:
    kustomization(tmp_path / "shop", name="web", remote=True)
    assert verdicts(tmp_path) == {"web": Status.UNKNOWN}


def test_it_may_bring_one_to_its_namespace(tmp_path: Path) -> None:
    kustomization(tmp_path / "shop", name="web", namespace="shop")
    kustomization(tmp_path / "policies", name="policies", namespace="shop", remote=True)
    assert verdicts(tmp_path)["web"] is Status.UNKNOWN


def test_it_brings_none_to_other_namespaces(tmp_path: Path) -> None:
    kustomization(tmp_path / "shop", name="web", namespace="shop")
    kustomization(tmp_path / "policies", name="policies", namespace="pay", remote=True)
    assert verdicts(tmp_path)["web"] is Status.FAIL


def test_it_brings_none_to_what_another_kustomization_applies(tmp_path: Path) -> None:
    kustomization(tmp_path / "shop", name="web", namespace="shop")
    kustomization(tmp_path / "policies", name="policies", remote=True)
    assert verdicts(tmp_path)["web"] is Status.FAIL
