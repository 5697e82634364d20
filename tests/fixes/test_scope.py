"""`readycheck fix --scope env`: one environment is mended, and nothing that others are made of changes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readycheck.cli import main
from readycheck.documents.edits import Change, Code, Refused
from readycheck.documents.edits.strategic_merge import revise, said
from readycheck.fixes.operations import Meant, Operations
from readycheck.fixes.operations import revise as revise_operations
from readycheck.fixes.ownership import Ownership
from readycheck.sources.files import FilesRequest
from tests.trees import only, write

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1  # for now
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: web
        image: registry.example.com/web:1.0
        resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 64Mi}}
      - name: proxy
        image: registry.example.com/proxy:1.0
"""
OTHER = WEB.replace("  name: web\nspec", "  name: other\nspec").replace("app: web", "app: other")
CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "chart/templates/web.yaml": WEB.replace("replicas: 1", "replicas: {{ .Values.replicaCount }}"),
}
ENVIRONMENTS = """\
environments:
  prod: {files: {paths: [overlays/prod]}}
  dev: {files: {paths: [overlays/dev]}}
"""
PROD = """\
namespace: prod
namePrefix: shop-
resources:
  - ../../base  # all
"""
TAGS = only("workload/image-tag")
RULES = ("workload/replicas", "workload/zone-spread", "workload/node-spread", "workload/resource-limits")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "--quiet"], check=True)
    write(
        tmp_path,
        {
            "readycheck.yaml": only(*RULES) + ENVIRONMENTS,
            "base/web.yaml": WEB,
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "overlays/prod/kustomization.yaml": PROD,
            "overlays/dev/kustomization.yaml": "namespace: dev\nresources: [../../base]\n",
        },
    )
    subprocess.run(["git", "add", "--all"], check=True)
    return tmp_path


@pytest.fixture
def overlays(tree: Path, require_tool: Callable[[str], Path]) -> Path:
    require_tool("kustomize")
    return tree


def ran(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["fix", "--scope", "env", *arguments], catch_exceptions=False)


def built(folder: str) -> list[dict[str, Any]]:
    done = subprocess.run(["kustomize", "build", folder], check=True, capture_output=True, text=True)
    return list(yaml.safe_load_all(done.stdout))


def status() -> list[str]:
    done = subprocess.run(["git", "status", "--short", "--untracked-files"], check=True, capture_output=True, text=True)
    return [line for line in done.stdout.splitlines() if not line.startswith("A  ")]


@pytest.mark.slow
def test_an_overlay_gets_a_patch_of_its_own_and_its_entry(overlays: Path) -> None:
    before = built("overlays/dev")
    done = ran("--env", "prod", "--rule", "workload/replicas", "--apply")
    assert done.exit_code == 0
    assert status() == ["AM overlays/prod/kustomization.yaml", "?? overlays/prod/deployment-web.patch.yaml"]
    assert (overlays / "overlays/prod/deployment-web.patch.yaml").read_text() == (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 2\n"
    )
    assert (overlays / "overlays/prod/kustomization.yaml").read_text() == (
        f"{PROD}patches:\n  - path: deployment-web.patch.yaml\n"
    )
    assert built("overlays/dev") == before
    assert ran("--env", "prod", "--rule", "workload/replicas").stdout == ""


@pytest.mark.slow
def test_all_that_is_said_of_one_object_stands_in_one_patch(overlays: Path) -> None:
    before = built("overlays/prod")
    done = ran("--env", "prod", "--unsafe", "--set", "limits.memory=128Mi", "--apply")
    assert done.exit_code == 1  # a limit of CPU is left to decide
    patch = yaml.safe_load((overlays / "overlays/prod/deployment-web.patch.yaml").read_text())
    pod = patch["spec"]["template"]["spec"]
    assert patch["spec"]["replicas"] == 2
    assert pod["containers"] == [
        {"name": "web"},
        {"name": "proxy", "resources": {"limits": {"memory": "128Mi"}}},
    ]
    assert {each["topologyKey"] for each in pod["topologySpreadConstraints"]} == {
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    }
    (old,), (new,) = before, built("overlays/prod")
    assert [each["name"] for each in new["spec"]["template"]["spec"]["containers"]] == ["web", "proxy"]
    new["spec"]["replicas"] = 1
    del new["spec"]["template"]["spec"]["topologySpreadConstraints"]
    del new["spec"]["template"]["spec"]["containers"][1]["resources"]
    assert new == old


@pytest.mark.slow
@pytest.mark.usefixtures("overlays")
def test_an_overlay_that_only_lists_its_base_gets_a_patch_too() -> None:
    assert ran("--env", "dev", "--rule", "workload/replicas", "--apply").exit_code == 0
    assert status() == ["AM overlays/dev/kustomization.yaml", "?? overlays/dev/deployment-web.patch.yaml"]
    (deployment,) = built("overlays/dev")
    assert (deployment["metadata"]["namespace"], deployment["spec"]["replicas"]) == ("dev", 2)


@pytest.mark.slow
def test_a_new_object_that_would_take_the_name_of_another_is_left(overlays: Path) -> None:
    budget = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: other}}}
