"""`readycheck fix --verify-server` on a real API server, which is asked and never changed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from readycheck.cli import main
from readycheck.sources.cluster.dry_run import DryRun
from readycheck.sources.cluster.faults import ConnectionFault
from readycheck.sources.cluster.request import ClusterRequest
from tests.cluster.client import Refused
from tests.cluster.faults import BROKEN, THROTTLED, FaultyProxy
from tests.cluster.servers import ApiServer

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

NO_RIGHTS = [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["list"]}]


def deployment(name: str, namespace: str, **container: Any) -> dict[str, Any]:
    app = {"name": "app", "image": "example.com/app:1.0", "ports": [{"containerPort": 8080}], **container}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [app]}},
        },
    }


@pytest.fixture
def tree(tmp_path: Path, bare: ApiServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A tree with one Deployment of one replica, whose environment names the server; its namespace is there."""
    bare.client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "verified"}})
    folder = tmp_path / "tree"
    folder.mkdir()
    subprocess.run(["git", "init", "-q", folder], check=True)
    monkeypatch.chdir(folder)
    name_cluster(folder, bare.admin())
    put(folder, deployment("web", "verified"))
    yield folder
    with pytest.raises(Refused, match="404"):
        bare.client.get("/apis/apps/v1/namespaces/verified/deployments/web")


def put(folder: Path, *manifests: dict[str, Any]) -> None:
    (folder / "web.yaml").write_text(yaml.safe_dump_all(manifests, sort_keys=False), "utf-8")


def name_cluster(folder: Path, kubeconfig: Path) -> None:
    environment = {"files": {"paths": ["web.yaml"]}, "cluster": {"kubeconfig": str(kubeconfig), "context": "test"}}
    (folder / "readycheck.yaml").write_text(yaml.safe_dump({"environments": {"prod": environment}}), "utf-8")


def ran(*more: str) -> Result:
    arguments = ["fix", "--env", "prod", "--rule", "workload/replicas", "--unsafe", "--verify-server", *more]
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def limit_of_replicas(server: ApiServer) -> None:
    """Let the server take no Deployment of more than one replica in the namespace."""
    api = "admissionregistration.k8s.io/v1"
    rule = {
        "apiGroups": ["apps"],
        "apiVersions": ["v1"],
        "operations": ["CREATE", "UPDATE"],
        "resources": ["deployments"],
    }
    policy = {
        "apiVersion": api,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "one-replica"},
        "spec": {
            "matchConstraints": {"resourceRules": [rule]},
            "validations": [{"expression": "object.spec.replicas <= 1", "message": "one replica is enough here"}],
        },
    }
    binding = {
        "apiVersion": api,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "one-replica"},
        "spec": {
            "policyName": "one-replica",
            "validationActions": ["Deny"],
            "matchResources": {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "guarded"}}},
        },
    }
    server.client.apply(policy, binding)


def test_what_the_server_takes_is_shown(tree: Path) -> None:
    result = ran()
    assert "+  replicas: 2" in result.stdout
    assert "the API server of test would take 1 changed object" in result.stderr
    assert "replicas: 1" in (tree / "web.yaml").read_text("utf-8")


def test_a_fix_that_the_server_refuses_is_dropped_with_its_words(tree: Path, bare: ApiServer) -> None:
    bare.client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "guarded"}})
    put(tree, deployment("web", "guarded"))
    limit_of_replicas(bare)
    try:
        for _ in range(100):
            result = ran()
            if "replicas: 2" not in result.stdout:
                break  # A policy holds some time after it is made.
        assert result.stdout == ""
        assert "one replica is enough here" in result.stderr
        assert "would be refused: the API server answers with HTTP 422" in result.stderr
        assert result.exit_code == 1
    finally:
        for kind in ("validatingadmissionpolicybindings", "validatingadmissionpolicies"):
            bare.client.ask("DELETE", f"/apis/admissionregistration.k8s.io/v1/{kind}/one-replica")


def test_of_several_fixes_of_an_object_the_one_that_the_server_names_is_dropped(tree: Path, bare: ApiServer) -> None:
    # What runs got a limit from somebody else, which no file tells.
    bare.client.apply(deployment("limited", "verified", resources={"limits": {"memory": "64Mi"}}))
    put(tree, deployment("limited", "verified"))
    result = ran("--rule", "workload/resource-requests", "--set", "requests.memory=128Mi", "--set", "requests.cpu=1")
    assert "+  replicas: 2" in result.stdout
    assert "128Mi" not in result.stdout
    assert "must be less than or equal to memory limit of 64Mi" in result.stderr


def test_what_was_refused_before_is_noted_and_the_fix_stays(tree: Path) -> None:
    put(tree, deployment("web", "verified", ports=[{"containerPort": 99999}]))
    result = ran()
    assert "+  replicas: 2" in result.stdout
    assert "Deployment web: is refused with its fixes as without them" in result.stderr
    assert "must be between 1 and 65535" in result.stderr


