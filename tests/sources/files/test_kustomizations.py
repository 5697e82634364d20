"""Kustomizations: which are built, what stands in the way of a build, and what a build tells."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from readycheck.model import Problem, Unresolved
from readycheck.sources.files.kustomizations import Kustomizations
from readycheck.sources.files.kustomize import Build, Rendered, Tool, build_all, find_tool
from readycheck.sources.files.parsed import ParsedFiles
from readycheck.sources.files.programs import Bounds
from tests.trees import write

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {mode: plain}\n"
COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"


def graph_of(folder: Path, *, boundary: str | None = None) -> Kustomizations:
    uris = [file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()]
    return Kustomizations(ParsedFiles(folder), uris, boundary)


def roots(graph: Kustomizations) -> list[str]:
    return [graph.files.uri(root.folder) for root in graph.roots]


def obstacle(folder: Path, *, boundary: str | None = None) -> Problem | None:
    graph = graph_of(folder, boundary=boundary)
    (root,) = graph.roots
    return graph.obstacle(root)


def build_one(folder: Path, tool: Tool, bounds: Bounds | None = None) -> Build:
    (build,) = build_all(graph_of(folder), tool, bounds=bounds)
    return build


def named(build: Build) -> dict[str, Rendered]:
    return {f"{each.body['kind']}/{each.body['metadata']['name']}": each for each in build.objects}


def fake_tool(folder: Path, script: str) -> Tool:
    program = folder / "kustomize"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    return Tool((str(program), "build"), "kustomize", "v0")


@pytest.fixture(params=["kustomize", *filter(shutil.which, ["kubectl"])])
def tool(
    request: pytest.FixtureRequest,
    require_tool: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Tool:
    """The real kustomize, and kubectl where it is there too, found as a user's scan would find it."""
    program = require_tool(request.param)
    alone = tmp_path / "only-this-tool"
    alone.mkdir()
    (alone / request.param).symlink_to(program)
    monkeypatch.setenv("PATH", str(alone))
    found = find_tool()
    assert isinstance(found, Tool), found.reason
    return found


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    return folder


# Which kustomizations are built ------------------------------------------------------------------------------------


def test_a_base_that_overlays_use_is_no_root_and_neither_is_a_component(tree: Path) -> None:
    write(
        tree,
        {
            "base/kustomization.yaml": "resources: [a.yaml]\n",
            "base/a.yaml": CONFIG_MAP,
            "dev/kustomization.yml": "resources: [../base]\n",
            "prod/Kustomization": "resources: [../base]\ncomponents: [../extra]\n",
            "extra/kustomization.yaml": COMPONENT,
            "unused/kustomization.yaml": COMPONENT,
        },
    )
    graph = graph_of(tree)
    assert roots(graph) == ["dev", "prod"]
    assert [graph.files.uri(each.folder) for each in graph.unused_components] == ["unused"]


def test_the_tree_itself_can_be_a_root(tree: Path) -> None:
    write(tree, {"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": CONFIG_MAP})
    assert roots(graph_of(tree)) == ["."]


def test_a_flux_object_in_a_file_of_that_name_is_a_manifest(tree: Path) -> None:
    flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps}\nspec: {}\n"
    write(tree, {"kustomization.yaml": flux})
    graph = graph_of(tree)
    assert roots(graph) == []
    assert "kustomization.yaml" not in graph.covered