"""
    write(
        overlays,
        {
            "readycheck.yaml": only("workload/disruption-budget", "workload/zone-spread") + ENVIRONMENTS,
            "base/web.yaml": WEB.replace("replicas: 1", "replicas: 2"),
            "base/pdb.yaml": budget,
            "base/kustomization.yaml": "resources: [web.yaml, pdb.yaml]\n",
        },
    )
    for arguments in (["--scope", "env", "--env", "dev"], ["--env", "dev"]):
        done = CliRunner().invoke(main, ["fix", "--unsafe", *arguments], catch_exceptions=False)
        assert "would be called as the PodDisruptionBudget web that is there already" in done.stderr
        assert "topologySpreadConstraints" in done.stdout


@pytest.mark.slow
def test_the_patch_that_an_overlay_has_already_is_added_to(overlays: Path) -> None:
    patch = "# Ours.\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n    paused: false  # yet\n"
    kustomization = "namespace: prod\nresources: [../../base]\npatches: [{path: web.yaml}]\n"
    write(overlays, {"overlays/prod/web.yaml": patch, "overlays/prod/kustomization.yaml": kustomization})
    subprocess.run(["git", "add", "--all"], check=True)
    assert ran("--env", "prod", "--rule", "workload/replicas", "--apply").exit_code == 0
    assert status() == ["AM overlays/prod/web.yaml"]
    assert (overlays / "overlays/prod/web.yaml").read_text() == patch + "    replicas: 2\n"


@pytest.mark.slow
def test_a_patch_with_a_target_of_one_object_is_its_own_until_another_entry_names_it_too(overlays: Path) -> None:
    patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: any}\nspec:\n  paused: false\n"
    listed = "patches:\n- {path: ours.yaml, target: {kind: Deployment, name: web}}\n"
    other = "- {path: ours.yaml, target: {kind: Deployment, name: other}}\n"
    write(
        overlays,
        {"overlays/prod/ours.yaml": patch, "overlays/prod/kustomization.yaml": PROD + listed, "base/other.yaml": OTHER},
    )
    write(overlays, {"base/kustomization.yaml": "resources: [web.yaml, other.yaml]\n"})
    subprocess.run(["git", "add", "--all"], check=True)
    assert "+  replicas: 2" in ran("--env", "prod", "--rule", "workload/replicas").stdout
    write(overlays, {"overlays/prod/kustomization.yaml": PROD + listed + other})
    done = ran("--env", "prod", "--rule", "workload/replicas", "--apply", "--force")
    assert done.exit_code == 0
    assert (overlays / "overlays/prod/ours.yaml").read_text() == patch
    assert [each["spec"]["replicas"] for each in built("overlays/prod")] == [2, 2]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["Deployment", "Rollout"])
def test_an_object_is_named_as_it_is_declared_where_nothing_else_is(overlays: Path, kind: str) -> None:
    group = "apps/v1" if kind == "Deployment" else "argoproj.io/v1alpha1"
    write(
        overlays,
        {
            "readycheck.yaml": only("workload/resource-limits") + ENVIRONMENTS,
            "base/web.yaml": WEB.replace("Deployment", kind).replace("apps/v1", group),
            "base/kustomization.yaml": "namePrefix: b-\nnamespace: base\nresources: [web.yaml]\n",
        },
    )
    values = ("limits.memory=128Mi", "limits.cpu=1")
    done = ran("--env", "prod", "--unsafe", *(f"--set={value}" for value in values), "--apply", "--force")
    assert done.exit_code == 0
    (made,) = built("overlays/prod")
    assert made["metadata"]["name"] == "shop-b-web"
    assert made["spec"]["template"]["spec"]["containers"][1]["resources"] == {"limits": {"cpu": 1, "memory": "128Mi"}}


@pytest.mark.slow
def test_an_object_of_a_list_of_several_gets_a_patch_too(overlays: Path) -> None:
    items = [*yaml.safe_load_all(f"{WEB}---\n{OTHER}")]
    write(overlays, {"base/web.yaml": yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": items})})
    assert ran("--env", "prod", "--rule", "workload/replicas", "--apply", "--force").exit_code == 0
    assert [each["spec"]["replicas"] for each in built("overlays/prod")] == [2, 2]


@pytest.mark.slow
def test_what_is_declared_alike_is_named_as_the_overlay_finds_it(overlays: Path) -> None:
    for name in ("a", "b"):
        write(overlays, {f"{name}/kustomization.yaml": f"namePrefix: {name}-\nresources: [../base]\n"})
    write(overlays, {"overlays/prod/kustomization.yaml": "namespace: prod\nresources: [../../a, ../../b]\n"})
    done = ran("--env", "prod", "--rule", "workload/replicas", "--apply", "--force")
    assert done.exit_code == 0
    assert [each["spec"]["replicas"] for each in built("overlays/prod")] == [2, 2]


@pytest.mark.slow
def test_what_an_overlay_makes_something_else_of_takes_no_other_fix_along(overlays: Path) -> None:
    operations = '[{"op": "remove", "path": "/spec/template/spec/containers/0"}]\n'
    listed = "patchesJson6902: [{path: ours.json, target: {group: apps, version: v1, kind: Deployment, name: web}}]\n"
    rules = only("workload/replicas").replace("workload/resource-limits: off", "workload/resource-limits: {cpu: false}")
    write(
        overlays,
        {
            "readycheck.yaml": rules + ENVIRONMENTS,
            "overlays/prod/ours.json": operations,
            "overlays/prod/kustomization.yaml": PROD + listed,
        },
    )
    done = ran("--env", "prod", "--unsafe", "--set", "limits.memory=128Mi", "--apply", "--force")
    assert "would change more than is meant of Deployment shop-web, by what else is built" in done.stderr
    (made,) = built("overlays/prod")
    assert made["spec"]["replicas"] == 2
    assert [each["name"] for each in made["spec"]["template"]["spec"]["containers"]] == ["proxy"]


@pytest.mark.slow
def test_what_stops_a_build_is_told_with_the_paths_of_the_tree(overlays: Path) -> None:
    write(overlays, {"overlays/prod/kustomization.yaml": "resources: [../../base/web.yaml]\n"})
    done = ran("--env", "prod", "--rule", "workload/replicas")
    assert f"security; file '{overlays.resolve()}/base/web.yaml' is not in or below" in done.stderr


@pytest.mark.slow
def test_an_overlay_that_fixes_break_takes_no_other_one_along(overlays: Path) -> None:
    operations = '[{"op": "test", "path": "/spec/replicas", "value": 1}]\n'
    listed = "patchesJson6902: [{path: ours.json, target: {group: apps, version: v1, kind: Deployment, name: web}}]\n"
    write(
        overlays,
        {
            "base/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n",
            "base/kustomization.yaml": "resources: [web.yaml, map.yaml]\n",
            "overlays/prod/ours.json": operations,
            "overlays/prod/kustomization.yaml": PROD + listed,
        },
    )
    done = ran("overlays/prod", "overlays/dev", "--rule", "workload/replicas", "--apply", "--force")
    assert "could not be proven, as the overlay is not rendered: kustomize could not build it" in done.stderr
    assert "testing value /spec/replicas failed" in done.stderr
    assert [each["spec"]["replicas"] for each in built("overlays/dev") if "spec" in each] == [2]


@pytest.mark.slow
def test_operations_in_json_are_changed_where_they_stand(overlays: Path) -> None:
    operation = '{"op": "replace", "path": "/spec/replicas", "value": 1}'
    listed = "patchesJson6902: [{path: ours.json, target: {group: apps, version: v1, kind: Deployment, name: web}}]\n"
    write(
        overlays,
        {"overlays/prod/ours.json": f"[{operation}]\n", "overlays/prod/kustomization.yaml": PROD + listed},
    )
    assert ran("--env", "prod", "--rule", "workload/replicas", "--apply", "--force").exit_code == 0
    assert (overlays / "overlays/prod/ours.json").read_text() == f"[{operation.replace('1}', '2}')}]\n"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ours.yaml", "ours.json"])
def test_what_an_operation_takes_away_is_put_back_by_a_patch_behind_it(overlays: Path, name: str) -> None:
    operations = '[{"op": "remove", "path": "/spec/template/spec/containers/0/resources/limits"}]\n'
    listed = f"patches: [{{path: {name}, target: {{kind: Deployment, name: web}}}}]\n"
    rules = only("workload/resource-limits").replace("workload/resource-limits: off", "") + ENVIRONMENTS
    write(
        overlays,
        {
            "readycheck.yaml": rules,
            f"overlays/prod/{name}": operations,
            "overlays/prod/kustomization.yaml": PROD + listed,
        },
    )
    values = ("limits.memory=128Mi", "limits.cpu=1")
    done = ran("--env", "prod", "--unsafe", *(f"--set={value}" for value in values), "--apply", "--force")
    assert done.exit_code == 0
    assert (overlays / f"overlays/prod/{name}").read_text() == operations
    (made,) = built("overlays/prod")
    limits = [each["resources"]["limits"] for each in made["spec"]["template"]["spec"]["containers"]]
    assert limits == [{"cpu": 1, "memory": "128Mi"}] * 2


def test_what_an_overlay_that_cannot_be_built_makes_is_left_and_it_is_said_why(overlays: Path) -> None:
    write(overlays, {"overlays/prod/kustomization.yaml": PROD + "  - github.com/acme/base?ref=v1\n"})
    done = ran("--env", "dev", "--rule", "workload/replicas")
    assert done.exit_code == 0
    write(overlays, {"overlays/prod/kustomization.yaml": "resources: [../../base, 'github.com/acme/base?ref=v1']\n"})
    done = ran("--env", "prod", "--rule", "workload/replicas")
    assert done.exit_code == 1
    remote = "'github.com/acme/base?ref=v1' is remote, and nothing is fetched"
    assert f"could not be proven, as the overlay is not rendered: {remote}" in done.stderr
    assert f"not read: kustomization.yaml:1: {remote}" in done.stderr


@pytest.mark.slow
def test_what_an_overlay_says_itself_is_changed_where_it_says_it(overlays: Path) -> None:
    kustomization = "resources: [../../base]\nreplicas: [{name: web, count: 1}]\n"
    write(overlays, {"overlays/prod/kustomization.yaml": kustomization})
    done = ran("--env", "prod", "--rule", "workload/replicas", "--apply", "--force")
    assert done.exit_code == 0
    assert (overlays / "overlays/prod/kustomization.yaml").read_text() == kustomization.replace("count: 1", "count: 2")


@pytest.mark.slow
@pytest.mark.parametrize("scope", ["env", "all"])
def test_a_tag_is_changed_in_the_images_of_the_overlay(overlays: Path, scope: str) -> None:
    mirrored = "newName: mirror.example.com:5000/web\n    newTag: latest  # yet\n"
    images = f"images:\n  - name: registry.example.com/web\n    {mirrored}"
    write(overlays, {"overlays/prod/kustomization.yaml": PROD + images, "readycheck.yaml": TAGS + ENVIRONMENTS})
    done = CliRunner().invoke(
        main, ["fix", "--env", "prod", "--scope", scope, "--unsafe", "--set", "tag.web=1.10", "--apply", "--force"]
    )
    assert done.exit_code == 0
    changed = (overlays / "overlays/prod/kustomization.yaml").read_text()
    assert changed == (PROD + images).replace("latest", '"1.10"')
    assert (
        "image: mirror.example.com:5000/web:1.10"
        in subprocess.run(["kustomize", "build", "overlays/prod"], check=True, capture_output=True, text=True).stdout
    )


@pytest.mark.slow
def test_a_budget_for_one_environment_selects_what_its_overlay_makes(overlays: Path) -> None:
    labels = "labels: [{pairs: {stage: prod}, includeSelectors: true}]\n"
    write(
        overlays,
        {
            "readycheck.yaml": only("workload/disruption-budget") + ENVIRONMENTS,
            "base/web.yaml": WEB.replace("replicas: 1", "replicas: 2"),
            "overlays/prod/kustomization.yaml": PROD + labels,
        },
    )
    assert ran("--env", "prod", "--apply", "--force").exit_code == 0
    assert "  - ../../base  # all\n  - web-pdb.yaml\n" in (overlays / "overlays/prod/kustomization.yaml").read_text()
    assert "stage" not in (overlays / "overlays/prod/web-pdb.yaml").read_text()
    budget = next(each for each in built("overlays/prod") if each["kind"] == "PodDisruptionBudget")
    assert budget["metadata"] == {"labels": {"stage": "prod"}, "name": "shop-web", "namespace": "prod"}
    assert budget["spec"]["selector"] == {"matchLabels": {"app": "web", "stage": "prod"}}


@pytest.mark.slow
def test_a_budget_selects_by_the_labels_of_the_overlay_where_those_are_all_there_are(overlays: Path) -> None:
    write(
        overlays,
        {
            "readycheck.yaml": only("workload/disruption-budget") + ENVIRONMENTS,
            "base/web.yaml": WEB.replace("replicas: 1", "replicas: 2"),
            "overlays/prod/kustomization.yaml": PROD + "commonLabels: {app: shop}\n",
        },
    )
    assert ran("--env", "prod", "--apply", "--force").exit_code == 0
    written = yaml.safe_load((overlays / "overlays/prod/web-pdb.yaml").read_text())
    assert written["spec"]["selector"] == {"matchLabels": {"app": "shop"}}
    budget = next(each for each in built("overlays/prod") if each["kind"] == "PodDisruptionBudget")
    assert budget["spec"]["selector"] == {"matchLabels": {"app": "shop"}}


@pytest.mark.slow
def test_a_budget_stands_beside_the_manifest_and_not_beside_a_patch_of_it(overlays: Path) -> None:
    patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2}\n"
    write(
        overlays,
        {
            "readycheck.yaml": only("workload/disruption-budget") + ENVIRONMENTS,
            "overlays/prod/web.yaml": patch,
            "overlays/prod/kustomization.yaml": "resources: [../../base]\npatches: [{path: web.yaml}]\n",
        },
    )
    done = CliRunner().invoke(main, ["fix", "--env", "prod", "--apply", "--force"], catch_exceptions=False)
    assert done.exit_code == 0
    assert (overlays / "base/web-pdb.yaml").is_file()
    assert (overlays / "base/kustomization.yaml").read_text() == "resources: [web.yaml, web-pdb.yaml]\n"


@pytest.mark.slow
def test_an_overlay_that_others_are_built_of_is_left(overlays: Path) -> None:
    write(overlays, {"overlays/canary/kustomization.yaml": "resources: [../prod]\n"})
    done = ran("--env", "prod", "--rule", "workload/replicas")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert "kustomization.yaml is what overlays/canary is made of" in done.stderr


@pytest.mark.slow
def test_what_no_merge_says_is_said_by_operations_that_fail_where_the_items_move(overlays: Path) -> None:
    rollout = WEB.replace("apps/v1", "argoproj.io/v1alpha1").replace("Deployment", "Rollout")
    rollout = rollout.replace("resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 64Mi}}", "tty: false")
    rules = only("workload/resource-limits", "workload/resource-requests")
    write(overlays, {"base/web.yaml": rollout, "readycheck.yaml": rules + ENVIRONMENTS})
    values = ("requests.cpu=100m", "requests.memory=64Mi", "limits.memory=128Mi", "limits.cpu=1")
    done = ran(
        "--env", "prod", "--unsafe", *(each for value in values for each in ("--set", value)), "--apply", "--force"
    )
    assert done.exit_code == 0
    operations = yaml.safe_load((overlays / "overlays/prod/rollout-web.json6902.yaml").read_text())
    test = {"op": "test", "path": "/spec/template/spec/containers/0/name", "value": "web"}
    assert operations.count(test) == 1
    (entry,) = yaml.safe_load((overlays / "overlays/prod/kustomization.yaml").read_text())["patches"]
    assert entry["target"] == {"group": "argoproj.io", "kind": "Rollout", "name": "web"}
    resources = {"limits": {"cpu": 1, "memory": "128Mi"}, "requests": {"cpu": "100m", "memory": "64Mi"}}
    (made,) = built("overlays/prod")
    assert [each["resources"] for each in made["spec"]["template"]["spec"]["containers"]] == [resources] * 2
    write(overlays, {"base/web.yaml": rollout.replace("name: web\n        image", "name: shop\n        image")})
    assert subprocess.run(["kustomize", "build", "overlays/prod"], check=False, capture_output=True).returncode != 0


@pytest.mark.slow
def test_operations_stand_behind_those_that_an_overlay_has_for_the_object(overlays: Path) -> None:
    rollout = WEB.replace("apps/v1", "argoproj.io/v1alpha1").replace("Deployment", "Rollout")
    patch = "# Ours.\n- op: add\n  path: /spec/paused\n  value: false\n"
    listed = "patches: [{path: ours.yaml, target: {kind: Rollout, name: web}}]\n"
    write(
        overlays,
        {
            "readycheck.yaml": only("workload/resource-limits") + ENVIRONMENTS,
            "base/web.yaml": rollout,
            "overlays/prod/ours.yaml": patch,
            "overlays/prod/kustomization.yaml": PROD + listed,
        },
    )
    done = ran("--env", "prod", "--unsafe", "--set", "limits.memory=128Mi", "--apply", "--force")
    assert "changed overlays/prod/ours.yaml" in done.stdout
    assert (overlays / "overlays/prod/kustomization.yaml").read_text() == PROD + listed
    assert (overlays / "overlays/prod/ours.yaml").read_text() == patch + (
        "- op: test\n  path: /spec/template/spec/containers/1/name\n  value: proxy\n"
        "- op: add\n  path: /spec/template/spec/containers/1/resources\n  value:\n    limits:\n      memory: 128Mi\n"
    )


@pytest.mark.slow
def test_a_value_is_set_in_the_last_values_of_the_release(tree: Path, require_tool: Callable[[str], Path]) -> None:
    require_tool("helm")
    release = "{chart: chart, release: web, values: [common.yaml, prod.yaml]}"
    write(
        tree,
        {
            "readycheck.yaml": only("workload/replicas")
            + f"environments:\n  prod: {{files: {{helm: [{release}]}}}}\n"
            + "  dev: {files: {helm: [{chart: chart}]}}\n",
            **CHART,
            "chart/values.yaml": "# How many.\nreplicaCount: 1\n",
            "common.yaml": "image: {}\n",
            "prod.yaml": "# For prod.\nimage: {}\n",
        },
    )
    assert ran("--env", "prod", "--apply", "--force").exit_code == 0
    assert (tree / "prod.yaml").read_text() == "# For prod.\nimage: {}\nreplicaCount: 2\n"
    assert (tree / "chart/values.yaml").read_text() == "# How many.\nreplicaCount: 1\n"
    assert "chart/values.yaml is a part of prod too" in ran("--env", "dev").stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("values", "common", "changed"),
    [
        (["common.yaml", "prod.yaml"], "image: {}\n", "# Ours.\nreplicaCount: 2\n"),
        (["prod.yaml", "common.yaml"], "image: {}\n", "# Ours.\nreplicaCount: 2\n"),
        (["prod.yaml", "common.yaml"], "replicaCount: 1\n", "# Ours.\n"),
    ],
)
def test_a_value_is_set_in_the_last_own_file_where_it_decides(
    tree: Path, require_tool: Callable[[str], Path], values: list[str], common: str, changed: str
) -> None:
    require_tool("helm")
    releases = {"prod": values, "dev": ["common.yaml"]}
    environments = {
        name: {"files": {"helm": [{"chart": "chart", "release": "web", "values": files}]}}
        for name, files in releases.items()
    }
    write(
        tree,
        {
            "readycheck.yaml": only("workload/replicas") + yaml.safe_dump({"environments": environments}),
            **CHART,
            "chart/values.yaml": "replicaCount: 1\n",
            "common.yaml": common,
            "prod.yaml": "# Ours.\n",
        },
    )
    done = ran("--env", "prod", "--apply", "--force")
    assert (tree / "prod.yaml").read_text() == changed
    assert (tree / "common.yaml").read_text() == common
    assert (done.exit_code == 1) is ("common.yaml is a part of dev too" in done.stderr) is (changed == "# Ours.\n")


@pytest.mark.slow
def test_a_value_is_changed_in_the_file_that_decides_it(tree: Path, require_tool: Callable[[str], Path]) -> None:
    require_tool("helm")
    release = "{chart: chart, release: web, values: [common.yaml, prod.yaml]}"
    write(
        tree,
        {
            "readycheck.yaml": only("workload/replicas") + f"environments:\n  prod: {{files: {{helm: [{release}]}}}}\n",
            **CHART,
            "chart/values.yaml": "replicaCount: 3\n",
            "common.yaml": "replicaCount: 1  # enough?\n",
            "prod.yaml": "image: {}\n",
        },
    )
    done = CliRunner().invoke(main, ["fix", "--env", "prod", "--apply", "--force"], catch_exceptions=False)
    assert done.exit_code == 0
    assert (tree / "common.yaml").read_text() == "replicaCount: 2  # enough?\n"
    assert (tree / "chart/values.yaml").read_text() == "replicaCount: 3\n"


@pytest.mark.slow
def test_a_value_of_a_chart_inside_of_the_chart_is_set_below_its_name(
    tree: Path, require_tool: Callable[[str], Path]
) -> None:
    require_tool("helm")
    template = WEB.replace("replicas: 1", "replicas: {{ .Values.replicaCount }}")
    write(
        tree,
        {
            "readycheck.yaml": only("workload/replicas")
            + "environments:\n  prod: {files: {helm: [{chart: chart, release: web, values: [prod.yaml]}]}}\n"
            + "  dev: {files: {helm: [{chart: chart}]}}\n",
            "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
            "chart/values.yaml": "# Nothing yet.\n",
            "chart/charts/cache/Chart.yaml": "apiVersion: v2\nname: cache\nversion: 1.0.0\n",
            "chart/charts/cache/values.yaml": "replicaCount: 1\n",
            "chart/charts/cache/templates/web.yaml": template,
            "prod.yaml": "image: {}\n",
        },
    )
    assert ran("--env", "prod", "--apply", "--force").exit_code == 0
    assert (tree / "prod.yaml").read_text() == "image: {}\ncache:\n  replicaCount: 2\n"
    done = CliRunner().invoke(main, ["fix", "--env", "dev", "--apply", "--force"])
    assert done.exit_code == 0
    assert (tree / "chart/values.yaml").read_text() == "# Nothing yet.\ncache:\n  replicaCount: 2\n"


def test_a_manifest_that_two_environments_read_is_left(tree: Path) -> None:
    both = "environments:\n  prod: {files: {paths: [deploy]}}\n  dev: {files: {paths: [deploy]}}\n"
    write(tree, {"deploy/web.yaml": WEB, "readycheck.yaml": only("workload/replicas") + both})
    done = ran("--env", "prod")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert "web.yaml is a part of dev too: the environment has no file of its own to say it in" in done.stderr


def served(tree: Path, uri: str, *paths: str) -> str:
    """What else a file of the environment serves that consists of some paths, or of `tf`."""
    return Ownership(str(tree), str(tree), FilesRequest(tuple(tree / path for path in paths or ("tf",))), {}).served(
        uri
    )


def test_a_module_that_several_folders_call_is_not_one_environments(tree: Path) -> None:
    call = 'module "net" {\n  source = "../modules/net"\n}\n'
    write(tree, {"tf/modules/net/main.tf": "", "tf/modules/net/README.md": "", "tf/prod/main.tf": call})
    assert served(tree, "tf/modules/net/main.tf") == ""
    write(tree, {"tf/dev/main.tf": call})
    assert served(tree, "tf/modules/net/main.tf") == "is called from tf/dev, tf/prod"
    assert served(tree, "tf/prod/main.tf") == ""


def test_what_links_lead_to_is_not_one_environments(tree: Path) -> None:
    write(tree, {"tf/prod/main.tf": "", "tf/shared/main.tf": "", "other/main.tf": ""})
    (tree / "dev.tf").symlink_to("tf/prod/main.tf")
    (tree / "tf/dev").symlink_to("shared")
    assert served(tree, "tf/prod/main.tf") == "is what links lead to: dev.tf"
    assert served(tree, "tf/shared/main.tf") == "is what links lead to: tf/dev"
    assert served(tree, "other/main.tf") == "stands outside of what the environment names"


def applied(path: str) -> str:
    """A Kustomization of Flux that applies a folder."""
    return (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: web}\n"
        f"spec: {{path: ./{path}, sourceRef: {{kind: GitRepository, name: us}}}}\n"
    )


def application(name: str, path: str, values: str) -> str:
    """An Application of Argo CD that installs a chart of the repository."""
    source = f"{{repoURL: https://git.example.com/us, path: {path}, helm: {{valueFiles: [{values}]}}}}"
    return (
        f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}}}\nspec: {{source: {source}}}\n"
    )


def test_what_flux_applies_to_several_clusters_is_not_one_environments(tree: Path) -> None:
    own = ("clusters/prod", "apps")
    write(tree, {"apps/web.yaml": WEB, "clusters/prod/web.yaml": applied("apps")})
    assert served(tree, "apps/web.yaml", *own) == served(tree, "apps/web.yaml", "apps") == ""
    write(tree, {"clusters/dev/web.yaml": applied("apps"), "clusters/test/all.yaml": applied("overlays/dev")})
    named = "Kustomization web (clusters/dev/web.yaml), Kustomization web (clusters/prod/web.yaml)"
    assert served(tree, "apps/web.yaml", *own) == f"is delivered more than once: by {named}"
    assert served(tree, "apps/web.yaml", "clusters", "apps") == ""
    assert served(tree, "overlays/dev/kustomization.yaml", "overlays/dev") == ""


def test_what_an_overlay_brings_that_others_bring_too_delivers_for_each(tree: Path) -> None:
    write(tree, {"apps/web.yaml": WEB, "base/apps.yaml": applied("apps")})
    write(tree, {"base/kustomization.yaml": "resources: [web.yaml, apps.yaml]\n"})
    named = "Kustomization web (overlays/dev), Kustomization web (overlays/prod)"
    assert served(tree, "apps/web.yaml", "overlays/prod", "apps") == f"is delivered more than once: by {named}"


def test_values_that_several_applications_read_are_not_one_environments(tree: Path) -> None:
    chart = {"Chart.yaml": "", "values.yaml": "", "common.yaml": "", "prod.yaml": "", "dev.yaml": ""}
    write(tree, {f"chart/{name}": text for name, text in chart.items()})
    write(
        tree,
        {f"argocd/{name}.yaml": application(name, "chart", f"common.yaml, {name}.yaml") for name in ("dev", "prod")},
    )
    named = "is delivered more than once: by Application dev (argocd/dev.yaml), Application prod (argocd/prod.yaml)"
    for name in chart:
        shared = name in ("values.yaml", "common.yaml")
        assert served(tree, f"chart/{name}", "chart", "argocd/prod.yaml") == (named if shared else "")


def test_an_application_set_delivers_for_each_that_it_makes(tree: Path) -> None:
    write(
        tree,
        {
            "apps/web.yaml": WEB,
            "argocd/set.yaml": (
                "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: web}\nspec:\n"
                "  generators: [{list: {elements: [{env: dev}, {env: prod}]}}]\n"
                "  template: {spec: {source: {repoURL: https://git.example.com/us, path: apps}}}\n"
            ),
        },
    )
    assert (
        served(tree, "apps/web.yaml", "apps") == "is delivered more than once: by ApplicationSet web (argocd/set.yaml)"
    )


def test_what_another_environment_leaves_out_is_not_its(tree: Path) -> None:
    other = "  dev: {files: {paths: [deploy], exclude: [deploy/web.yaml]}}\n"
    both = f"environments:\n  prod: {{files: {{paths: [deploy]}}}}\n{other}"
    write(tree, {"deploy/web.yaml": WEB, "readycheck.yaml": only("workload/replicas") + both})
    done = ran("--env", "prod")
    assert done.exit_code == 0
    assert "+  replicas: 2  # for now" in done.stdout


def test_patches_in_a_folder_and_in_the_overlay_cannot_both_be_meant() -> None:
    done = CliRunner().invoke(main, ["fix", "--scope", "env", "--patch-dir", "fixes"])
    assert done.exit_code == 2
    assert "only one can be meant" in done.stderr


# What a patch says ---------------------------------------------------------------------------------------------------

POD = {"spec": {"containers": [{"name": "a"}, {"name": "b", "env": [{"name": "X", "value": "1"}]}], "tolerations": [1]}}
PATCH = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"


def patched(*changes: tuple[tuple[str | int, ...], object], text: str = PATCH) -> object:
    wanted = [Change(0, way, each) for path, value in changes for way, each in said("", POD, path, value)]
    return yaml.safe_load(revise(text, wanted)).get("spec")


def test_items_are_named_and_those_before_them() -> None:
    assert patched(
        (("spec", "containers", 1, "env", 0, "value"), "2"),
        (("spec", "containers", 1, "tty"), True),
        (("spec", "containers", 0, "tty"), False),
    ) == {
        "containers": [
            {"name": "a", "tty": False},
            {"name": "b", "env": [{"name": "X", "value": "2"}], "tty": True},
        ]
    }


def test_items_that_a_patch_names_already_are_added_to() -> None:
    text = PATCH + "spec:\n  containers:\n  - name: b\n    tty: true\n"
    found = patched((("spec", "containers", 1, "stdin"), True), text=text)
    assert found == {"containers": [{"name": "b", "tty": True, "stdin": True}]}


def test_new_items_of_a_list_with_a_key_are_said_each_by_itself() -> None:
    assert patched((("spec", "volumes"), [{"name": "x"}, {"name": "y"}]), (("spec", "volumes", 0), {"name": "z"})) == {
        "volumes": [{"name": "x"}, {"name": "y"}, {"name": "z"}]
    }


@pytest.mark.parametrize(
    ("group", "path", "value"),
    [
        ("", ("spec", "tolerations", 1), {"key": "a"}),
        ("", ("spec", "tolerations"), [1, 2]),
        ("", ("spec", "containers", 2), {"image": "x"}),
        ("", ("spec", "containers", 2), {"name": "a"}),
        ("", ("spec", "containers", 0), {"image": "x"}),
        ("", ("spec",), {"containers": []}),
        ("example.com", ("spec", "containers", 0, "tty"), True),
    ],
)
def test_what_a_patch_cannot_say_is_refused(group: str, path: tuple[str | int, ...], value: object) -> None:
    with pytest.raises(Refused) as refused:
        list(said(group, POD, path, value))
    assert refused.value.code is Code.LAYOUT


def test_of_a_custom_resource_a_patch_replaces_lists() -> None:
    assert list(said("example.com", POD, ("spec", "tolerations"), [1, 2])) == [(("spec", "tolerations"), [1, 2])]


# Against kustomize ---------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["a", "b", "c"])
# Strings alone: where the base has quotes, kustomize puts them around a number too.
SCALARS = st.sampled_from(["1", "x", "true", "1e3", "100m"])
ENV = st.lists(st.fixed_dictionaries({"name": NAMES, "value": st.text("xyz", max_size=2)}), max_size=3)
CONTAINER = st.fixed_dictionaries(
    {"name": NAMES},
    optional={
        "env": ENV.filter(lambda items: len({each["name"] for each in items}) == len(items)),
        "resources": st.fixed_dictionaries({}, optional={"limits": st.dictionaries(NAMES, SCALARS, max_size=2)}),
        "args": st.lists(SCALARS, max_size=2),
    },
)
VOLUME = st.fixed_dictionaries({"name": NAMES, "emptyDir": st.just({})})
SPEC: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"containers": st.lists(CONTAINER, min_size=1, max_size=3, unique_by=lambda each: str(each["name"]))},
    optional={
        "tolerations": st.lists(st.fixed_dictionaries({"key": NAMES}), max_size=2),
        "nodeSelector": st.dictionaries(NAMES, st.sampled_from(["x", "y"]), min_size=1, max_size=2),
        "volumes": st.lists(VOLUME, max_size=2, unique_by=lambda each: str(each["name"])),
    },
)
WAYS: list[tuple[tuple[str | int, ...], st.SearchStrategy[Any]]] = [
    (("replicas",), st.integers(1, 3)),
    (("template", "spec", "containers", 0, "resources", "limits", "a"), SCALARS),
    (("template", "spec", "containers", 1, "resources", "requests"), st.dictionaries(NAMES, SCALARS, min_size=1)),
    (("template", "spec", "containers", 2, "tty"), st.booleans()),
    (("template", "spec", "containers", 0, "env", 0, "value"), st.text("xyz", max_size=2)),
    (("template", "spec", "containers", 0, "args", 0), SCALARS),
    (("template", "spec", "nodeSelector"), st.dictionaries(NAMES, st.sampled_from(["x", "z"]), min_size=1)),
    (("template", "spec", "tolerations"), st.lists(st.fixed_dictionaries({"key": NAMES}), min_size=1, max_size=2)),
    (("template", "spec", "volumes", 0, "emptyDir", "medium"), st.just("Memory")),
]


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spec=SPEC, kind=st.sampled_from(["Deployment", "Rollout"]), data=st.data())
def test_what_kustomize_makes_of_a_patch_is_what_is_meant(
    overlays: Path, spec: dict[str, Any], kind: str, data: st.DataObject
) -> None:
    group = "apps" if kind == "Deployment" else "argoproj.io"
    body = {
        "apiVersion": f"{group}/v1",
        "kind": kind,
        "metadata": {"name": "web"},
        "spec": {"template": {"spec": spec}},
    }
    merge = f"apiVersion: {group}/v1\nkind: {kind}\nmetadata: {{name: web}}\n"
    operations, wanted = "", Operations(body)
    for way, values in data.draw(
        st.lists(st.sampled_from(WAYS), min_size=1, max_size=3, unique_by=lambda each: each[0])
    ):
        path, value = ("spec", *way), data.draw(values)
        try:
            wanted_now = Operations(wanted.body)
            wanted_now.set(path, value)
        except Refused:
            continue
        try:
            said_so = [Change(0, each, part) for each, part in said(group, wanted.body, path, value)]
        except Refused:
            if merge.count("\n") > 3:
                continue  # of an object as its merge makes it, operations come in the next round
            operations = revise_operations(operations, [Change(0, path, Meant(wanted.body, value))])
        else:
            if operations:
                continue
            merge = revise(merge, said_so)
        wanted = wanted_now
    write(
        overlays,
        {
            "base/web.yaml": json.dumps(body),
            "overlays/prod/merge.yaml": merge,
            "overlays/prod/operations.yaml": operations or "[]",
            "overlays/prod/kustomization.yaml": (
                "resources: [../../base]\npatches:\n- path: merge.yaml\n"
                + ("- {path: operations.yaml, target: {name: web}}\n" if operations else "")
            ),
        },
    )
    (made,) = built("overlays/prod")
    assert made == wanted.body
