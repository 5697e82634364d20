"""A finding about something rendered leads back to the file and line that says it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from readycheck.model import Location, Resource
from readycheck.sources.files import FilesRequest, collect
from tests.trees import write

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: example.com/web
        - name: log
          image: example.com/log:1.0
"""
REPLICAS = ("spec", "replicas")
WEB = ("spec", "template", "spec", "containers", 0)


def deployment(folder: Path) -> Resource:
    collected = collect(FilesRequest(paths=(folder,)))
    assert collected.problems == []
    (found,) = [each for each in collected.resources if each.kind == "Deployment" and each.origin.world]
    return found


def place(location: Location) -> tuple[str, int | None]:
    return location.uri, location.line


@pytest.mark.parametrize(
    ("overlay", "path", "expected"),
    [
        ("namespace: prod\n", REPLICAS, ("base/web.yaml", 6)),
        ("replicas:\n  - {name: web, count: 3}\n", REPLICAS, ("prod/kustomization.yaml", 4)),
        ("images:\n  - name: example.com/web\n    newTag: '2.0'\n", (*WEB, "image"), ("prod/kustomization.yaml", 4)),
        ("patches:\n  - path: patch.yaml\n", REPLICAS, ("prod/patch.yaml", 5)),
        ("namePrefix: prod-\n", (*WEB, "livenessProbe"), ("base/web.yaml", 12)),
        (
            (
                "patches:\n  - target: {kind: Deployment}\n"
                "    patch: |\n      - {op: replace, path: /spec/replicas, value: 5}\n"
            ),
            REPLICAS,
            ("prod/kustomization.yaml", 6),
        ),
        (
            (
                "patches:\n  - target: {kind: Deployment, name: web}\n"
                "    patch: |-\n\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata: {name: web}\n"
                "      spec:\n        replicas: 6\n"
                "  - target: {kind: Deployment, name: api}\n"
                '    patch: \'[{"op": "replace", "path": "/spec/replicas", "value": 7}]\'\n'
            ),
            REPLICAS,
            ("prod/kustomization.yaml", 11),
        ),
        (
            (
                "patches:\n"
                "  - target: {kind: Deployment, name: web}\n"
                '    patch: \'[{"op": "replace", "path": "/spec/replicas", "value": 2}]\'\n'
                "  - target: {kind: Deployment, name: web}\n"
                '    patch: \'[{"op": "replace", "path": "/spec/replicas", "value": 3}]\'\n'
                "  - target: {kind: Deployment, name: api}\n"
                '    patch: \'[{"op": "replace", "path": "/spec/replicas", "value": 3}]\'\n'
            ),
            REPLICAS,
            ("prod/kustomization.yaml", 7),
        ),
        ("patches:\n  - path: probe.yaml\n", (*WEB, "livenessProbe", "exec"), ("prod/probe.yaml", 11)),
        (
            'patches:\n  - target: {kind: Deployment}\n    patch: \'[{"op": "remove", "path": "/spec/replicas"}]\'\n',
            REPLICAS,
            ("prod/kustomization.yaml", 5),
        ),
        ("patches:\n  - path: none.yaml\n", REPLICAS, ("prod/none.yaml", 5)),
        (
            "images:\n  - {name: example.com/web, newTag: '2'}\n  - {name: example.com/we, newTag: '3'}\n",
            (*WEB, "image"),
            ("prod/kustomization.yaml", 4),
        ),
        ("namespace: shop\n", ("metadata", "namespace"), ("prod/kustomization.yaml", 3)),
        ("namePrefix: prod-\n", ("metadata", "name"), ("prod/kustomization.yaml", 3)),
        (
            "labels:\n  - pairs:\n      team: web\n    includeTemplates: true\n",
            ("spec", "template", "metadata", "labels", "team"),
            ("prod/kustomization.yaml", 5),
        ),
        ("transformers: [label.yaml]\n", ("metadata", "labels", "tier"), ("prod/label.yaml", 4)),
        ("patches:\n  - target: {kind: Deployment}\n    path: ops.yaml\n", REPLICAS, ("prod/ops.yaml", 3)),
    ],
    ids=[
        "base",
        "replicas",
        "images",
        "patch file",
        "prefix",
        "inline operations",
        "inline patch",
        "the last of several operations",
        "something that a patch adds",
        "something that an operation removes",
        "something that a patch removes",
        "an image whose name starts alike",
        "namespace",
        "name",
        "label of the template",
        "transformer in a file of its own",
        "operations file",
    ],
)
@pytest.mark.slow
def test_a_kustomization_leads_to_the_base_or_to_what_changed_it(
    tmp_path: Path,
    require_tool: Callable[[str], Path],
    overlay: str,
    path: tuple[str | int, ...],
    expected: tuple[str, int],
) -> None:
    require_tool("kustomize")
    folder = write(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "base/web.yaml": DEPLOYMENT,
            "prod/kustomization.yaml": f"resources:\n  - ../base\n{overlay}",
            "prod/patch.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 4\n",
            "prod/none.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: null\n",
            "prod/probe.yaml": (
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
                "spec:\n  template:\n    spec:\n      containers:\n        - name: web\n"
                "          livenessProbe:\n            periodSeconds: 5\n            exec: {command: [a]}\n"
            ),
            "prod/label.yaml": (
                "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: l}\nlabels: {tier: front}\n"
                "fieldSpecs: [{path: metadata/labels, create: true}]\n"
            ),
            "prod/ops.yaml": "- op: replace\n  path: /spec/replicas\n  value: 5\n",
        },
    )
    found = deployment(folder)
    assert place(found.locate(path)) == expected
    assert found.origin.world == "prod"


