"""What Flux and Argo CD apply of a tree, what breaks on the way, and charts that do not render."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.inventory.delivery.gitops import Applied
from readycheck.model import Outcome
from readycheck.sources.files import FilesRequest, collect
from tests.trees import write

RULES = {rule.id: rule for rule in packs.load()}
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: shop}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{containers: [{{name: main, image: "registry.example.com/{name}:1.4"}}]}}
"""
KUSTOMIZATION = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: {name}, namespace: flux-system}}
spec: {{interval: 10m, prune: true, path: {path}, sourceRef: {{kind: {kind}, name: {source}}}}}
"""
REPOSITORY = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {{name: {name}, namespace: flux-system}}
spec: {{interval: 1m, url: "{url}"}}
"""
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: {name}, namespace: argocd}}
spec:
  project: default
  destination: {{server: https://kubernetes.default.svc, namespace: shop}}
  source: {{repoURL: "{url}", path: {path}, targetRevision: main{more}}}
"""
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\ndata: {LOG: info}\n"


def deployment(name: str) -> str:
    return DEPLOYMENT.format(name=name)


def kustomization(name: str, path: str, *, source: str = "shop", kind: str = "GitRepository") -> str:
    return KUSTOMIZATION.format(name=name, path=path, source=source, kind=kind)


def application(name: str, path: str, *, url: str = "https://git.example.com/shop.git", more: str = "") -> str:
    return APPLICATION.format(name=name, path=path, url=url, more=more)


def inventory_of(tmp_path: Path, files: Mapping[str, str]) -> Inventory:
    return Inventory((collect(FilesRequest(paths=(write(tmp_path, files),))),))


def applied(tmp_path: Path, files: Mapping[str, str]) -> dict[str, Applied]:
    inventory = inventory_of(tmp_path, files)
    return {applier.name: inventory.applied_files(applier) for applier in inventory.appliers}


def said(tmp_path: Path, files: Mapping[str, str], rule: str) -> list[tuple[str, str, str, str | None]]:
    """Kind, name, status and reason of what a rule says, each finding for itself."""
    outcomes: list[Outcome] = judge((Selection.default(RULES[rule]),), inventory_of(tmp_path, files))
    return [
        (outcome.resource.kind, outcome.resource.name, outcome.status.value, reason)
        for outcome in outcomes
        for reason in _reasons(outcome)
    ]


def _reasons(outcome: Outcome) -> list[str | None]:
    return [finding.message for finding in outcome.findings] if outcome.findings else [outcome.reason]


# Files -------------------------------------------------------------------------------------------------------------


def test_flux_takes_yaml_below_a_folder_and_kustomizations_in_place_of_their_folders(tmp_path: Path) -> None:
    files = {
        "cluster.yaml": kustomization("shop", "./apps"),
        "apps/web.yaml": deployment("web"),
        "apps/deep/down/api.yml": deployment("api"),
        "apps/notes.json": "{}",
        "apps/worker/kustomization.yaml": "resources: [worker.yaml]\nconfigMapGenerator: [{name: w, files: [w.ini]}]\n",
        "apps/worker/worker.yaml": deployment("worker"),
        "apps/worker/w.ini": "[log]\nlevel=info\n",
        "apps/worker/old.yaml": deployment("old"),
        "apps/worker/more/deep.yaml": deployment("deep"),
    }
    assert applied(tmp_path, files)["shop"] == Applied(
        files=frozenset(
            {
                "apps/web.yaml",
                "apps/deep/down/api.yml",
                "apps/worker/kustomization.yaml",
                "apps/worker/worker.yaml",
                "apps/worker/w.ini",
            }
        ),
        entries=frozenset({"apps/worker"}),
    )


def test_a_path_through_a_link_is_the_folder_behind_it(tmp_path: Path) -> None:
    write(tmp_path, {"cluster.yaml": kustomization("shop", "./current"), "v2/web.yaml": deployment("web")})
    (tmp_path / "current").symlink_to("v2")
    write(tmp_path, {"other.yaml": kustomization("direct", "./v2")})
    assert applied(tmp_path, {})["shop"].files == {"v2/web.yaml"}


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example.com/acme/shop",
        "https://token@git.example.com/acme/shop.git",
        "ssh://git@git.example.com/acme/shop.git",
        "git@git.example.com:acme/shop.git",
        "https://Git.example.com/acme/shop/",
    ],
)
def test_one_repository_goes_by_several_addresses(tmp_path: Path, url: str) -> None:
    files = {
        "apps.yaml": application("here", "apps", url="https://git.example.com/acme/shop.git"),
        "more.yaml": application("there", "gone", url=url),
        "apps/web.yaml": deployment("web"),
    }
    (missing,) = applied(tmp_path, files)["there"].missing
    assert (missing.field, missing.seen) == ("spec.source.path", "gone")


def test_a_bootstrapped_repository_is_surely_this_one_and_others_are_not(tmp_path: Path) -> None:
    files = {
        "clusters/prod/flux-system/sync.yaml": REPOSITORY.format(
            name="flux-system", url="ssh://git@x.example.com/infra"
        )
        + "---\n"
        + kustomization("flux-system", "./clusters/prod", source="flux-system"),
        "clusters/prod/web.yaml": REPOSITORY.format(name="web", url="https://x.example.com/web")
        + "---\n"
        + kustomization("web", "./deploy", source="web"),
        "deploy/README.yaml": CONFIG_MAP,
    }
    told = applied(tmp_path, files)
    assert told["flux-system"].files == {"clusters/prod/flux-system/sync.yaml", "clusters/prod/web.yaml"}
    assert told["web"] == Applied(unknown="whether its source x.example.com/web is this repository cannot be told")


def test_what_git_ignores_or_configuration_leaves_out_is_not_missing(tmp_path: Path) -> None:
    files = {
        ".gitignore": "generated/\n",
        "cluster.yaml": kustomization("shop", "./apps") + "---\n" + kustomization("more", "./generated"),
        "apps/web.yaml": deployment("web"),
        "generated/web.yaml": deployment("generated"),
    }
    assert applied(tmp_path, files)["more"] == Applied(unknown="its path generated was not read")


def test_a_base_outside_of_the_paths_that_are_scanned_is_reached_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        "clusters/prod/shop.yaml": kustomization("shop", "./overlays/prod"),
        "overlays/prod/kustomization.yaml": "resources: [../../base]\n",
        "base/kustomization.yaml": "resources: [web.yaml]\n",
        "base/web.yaml": deployment("web"),
    }
    monkeypatch.chdir(write(tmp_path, files))
    inventory = Inventory((collect(FilesRequest(paths=(Path("clusters/prod"), Path("overlays/prod")))),))
    (shop,) = inventory.appliers
    assert inventory.applied_files(shop).files == set(files) - {"clusters/prod/shop.yaml"}


def test_argo_cd_takes_the_files_of_the_folder_itself_unless_it_recurses(tmp_path: Path) -> None:
    files = {
        "argo.yaml": application("flat", "apps")
        + "---\n"
        + application("deep", "apps", more=", directory: {recurse: true}")
        + "---\n"
        + application("some", "apps", more=", directory: {recurse: true, exclude: 'x*'}"),
        "apps/web.yaml": deployment("web"),
        "apps/more/api.json": "{}",
    }
    told = applied(tmp_path, files)
    assert told["flat"].files == {"apps/web.yaml"}
    assert told["deep"].files == {"apps/web.yaml", "apps/more/api.json"}
    assert told["some"].unknown == "it takes only some of the files of apps"


@pytest.mark.parametrize("components", ["'${MORE}'", "['${MORE}']", "{a: b}"])
def test_components_that_are_not_decided_leave_open_what_is_applied(tmp_path: Path, components: str) -> None:
    more = kustomization("shop", "./apps").replace("prune: true", f"prune: true, components: {components}")
    assert applied(tmp_path, {"cluster.yaml": more, "apps/web.yaml": deployment("web")})["shop"].unknown


# Breaks on the way -------------------------------------------------------------------------------------------------


def test_a_resource_that_does_not_exist_fails_for_the_services_of_its_kustomization(tmp_path: Path) -> None:
    files = {
        "cluster.yaml": kustomization("shop", "./apps"),
        "apps/kustomization.yaml": "resources: [web.yaml, service.yaml, ../base]\n",
        "apps/web.yaml": deployment("web"),
        "base/README.md": "nothing yet\n",
    }
    assert said(tmp_path, files, "delivery/kustomize-flow") == [
        ("Deployment", "web", "fail", "apps/kustomization.yaml names service.yaml, which does not exist"),
        ("Deployment", "web", "fail", "apps/kustomization.yaml names ../base, which does not exist"),
    ]


def test_a_resource_that_does_not_exist_fails_for_the_folder_where_no_service_stands(tmp_path: Path) -> None:
    files = {"policies/kustomization.yaml": "resources: [deny.yaml, 'https://git.example.com/x?ref=v1']\n"}
    assert said(tmp_path, files, "delivery/kustomize-flow") == [
        ("Folder", "policies", "fail", "policies/kustomization.yaml names deny.yaml, which does not exist")
    ]


def test_what_stands_in_a_folder_that_could_not_be_rendered_may_apply_the_rest(tmp_path: Path) -> None:
    files = {
        "cluster/kustomization.yaml": "resources: [shop.yaml, 'https://git.example.com/more?ref=v1']\nnamePrefix: a-\n",
        "cluster/shop.yaml": kustomization("shop", "./apps"),
        "other.yaml": kustomization("other", "./other"),
        "other/api.yaml": deployment("api"),
        "apps/web.yaml": deployment("web"),
    }
    assert said(tmp_path, files, "delivery/kustomize-flow") == [
        ("Deployment", "web", "unknown", "what applies it may come from cluster, which was not rendered"),
        ("Deployment", "api", "pass", "Kustomization other applies it"),
    ]


def test_skaffold_applies_what_its_configuration_names(tmp_path: Path) -> None:
    files = {
        "skaffold.yaml": (
            "apiVersion: skaffold/v4beta11\nkind: Config\nmetadata: {name: load}\n"
            "manifests: {rawYaml: [./deploy/load*.yaml]}\n"
        ),
        "deploy/kustomization.yaml": "resources: [web.yaml]\n",
        "deploy/web.yaml": deployment("web"),
        "deploy/load.yaml": deployment("load"),
    }
    reason = "what applies it is not in the tree: it has no Flux Kustomization and no Application"
    assert sorted(said(tmp_path, files, "delivery/kustomize-flow")) == [
        ("Deployment", "load", "unknown", reason),
        ("Deployment", "web", "unknown", reason),
    ]


# Charts ------------------------------------------------------------------------------------------------------------

CHART = {
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "charts/web/values.yaml": "replicas: 2\n",
    "charts/web/templates/web.yaml": deployment("web"),
}


@pytest.fixture
def engine() -> None:
    if importlib.util.find_spec("helm_python") is None:
        pytest.skip("the Helm engine is not installed")


@pytest.mark.slow
@pytest.mark.usefixtures("engine")
def test_a_template_that_does_not_render_fails_for_the_folder_of_the_chart(tmp_path: Path) -> None:
    broken = {"charts/web/templates/bad.yaml": "a: {{ .Values.image.name.tag }}\n"}
    ((kind, name, status, reason),) = said(tmp_path, CHART | broken, "delivery/chart-per-service")
    assert (kind, name, status) == ("Folder", "charts/web", "fail")
    assert str(reason).startswith("charts/web does not render: ")
    assert "web/templates/bad.yaml:1" in str(reason)


@pytest.mark.slow
@pytest.mark.usefixtures("engine")
def test_a_release_stands_for_its_service_whether_or_not_its_chart_renders(tmp_path: Path) -> None:
    release = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: shop}
spec: {interval: 10m, chart: {spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: shop}}}}
"""
    files = CHART | {
        "charts/web/templates/bad.yaml": "a: {{ .Values.image.name.tag }}\n",
        "clusters/prod.yaml": kustomization("apps", "./apps"),
        "apps/kustomization.yaml": "resources: [web.yaml]\n",
        "apps/web.yaml": release,
    }
    assert said(tmp_path, files, "delivery/kustomize-flow") == [
        ("HelmRelease", "web", "pass", "Kustomization apps applies it")
    ]
    files["apps/kustomization.yaml"] = "resources: []\n"
    orphaned = "nothing applies it: apps/kustomization.yaml beside it does not name it"
    assert said(tmp_path, files, "delivery/kustomize-flow") == [("HelmRelease", "web", "fail", orphaned)]


@pytest.mark.slow
@pytest.mark.usefixtures("engine")
def test_a_template_that_renders_to_no_yaml_fails(tmp_path: Path) -> None:
    broken = {"charts/web/templates/bad.yaml": "a: {b\n"}
    ((kind, name, status, reason),) = said(tmp_path, CHART | broken, "delivery/chart-per-service")
    assert (kind, name, status) == ("Deployment", "web", "fail")
    assert "charts/web does not lint: templates/bad.yaml: " in str(reason)


@pytest.mark.slow
@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"charts/web/templates/ask.yaml": 'a: {{ required "a name is needed" .Values.name }}\n'}, "a name is needed"),
        (
            {
                "charts/web/Chart.yaml": CHART["charts/web/Chart.yaml"]
                + "dependencies: [{name: cache, version: 1.0.0, repository: 'https://charts.example.com'}]\n"
            },
            "missing in charts/ directory: cache",
        ),
    ],
    ids=["values that nobody gives", "dependencies that are not fetched"],
)
def test_what_lies_beside_a_chart_is_no_fault_of_its_templates(
    tmp_path: Path, files: Mapping[str, str], words: str
) -> None:
    deployed = {"deploy/web.yaml": deployment("web")}
    ((kind, name, status, reason),) = said(tmp_path, {**CHART, **files, **deployed}, "delivery/chart-per-service")
    assert (kind, name, status) == ("Deployment", "web", "unknown")
    assert str(reason).startswith("charts/web was not tried: ")
    assert words in str(reason)


def test_without_helm_a_chart_is_unknown_and_the_reason_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec

    def without(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == "helm_python" else find(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", without)
    monkeypatch.setenv("PATH", "")
    deployed = {"deploy/web.yaml": deployment("web")}
    ((kind, name, status, reason),) = said(tmp_path, CHART | deployed, "delivery/chart-per-service")
    assert (kind, name, status) == ("Deployment", "web", "unknown")
    assert "readycheck-audit[helm]" in str(reason)