def test_a_circle_is_not_passed_over_in_silence(tree: Path) -> None:
    write(tree, {"a/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "resources: [../a]\n"})
    assert roots(graph_of(tree)) == ["a"]


def test_what_a_kustomization_uses_is_not_judged_as_it_stands(tree: Path) -> None:
    write(
        tree,
        {
            "kustomization.yaml": (
                "resources: [a.yaml]\n"
                "patches: [{path: p1.yaml}, {target: {kind: ConfigMap}, patch: '[]'}]\n"
                "patchesStrategicMerge: [p2.yaml]\n"
                "patchesJson6902: [{target: {version: v1, kind: ConfigMap, name: x}, path: p3.yaml}]\n"
                "transformers: [t.yaml]\n"
                "generators: [g.yaml]\n"
                "configurations: [c.yaml]\n"
                "replacements: [{path: r.yaml}]\n"
                "crds: [crd.yaml]\n"
            ),
            **{f"{name}.yaml": CONFIG_MAP for name in ("a", "p1", "p2", "p3", "t", "g", "c", "r", "crd", "other")},
        },
    )
    covered = graph_of(tree).covered
    used = {f"{name}.yaml" for name in ("kustomization", "a", "p1", "p2", "p3", "t", "g", "c", "r", "crd")}
    assert covered == used


def test_resources_of_a_component_that_nothing_uses_are_judged_as_they_stand_and_its_patches_are_not(
    tree: Path,
) -> None:
    body = f"{COMPONENT}resources: [a.yaml]\npatches: [{{path: p.yaml}}]\n"
    write(tree, {"kustomization.yaml": body, "a.yaml": CONFIG_MAP, "p.yaml": CONFIG_MAP})
    assert graph_of(tree).covered == {"kustomization.yaml", "p.yaml"}


# What stands in the way --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "entry",
    [
        "https://github.com/acme/base//deploy?ref=v1",
        "http://example.com/all.yaml",
        "github.com/acme/base",
        "git@github.com:acme/base.git",
        "git::https://example.com/acme/base",
        "ssh://git@example.com/acme/base",
        "../base?ref=main",
    ],
)
def test_a_remote_entry_anywhere_below_a_root_is_named_and_nothing_is_run(tree: Path, entry: str) -> None:
    write(
        tree,
        {
            "prod/kustomization.yaml": "resources:\n  - ../base\n",
            "base/kustomization.yaml": f"namespace: x\nresources:\n  - {entry}\n",
        },
    )
    ran = tree.parent / "ran"
    build = build_one(tree, fake_tool(tree.parent, f": > {ran}"))
    assert build.problems == [
        Problem("base/kustomization.yaml", f"'{entry}' is remote, and nothing is fetched", 3),
    ]
    assert not build.built
    assert not ran.exists()


@pytest.mark.parametrize(
    ("body", "reason", "line"),
    [
        ("resources:\n  - a.yaml\n  - b.yaml\n", "'b.yaml' does not exist", 3),
        ("resources: [a.yaml]\ncomponents:\n  - ../nowhere\n", "'../nowhere' does not exist", 3),
        ("patches:\n  - path: p.yaml\n", "'p.yaml' does not exist", 2),
        ("resources: [a.yaml\n", None, None),
    ],
    ids=["file", "folder", "patch", "broken"],
)
def test_a_missing_or_broken_part_is_named_with_its_line(
    tree: Path, body: str, reason: str | None, line: int | None
) -> None:
    write(tree, {"kustomization.yaml": body, "a.yaml": CONFIG_MAP})
    found = obstacle(tree)
    assert found is not None
    assert found.uri == "kustomization.yaml"
    assert found.line is not None
    if reason:
        assert (found.reason, found.line) == (reason, line)


def test_a_chart_in_a_kustomization_is_not_inflated(tree: Path) -> None:
    write(tree, {"kustomization.yaml": "helmCharts:\n  - name: redis\n    repo: https://charts.example.com\n"})
    found = obstacle(tree)
    assert found is not None
    assert (found.line, "'redis'" in found.reason) == (2, True)


def test_an_entry_that_leads_out_of_the_repository_is_refused(tree: Path) -> None:
    write(tree.parent, {"outside/kustomization.yaml": "resources: [a.yaml]\n", "outside/a.yaml": CONFIG_MAP})
    write(tree, {"kustomization.yaml": "resources: [link]\n"})
    (tree / "link").symlink_to(tree.parent / "outside")
    assert obstacle(tree, boundary=str(tree)) == Problem("kustomization.yaml", "'link' leads out of the repository", 1)


def test_a_pipe_among_the_resources_does_not_block(tree: Path) -> None:
    write(tree, {"kustomization.yaml": "resources: [a.yaml]\n"})
    os.mkfifo(tree / "a.yaml")
    assert obstacle(tree) == Problem("kustomization.yaml", "'a.yaml' is neither a file nor a folder", 1)


# Without a tool ----------------------------------------------------------------------------------------------------


def test_a_root_that_only_gathers_files_is_known_without_a_build(tree: Path) -> None:
    write(
        tree,
        {
            "kustomization.yaml": "namespace: shop\nresources: [a.yaml, sub]\n",
            "a.yaml": CONFIG_MAP,
            "sub/kustomization.yaml": "namespace: inner\nresources: [b.yaml]\n",
            "sub/b.yaml": CONFIG_MAP,
        },
    )
    graph = graph_of(tree)
    assert graph.gathered(graph.roots[0]) == [(str(tree / "a.yaml"), "shop"), (str(tree / "sub/b.yaml"), "shop")]


@pytest.mark.parametrize(
    "changes",
    [
        "namePrefix: prod-",
        "replicas: [{name: a, count: 2}]",
        "images: [{name: a, newTag: '2'}]",
        "patches: [{path: a.yaml}]",
        "components: [../extra]",
        "transformers: [a.yaml]",
        "commonLabels: {app: a}",
    ],
)
def test_a_root_that_changes_anything_is_not_known_without_a_build(tree: Path, changes: str) -> None:
    write(
        tree,
        {
            "prod/kustomization.yaml": "resources: [../base]\n",
            "base/kustomization.yaml": f"resources: [a.yaml]\n{changes}\n",
            "base/a.yaml": CONFIG_MAP,
            "extra/kustomization.yaml": COMPONENT,
        },
    )
    graph = graph_of(tree)
    assert graph.gathered(graph.roots[0]) is None


def test_no_tool_on_the_path_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = find_tool()
    assert isinstance(found, Problem)
    assert found.reason.startswith("install kustomize")


# What a build tells ------------------------------------------------------------------------------------------------

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  template:
    spec:
      containers: [{name: web, image: example.com/web, env: [{name: A, value: "012"}, {name: B, value: "yes"}]}]
"""


@pytest.mark.slow
def test_an_object_knows_its_manifest_and_what_changed_it_and_keeps_its_types(tree: Path, tool: Tool) -> None:
    write(
        tree,
        {
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "base/web.yaml": DEPLOYMENT,
            "extra/kustomization.yaml": f"{COMPONENT}images: [{{name: example.com/web, newTag: '3'}}]\n",
            "prod/kustomization.yaml": (
                "namePrefix: prod-\nresources: [../base]\ncomponents: [../extra]\nreplicas: [{name: web, count: 4}]\n"
            ),
        },
    )
    build = build_one(tree, tool)
    assert (build.built, build.problems) == (True, [])
    (web,) = build.objects
    assert web.body["metadata"] == {"name": "prod-web"}
    assert web.body["spec"]["replicas"] == 4
    (container,) = web.body["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "example.com/web:3"
    assert [each["value"] for each in container["env"]] == ["012", "yes"]
    assert (web.file, web.generator) == (str(tree / "base/web.yaml"), None)
    steps = [(Path(step.file).relative_to(tree).as_posix(), step.kind) for step in web.steps]
    assert ("extra/kustomization.yaml", "ImageTagTransformer") in steps
    assert ("prod/kustomization.yaml", "PrefixTransformer") in steps
    assert ("prod/kustomization.yaml", "ReplicaCountTransformer") in steps


@pytest.mark.slow
def test_annotations_of_the_users_own_stay(tree: Path, tool: Tool) -> None:
    annotated = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {team: web}}\n"
    write(tree, {"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": annotated})
    (found,) = build_one(tree, tool).objects
    assert found.body["metadata"] == {"name": "a", "annotations": {"team": "web"}}


@pytest.mark.slow
def test_a_generated_object_knows_what_generated_it(tree: Path, tool: Tool) -> None:
    write(tree, {"kustomization.yaml": "configMapGenerator: [{name: conf, literals: [a=b]}]\n"})
    (found,) = build_one(tree, tool).objects
    assert str(found.body["metadata"]["name"]).startswith("conf-")
    assert found.file is None
    assert found.generator is not None
    assert (found.generator.file, found.generator.kind) == (str(tree / "kustomization.yaml"), "ConfigMapGenerator")


@pytest.mark.slow
def test_a_linked_folder_and_a_linked_scan_root_are_named_from_the_scan_root(tree: Path, tool: Tool) -> None:
    write(
        tree,
        {
            "base/kustomization.yaml": "resources: [a.yaml]\n",
            "base/a.yaml": CONFIG_MAP,
            "prod/kustomization.yaml": "resources: [../link]\n",
        },
    )
    (tree / "link").symlink_to("base")
    entrance = tree.parent / "entrance"
    entrance.symlink_to(tree)
    files = ParsedFiles(entrance)
    graph = Kustomizations(files, ["base/kustomization.yaml", "prod/kustomization.yaml"])
    (build,) = build_all(graph, tool)
    (found,) = build.objects
    assert files.uri(build.root.file) == "prod/kustomization.yaml"
    assert found.file is not None
    assert files.uri(found.file) in {"base/a.yaml", "link/a.yaml"}


@pytest.mark.slow
def test_missing_inputs_of_generators_hide_nothing_else_and_what_they_give_is_not_known(tree: Path, tool: Tool) -> None:
    write(
        tree,
        {
            "prod/kustomization.yaml": "resources: [../link]\n",
            "base/kustomization.yaml": (
                "resources: [web.yaml]\n"
                "configMapGenerator:\n"
                "  - name: scripts\n"
                "    files: [there.sh, run.sh=scripts/gone.sh]\n"
                "secretGenerator:\n"
                "  - name: login\n"
                "    envs:\n"
                "      - secret.env\n"
                "  - name: key\n"
                "    files: [id.pem]\n"
            ),
            "base/web.yaml": DEPLOYMENT,
            "base/there.sh": "echo hello\n",
        },
    )
    (tree / "link").symlink_to("base")
    build = build_one(tree, tool)
    assert build.built
    gone = "does not exist, so what is generated from it is not known"
    assert sorted(build.problems, key=lambda problem: problem.line or 0) == [
        Problem("base/kustomization.yaml", f"'scripts/gone.sh' {gone}", 4),
        Problem("base/kustomization.yaml", f"'secret.env' {gone}", 8),
        Problem("base/kustomization.yaml", f"'id.pem' {gone}", 10),
    ]
    found = {f"{each.body['kind']}/{each.body['metadata']['name'].split('-')[0]}": each for each in build.objects}
    assert set(found) == {"ConfigMap/scripts", "Deployment/web", "Secret/key", "Secret/login"}
    assert found["Deployment/web"].file in {str(tree / "base/web.yaml"), str(tree / "link/web.yaml")}
    assert found["Deployment/web"].lacks is None
    scripts = found["ConfigMap/scripts"]
    assert scripts.body["data"]["there.sh"] == "echo hello\n"
    assert isinstance(scripts.body["data"]["run.sh"], Unresolved)
    assert scripts.lacks == "comes from 'scripts/gone.sh', which does not exist"
    assert isinstance(found["Secret/key"].body["data"]["id.pem"], Unresolved)
    assert (found["Secret/login"].body["data"], found["Secret/login"].lacks) == (
        {},
        "comes from a file of variables that does not exist",
    )


@pytest.mark.slow
@pytest.mark.parametrize("way", ["exec: {path: ./run.sh}", "container: {image: example.com/function}"])
@pytest.mark.parametrize("field", ["generators", "transformers"])
def test_plug_ins_of_the_tree_are_not_run(tree: Path, tool: Tool, field: str, way: str) -> None:
    ran = tree.parent / "ran"
    plug_in = (
        "apiVersion: example.com/v1\nkind: Plug\nmetadata:\n  name: plug\n  annotations:\n"
        f"    config.kubernetes.io/function: |\n      {way}\n"
    )
    write(
        tree,
        {
            "kustomization.yaml": f"resources: [a.yaml]\n{field}: [plug.yaml]\n",
            "a.yaml": CONFIG_MAP,
            "plug.yaml": plug_in,
            "run.sh": f"#!/bin/sh\n: > {ran}\n",
        },
    )
    (tree / "run.sh").chmod(0o755)
    build = build_one(tree, tool)
    assert not build.built
    (problem,) = build.problems
    assert problem.uri == "kustomization.yaml"
    assert "external plugins disabled" in problem.reason
    assert not ran.exists()


@pytest.mark.slow
def test_a_build_that_fails_gives_the_tools_last_words_with_paths_from_the_scan_root(tree: Path, tool: Tool) -> None:
    write(
        tree,
        {
            "prod/kustomization.yaml": "resources: [../base]\n",
            "base/kustomization.yaml": "resources: [../a.yaml]\n",
            "a.yaml": CONFIG_MAP,
        },
    )
    (problem,) = build_one(tree, tool).problems
    assert problem.uri == "prod/kustomization.yaml"
    assert problem.reason == f"{tool.name} could not build it: security; file 'a.yaml' is not in or below 'base'"


@pytest.mark.slow
def test_a_tool_that_hangs_is_stopped_with_all_that_it_started(tree: Path) -> None:
    write(tree, {"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": CONFIG_MAP})
    child = tree.parent / "child"
    hanging = fake_tool(tree.parent, f"/bin/sleep 60 &\necho $! > {child}\nwait")
    start = time.monotonic()
    build = build_one(tree, hanging, Bounds(seconds=1.0))
    assert time.monotonic() - start < 10
    assert build.problems == [
        Problem("kustomization.yaml", "kustomize could not build it: kustomize did not end within 1 s")
    ]
    assert not _is_alive(int(child.read_text("utf-8")))


def _is_alive(pid: int) -> bool:
    for _ in range(50):
        state = Path(f"/proc/{pid}/stat")
        try:
            if state.read_text("utf-8").rpartition(")")[2].split()[0] == "Z":
                return False
            os.kill(pid, 0)
        except OSError:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.slow
def test_a_tool_that_writes_without_end_is_stopped(tree: Path) -> None:
    write(tree, {"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": CONFIG_MAP})
    build = build_one(tree, fake_tool(tree.parent, "while :; do echo 'a: b'; done"), Bounds(output=2 << 20))
    assert [problem.reason for problem in build.problems] == [
        "kustomize could not build it: kustomize wrote more than 2 MB"
    ]


@pytest.mark.slow
def test_a_tool_sees_nothing_of_the_users_settings_and_no_way_to_the_network(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "do-not-pass-on")
    monkeypatch.setenv("KUBECONFIG", "/home/me/.kube/config")
    write(tree, {"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": CONFIG_MAP})
    seen = tree.parent / "seen"
    build_one(tree, fake_tool(tree.parent, f"/usr/bin/env > {seen}"))
    environment = dict(line.split("=", 1) for line in seen.read_text("utf-8").splitlines())
    assert environment["PATH"] == ""
    assert environment["KUBECONFIG"] == "/dev/null"
    assert environment["HTTPS_PROXY"] == "http://127.0.0.1:9"
    assert environment["HOME"] != str(Path.home())
    assert "do-not-pass-on" not in seen.read_text("utf-8")


@pytest.mark.slow
def test_a_kustomize_that_does_not_work_gives_way_to_kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_tool(tmp_path, "echo 'no such plug-in' >&2; exit 3")
    kubectl = tmp_path / "kubectl"
    kubectl.write_text('#!/bin/sh\necho \'{"kustomizeVersion": "v5.5.0"}\'\n', encoding="utf-8")
    kubectl.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_tool() == Tool((str(kubectl), "kustomize"), "kubectl kustomize", "v5.5.0")
    kubectl.write_text("#!/bin/sh\necho '{}'\n", encoding="utf-8")
    found = find_tool()
    assert isinstance(found, Problem)
    assert "no such plug-in" in found.reason
    assert "kubectl has no kustomize" in found.reason


# Real repositories -------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_podinfos_overlays_are_built_though_scripts_of_their_generators_are_missing(corpora: Path, tool: Tool) -> None:
    graph = graph_of(corpora / "podinfo")
    assert roots(graph) == ["deploy/overlays/dev", "deploy/overlays/production", "deploy/overlays/staging", "kustomize"]
    production = build_all(graph, tool)[1]
    assert production.built
    found = named(production)
    backend = found["Deployment/backend"]
    assert backend.body["metadata"]["namespace"] == "production"
    assert graph.files.uri(backend.file or "") == "deploy/bases/backend/deployment.yaml"
    assert {(graph.files.uri(step.file), step.kind, step.name) for step in backend.steps} >= {
        ("deploy/overlays/production/kustomization.yaml", "NamespaceTransformer", ""),
        ("deploy/overlays/production/labels.yaml", "LabelTransformer", "labels"),
    }
    assert found["ConfigMap/warm-cache-script"].lacks


@pytest.mark.slow
def test_flux_example_gives_each_environments_release(corpora: Path, tool: Tool) -> None:
    graph = graph_of(corpora / "flux2-kustomize-helm-example")
    assert roots(graph)[:2] == ["apps/production", "apps/staging"]
    builds = build_all(graph, tool)
    assert [build.problems for build in builds] == [[]] * len(builds)
    hosts = [
        named(build)["HelmRelease/podinfo"].body["spec"]["values"]["httpRoute"]["hostnames"] for build in builds[:2]
    ]
    assert hosts == [["podinfo.production"], ["podinfo.staging"]]


@pytest.mark.slow
def test_the_boutiques_components_are_built_through_what_uses_them(corpora: Path, tool: Tool) -> None:
    graph = graph_of(corpora / "microservices-demo")
    assert roots(graph)[:2] == ["kubernetes-manifests", "kustomize"]
    builds = {graph.files.uri(build.root.folder): build for build in build_all(graph, tool)}
    assert [build.problems for build in builds.values()] == [[]] * len(builds)
    plain = [name for name in named(builds["kustomize"]) if name.startswith("Deployment/")]
    spanner = named(builds["kustomize/tests/spanner-with-all-components"])
    assert len(plain) == 12
    assert "Deployment/redis-cart" in plain
    assert "Deployment/redis-cart" not in spanner
