"""Real repositories that nobody wrote for us get the verdicts that are known of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from readycheck.model import Outcome, Status
from readycheck.report import Report
from readycheck.scan import ScanRequest, scan

RequireTool = Callable[[str], Path]


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, require_tool: RequireTool) -> None:
    """No configuration lies around, and what the repositories need to be rendered is there."""
    require_tool("kustomize")
    monkeypatch.chdir(tmp_path)


def judged(folder: Path) -> Report:
    return scan(ScanRequest(paths=(folder,)))


def of(report: Report, rule: str, status: Status) -> list[Outcome]:
    return [outcome for outcome in report.outcomes if outcome.rule == rule and outcome.status is status]


def named(outcomes: list[Outcome]) -> list[tuple[str, str]]:
    return sorted((outcome.resource.root.name, outcome.resource.name) for outcome in outcomes)


def test_microservices_demo_runs_one_replica_of_everything_and_lacks_two_probes(corpora: Path) -> None:
    report = judged(corpora / "microservices-demo" / "kubernetes-manifests")
    assert len(of(report, "workload/replicas", Status.FAIL)) == 12
    assert named(of(report, "workload/liveness-probe", Status.FAIL)) == [("loadgenerator", "main")]
    assert of(report, "workload/readiness-probe", Status.FAIL) == []
    assert of(report, "workload/resource-requests", Status.FAIL) == []
    untagged = [o for o in of(report, "workload/image-tag", Status.FAIL) if "has no tag" in str(o.reason)]
    assert len(untagged) == 11
    assert report.gate.exit_code == 1


def test_kubernetes_goat_fails_liveness_in_its_ten_containers_and_no_job_is_asked(corpora: Path) -> None:
    report = judged(corpora / "kubernetes-goat" / "scenarios")
    failing = of(report, "workload/liveness-probe", Status.FAIL)
    assert len(failing) == 10
    # Of 14 containers 3 have requests, and 5 more have limits that stand for them.
    assert len(of(report, "workload/resource-requests", Status.FAIL)) == 6
    asked = {"workload/replicas", "workload/liveness-probe", "workload/readiness-probe"}
    assert [
        o for o in report.outcomes if o.rule in asked and o.status is Status.FAIL and o.resource.root.kind == "Job"
    ] == []


def test_podinfo_s_replicas_are_the_floor_of_its_autoscalers(corpora: Path) -> None:
    report = judged(corpora / "podinfo" / "deploy" / "overlays" / "production")
    told = {
        outcome.resource.name: (outcome.status.value, outcome.evidence[0].place.resource.kind)
        for outcome in report.outcomes
        if outcome.rule == "workload/replicas" and outcome.resource.kind == "Deployment"
    }
    assert told == {
        "backend": ("fail", "HorizontalPodAutoscaler"),
        "cache": ("fail", "Deployment"),
        "database-replica": ("pass", "HorizontalPodAutoscaler"),
        "frontend": ("pass", "HorizontalPodAutoscaler"),
    }


def test_flux_s_own_example_is_unknown_where_charts_are_elsewhere_and_nothing_passes_for_them(corpora: Path) -> None:
    report = judged(corpora / "flux2-kustomize-helm-example")
    releases = Counter(
        (outcome.resource.name, outcome.status)
        for outcome in report.outcomes
        if outcome.resource.kind == "HelmRelease" and outcome.rule.startswith("workload/")
    )
    assert {status for _, status in releases} == {Status.UNKNOWN}
    assert {name for name, _ in releases} == {"cert-manager", "envoy-gateway", "podinfo"}
    assert [problem for source in report.sources for problem in source.problems] == []
    assert report.failed == []


def test_states_of_driftctl_s_tests_are_read_and_three_of_them_refused(corpora: Path, tmp_path: Path) -> None:
    folder = corpora / "terraform-states"
    states = sorted(folder.rglob("*.tfstate"))
    file = tmp_path / "readycheck.yaml"
    listed = ", ".join(f'"{state}"' for state in states)
    file.write_text(f"environments: {{prod: {{terraform: {{states: [{listed}]}}}}}}")
    (source,) = scan(ScanRequest(environment="prod", config=file)).sources
    refused = {Path(problem.uri).name: problem for problem in source.problems}
    assert set(refused) == {"invalid.tfstate", "invalid_version.tfstate", "unsupported_version.tfstate"}
    assert refused["invalid.tfstate"].line == 16
    kinds = Counter(resource.kind for resource in source.resources if resource.origin.file not in refused)
    assert (kinds["aws_lb_listener"], kinds["aws_kms_key"], kinds["aws_subnet"], kinds["aws_s3_bucket"]) == (1, 3, 4, 3)
