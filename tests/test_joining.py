"""A finding on one side says how the same object stands on the other."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema

from readycheck import packs
from readycheck.engine import Selection, judge
from readycheck.exemptions import Exemptions
from readycheck.inventory import Inventory
from readycheck.joining import join
from readycheck.model import Counterpart, Finding, Outcome, Status
from readycheck.outputs.json import render, schema
from readycheck.outputs.page.beside import beside
from readycheck.outputs.terminal import render_plain
from readycheck.report import ExitCode, Gate, Report
from readycheck.sources.files import FilesRequest, collect
from readycheck.sources.recorded import cluster as recorded

RULES = {rule.id: rule for rule in packs.load()}
NOW = 1795564800.0
"""2026-11-25."""

WEB = """apiVersion: apps/v1
kind: Deployment
metadata: {{name: web{namespace}{more}}}
spec:
  replicas: {replicas}
  template:
    metadata: {{labels: {{app: web}}}}
    spec: {{containers: [{{name: web, image: "web:1.4"}}]}}
"""


def web(replicas: int, *, namespace: str = "shop", more: str = "") -> str:
    return WEB.format(replicas=replicas, namespace=f", namespace: {namespace}" if namespace else "", more=more)


def joined(tmp_path: Path, declared: str, live: str, *rules: str) -> Report:
    chosen = [RULES[rule] for rule in rules or ("workload/replicas",)]
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "web.yaml").write_text(declared, "utf-8")
    recording = tmp_path / "cluster.yaml"
    recording.write_text(live, "utf-8")
    sources = [collect(FilesRequest(paths=(tree,), repository=tree)), recorded.collect(recording, "cluster://prod")]
    sides = [Inventory((source,)) for source in sources]
    outcomes = judge(list(map(Selection.default, chosen)), *sides)
    return Report(
        version="0",
        environment="prod",
        taken_at="2026-11-25T12:00:00Z",
        sources=sources,
        outcomes=outcomes,
        exemptions=(),
        gate=Gate(ExitCode.READY, ("as the test has it",)),
        rules={rule.id: (rule.title, rule.help) for rule in chosen},
        counterparts=join(sides, outcomes),
    )


def told(report: Report) -> list[tuple[str, str, str]]:
    """Which side each finding is of, how it stands to the other, and where that is."""

    def line(outcome: Outcome, finding: Finding) -> tuple[str, str, str]:
        counterpart: Counterpart = report.counterparts[id(finding)]
        location = counterpart.place.location if counterpart.place else None
        where = f"{location.uri}:{location.line}" if location else ""
        return outcome.resource.origin.source, counterpart.relation.value, where

    return [line(*pair) for pair in report.findings]


def test_what_fails_on_both_sides_says_so(tmp_path: Path) -> None:
    assert told(joined(tmp_path, web(1), web(1))) == [
        ("files", "same", "cluster://prod:5"),
        ("cluster", "same", "web.yaml:5"),
    ]


def test_what_is_fixed_in_git_is_told_from_what_drifted(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    assert told(joined(tmp_path / "one", web(2), web(1))) == [("cluster", "fixed-in-git", "web.yaml:5")]
    assert told(joined(tmp_path / "other", web(1), web(2))) == [("files", "holds-live", "cluster://prod:5")]


def test_a_manifest_without_a_namespace_is_the_only_object_of_its_name(tmp_path: Path) -> None:
    assert told(joined(tmp_path, web(2, namespace=""), web(1))) == [("cluster", "fixed-in-git", "web.yaml:5")]


def test_one_manifest_without_a_namespace_may_make_two_objects(tmp_path: Path) -> None:
    report = joined(tmp_path, web(2, namespace=""), web(1) + "---\n" + web(1, namespace="pay"))
    assert told(report) == [("cluster", "fixed-in-git", "web.yaml:5")] * 2


def test_of_two_objects_of_a_name_none_is_guessed(tmp_path: Path) -> None:
    report = joined(tmp_path, web(1, namespace=""), web(2) + "---\n" + web(2, namespace="pay"))
    assert report.counterparts == {}


def test_what_does_not_run_yet_is_said(tmp_path: Path) -> None:
    report = joined(tmp_path, web(1), web(2).replace("name: web,", "name: other,"))
    assert told(report) == [("files", "not-live", "")]


def test_what_a_release_brought_leads_to_the_release(tmp_path: Path) -> None:
    release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: shop, namespace: shop}\n"
    live = web(1, more=", labels: {helm.toolkit.fluxcd.io/name: shop}")
    # The release itself is one unknown outcome in the files: its chart is not at hand.
    assert told(joined(tmp_path, release, live)) == [("cluster", "brought-by", "web.yaml:1")]


def test_the_report_leads_a_live_finding_to_its_manifest(tmp_path: Path) -> None:
    report = joined(tmp_path, web(1), web(1))
    literal = json.loads(render(report))
    jsonschema.validate(literal, json.loads(schema()))
    live = next(each for each in literal["findings"] if each["resource"]["source"] == "cluster")
    assert (live["location"]["uri"], live["location"]["line"]) == ("web.yaml", 5)
    assert live["counterpart"]["relation"] == "same"
    plain = render_plain((report,), verbose=False)
    assert "git: declares the same (web.yaml:5)\n" in plain
    assert "live: runs so (cluster://prod:5)\n" in plain


def test_the_page_says_once_where_a_thing_is_declared(tmp_path: Path) -> None:
    report = joined(tmp_path, web(2), web(2), "observability/service-monitored", "observability/alert-rules")
    assert told(report) == [("cluster", "untold", "web.yaml:1"), ("cluster", "untold", "web.yaml:7")]
    findings = [finding for _, finding in report.findings]
    assert list(beside(findings, report)) == [("git", "declares it (web.yaml:1)")]


def test_what_is_excused_in_git_is_excused_where_it_runs(tmp_path: Path) -> None:
    excuse = '  # readycheck: ignore[workload/replicas] until=2027-01-31 reason="single writer"'
    declared = web(1).replace("  replicas: 1", f"  replicas: 1{excuse}")
    report = joined(tmp_path, declared, web(1))
    exemptions = Exemptions((), "", RULES, NOW, 180)
    for source in report.sources:
        for resource in source.resources:
            exemptions.note(resource)
    excused = exemptions.apply(report.outcomes, report.counterparts)
    assert [(each.resource.origin.source, each.status) for each in excused] == [
        ("files", Status.EXEMPT),
        ("cluster", Status.EXEMPT),
    ]


def test_of_what_was_refused_nothing_is_said_to_be_missing(tmp_path: Path) -> None:
    report = joined(tmp_path, web(1), "# unread: Deployment: forbidden\n")
    assert report.counterparts == {}