def test_a_field_that_the_server_does_not_know_is_its_word_and_no_breakdown(tree: Path) -> None:
    put(tree, deployment("web", "verified", colour="red"))
    result = ran()
    assert "Deployment web: is refused with its fixes as without them" in result.stderr
    assert "colour" in result.stderr


def test_what_has_no_namespace_or_kind_there_could_not_be_tried(tree: Path) -> None:
    put(tree, deployment("web", "nowhere"))
    result = ran()
    assert "+  replicas: 2" in result.stdout
    assert "Deployment web: could not be tried" in result.stderr
    assert 'namespaces "nowhere" not found' in result.stderr


def test_the_missing_right_is_told(tree: Path, bare: ApiServer) -> None:
    name_cluster(tree, bare.user("may-not-patch", NO_RIGHTS))
    result = ran()
    assert result.exit_code == 3
    assert result.stdout == ""
    assert "the rights `patch` and `create` on deployments.apps are needed" in result.stderr


def test_who_may_patch_but_not_create_is_told_as_much(tree: Path, bare: ApiServer) -> None:
    rules = [*NO_RIGHTS, {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["patch"]}]
    name_cluster(tree, bare.user("may-patch", rules))
    result = ran()
    assert result.exit_code == 3
    assert "the rights `patch` and `create` on deployments.apps are needed" in result.stderr


def test_a_throttled_trial_is_made_again_and_one_that_stays_broken_tells_nothing(
    tree: Path, bare: ApiServer, proxy: FaultyProxy
) -> None:
    name_cluster(tree, bare.admin(url=proxy.url))
    proxy.fail("dryRun", THROTTLED, times=1)
    assert "would take 1 changed object" in ran().stderr
    proxy.fail("dryRun", BROKEN)
    result = ran()
    assert (result.exit_code, result.stdout) == (3, "")
    assert "etcdserver: request timed out" in result.stderr


def test_what_an_overlay_makes_is_tried_as_it_makes_it(tree: Path) -> None:
    body = deployment("web", "")
    del body["metadata"]["namespace"]
    put(tree, body)
    overlay = {"resources": ["web.yaml"], "namespace": "verified", "namePrefix": "a-"}
    (tree / "kustomization.yaml").write_text(yaml.safe_dump(overlay), "utf-8")
    config = (tree / "readycheck.yaml").read_text("utf-8")
    (tree / "readycheck.yaml").write_text(config.replace("- web.yaml", "- ."), "utf-8")
    assert "would take 1 changed object" in ran().stderr
    overlay["namespace"] = "nowhere"
    (tree / "kustomization.yaml").write_text(yaml.safe_dump(overlay), "utf-8")
    assert (
        'Deployment a-web: could not be tried: the API server answers with HTTP 404: namespaces "nowhere"'
        in ran().stderr
    )


def test_no_cluster_and_none_that_answers_are_incomplete_and_nothing_is_written(tree: Path, bare: ApiServer) -> None:
    name_cluster(tree, bare.admin(url="https://127.0.0.1:9"))
    away = ran("--apply", "--force")
    (tree / "readycheck.yaml").write_text("environments: {prod: {files: {paths: [web.yaml]}}}\n", "utf-8")
    unnamed = ran("--apply", "--force")
    assert (away.exit_code, unnamed.exit_code) == (3, 3)
    assert "cannot be connected to" in away.stderr
    assert "names no cluster to ask" in unnamed.stderr
    assert "replicas: 1" in (tree / "web.yaml").read_text("utf-8")


@pytest.mark.parametrize("name", ["web", "web?dryRun=", "../../../namespaces", "a/b?x#", ".."])
def test_nothing_is_kept_whatever_an_object_is_called(bare: ApiServer, name: str) -> None:
    server = DryRun(ClusterRequest(kubeconfig=bare.admin()))
    before = bare.client.get("/apis/apps/v1/deployments")["items"]
    body = {**deployment("web", "default"), "metadata": {"name": name}}
    assert (server.refusal(body, "default") is None) == (name == "web")
    assert server.refusal({**body, "metadata": {"generateName": "web-"}}, "default") is None
    assert bare.client.get("/apis/apps/v1/deployments")["items"] == before
    server.close()


def test_a_server_that_may_not_know_dry_runs_is_sent_nothing(bare: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server = DryRun(ClusterRequest(kubeconfig=bare.admin()))
    monkeypatch.setattr(server, "get", lambda *_, **__: b'{"major": "1", "minor": "17+", "gitVersion": "v1.17.9"}')
    with pytest.raises(ConnectionFault, match=r"v1\.17\.9"):
        server.begin()
    server.close()
