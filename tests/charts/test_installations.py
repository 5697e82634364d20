"""Which well-known charts a tree installs, and what their values come to."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from readycheck.charts.release import ChartRelease
from readycheck.inventory import Inventory
from readycheck.model import Unjudged
from readycheck.sources.files import FilesRequest, collect

INGRESS_NGINX = """
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: HelmRepository
    metadata: {name: ingress-nginx, namespace: flux-system}
    spec: {interval: 12h, url: https://kubernetes.github.io/ingress-nginx}
    ---
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: nginx, namespace: ingress}
    spec:
      interval: 1h
      chart:
        spec:
          chart: ingress-nginx
          version: "VERSION"
          sourceRef: {kind: HelmRepository, name: ingress-nginx, namespace: flux-system}
"""


def inventory_of(folder: Path, **files: str) -> Inventory:
    for name, text in files.items():
        file = folder / name.replace("__", "/").replace("_yaml", ".yaml")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text))
    return Inventory([collect(FilesRequest((folder,)))])


def the_release(folder: Path, text: str, **files: str) -> ChartRelease:
    (release,) = inventory_of(folder, release_yaml=text, **files).installations()
    return release


def test_a_helm_release_is_told_by_its_chart_and_the_url_of_its_repository(tmp_path: Path) -> None:
    release = the_release(tmp_path, INGRESS_NGINX.replace("VERSION", "4.11.3"))
    assert (release.chart, release.name, release.namespace) == ("ingress-nginx", "nginx", "ingress")
    assert (release.version, release.doubt, release.app_version) == ("4.11.3", "", "1.11.3")


def test_what_a_release_leaves_out_is_the_default_of_its_version(tmp_path: Path) -> None:
    release = the_release(tmp_path, INGRESS_NGINX.replace("VERSION", "4.11.3"))
    value = release.value("controller.replicaCount")
    assert (value.seen, value.default, value.place.field) == (1, True, "spec.chart.spec.version")
    assert release.string("controller.ingressClassResource.controllerValue") == "k8s.io/ingress-nginx"


def test_what_a_release_gives_wins_and_points_at_its_line(tmp_path: Path) -> None:
    values = """
      values:
        controller:
          replicaCount: 2
          service:
            annotations:
              service.beta.kubernetes.io/aws-load-balancer-type: nlb
    """
    text = dedent(INGRESS_NGINX.replace("VERSION", "4.11.3")).rstrip() + "\n" + values.replace("\n      ", "\n  ")
    release = the_release(tmp_path, text)
    value = release.value("controller.replicaCount")
    assert (value.seen, value.default, value.place.location.line) == (2, False, 20)
    assert release.mapping("controller.service")["type"] == "LoadBalancer"
    assert release.mapping("controller.service")["annotations"] == {
        "service.beta.kubernetes.io/aws-load-balancer-type": "nlb"
    }


def test_an_application_gives_parameters_over_values(tmp_path: Path) -> None:
    release = the_release(
        tmp_path,
        """
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: vault, namespace: argocd}
        spec:
          destination: {namespace: secrets, server: https://kubernetes.default.svc}
          source:
            repoURL: https://helm.releases.hashicorp.com
            chart: vault
            targetRevision: 0.28.1
            helm:
              parameters: [{name: server.ha.replicas, value: "5"}]
              values: |
                server:
                  ha:
                    enabled: true
                    replicas: 3
        """,
    )
    assert (release.chart, release.namespace, release.flag("server.ha.enabled")) == ("vault", "secrets", True)
    assert release.integer("server.ha.replicas") == 5
    assert release.value("server.ha.replicas").place.field == "spec.source.helm.parameters[0].value"
    assert release.value("server.ha.enabled").place.field == "spec.source.helm.values: server.ha.enabled"
    assert release.value("server.ha.enabled").place.seen is True
    assert release.flag("server.ha.raft.enabled") is False


def test_another_publishers_chart_of_the_same_name_is_another_chart(tmp_path: Path) -> None:
    text = INGRESS_NGINX.replace("chart: ingress-nginx", "chart: external-dns").replace("VERSION", "6.20.4")
    inventory = inventory_of(
        tmp_path,
        release_yaml=text.replace("https://kubernetes.github.io/ingress-nginx", "https://charts.bitnami.com/bitnami"),
    )
    (release,) = inventory.installations()
    assert release.chart == "bitnami/external-dns"
    with pytest.raises(Unjudged, match="what the chart bitnami/external-dns is by default is not known here"):
        release.value("sources")
