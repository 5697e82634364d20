"""A pipeline that could not be read may do anything: what no other one does is unknown then, and no failure."""

from __future__ import annotations

from pathlib import Path

import pytest

from readycheck.model import Status
from readycheck.scan import ScanRequest, scan
from tests.trees import write

TREE = {
    ".git/HEAD": "ref: refs/heads/main\n",
    "shop/main.go": "package main\n\nfunc main() {}\n",
    "shop/Dockerfile": 'FROM scratch\nCOPY shop /shop\nUSER 65532\nENTRYPOINT ["/shop"]\n',
    "deploy/shop.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {ports: [{port: 80}]}\n",
}
ASKED = ("build-on-change", "deploy-on-main", "ephemeral-environment", "regression-tests", "smoke-tests")


def said(tree: Path) -> dict[str, set[tuple[Status, str]]]:
    """What a scan says for each of the rules that ask all pipelines."""
    found: dict[str, set[tuple[Status, str]]] = {f"delivery/{name}": set() for name in ASKED}
    for outcome in scan(ScanRequest(paths=(tree,))).outcomes:
        if outcome.rule in found:
            found[outcome.rule].add((outcome.status, str(outcome.reason)))
    return found


@pytest.mark.parametrize("uri", [".github/workflows/release.yaml", ".gitlab-ci.yml", "Jenkinsfile", "svc/Jenkinsfile"])
def test_is_not_taken_for_one_that_does_nothing(tmp_path: Path, uri: str) -> None:
    write(tmp_path, {**TREE, ".circleci/config.yml": "version: 2.1\njobs: {}\n", uri: "x"})
    (tmp_path / uri).write_bytes(b"jobs: \xc3\x28\n")
    for rule, verdicts in said(tmp_path).items():
        assert [status for status, _ in verdicts] == [Status.UNKNOWN], rule
        assert all(f"{uri} could not be read" in reason for _, reason in verdicts), rule


def test_what_another_pipeline_does_is_done(tmp_path: Path) -> None:
    gitlab = "test:\n  script: go test ./...\ndeploy:\n  script: kubectl apply -f deploy\n  needs: [test]\n"
    write(tmp_path, {**TREE, ".gitlab-ci.yml": gitlab, "Jenkinsfile": "x"})
    (tmp_path / "Jenkinsfile").write_bytes(b"\xc3\x28")
    found = said(tmp_path)
    for rule in ("delivery/deploy-on-main", "delivery/regression-tests"):
        assert {status for status, _ in found[rule]} == {Status.PASS}
