"""The ways in which a tree installs well-known charts, beside those of Flux and Argo CD."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from readycheck.charts.release import ChartRelease
from readycheck.inventory import CHART_INSTALLER, Inventory
from readycheck.model import Unjudged
from tests.trees import collected_from


def releases_in(folder: Path, files: dict[str, str]) -> list[ChartRelease]:
    inventory = Inventory([collected_from(folder, {uri: dedent(text) for uri, text in files.items()})])
    return list(inventory.installations())


WRAPPER = """
    apiVersion: v2
    name: monitoring
    version: 0.1.0
    dependencies:
      - name: kube-prometheus-stack
        alias: kps
        version: 56.19.0
        repository: https://prometheus-community.github.io/helm-charts
        condition: kps.enabled
"""
APPLICATION = """
    apiVersion: argoproj.io/v1alpha1
    kind: Application
    metadata: {name: monitoring, namespace: argocd}
    spec:
      destination: {namespace: observability, server: https://kubernetes.default.svc}
      source:
        repoURL: https://github.com/acme/platform
        path: charts/monitoring
        helm:
          valueFiles: [values-prod.yaml]
          valuesObject: {kps: {prometheus: {prometheusSpec: {retention: 30d}}}}
"""


def test_a_chart_that_wraps_another_gives_it_what_stands_below_its_alias(tmp_path: Path) -> None:
    values = "kps:\n  prometheus:\n    prometheusSpec:\n      replicas: 2\n"
    (release,) = releases_in(tmp_path, {"charts/mon/Chart.yaml": WRAPPER, "charts/mon/values.yaml": values})
    assert (release.resource.kind, release.resource.name, release.chart) == (
        "Chart",
        "charts/mon",
        "kube-prometheus-stack",
    )
    replicas = release.value("prometheus.prometheusSpec.replicas")
    assert (replicas.seen, replicas.place.field) == (2, "kps.prometheus.prometheusSpec.replicas")
    assert (replicas.place.location.uri, replicas.place.location.line) == ("charts/mon/values.yaml", 4)
    retention = release.value("prometheus.prometheusSpec.retention")
    assert (retention.seen, retention.place.field) == ("10d", "dependencies[0].version")
    assert retention.place.location.uri == "charts/mon/Chart.yaml"


def test_what_installs_the_wrapper_gives_values_over_the_wrappers_own(tmp_path: Path) -> None:
    (release,) = releases_in(
        tmp_path,
        {
            "charts/monitoring/Chart.yaml": WRAPPER,
            "charts/monitoring/values.yaml": "kps: {prometheus: {prometheusSpec: {retention: 1d, shards: 3}}}",
            "charts/monitoring/values-prod.yaml": "kps: {prometheus: {prometheusSpec: {replicas: 2, retention: 2d}}}",
            "apps/monitoring.yaml": APPLICATION,
        },
    )
    assert (release.resource.kind, release.name, release.namespace) == ("Application", "monitoring", "observability")
    given = {key: release.value(f"prometheus.prometheusSpec.{key}").seen for key in ("retention", "replicas", "shards")}
    assert given == {"retention": "30d", "replicas": 2, "shards": 3}


def test_a_dependency_that_the_values_leave_out_is_not_installed(tmp_path: Path) -> None:
    files = {"charts/mon/Chart.yaml": WRAPPER, "charts/mon/values.yaml": "kps: {enabled: false}"}
    assert releases_in(tmp_path, files) == []


FROM_ITS_OWN_REPOSITORY = """
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata: {name: platform, namespace: flux-system}
    spec: {url: https://github.com/acme/platform}
    ---
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata: {name: apps, namespace: flux-system}
    spec: {path: ./apps, sourceRef: {kind: GitRepository, name: platform}}
    ---
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: monitoring, namespace: flux-system}
    spec:
      targetNamespace: observability
      chart:
        spec:
          chart: ./charts/mon
          sourceRef: {kind: GitRepository, name: platform}
          MORE
      values: {kps: {alertmanager: {enabled: false}}}
"""


def test_a_helm_release_takes_the_wrapper_from_its_own_repository(tmp_path: Path) -> None:
    flux = FROM_ITS_OWN_REPOSITORY.replace("MORE", "interval: 1h")
    (release,) = releases_in(tmp_path, {"charts/mon/Chart.yaml": WRAPPER, "apps/monitoring.yaml": flux})
    assert (release.resource.kind, release.namespace) == ("HelmRelease", "observability")
    assert release.flag("alertmanager.enabled") is False
    assert release.flag("grafana.enabled") is True


def test_the_values_files_of_a_helm_release_stand_in_place_of_the_charts_own(tmp_path: Path) -> None:
    files = {
        "charts/mon/Chart.yaml": WRAPPER,
        "charts/mon/values.yaml": "kps: {grafana: {enabled: false}}",
        "charts/mon/values-prod.yaml": "kps: {prometheus: {prometheusSpec: {replicas: 2}}}",
        "apps/monitoring.yaml": FROM_ITS_OWN_REPOSITORY.replace("MORE", "valuesFiles: [charts/mon/values-prod.yaml]"),
    }
    (release,) = releases_in(tmp_path, files)
    assert release.integer("prometheus.prometheusSpec.replicas") == 2
    assert release.flag("grafana.enabled") is True


def test_a_kustomization_inflates_charts_with_values_of_its_own_and_of_files(tmp_path: Path) -> None:
    kustomization = """
        namespace: ingress
        helmCharts:
          - name: ingress-nginx
            repo: https://kubernetes.github.io/ingress-nginx
            version: 4.11.3
            releaseName: edge
            valuesFile: nginx.yaml
            valuesInline: {controller: {replicaCount: 3}}
    """
    values = "controller:\n  replicaCount: 2\n  service: {type: NodePort}\n"
    files = {"deploy/kustomization.yaml": kustomization, "deploy/nginx.yaml": values}
    (release,) = releases_in(tmp_path, files)
    assert (release.chart, release.name, release.namespace) == ("ingress-nginx", "edge", "ingress")
    assert release.value("controller.replicaCount").place.field == "helmCharts[0].valuesInline.controller.replicaCount"
    assert release.integer("controller.replicaCount") == 3
    assert release.value("controller.service.type").place.location.uri == "deploy/nginx.yaml"
    assert release.string("controller.service.type") == "NodePort"


@pytest.mark.parametrize(
    ("more", "replicas"),
    [("", 3), ("valuesMerge: merge", 2), ("valuesMerge: replace", 3), ("additionalValuesFiles: [prod.yaml]", 5)],
)
def test_kustomize_says_which_of_a_charts_values_count_more(tmp_path: Path, more: str, replicas: int) -> None:
    kustomization = f"""
        helmCharts:
          - name: ingress-nginx
            repo: https://kubernetes.github.io/ingress-nginx
            version: 4.11.3
            valuesFile: nginx.yaml
            valuesInline: {{controller: {{replicaCount: 3}}}}
            {more}
    """
    files = {"kustomization.yaml": kustomization, "nginx.yaml": "controller: {replicaCount: 2, kind: DaemonSet}"}
    (release,) = releases_in(tmp_path, {**files, "prod.yaml": "controller: {replicaCount: 5}"})
    assert release.integer("controller.replicaCount") == replicas
    assert release.string("controller.kind") == ("Deployment" if "replace" in more else "DaemonSet")


TERRAFORM = """
    resource "helm_release" "vault" {
      name       = "vault"
      repository = "https://helm.releases.hashicorp.com"
      chart      = "vault"
      version    = "0.28.1"
      namespace  = "secrets"
      values = [
        file("${path.module}/values/vault.yaml"),
        yamlencode({
          server = {
            ha            = { enabled = true, replicas = var.replicas }
            logLevel      = "warn"
          }
        }),
      ]
      SET
    }
"""


def test_terraform_gives_values_of_files_of_objects_and_one_by_one(tmp_path: Path) -> None:
    text = TERRAFORM.replace("SET", 'set {\n name = "server.dataStorage.size"\n value = "20Gi"\n }')
    values = "server:\n  logLevel: debug\n  ha: {raft: {enabled: true}}\n"
    (release,) = releases_in(tmp_path, {"infra/main.tf": text, "infra/values/vault.yaml": values})
    assert (release.resource.kind, release.resource.name) == ("helm_release", "helm_release.vault")
    assert (release.name, release.namespace, release.version) == ("vault", "secrets", "0.28.1")
    assert release.string("server.dataStorage.size") == "20Gi"
    assert release.flag("server.ha.enabled") is True
    assert release.flag("server.ha.raft.enabled") is True
    assert release.value("server.ha.raft.enabled").place.location.uri == "infra/values/vault.yaml"
    assert release.value("server.ha.enabled").place.field == "blocks[0].attributes.values[1]: server.ha.enabled"
    with pytest.raises(Unjudged, match=r"`var.replicas` is an expression"):
        release.integer("server.ha.replicas")


def test_values_that_terraform_may_set_to_anything_hide_the_defaults(tmp_path: Path) -> None:
    dynamic = 'dynamic "set" {\n for_each = var.settings\n content {\n name = set.key\n value = set.value\n }\n }'
    (release,) = releases_in(tmp_path, {"infra/main.tf": TERRAFORM.replace("SET", dynamic)})
    with pytest.raises(Unjudged, match="a dynamic block sets values"):
        release.value("server.ha.enabled")


def test_lists_of_the_providers_third_version_set_values_too(tmp_path: Path) -> None:
    listed = 'set = [{ name = "server.dev.enabled", value = "true" }]'
    (release,) = releases_in(tmp_path, {"infra/main.tf": TERRAFORM.replace("SET", listed)})
    assert release.flag("server.dev.enabled") is True


def test_rules_can_judge_whatever_installs_a_chart(tmp_path: Path) -> None:
    two = "apiVersion: v2\nname: edge\nversion: 1.0.0\ndependencies:\n" + "".join(
        f"  - {{name: {name}, version: {version}, repository: {url}}}\n"
        for name, version, url in (
            ("ingress-nginx", "4.11.3", "https://kubernetes.github.io/ingress-nginx"),
            ("external-dns", "1.15.0", "https://kubernetes-sigs.github.io/external-dns"),
        )
    )
    files = {"edge/Chart.yaml": two, "main.tf": dedent(TERRAFORM.replace("SET", ""))}
    inventory = Inventory([collected_from(tmp_path, files)])
    judged = {
        (installer.kind, installer.name): [release.chart for release in inventory.installed_by(installer)]
        for installer in inventory.of(CHART_INSTALLER)
    }
    assert judged == {
        ("Chart", "edge"): ["ingress-nginx", "external-dns"],
        ("helm_release", "helm_release.vault"): ["vault"],
    }


def test_a_tree_that_installs_nothing_well_known_has_no_releases(tmp_path: Path) -> None:
    deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {}\n"
    own = "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies: [{name: vault, repository: file://../vault}]\n"
    assert releases_in(tmp_path, {"web.yaml": deployment, "charts/web/Chart.yaml": own}) == []
