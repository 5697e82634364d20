"""Services: what belongs to one, how that shows, and how configuration says it where nothing shows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from readycheck.inventory import Inventory
from readycheck.inventory.delivery.services import Service
from readycheck.scan import ScanRequest, scan
from readycheck.section import ConfigError
from tests.trees import collected_from, write

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: shop}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{containers: [{{name: main, image: "{image}"}}]}}
"""
CHART = "apiVersion: v2\nname: {name}\nversion: 1.0.0\n"
DOCKERFILE = "FROM scratch\n"
PIPELINE = """\
on: {{push: {{branches: [main]}}}}
jobs:
  images:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - run: {run}
"""


def deployment(name: str, image: str) -> str:
    return DEPLOYMENT.format(name=name, image=image)


def services_of(tmp_path: Path, files: Mapping[str, str]) -> dict[str, Service]:
    """The services that run, by name."""
    services = Inventory((collected_from(tmp_path, files),)).services
    return {service.name: service for service in services if service.workload is not None}


def test_an_image_leads_to_the_dockerfile_in_the_folder_of_its_name(tmp_path: Path) -> None:
    files = {
        "deploy/basket.yaml": deployment("cart", "registry.example.com:5000/acme/basket:1.4"),
        "services/basket/Dockerfile": DOCKERFILE,
        "services/cart/Dockerfile": DOCKERFILE,
    }
    services = services_of(tmp_path, files)
    assert services["cart"].dockerfile == "services/basket/Dockerfile"
    assert services["cart"].why("services/basket/Dockerfile") == (
        "its image acme/basket is built from services/basket/Dockerfile, going by the name"
    )
    assert services["cart"].path == "services/basket"


@pytest.mark.parametrize(
    "dockerfile", ["docker/Dockerfile.basket", "docker/basket.Dockerfile", "basket/src/Dockerfile"]
)
def test_a_dockerfile_may_carry_the_name_itself_or_stand_deeper(tmp_path: Path, dockerfile: str) -> None:
    files = {"web.yaml": deployment("basket", "acme/basket:1.4"), dockerfile: DOCKERFILE}
    assert services_of(tmp_path, files)["basket"].dockerfile == dockerfile


def test_what_a_pipeline_builds_counts_more_than_a_name(tmp_path: Path) -> None:
    files = {
        "deploy.yaml": deployment("basket", "acme/basket:1.4"),
        "legacy/basket/Dockerfile": DOCKERFILE,
        "src/Dockerfile": DOCKERFILE,
        ".github/workflows/ci.yml": PIPELINE.format(run="docker build -t acme/basket:$GITHUB_SHA src"),
    }
    service = services_of(tmp_path, files)["basket"]
    assert (service.dockerfile, service.path) == ("src/Dockerfile", "src")
    assert service.why("src/Dockerfile") == (
        "its image acme/basket is built from src/Dockerfile (docker build in job images)"
    )
    assert [deed.pipeline.name for deed in service.builds] == [".github/workflows/ci.yml"]


def test_a_compose_file_says_what_an_image_is_built_from(tmp_path: Path) -> None:
    files = {
        "deploy.yaml": deployment("basket", "acme/basket:1.4"),
        "compose.yaml": "services:\n  cart: {image: acme/basket, build: {context: ./code, dockerfile: Dockerfile}}\n",
        "code/Dockerfile": DOCKERFILE,
    }
    service = services_of(tmp_path, files)["basket"]
    assert (service.dockerfile, service.path) == ("code/Dockerfile", "code")


def test_an_image_of_the_same_name_from_elsewhere_is_another_one(tmp_path: Path) -> None:
    files = {
        "deploy.yaml": deployment("cache", "quay.io/partner/store:7"),
        "code/Dockerfile": DOCKERFILE,
        ".github/workflows/ci.yml": PIPELINE.format(run="docker build -t registry.example.com/acme/store:1 code"),
    }
    assert services_of(tmp_path, files)["cache"].dockerfile == ""


def test_an_image_that_is_not_decided_yet_leads_nowhere(tmp_path: Path) -> None:
    files = {"deploy.yaml": deployment("basket", "${IMAGE}"), "services/basket/Dockerfile": DOCKERFILE}
    assert services_of(tmp_path, files)["basket"].dockerfile == ""


def test_a_workload_belongs_to_the_chart_that_renders_it_or_one_of_its_name(tmp_path: Path) -> None:
    files = {
        "charts/shop/Chart.yaml": CHART.format(name="shop"),
        "charts/shop/templates/web.yaml": deployment("web", "acme/web:1.4"),
        "charts/api/Chart.yaml": CHART.format(name="api"),
        "deploy/api.yaml": deployment("api", "acme/api:1.4"),
        "deploy/worker.yaml": deployment("worker", "acme/worker:1.4"),
    }
    services = services_of(tmp_path, files)
    assert {name: service.chart for name, service in services.items()} == {
        "web": "charts/shop",
        "api": "charts/api",
        "worker": None,
    }


SPLIT = {
    "deploy.yaml": deployment("basket-v2", "mirror.example.com/x/y:1.4"),
    "src/cart/Dockerfile": DOCKERFILE,
    "charts/all/Chart.yaml": CHART.format(name="all"),
}
NAMED = "services:\n  basket: {workload: basket-v2, dockerfile: src/cart/Dockerfile, chart: charts/all}\n"


def test_configuration_names_what_does_not_show(tmp_path: Path) -> None:
    config = write(tmp_path, SPLIT | {"readycheck.yaml": NAMED}) / "readycheck.yaml"
    report = scan(ScanRequest(paths=(tmp_path,), config=config))
    (outcome,) = (
        each
        for each in report.outcomes
        if each.rule == "delivery/chart-per-service" and each.resource.name == "basket-v2"
    )
    assert (outcome.status.value, outcome.reason) == ("pass", "charts/all installs it: configuration says so")


def test_paths_of_services_start_at_the_configuration_whatever_is_scanned(tmp_path: Path) -> None:
    write(tmp_path, {f"shop/{uri}": text for uri, text in SPLIT.items()})
    config = tmp_path / "readycheck.yaml"
    config.write_text(NAMED.replace("src/cart", "shop/src/cart").replace("charts/all", "shop/charts/all"))
    report = scan(ScanRequest(paths=(tmp_path / "shop",), config=config))
    reasons = {each.resource.name: each.reason for each in report.outcomes if each.rule == "delivery/chart-per-service"}
    assert reasons["basket-v2"] == "charts/all installs it: configuration says so"


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ("{dockerfile: src/Dockerfile}", "src/Dockerfile` is no file (in `services.basket`)"),
        ("{chart: src}", "src` is no chart (in `services.basket`)"),
        ("{path: nowhere}", "nowhere` is no folder (in `services.basket`)"),
        ("{image: acme/basket}", "`image` is not a known key: known are chart, dockerfile, path, workload"),
    ],
)
def test_configuration_that_names_nothing_is_refused(tmp_path: Path, said: str, complaint: str) -> None:
    config = write(tmp_path, {"readycheck.yaml": f"services:\n  basket: {said}\n"}) / "readycheck.yaml"
    with pytest.raises(ConfigError, match=r"readycheck\.yaml:2: ") as raised:
        scan(ScanRequest(paths=(tmp_path,), config=config))
    assert complaint in str(raised.value)
