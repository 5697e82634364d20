"""How a chart is recognised by its name and the repository that it comes from."""

from __future__ import annotations

import pytest

from readycheck.charts.catalogue import catalogue, recognised
from readycheck.charts.facts import tables


def test_every_chart_with_a_table_is_in_the_catalogue() -> None:
    known = {chart.chart for charts in catalogue().charts.values() for chart in charts}
    assert set(tables()) <= known


def test_homes_are_addresses_without_scheme_and_in_lower_case() -> None:
    homes = {home for charts in catalogue().charts.values() for chart in charts for home in chart.homes}
    assert [home for home in homes if home != home.lower() or "://" in home or home.endswith("/")] == []


@pytest.mark.parametrize(
    ("name", "repository", "chart"),
    [
        ("loki", "https://grafana.github.io/helm-charts", "loki"),
        ("loki", "https://grafana-community.github.io/helm-charts/", "loki"),
        ("loki", "oci://ghcr.io/grafana-community/helm-charts/loki", "loki"),
        ("loki", "oci://ghcr.io/grafana-community/helm-charts", "loki"),
        ("cert-manager", "oci://registry-1.docker.io/bitnamicharts/cert-manager", "bitnami/cert-manager"),
        ("nginx-ingress", "https://helm.nginx.com/stable", "nginx-ingress"),
        ("nginx-ingress", "https://charts.helm.sh/stable", "stable/nginx-ingress"),
        ("gateway", "https://istio-release.storage.googleapis.com/charts", "gateway"),
        ("traefik", "https://user@helm.traefik.io/traefik", "traefik"),
    ],
)
def test_a_chart_is_told_by_its_home(name: str, repository: str, chart: str) -> None:
    found = recognised(name, repository, "1.0.0")
    assert found is not None
    assert (found.known.chart, found.doubt) == (chart, "")


@pytest.mark.parametrize(
    ("name", "repository"),
    [
        ("grafana", "https://charts.bitnami.com/other"),
        ("loki", "oci://tccr.io/truecharts/loki"),
        ("gateway", "https://charts.acme.example"),
        ("gateway", ""),
        ("web", "https://kubernetes.github.io/ingress-nginx"),
    ],
)
def test_a_chart_that_may_be_somebody_elses_is_not_recognised(name: str, repository: str) -> None:
    assert recognised(name, repository, "6.30.0") is None


def test_a_chart_whose_repository_is_not_to_be_seen_is_recognised_with_doubt() -> None:
    found = recognised("vault", "", "0.28.1")
    assert found is not None
    assert found.doubt == "where its chart comes from is not in the tree"
