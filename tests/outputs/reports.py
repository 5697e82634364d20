"""Reports for tests of formats: scans of small trees, which hold something of everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from readycheck.model import Outcome, Resource, Severity
from readycheck.outputs.formats import Options, Rendered, render
from readycheck.report import Report
from readycheck.scan import ScanRequest, scan
from readycheck.sources.cluster.objects import ClusterOrigin
from tests.trees import only, write

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  replicas: 1
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: []
"""
EXEMPT = WEB.replace("name: web", "name: printer").replace(
    "replicas: 1", 'replicas: 1  # readycheck: ignore[workload/replicas] until=2027-03-01 reason="one printer"'
)
UNKNOWN = WEB.replace("name: web", "name: basket").replace("replicas: 1", "replicas: ${REPLICAS}")
BROKEN = "a: [1\n---\nb: 1\n"
SOMETHING_OF_EVERYTHING = {"web.yaml": WEB, "printer.yaml": EXEMPT, "basket.yaml": UNKNOWN, "broken.yaml": BROKEN}
ONLY_REPLICAS = only("workload/replicas")
ENVIRONMENTS = ONLY_REPLICAS + "environments:\n  dev: {files: {paths: [.]}}\n  prod: {files: {paths: [.]}}\n"


def scanned(
    repository: Path, files: Mapping[str, str], *, below: str = "", config: str = ONLY_REPLICAS, **request: Any
) -> Report:
    """The report on a folder of a repository, judged by workload/replicas alone unless the configuration says more."""
    write(repository, {**files, "readycheck.yaml": config})
    return scan(ScanRequest(paths=(repository / below,), config=repository / "readycheck.yaml", **request))


def rendered(name: str, *reports: Report, suppressed: bool = False) -> Rendered:
    """Reports in a format."""
    return render(name, reports, Options(suppressed=suppressed))


def with_many(repository: Path, number: int) -> Report:
    """A report with as many findings, each on a Deployment of its own."""
    documents = (WEB.replace("name: web", f"name: web-{index:05}") for index in range(number))
    return scanned(repository, {"many.yaml": "---\n".join(documents)})


def with_live(report: Report, names: Sequence[str]) -> Report:
    """The same with findings on objects of a live cluster, which no file of the repository declares."""
    live = [Resource("Deployment", name, "shop", {"spec": {"replicas": 1}}, ClusterOrigin("prod")) for name in names]
    found = [
        Outcome.failing("workload/replicas", Severity.HIGH, each, (each.finding("has 1 replica", at="spec.replicas"),))
        for each in live
    ]
    return replace(report, outcomes=[*report.outcomes, *found])
