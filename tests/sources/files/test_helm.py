"""Charts are judged as Helm renders them, with the values they are installed with; what does not render is said."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from readycheck.kubernetes.chart import Chart
from readycheck.kubernetes.workload import Workload
from readycheck.model import Collected
from readycheck.outputs import json
from readycheck.scan import ScanRequest, scan
from readycheck.sources.files import ChartRelease, FilesRequest, collect, helm
from tests.trees import collected_from, replicas_seen, write

# What is read of a chart's files beside what it renders.
FILES = ("Chart", "ConfigFile", "KustomizationFile", "SecretFile")

CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "registry.example.com/web:{{ .Chart.Version }}"}]
"""
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"
PLAIN = {
    "web/Chart.yaml": CHART,
    "web/values.yaml": "replicas: 1\n",
    "web/templates/deployment.yaml": DEPLOYMENT,
    "web/templates/NOTES.txt": "kind: Note\napiVersion: v1\nmetadata: {name: {{ .Release.Name }}}\n",
}
PARENT = PLAIN | {
    "web/Chart.yaml": f"{CHART}dependencies:\n  - {{name: cache, version: 1.0.0, condition: cache.enabled}}\n"
    "  - {name: common, version: 1.0.0}\n",
    "web/values.yaml": "replicas: 2\ncache: {enabled: true, size: 3}\n",
    "web/templates/deployment.yaml": DEPLOYMENT.replace(
        "{app: web}}\n  t", '{app: {{ include "common.app" . }}}}\n  t'
    ),
    "web/charts/cache/Chart.yaml": "apiVersion: v2\nname: cache\nversion: 1.0.0\n",
    "web/charts/cache/values.yaml": "size: 1\n",
    "web/charts/cache/templates/cache.yaml": f"{CONFIG_MAP % 'cache'}data: {{size: '{{{{ .Values.size }}}}'}}\n",
    "web/charts/common/Chart.yaml": "apiVersion: v2\nname: common\nversion: 1.0.0\ntype: library\n",
    "web/charts/common/templates/_app.tpl": '{{ define "common.app" }}web{{ end }}\n',
}
HOOKED = PLAIN | {
    "web/templates/migrate.yaml": (
        "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\n  annotations: {helm.sh/hook: pre-upgrade}\n"
        "spec: {template: {spec: {restartPolicy: Never, containers: [{name: m, image: m}]}}}\n"
    ),
    "web/templates/tests/smoke.yaml": (
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: smoke\n  annotations: {helm.sh/hook: test}\n"
        "spec: {containers: [{name: smoke, image: curl}]}\n"
    ),
}

pytestmark = pytest.mark.slow


