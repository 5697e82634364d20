"""Trivy reports are found where they lie, are read for what they say, and nothing else is taken for one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from readycheck.documents.trivyignore import parse_trivyignore
from readycheck.images.trivy import assessments_of, moment
from readycheck.images.vulnerability import Assessment
from readycheck.inventory import Inventory
from readycheck.model import Status
from readycheck.report import Report
from readycheck.scan import ScanRequest, scan
from readycheck.sources.files import FilesRequest, collect
from tests.trees import collected_from, write

REPORT = '{"SchemaVersion": 2, "ArtifactName": "shop:1", "Results": [{"Class": "os-pkgs", "Vulnerabilities": [%s]}]}'
CRITICAL = (
    '{"VulnerabilityID": "CVE-2026-1", "PkgName": "zlib", "InstalledVersion": "1", "FixedVersion": "2", '
    '"Severity": "CRITICAL"}'
)


def kinds(root: Path, files: dict[str, str]) -> Counter[str]:
    return Counter(resource.kind for resource in collected_from(root, files).resources)


def verdicts(report: Report) -> list[tuple[Status, str]]:
    return [
        (outcome.status, outcome.resource.name)
        for outcome in report.outcomes
        if outcome.rule == "image/vulnerabilities"
    ]


def test_a_report_in_utf_16_as_windows_shell_writes_it_is_one(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(REPORT % CRITICAL, encoding="utf-16")
    (report,) = collect(FilesRequest(paths=(tmp_path,))).resources
    assert report.kind == "TrivyReport"
    assert [each.severity for each in assessments_of(report)[0].vulnerabilities] == ["CRITICAL"]


def test_a_report_whose_keys_were_sorted_is_one(tmp_path: Path) -> None:
    text = '{\n  "ArtifactName": "shop:1",\n  "ArtifactType": "container_image",\n  "SchemaVersion": 2\n}\n'
    assert kinds(tmp_path, {"r.json": text}) == {"TrivyReport": 1}


@pytest.mark.parametrize(
    "text",
    [
        '{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json"}',
        '{"SchemaVersion": 1, "ArtifactName": "shop:1"}',
        '{"version": "1.0.0", "name": "shop"}',
        '{"bomFormat": "CycloneDX", "components": []}',
        '{"ClusterName": "prod", "nodes": 3}',
    ],
)
def test_other_json_is_no_report_and_no_problem(tmp_path: Path, text: str) -> None:
    collected = collected_from(tmp_path, {"file.json": text})
    assert (collected.resources, collected.problems) == ([], [])


def test_a_report_that_is_cut_short_is_a_problem(tmp_path: Path) -> None:
    collected = collected_from(tmp_path, {"r.json": (REPORT % CRITICAL)[:-4]})
    assert [problem.uri for problem in collected.problems] == ["r.json"]


def test_go_s_zero_date_is_no_date() -> None:
    assert moment("0001-01-01T00:00:00Z") is None
    assert moment("") is None
    assert moment("2026-11-25T12:00:00.123456789Z") == pytest.approx(1795608000.123, abs=0.001)


def test_an_ignore_file_has_an_entry_for_each_line_that_is_no_comment() -> None:
    (document,), faults = parse_trivyignore("# accepted\nCVE-2026-1\n\n  CVE-2026-2 exp:2027-01-01 # till then\n")
    assert document.body == {
        "vulnerabilities": [{"id": "CVE-2026-1"}, {"id": "CVE-2026-2", "expired_at": "2027-01-01"}]
    }
    assert document.body["vulnerabilities"].marks == [11, 25]
    assert faults == []


def test_an_entry_whose_date_cannot_be_read_waives_nothing(tmp_path: Path) -> None:
    report = scan(
        ScanRequest(
            paths=(write(tmp_path, {"r.json": REPORT % CRITICAL, ".trivyignore": "CVE-2026-1 exp:31.12.2099\n"}),)
        )
    )
    assert verdicts(report) == [(Status.FAIL, "r.json")]


# Named in the configuration ------------------------------------------------------------------------------------------


def configured(root: Path, glob: str, files: dict[str, str]) -> Report:
    config = f"environments:\n  prod:\n    files:\n      paths: [deploy]\n    images:\n      trivy: ['{glob}']\n"
    manifest = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: shop}\nspec:\n  containers:\n    - {name: web, image: 'shop:1'}\n"
    )
    write(root, {"readycheck.yaml": config, "deploy/pod.yaml": manifest, **files})
    return scan(ScanRequest(environment="prod", config=root / "readycheck.yaml"))


@pytest.mark.parametrize("glob", ["scans/*.json", "scans/**/*.json", "scans/shop.json"])
def test_reports_that_the_configuration_names_are_joined_to_what_runs(tmp_path: Path, glob: str) -> None:
    report = configured(tmp_path, glob, {"scans/shop.json": REPORT % CRITICAL})
    assert verdicts(report) == [(Status.FAIL, "web")]


def test_a_report_that_lies_in_the_tree_and_is_named_too_is_read_once(tmp_path: Path) -> None:
    report = configured(tmp_path, "deploy/*.json", {"deploy/other.json": (REPORT % CRITICAL).replace("shop:1", "b:2")})
    assert verdicts(report) == [(Status.UNKNOWN, "web"), (Status.NOT_APPLICABLE, "other.json")]


def test_a_glob_that_matches_nothing_leaves_the_scan_incomplete(tmp_path: Path) -> None:
    report = configured(tmp_path, "scans/*.json", {})
    (problem,) = report.sources[0].problems
    assert problem.reason == "no Trivy report stands there"
    assert problem.uri.endswith("scans/*.json")


def test_a_file_that_is_named_and_no_report_is_a_problem(tmp_path: Path) -> None:
    report = configured(tmp_path, "scans/*.json", {"scans/shop.json": "{}"})
    assert [problem.reason for problem in report.sources[0].problems] == [
        "is no Trivy report (JSON of schema 2, or SARIF)"
    ]


# Reports that nobody wrote for us ------------------------------------------------------------------------------------


@pytest.fixture
def real(corpora: Path) -> dict[str, Assessment]:
    """The one assessment of each real report, by its file's name."""
    collected = collect(FilesRequest(paths=(corpora / "trivy-reports",)))
    return {report.name: assessments_of(report)[0] for report in Inventory((collected,)).scan_reports}


@pytest.mark.parametrize(
    ("name", "critical", "high"),
    [
        ("alpine-39.json", 2, 0),
        ("debian-buster.json", 1, 0),
        ("photon-30.json", 2, 1),
        ("sl-micro-rancher5.4.json", 0, 0),
    ],
)
def test_real_reports_give_the_counts_that_are_known_of_them(
    real: dict[str, Assessment], name: str, critical: int, high: int
) -> None:
    counts = Counter(each.severity for each in real[name].vulnerabilities if each.fixed)
    assert (counts["CRITICAL"], counts["HIGH"]) == (critical, high)
    assert real[name].analysed


def test_real_reports_without_results_tell_nothing(real: dict[str, Assessment]) -> None:
    assert not real["alpine-39-skip.json"].analysed
    assert real["helm_badname.json"].no_image == "is of a repository"


def test_a_real_report_names_the_system_that_gets_no_updates(real: dict[str, Assessment]) -> None:
    assert real["alpine-39.json"].obsolete == "alpine 3.9.4"
