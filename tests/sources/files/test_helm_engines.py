"""Charts: which are rendered, what they give by either engine, and what is not let happen meanwhile."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator, Mapping
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest

from readycheck.documents.yaml import parse
from readycheck.sources.files.helm import OWN_NAMESPACE, Release, Renderer, RenderError, find_charts
from readycheck.sources.files.parsed import ParsedFiles
from readycheck.sources.files.programs import Bounds

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"

HELPERS = """\
{{- define "web.name" -}}{{ .Release.Name }}-{{ .Chart.Name }}{{- end -}}
{{- define "web.labels" -}}
app: {{ include "web.name" . }}
{{- end -}}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "web.name" . }}
  namespace: {{ .Release.Namespace }}
  annotations: {{- tpl .Values.annotations . | nindent 4 }}
  labels: {{- include "web.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicaCount }}
  template:
    spec:
      containers:
        - name: web
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          resources: {{- toYaml .Values.resources | nindent 12 }}
          ports:
          {{- range .Values.ports }}
            - containerPort: {{ . }}
          {{- end }}
          env:
            - {name: INSTALL, value: "{{ .Release.IsInstall }}"}
            - {name: FOUND, value: {{ lookup "v1" "Secret" "x" "y" | toJson | quote }} }
            - {name: CLUSTER, value: {{ .Capabilities.KubeVersion.Version | quote }} }
            - {name: AUTOSCALING, value: {{ .Capabilities.APIVersions.Has "autoscaling/v2" | quote }} }
            - {name: MONITORING, value: {{ .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" | quote }} }
            - {name: ADDRESS, value: {{ getHostByName "example.com" | quote }} }
            - {name: FILE, value: {{ .Files.Get "motd.txt" | quote }} }
"""
VALUES = """\
replicaCount: 2
image: {repository: example.com/web, tag: ""}
ports: [80, 443]
annotations: "team: {{ .Release.Name }}"
resources: {requests: {cpu: 100m}}
cache: {enabled: true, size: 3}
search: {enabled: false}
global: {region: eu}
"""


def metadata(name: str, more: str = "") -> str:
    return f"apiVersion: v2\nname: {name}\nversion: 0.1.0\n{more}"


# By the name of the chart; each is rendered by both engines.
CHARTS: dict[str, dict[str, str]] = {
    "web": {
        "Chart.yaml": metadata(
            "web",
            "appVersion: '1.2'\n"
            "dependencies:\n"
            "  - {name: cache, version: 0.1.0, condition: cache.enabled}\n"
            "  - {name: search, version: 0.1.0, condition: search.enabled}\n",
        ),
        "values.yaml": VALUES,
        "motd.txt": "hello\n",
        "templates/_helpers.tpl": HELPERS,
        "templates/deployment.yaml": DEPLOYMENT,
        "templates/NOTES.txt": "Thank you for installing {{ .Release.Name }}.\n",
        "templates/none.yaml": "{{- if false }}\na: b\n{{- end }}\n",
        "templates/hook.yaml": (
            "apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate, annotations: {'helm.sh/hook': pre-install}}\n"
        ),
        "templates/tests/test.yaml": (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: test, annotations: {'helm.sh/hook': test}}\n"
        ),
        "crds/shop.yaml": (
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: shops.example.com}\n"
        ),
        "charts/cache/Chart.yaml": metadata("cache"),
        "charts/cache/templates/config.yaml": (
            'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cache}\ndata: {size: "{{ .Values.size }}",'
            ' region: "{{ .Values.global.region }}"}\n'
        ),
        "charts/search/Chart.yaml": metadata("search"),
        "charts/search/templates/config.yaml": CONFIG_MAP,
    },
    "several": {
        "Chart.yaml": metadata("several"),
        "templates/all.yaml": (
            "{{- range $i, $name := list `a` `b` `c` }}\n---\n# Source: not/this.yaml\n"
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ $name }}\n"
            "data:\n  index: {{ $i | quote }}\n  text: |\n    one\n\n    two\n{{- end }}\n"
        ),
    },
    "older": {
        "Chart.yaml": "apiVersion: v1\nname: older\nversion: 1.0.0\n",
        "values.yaml": "size: 3\n",
        "values.schema.json": '{"type": "object", "properties": {"size": {"type": "integer"}}, "required": ["size"]}',
        "templates/config.yaml": CONFIG_MAP + "data: {size: {{ .Values.size | quote }}}\n",
    },
    "nulls": {
        "Chart.yaml": metadata("nulls"),
        "values.yaml": "a: {b: 1, c: 2}\n",
        "templates/config.yaml": CONFIG_MAP + "data: {values: {{ .Values | toJson | quote }}}\n",
    },
}
FAILING: dict[str, tuple[dict[str, str], str]] = {
    "fails": (
        {"templates/a.yaml": '{{ fail "set a host name" }}\n'},
        "execution error at (fails/templates/a.yaml:1:3): set a host name",
    ),
    "required": (
        {"templates/a.yaml": 'a: {{ required "need .Values.host" .Values.host }}\n'},
        "execution error at (required/templates/a.yaml:1:6): need .Values.host",
    ),
    "no-such-template": (
        {"templates/a.yaml": 'a: {{ include "gone" . }}\n'},
        'no template "gone" associated with template "gotpl"',
    ),
    "schema": (
        {"templates/a.yaml": CONFIG_MAP, "values.schema.json": '{"type": "object", "required": ["size"]}'},
        "missing property 'size'",
    ),
    "dependency": (
        {
            "Chart.yaml": metadata(
                "dependency",
                "dependencies: [{name: redis, version: 1.2.3, repository: 'https://charts.example.com'}]\n",
            ),
            "templates/a.yaml": CONFIG_MAP,
        },
        "found in Chart.yaml, but missing in charts/ directory: redis",
    ),
    "nameless": ({"Chart.yaml": "apiVersion: v2\nversion: 0.1.0\n"}, "chart.metadata.name is required"),
    "far-schema": (
        {
            "templates/a.yaml": CONFIG_MAP,
            "values.schema.json": '{"$ref": "https://schemas.example.com/values.json"}',
        },
        "127.0.0.1:9: connect: connection refused",
    ),
}


def write(folder: Path, name: str, files: Mapping[str, str]) -> str:
    for path, text in {"Chart.yaml": metadata(name), **files}.items():
        file = folder / name / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return str(folder / name)


@pytest.fixture(params=["engine", "program"])
def renderer(
    request: pytest.FixtureRequest, require_tool: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Renderer]:
    """Each of the two ways to render a chart."""
    if request.param == "engine":
        pytest.importorskip("helm_python", reason="the extra `helm` is not installed")
    else:
        require_tool("helm")
        without_engine(monkeypatch)
    with Renderer() as found:
        yield found


@pytest.fixture
def engine() -> None:
    pytest.importorskip("helm_python", reason="the extra `helm` is not installed")


def without_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec

    def find(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == "helm_python" else find_spec(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", find)


def objects(templates: Mapping[str, str]) -> dict[str, list[Any]]:
    """The documents that each template gives; without those that give none."""
    found = {}
    for path, text in templates.items():
        documents, faults = parse(text, templated=False)
        assert faults == []
        if documents:
            found[path] = [document.body for document in documents]
    return found


# Which charts are rendered ------------------------------------------------------------------------------------------


def test_library_charts_and_charts_of_charts_are_parts_of_others(tmp_path: Path) -> None:
    for name, kind in {
        "charts/web": "application",
        "charts/web/charts/cache": "application",
        "charts/common": "library",
        "umbrella": "application",
        "umbrella/charts/one": "application",
        "umbrella/charts/one/charts/two": "application",
    }.items():
        write(tmp_path, name, {"Chart.yaml": metadata(name.rpartition("/")[2], f"type: {kind}\n")})
    uris = [file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("Chart.yaml")]
    assert find_charts(ParsedFiles(tmp_path), uris) == ["charts/web", "umbrella"]


def test_a_chart_at_the_scan_root_is_found(tmp_path: Path) -> None:
    write(tmp_path, ".", {"Chart.yaml": metadata("web")})
    write(tmp_path, "charts/cache", {"Chart.yaml": metadata("cache")})
    assert find_charts(ParsedFiles(tmp_path), ["Chart.yaml", "charts/cache/Chart.yaml"]) == [""]


# What they give -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_chart_gives_what_it_would_install(tmp_path: Path, renderer: Renderer) -> None:
    chart = write(tmp_path, "web", CHARTS["web"])
    rendered = objects(renderer.render(Release(chart, "shop", "prod")))
    assert set(rendered) == {
        "templates/deployment.yaml",
        "templates/hook.yaml",
        "templates/tests/test.yaml",
        "charts/cache/templates/config.yaml",
    }
    assert rendered["charts/cache/templates/config.yaml"][0]["data"] == {"size": "3", "region": "eu"}
    (deployment,) = rendered["templates/deployment.yaml"]
    assert deployment["metadata"] == {
        "name": "shop-web",
        "namespace": "prod",
        "annotations": {"team": "shop"},
        "labels": {"app": "shop-web"},
    }
    assert deployment["spec"]["replicas"] == 2
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "example.com/web:1.2"
    assert container["resources"] == {"requests": {"cpu": "100m"}}
    assert container["ports"] == [{"containerPort": 80}, {"containerPort": 443}]
    assert {each["name"]: each["value"] for each in container["env"]} == {
        "INSTALL": "true",
        "FOUND": "{}",
        "CLUSTER": "v1.36.0",
        "AUTOSCALING": "true",
        "MONITORING": "false",
        "ADDRESS": "",
        "FILE": "hello\n",
    }


@pytest.mark.slow
def test_the_last_values_win_and_null_takes_a_default_away(tmp_path: Path, renderer: Renderer) -> None:
    chart = write(tmp_path, "nulls", CHARTS["nulls"])
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    first.write_text("a: {b: 10, c: 20}\nx: 1\n", encoding="utf-8")
    second.write_text("a: {b: 100, c: null}\n", encoding="utf-8")
    release = Release(chart, "r", values=(str(first), str(second)), inline={"x": {"y": "inline"}})
    (config,) = objects(renderer.render(release))["templates/config.yaml"]
    values = parse(config["data"]["values"])[0][0].body
    assert values["a"] == {"b": 100}
    assert values["x"] == {"y": "inline"}


@pytest.mark.slow
def test_without_a_namespace_a_stand_in_marks_what_names_none(tmp_path: Path, renderer: Renderer) -> None:
    chart = write(tmp_path, "web", CHARTS["web"])
    (deployment,) = objects(renderer.render(Release(chart, "shop")))["templates/deployment.yaml"]
    assert deployment["metadata"]["namespace"] == OWN_NAMESPACE


@pytest.mark.slow
@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("name", CHARTS)
def test_the_engine_gives_what_helm_gives(
    tmp_path: Path, name: str, require_tool: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    require_tool("helm")
    release = Release(write(tmp_path, name, CHARTS[name]), "shop", "prod")
    with Renderer() as renderer:
        by_engine = objects(renderer.render(release))
        without_engine(monkeypatch)
        by_program = objects(renderer.render(release))
    assert by_engine
    assert by_engine == by_program


@pytest.mark.slow
@pytest.mark.parametrize("name", FAILING)
def test_a_chart_that_does_not_render_says_so_in_helms_words(tmp_path: Path, renderer: Renderer, name: str) -> None:
    files, words = FAILING[name]
    chart = write(tmp_path, name, files)
    with pytest.raises(RenderError) as caught:
        renderer.render(Release(chart, "shop"))
    assert words in caught.value.reason
    assert "\n" not in caught.value.reason
    assert "--debug" not in caught.value.reason


@pytest.mark.slow
def test_the_goats_chart_lacks_its_helpers_and_either_engine_says_so(corpora: Path, renderer: Renderer) -> None:
    with pytest.raises(RenderError) as caught:
        renderer.render(Release(str(corpora / "kubernetes-goat/scenarios/metadata-db"), "shop"))
    assert 'no template "metadata-db.fullname"' in caught.value.reason


@pytest.mark.slow
@pytest.mark.usefixtures("engine")
def test_the_engine_asks_less_of_a_chart_than_helm(
    tmp_path: Path, require_tool: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where they differ in what they refuse: broken YAML, and a version of Kubernetes that the chart isn't for."""
    require_tool("helm")
    broken = {"templates/a.yaml": CONFIG_MAP, "templates/b.yaml": "a: b\n c: d\n"}
    future = {"Chart.yaml": metadata("future", "kubeVersion: '>=1.99.0'\n"), "templates/a.yaml": CONFIG_MAP}
    releases = [Release(write(tmp_path, "broken", broken), "r"), Release(write(tmp_path, "future", future), "r")]
    with Renderer() as renderer:
        assert [sorted(renderer.render(release)) for release in releases] == [
            ["templates/a.yaml", "templates/b.yaml"],
            ["templates/a.yaml"],
        ]
        without_engine(monkeypatch)
        for release, words in zip(releases, ("YAML parse error on broken/templates/b.yaml", ">=1.99.0"), strict=True):
            with pytest.raises(RenderError, match=words):
                renderer.render(release)


@pytest.mark.slow
@pytest.mark.usefixtures("engine")
def test_a_default_of_null_is_no_value_for_the_engine_which_is_helm_4(
    tmp_path: Path, require_tool: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where they differ in what they render: to `helm` 3 such a key is there, with nothing in it."""
    require_tool("helm")
    template = CONFIG_MAP + "data: {keys: {{ keys .Values | sortAlpha | join `,` | quote }}}\n"
    chart = write(tmp_path, "web", {"values.yaml": "a: 1\nb:\n", "templates/a.yaml": template})
    found = []
    with Renderer() as renderer:
        found.append(objects(renderer.render(Release(chart, "r")))["templates/a.yaml"][0]["data"]["keys"])
        without_engine(monkeypatch)
        found.append(objects(renderer.render(Release(chart, "r")))["templates/a.yaml"][0]["data"]["keys"])
    assert found == ["a", "a,b"]


# What is not let happen ---------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.usefixtures("engine")
def test_a_template_without_end_is_stopped_and_the_next_chart_is_rendered(tmp_path: Path) -> None:
    loop = "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}\n"
    endless = write(tmp_path, "endless", {"templates/a.yaml": loop})
    sound = write(tmp_path, "sound", {"templates/a.yaml": CONFIG_MAP})
    start = time.monotonic()
    with Renderer(bounds=Bounds(seconds=2.0)) as renderer:
        with pytest.raises(RenderError, match="did not end within 2 s"):
            renderer.render(Release(endless, "r"))
        assert renderer.render(Release(sound, "r")) == {"templates/a.yaml": CONFIG_MAP}
    assert time.monotonic() - start < 10


@pytest.mark.slow
@pytest.mark.usefixtures("engine")
def test_a_template_that_renders_too_much_is_stopped(tmp_path: Path) -> None:
    large = write(tmp_path, "large", {"templates/a.yaml": 'a: {{ repeat 3000000 "x" }}\n'})
    with (
        Renderer(bounds=Bounds(seconds=20.0, output=2 << 20)) as renderer,
        pytest.raises(RenderError, match="more than 2 MB"),
    ):
        renderer.render(Release(large, "r"))


@pytest.mark.slow
@pytest.mark.usefixtures("engine")
def test_a_template_that_eats_memory_is_stopped_and_the_next_chart_is_rendered(tmp_path: Path) -> None:
    hungry = write(tmp_path, "hungry", {"templates/a.yaml": 'a: {{ repeat 3000000000 "xxxxxxxx" }}\n'})
    sound = write(tmp_path, "sound", {"templates/a.yaml": CONFIG_MAP})
    with Renderer(bounds=Bounds(seconds=20.0, memory=4 << 30)) as renderer:
        with pytest.raises(RenderError, match="memory"):
            renderer.render(Release(hungry, "r"))
        assert renderer.render(Release(sound, "r")) == {"templates/a.yaml": CONFIG_MAP}


@pytest.mark.slow
def test_templates_that_include_each_other_without_end_give_a_short_reason(tmp_path: Path, renderer: Renderer) -> None:
    circle = '{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}\n'
    chart = write(tmp_path, "circle", {"templates/a.yaml": circle})
    with pytest.raises(RenderError) as caught:
        renderer.render(Release(chart, "r"))
    assert len(caught.value.reason) < 700


def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("token: abc\n", encoding="utf-8")
    chart = write(tmp_path / "repository", "web", {"templates/a.yaml": CONFIG_MAP})
    (Path(chart) / "templates/b.yaml").symlink_to(tmp_path / "secret")
    with Renderer(boundary=str(tmp_path / "repository")) as renderer, pytest.raises(RenderError) as caught:
        renderer.render(Release(chart, "r"))
    assert caught.value.reason == "templates/b.yaml is a link out of the repository, and Helm would follow it"


@pytest.mark.slow
@pytest.mark.usefixtures("renderer")
def test_links_inside_the_repository_are_followed(tmp_path: Path) -> None:
    chart = write(tmp_path, "web", {"templates/a.yaml": CONFIG_MAP})
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared/b.yaml").write_text(CONFIG_MAP, encoding="utf-8")
    (Path(chart) / "templates/shared").symlink_to(tmp_path / "shared")
    with Renderer(boundary=str(tmp_path)) as inside:
        rendered = objects(inside.render(Release(chart, "r")))
    assert set(rendered) == {"templates/a.yaml", "templates/shared/b.yaml"}


def test_without_any_engine_the_reason_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_engine(monkeypatch)
    monkeypatch.setenv("PATH", str(tmp_path))
    chart = write(tmp_path, "web", {})
    with Renderer() as renderer, pytest.raises(RenderError, match=r"pip install .*readycheck-audit\[helm\]"):
        renderer.render(Release(chart, "r"))


@pytest.mark.slow
def test_a_helm_that_hangs_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "helm"
    program.write_text("#!/bin/sh\nexec /bin/sleep 60\n", encoding="utf-8")
    program.chmod(0o755)
    without_engine(monkeypatch)
    monkeypatch.setenv("PATH", str(tmp_path))
    chart = write(tmp_path, "web", {"templates/a.yaml": CONFIG_MAP})
    with (
        Renderer(bounds=Bounds(seconds=1.0)) as renderer,
        pytest.raises(RenderError, match="helm did not end within 1 s"),
    ):
        renderer.render(Release(chart, "r"))