@pytest.fixture
def engine() -> None:
    pytest.importorskip("helm_python", reason="the extra `helm` is not installed")


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec

    def without(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == "helm_python" else find(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", without)


def _seen(collected: Collected) -> list[tuple[str, str, str, object]]:
    return replicas_seen(collected, without=("HelmRelease", "Application", *FILES))


def _problem(collected: Collected) -> str:
    """The one thing that stood in the way, which is also why the chart is unknown."""
    (problem,) = collected.problems
    (opaque,) = collected.opaque
    assert (opaque.resource.kind, opaque.resource.name) == ("Chart", "web")
    assert [resource.kind for resource in collected.resources if resource.kind not in FILES] == []
    assert (problem.uri, problem.reason.partition(": ")[0]) == ("web/Chart.yaml", "the chart does not render")
    reason = problem.reason.partition(": ")[2]
    assert opaque.reason == f"not rendered: {reason}"
    return reason


@pytest.mark.usefixtures("engine")
def test_a_chart_is_rendered_with_its_own_values_into_no_namespace(tmp_path: Path) -> None:
    collected = collected_from(tmp_path, PLAIN)
    assert _seen(collected) == [("Deployment", "", "web", 1)]
    assert (collected.problems, collected.opaque) == ([], [])


@pytest.mark.usefixtures("engine")
def test_the_stand_in_for_the_namespace_is_nowhere_in_the_report(tmp_path: Path) -> None:
    rendered = json.render(scan(ScanRequest(paths=(write(tmp_path, PLAIN),)))).decode()
    assert "workload/replicas" in rendered
    assert helm.OWN_NAMESPACE not in rendered


@pytest.mark.usefixtures("engine")
def test_a_configured_release_has_its_name_namespace_and_values(tmp_path: Path) -> None:
    write(tmp_path, PLAIN | {"prod.yaml": "replicas: 3\n", "more.yaml": "replicas: 4\n"})
    release = ChartRelease(tmp_path / "web", (tmp_path / "prod.yaml", tmp_path / "more.yaml"), "front", "shop")
    collected = collect(FilesRequest(paths=(tmp_path,), charts=(release,)))
    assert _seen(collected) == [("Deployment", "shop", "front", 4)]


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("template", "words"),
    [
        ('{{ fail "replicas must be odd" }}', "replicas must be odd"),
        ('{{ required "set .Values.domain" .Values.domain }}', "set .Values.domain"),
        ("{{ .Values.a.b.c }}", "nil pointer"),
        ("{{ if }}", "missing value for if"),
        ('{{ include "nowhere" . }}', "nowhere"),
    ],
)
def test_what_a_template_complains_about_is_told_in_helms_words(tmp_path: Path, template: str, words: str) -> None:
    reason = _problem(collected_from(tmp_path, PLAIN | {"web/templates/bad.yaml": template}))
    assert words in reason
    assert "web/templates/bad.yaml" in reason


@pytest.mark.usefixtures("engine")
def test_a_dependency_that_was_not_fetched_leaves_the_chart_unknown(tmp_path: Path) -> None:
    needs = f"{CHART}dependencies: [{{name: redis, version: 20.x, repository: 'https://charts.example.com'}}]\n"
    reason = _problem(collected_from(tmp_path, PLAIN | {"web/Chart.yaml": needs}))
    assert reason == "found in Chart.yaml, but missing in charts/ directory: redis"


@pytest.mark.usefixtures("engine")
def test_values_that_the_charts_schema_refuses_are_a_problem(tmp_path: Path) -> None:
    schema = '{"type": "object", "properties": {"replicas": {"type": "integer", "minimum": 2}}}'
    assert "replicas" in _problem(collected_from(tmp_path, PLAIN | {"web/values.schema.json": schema}))


@pytest.mark.usefixtures("engine")
def test_broken_output_is_a_problem_of_its_template_and_the_rest_is_judged(tmp_path: Path) -> None:
    collected = collected_from(tmp_path, PLAIN | {"web/templates/bad.yaml": "kind: Service\n  broken: [\n"})
    assert _seen(collected) == [("Deployment", "", "web", 1)]
    (problem,) = collected.problems
    assert problem.uri == "web/templates/bad.yaml"
    assert problem.reason.startswith("renders to broken YAML (line ")


@pytest.mark.usefixtures("engine")
def test_subcharts_are_part_of_their_parent_and_libraries_of_what_uses_them(tmp_path: Path) -> None:
    collected = collected_from(
        tmp_path, PARENT | {"common/Chart.yaml": "apiVersion: v2\nname: common\nversion: 1.0.0\ntype: library\n"}
    )
    assert _seen(collected) == [("ConfigMap", "", "cache", None), ("Deployment", "", "web", 2)]
    (cache,) = [resource for resource in collected.resources if resource.kind == "ConfigMap"]
    assert cache.get("data.size") == "3"
    assert cache.locate().uri == "web/charts/cache/templates/cache.yaml"
    assert collected.problems == []


@pytest.mark.usefixtures("engine")
def test_a_subchart_that_its_condition_switches_off_is_not_there(tmp_path: Path) -> None:
    off = PARENT | {"web/values.yaml": "replicas: 2\ncache: {enabled: false}\n"}
    assert _seen(collected_from(tmp_path, off)) == [("Deployment", "", "web", 2)]


@pytest.mark.usefixtures("engine")
def test_hooks_and_tests_are_known_as_such(tmp_path: Path) -> None:
    workloads = {
        resource.kind: workload
        for resource in collected_from(tmp_path, HOOKED).resources
        if (workload := Workload.of(resource))
    }
    assert {kind: workload.helm_hook for kind, workload in workloads.items()} == {
        "Deployment": False,
        "Job": True,
        "Pod": True,
    }


@pytest.mark.usefixtures("no_engine")
def test_without_engine_and_helm_a_chart_is_unknown_and_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert _problem(collected_from(tmp_path, PLAIN)) == helm.ADVICE


@pytest.mark.usefixtures("no_engine")
def test_helm_itself_renders_where_the_engine_is_not_installed(
    tmp_path: Path, require_tool: Callable[[str], Path]
) -> None:
    require_tool("helm")
    collected = collected_from(tmp_path, PARENT)
    assert _seen(collected) == [("ConfigMap", "", "cache", None), ("Deployment", "", "web", 2)]
    assert {resource.locate().uri for resource in collected.resources if resource.kind not in FILES} == {
        "web/templates/deployment.yaml",
        "web/charts/cache/templates/cache.yaml",
    }
    assert collected.problems == []


@pytest.mark.usefixtures("no_engine")
def test_helm_itself_says_what_is_wrong_in_its_words(tmp_path: Path, require_tool: Callable[[str], Path]) -> None:
    require_tool("helm")
    reason = _problem(collected_from(tmp_path, PLAIN | {"web/templates/bad.yaml": '{{ fail "replicas must be odd" }}'}))
    assert "replicas must be odd" in reason
    assert "--debug" not in reason


NO_SELECTOR = PLAIN | {
    "web/templates/worker.yaml": (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: worker}\nspec: {replicas: {{ .Values.replicas }}}\n"
    )
}
COMPLAINT = 'templates/worker.yaml: a Deployment must contain matchLabels or matchExpressions, and "worker" does not'


