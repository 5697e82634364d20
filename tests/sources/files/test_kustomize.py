"""Kustomizations are judged as kustomize renders them; what it cannot render is said, and nothing is fetched or run."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from readycheck.model import Collected, Unresolved
from readycheck.sources.files import FilesRequest, collect
from tests.trees import collected_from, replicas_seen, write

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "registry.example.com/web:1.0"}]
"""
PATCH = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n"


def _seen(collected: Collected) -> list[tuple[str, str, str, object]]:
    return replicas_seen(collected, without=("KustomizationFile", "Secret"))


def _problems(collected: Collected) -> list[tuple[str, int | None, str]]:
    return [(problem.uri, problem.line, problem.reason) for problem in collected.problems]


def _opaque(collected: Collected) -> list[tuple[str, str, str]]:
    return [(opaque.resource.kind, opaque.resource.name, opaque.reason) for opaque in collected.opaque]


@pytest.fixture
def kustomize_tool(require_tool: Callable[[str], Path]) -> Path:
    return require_tool("kustomize")


@pytest.fixture
def no_tools(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is all of PATH."""
    folder = tmp_path_factory.mktemp("bin")
    monkeypatch.setenv("PATH", str(folder))
    return folder


def _script(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


@pytest.mark.slow
@pytest.mark.usefixtures("kustomize_tool")
def test_each_overlay_is_judged_as_rendered_and_the_base_of_both_not_by_itself(tmp_path: Path) -> None:
    collected = collected_from(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "base/web.yaml": DEPLOYMENT,
            "overlays/dev/kustomization.yaml": "namespace: dev\nresources: [../../base]\n",
            "overlays/prod/kustomization.yaml": "namespace: shop\nresources: [../../base]\npatches: [{path: n.yaml}]\n",
            "overlays/prod/n.yaml": PATCH,
        },
    )
    assert _seen(collected) == [("Deployment", "dev", "web", 1), ("Deployment", "shop", "web", 3)]
    assert _problems(collected) == []


@pytest.mark.slow
@pytest.mark.usefixtures("kustomize_tool")
def test_a_component_changes_what_uses_it_and_is_nothing_by_itself(tmp_path: Path) -> None:
    collected = collected_from(
        tmp_path,
        {
            "app/kustomization.yaml": "resources: [web.yaml]\ncomponents: [../scaled]\n",
            "app/web.yaml": DEPLOYMENT,
            "scaled/kustomization.yaml": (
                "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: patch.yaml}]\n"
            ),
            "scaled/patch.yaml": PATCH,
            "unused/kustomization.yaml": (
                "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: patch.yaml}]\n"
            ),
            "unused/patch.yaml": PATCH,
        },
    )
    assert _seen(collected) == [("Deployment", "", "web", 3)]
    assert _problems(collected) == []


@pytest.mark.slow
@pytest.mark.usefixtures("kustomize_tool")
def test_a_base_outside_of_what_is_scanned_is_part_of_the_overlay(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "base/web.yaml": DEPLOYMENT,
            "prod/kustomization.yaml": "namespace: shop\nresources: [../base]\nreplicas: [{name: web, count: 4}]\n",
        },
    )
    collected = collect(FilesRequest(paths=(tmp_path / "prod",)))
    assert _seen(collected) == [("Deployment", "shop", "web", 4)]
    assert _problems(collected) == []


@pytest.mark.slow
@pytest.mark.usefixtures("kustomize_tool")
def test_a_remote_base_is_never_fetched_and_leaves_its_overlay_unknown(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        remote = f"http://127.0.0.1:{server.getsockname()[1]}/shop/base?ref=v1"
        collected = collected_from(
            tmp_path,
            {
                "prod/kustomization.yaml": f"namespace: shop\nresources:\n  - web.yaml\n  - {remote}\n",
                "prod/web.yaml": DEPLOYMENT,
            },
        )
        with pytest.raises(BlockingIOError):
            server.accept()
    reason = f"'{remote}' is remote, and nothing is fetched"
    assert _problems(collected) == [("prod/kustomization.yaml", 4, reason)]
    assert _opaque(collected) == [("Kustomization", "prod", f"not rendered: {reason}")]


@pytest.mark.slow
@pytest.mark.usefixtures("kustomize_tool")
def test_what_stands_beside_a_remote_base_is_judged_all_the_same(tmp_path: Path) -> None:
    collected = collected_from(
        tmp_path,
        {
            "prod/kustomization.yaml": "namespace: shop\nresources: [web.yaml, github.com/shop/base?ref=v1]\n",
            "prod/web.yaml": DEPLOYMENT,
        },
    )
    assert _seen(collected) == [("Deployment", "shop", "web", 1)]


@pytest.mark.slow
@pytest.mark.usefixtures("kustomize_tool")
def test_a_missing_file_is_named_where_it_is_asked_for(tmp_path: Path) -> None:
    collected = collected_from(
        tmp_path,
        {"prod/kustomization.yaml": "resources:\n  - web.yaml\n  - gone.yaml\n", "prod/web.yaml": DEPLOYMENT},
    )
    assert _problems(collected) == [("prod/kustomization.yaml", 3, "'gone.yaml' does not exist")]
    assert _opaque(collected) == [("Kustomization", "prod", "not rendered: 'gone.yaml' does not exist")]


@pytest.mark.slow
@pytest.mark.usefixtures("kustomize_tool")
def test_a_secret_file_that_git_ignores_does_not_hide_the_rest(tmp_path: Path) -> None:
    collected = collected_from(
        tmp_path,
        {
            "kustomization.yaml": (
                "namespace: shop\nresources: [web.yaml]\nreplicas: [{name: web, count: 2}]\n"
                "secretGenerator:\n  - name: db\n    envs: [db.env]\n    files: [ca.pem]\n    literals: [user=shop]\n"
            ),
            "web.yaml": DEPLOYMENT,
        },
    )
    assert _seen(collected) == [("Deployment", "shop", "web", 2)]
    (secret,) = [resource for resource in collected.resources if resource.kind == "Secret"]
    assert (sorted(secret.mapping("data")), secret.mapping("data")["user"]) == (["ca.pem", "user"], "c2hvcA==")
    assert isinstance(secret.mapping("data")["ca.pem"], Unresolved)
    unknown = "does not exist, so what is generated from it is not known"
    assert _problems(collected) == [
        ("kustomization.yaml", 6, f"'db.env' {unknown}"),
        ("kustomization.yaml", 7, f"'ca.pem' {unknown}"),
    ]
    assert _opaque(collected) == []


@pytest.mark.slow
@pytest.mark.usefixtures("kustomize_tool")
@pytest.mark.parametrize("field", ["generators", "transformers"])
def test_a_plug_in_of_the_tree_is_not_run(tmp_path: Path, field: str) -> None:
    marker = tmp_path / "was-run"
    write(
        tmp_path / "tree",
        {
            "kustomization.yaml": f"resources: [web.yaml]\n{field}: [plugin.yaml]\n",
            "web.yaml": DEPLOYMENT,
            "plugin.yaml": (
                "apiVersion: example.com/v1\nkind: Plugin\nmetadata:\n  name: plugin\n  annotations:\n"
                "    config.kubernetes.io/function: |\n      exec: {path: ./plugin.sh}\n"
            ),
        },
    )
    _script(tmp_path / "tree", "plugin.sh", f": > {marker}")
    collected = collect(FilesRequest(paths=(tmp_path / "tree",)))
    assert not marker.exists()
    assert [(problem.uri, "could not build it" in problem.reason) for problem in collected.problems] == [
        ("kustomization.yaml", True)
    ]
    assert [opaque.resource.kind for opaque in collected.opaque] == ["Kustomization"]


@pytest.mark.slow
@pytest.mark.usefixtures("kustomize_tool")
def test_a_chart_that_the_build_would_fetch_is_not(tmp_path: Path) -> None:
    collected = collected_from(
        tmp_path,
        {
            "kustomization.yaml": "helmCharts:\n  - name: postgresql\n    repo: https://charts.example.com\n",
        },
    )
    reason = "the chart 'postgresql' would have to be fetched and inflated by the build, which is not done"
    assert _problems(collected) == [("kustomization.yaml", 2, reason)]


@pytest.mark.slow
@pytest.mark.usefixtures("kustomize_tool")
def test_what_kustomize_refuses_is_told_in_its_own_words(tmp_path: Path) -> None:
    patch = PATCH.replace("name: web", "name: wbe")
    collected = collected_from(
        tmp_path,
        {
            "kustomization.yaml": "resources: [web.yaml]\npatches: [{path: patch.yaml}]\n",
            "web.yaml": DEPLOYMENT,
            "patch.yaml": patch,
        },
    )
    (problem,) = collected.problems
    assert problem.reason.startswith("kustomize could not build it: ")
    assert "no matches for Id Deployment" in problem.reason
    assert "wbe" in problem.reason
    assert str(tmp_path) not in problem.reason


@pytest.mark.usefixtures("no_tools")
def test_a_broken_kustomization_is_named_with_its_line(tmp_path: Path) -> None:
    collected = collected_from(tmp_path, {"prod/kustomization.yaml": "resources:\n  - web.yaml\n  broken: [\n"})
    assert [problem.uri for problem in collected.problems] == ["prod/kustomization.yaml"]
    assert collected.problems[0].line in {3, 4}
    assert [opaque.resource.name for opaque in collected.opaque] == ["prod"]


def test_flux_has_a_kustomization_too_which_is_an_object_like_others(tmp_path: Path) -> None:
    collected = collected_from(
        tmp_path,
        {
            "clusters/prod/kustomization.yaml": (
                "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: shop}\n"
                "spec: {path: ./deploy, sourceRef: {kind: GitRepository, name: shop}}\n"
            )
        },
    )
    assert _seen(collected) == [("Kustomization", "", "shop", None)]
    assert _problems(collected) == []


@pytest.mark.usefixtures("no_tools")
def test_without_a_tool_what_only_gathers_is_judged_from_its_files(tmp_path: Path) -> None:
    collected = collected_from(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "base/web.yaml": DEPLOYMENT,
            "prod/kustomization.yaml": "namespace: shop\nresources: [../base, service.yaml]\n",
            "prod/service.yaml": SERVICE,
        },
    )
    assert _seen(collected) == [("Deployment", "shop", "web", 1), ("Service", "shop", "web", None)]
    assert (_problems(collected), _opaque(collected)) == ([], [])


@pytest.mark.usefixtures("no_tools")
def test_without_a_tool_what_is_patched_is_unknown_once_and_the_problem_says_what_to_install(tmp_path: Path) -> None:
    collected = collected_from(
        tmp_path,
        {
            "prod/kustomization.yaml": "resources: [web.yaml, service.yaml]\npatches: [{path: patch.yaml}]\n",
            "prod/web.yaml": DEPLOYMENT,
            "prod/service.yaml": SERVICE,
            "prod/patch.yaml": PATCH,
        },
    )
    advice = "install kustomize (or a kubectl, which has it built in) to have kustomizations judged as they are applied"
    assert _seen(collected) == []
    assert _problems(collected) == [("prod/kustomization.yaml", None, advice)]
    assert _opaque(collected) == [("Kustomization", "prod", f"not rendered: {advice}")]


@pytest.mark.slow
@pytest.mark.usefixtures("kustomize_tool")
def test_an_object_leads_to_the_file_that_it_comes_from(tmp_path: Path) -> None:
    collected = collected_from(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "base/web.yaml": DEPLOYMENT,
            "prod/kustomization.yaml": "namespace: shop\nresources: [../base]\npatches: [{path: patch.yaml}]\n",
            "prod/patch.yaml": PATCH,
        },
    )
    (web,) = (resource for resource in collected.resources if resource.kind == "Deployment")
    template = web.locate(("spec", "template"))
    replicas = web.locate(("spec", "replicas"))
    assert (template.uri, template.line) == ("base/web.yaml", 8)
    assert (replicas.uri, replicas.line) == ("prod/patch.yaml", 4)


def test_a_namespace_that_is_not_decided_is_one_like_any_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    kustomization = 'namespace: "{{ .namespace }}"\nresources: [web.yaml]\nsecretGenerator: [{name: web}]\n'
    collected = collected_from(tmp_path, {"kustomization.yaml": kustomization, "web.yaml": DEPLOYMENT})
    assert {(resource.kind, resource.scope) for resource in collected.resources if resource.api_version} == {
        ("Deployment", "{{ .namespace }}"),
        ("Secret", "{{ .namespace }}"),
    }