@pytest.mark.slow
def test_a_container_that_a_patch_puts_first_does_not_shift_the_others(
    tmp_path: Path, require_tool: Callable[[str], Path]
) -> None:
    require_tool("kustomize")
    sidecar = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
        "spec:\n  template:\n    spec:\n      containers:\n"
        "        - name: proxy\n          image: example.com/proxy:1\n"
    )
    folder = write(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "base/web.yaml": DEPLOYMENT,
            "prod/kustomization.yaml": "resources: [../base]\npatches: [{path: patch.yaml}]\n",
            "prod/patch.yaml": sidecar,
        },
    )
    found = deployment(folder)
    names = [container["name"] for container in found.body["spec"]["template"]["spec"]["containers"]]
    lines = {
        name: place(found.locate(("spec", "template", "spec", "containers", index, "image")))
        for index, name in enumerate(names)
    }
    assert lines == {
        "proxy": ("prod/patch.yaml", 9),
        "web": ("base/web.yaml", 13),
        "log": ("base/web.yaml", 15),
    }


CHART = {
    "web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
    "web/values.yaml": "replicaCount: 1\nimage: {repository: example.com/web, tag: '1.0'}\n",
    "web/templates/service.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {}\n",
    "web/templates/deployment.yaml": """\
{{- if true }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  {{- if not .Values.autoscaling }}
  replicas: {{ .Values.replicaCount }}
  {{- end }}
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: first
          image: {{ .Values.image.repository }}:{{ .Values.image.tag }}
        - name: second
          image: example.com/log:1.0
{{- end }}
""",
}


@pytest.mark.parametrize(
    ("path", "line", "key"),
    [
        ((), 2, ""),
        (REPLICAS, 8, "replicaCount"),
        (WEB, 16, ""),
        ((*WEB, "image"), 17, ""),
        ((*WEB, "livenessProbe"), 16, ""),
        (("spec", "template", "spec", "containers", 1, "image"), 19, ""),
        (("spec", "strategy"), 6, ""),
    ],
)
def test_a_chart_leads_to_the_line_of_its_template_and_names_the_values_key(
    tmp_path: Path, path: tuple[str | int, ...], line: int, key: str
) -> None:
    pytest.importorskip("helm_python", reason="the extra `helm` is not installed")
    location = deployment(write(tmp_path, CHART)).locate(path)
    assert (*place(location), location.values_key) == ("web/templates/deployment.yaml", line, key)


@pytest.mark.parametrize(
    ("value", "key"), [(".Values.replicaCount", "cache.replicaCount"), (".Values.global.count", "global.count")]
)
def test_the_values_key_of_a_dependency_is_the_one_that_the_chart_itself_would_set(
    tmp_path: Path, value: str, key: str
) -> None:
    pytest.importorskip("helm_python", reason="the extra `helm` is not installed")
    folder = write(
        tmp_path,
        {
            "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
            "charts/web/values.yaml": "cache: {replicaCount: 1}\nglobal: {count: 1}\n",
            "charts/web/charts/cache/Chart.yaml": "apiVersion: v2\nname: cache\nversion: 0.1.0\n",
            "charts/web/charts/cache/templates/web.yaml": DEPLOYMENT.replace(
                "replicas: 1", f"replicas: {{{{ {value} }}}}"
            ),
        },
    )
    location = deployment(folder).locate(REPLICAS)
    assert (*place(location), location.values_key) == ("charts/web/charts/cache/templates/web.yaml", 6, key)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "path", "line"),
    [
        ("ConfigMap", (), 5),
        ("ConfigMap", ("data", "mode"), 6),
        ("ConfigMap", ("data", "run.sh"), 7),
        ("Secret", ("data", "key"), 10),
    ],
)
def test_what_is_generated_leads_to_the_generators_entry(
    tmp_path: Path, require_tool: Callable[[str], Path], kind: str, path: tuple[str | int, ...], line: int
) -> None:
    require_tool("kustomize")
    folder = write(
        tmp_path,
        {
            "kustomization.yaml": (
                "namePrefix: prod-\n"
                "configMapGenerator:\n"
                "  - name: conf\n"
                "    literals: [other=1]\n"
                "  - name: conf-web\n"
                "    literals: [mode=plain]\n"
                "    files: [bin/run.sh]\n"
                "secretGenerator:\n"
                "  - name: login\n"
                "    files: [key=id.pem]\n"
            ),
            "bin/run.sh": "true\n",
            "id.pem": "none\n",
        },
    )
    collected = collect(FilesRequest(paths=(folder,)))
    (found,) = [
        each
        for each in collected.resources
        if each.kind == kind and each.name.startswith(("prod-conf-web", "prod-login"))
    ]
    assert place(found.locate(path)) == ("kustomization.yaml", line)