def _complaints(collected: Collected) -> list[tuple[str, ...]]:
    (chart,) = (resource for resource in collected.resources if isinstance(resource, Chart))
    assert (chart.name, chart.body["name"]) == ("web", "web")
    return [trial.complaints for trial in chart.trials]


@pytest.mark.usefixtures("engine")
def test_a_chart_is_linted_with_its_values(tmp_path: Path) -> None:
    assert _complaints(collected_from(tmp_path / "sound", PLAIN)) == [()]
    assert _complaints(collected_from(tmp_path / "unsound", NO_SELECTOR)) == [(COMPLAINT,)]


@pytest.mark.usefixtures("no_engine")
def test_helm_itself_lints_where_the_engine_is_not_installed(
    tmp_path: Path, require_tool: Callable[[str], Path]
) -> None:
    require_tool("helm")
    assert _complaints(collected_from(tmp_path / "sound", PLAIN)) == [()]
    assert _complaints(collected_from(tmp_path / "unsound", NO_SELECTOR)) == [(COMPLAINT,)]


HELM_RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: front, namespace: flux-system}
spec:
  interval: 10m
  targetNamespace: shop
  chart: {spec: {chart: ./web, sourceRef: {kind: GitRepository, name: shop}}}
  values: {replicas: 6}
"""
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: front, namespace: argocd}
spec:
  project: default
  destination: {namespace: shop, server: https://kubernetes.default.svc}
  source:
    repoURL: https://git.example.com/shop.git
    path: web
    helm: {valueFiles: [values-prod.yaml]%s}
"""


@pytest.mark.usefixtures("engine")
def test_a_helm_release_of_a_chart_of_the_tree_is_rendered_with_its_values(tmp_path: Path) -> None:
    collected = collected_from(tmp_path, PLAIN | {"clusters/front.yaml": HELM_RELEASE})
    assert _seen(collected) == [("Deployment", "shop", "shop-front", 6)]
    assert (collected.problems, collected.opaque) == ([], [])


@pytest.mark.usefixtures("engine")
def test_a_helm_release_takes_values_files_of_its_source_below_its_own_values(tmp_path: Path) -> None:
    more = "  chart: {spec: {valuesFiles: [web/values.yaml, web/prod.yaml], chart:"
    release = HELM_RELEASE.replace("  chart: {spec: {chart:", more)
    files = PLAIN | {"web/prod.yaml": "replicas: 7\n"}
    inline = collected_from(tmp_path, files | {"clusters/front.yaml": release})
    assert _seen(inline) == [("Deployment", "shop", "shop-front", 6)]
    collected = collected_from(tmp_path, {"clusters/front.yaml": release.replace("  values: {replicas: 6}\n", "")})
    assert _seen(collected) == [("Deployment", "shop", "shop-front", 7)]


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("written", [HELM_RELEASE, APPLICATION % ""], ids=["HelmRelease", "Application"])
def test_values_files_outside_of_the_repository_are_not_read(tmp_path: Path, written: str) -> None:
    (tmp_path / "outside.yaml").write_text("replicas: 9\n")
    release = written.replace("  chart: {spec: {chart:", "  chart: {spec: {valuesFiles: [../outside.yaml], chart:")
    release = release.replace("[values-prod.yaml]", "[../../outside.yaml]")
    collected = collected_from(tmp_path / "repository", PLAIN | {"clusters/front.yaml": release})
    (opaque,) = collected.opaque
    assert opaque.reason in (
        "its values file ../outside.yaml is not at hand",
        "its values file outside.yaml is not at hand",
    )


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("inline", "replicas"),
    [("", 7), (", valuesObject: {replicas: 8}", 8), (', values: "replicas: 9"', 9), (", releaseName: till", 7)],
)
def test_an_application_of_a_chart_of_the_tree_is_rendered_with_its_values(
    tmp_path: Path, inline: str, replicas: int
) -> None:
    files = PLAIN | {"web/values-prod.yaml": "replicas: 7\n", "clusters/front.yaml": APPLICATION % inline}
    name = "till" if "till" in inline else "front"
    assert _seen(collected_from(tmp_path, files)) == [("Deployment", "shop", name, replicas)]


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("replaced", "by", "words"),
    [
        ("kind: GitRepository, name: shop", "kind: HelmRepository, name: charts", "HelmRepository charts"),
        ("values: {replicas: 6}", "valuesFrom: [{kind: ConfigMap, name: v}]", "spec.valuesFrom"),
        ("{replicas: 6}", '{replicas: "${REPLICAS}"}', "`${REPLICAS}`"),
        ("./web", "./elsewhere", "./elsewhere"),
    ],
)
def test_a_release_that_cannot_be_rendered_from_the_tree_is_unknown(
    tmp_path: Path, replaced: str, by: str, words: str
) -> None:
    collected = collected_from(tmp_path, PLAIN | {"clusters/front.yaml": HELM_RELEASE.replace(replaced, by)})
    (opaque,) = collected.opaque
    assert (opaque.resource.kind, opaque.resource.name, opaque.namespace) == ("HelmRelease", "front", "shop")
    assert words in opaque.reason
