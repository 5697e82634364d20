"""Each rule gives each thing exactly one of the six outcomes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from readycheck.engine import Selection, judge
from readycheck.inventory import Inventory
from readycheck.model import Outcome, Resource, Severity, Status, Verdict
from readycheck.rule import Judge, Rule, RuleError, rule
from readycheck.sources.files import FilesRequest, collect

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${REPLICAS}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: web:1}, {name: log, image: log:1}]
---
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec: {template: {spec: {containers: [{name: once, image: once:1}]}}}
"""


def outcomes(judge_function: Judge, tmp_path: Path, manifests: str = WEB) -> list[tuple[str, str, str | None]]:
    return [
        (outcome.resource.name, outcome.status.value, outcome.reason)
        for outcome in run(judge_function, tmp_path, manifests)
    ]


def run(judge_function: Judge, tmp_path: Path, manifests: str = WEB) -> list[Outcome]:
    file = tmp_path / "all.yaml"
    file.write_text(manifests, encoding="utf-8")
    tested = Rule.of(judge_function.__rule__, rule_id="test/it", docstring="Title.", file="it.py")  # type: ignore[attr-defined]
    inventory = Inventory((collect(FilesRequest(paths=(file,))),))
    return list(judge((Selection.default(tested),), inventory))


def test_a_rule_that_yields_nothing_passes(tmp_path: Path) -> None:
    @rule("Deployment", severity=Severity.LOW)
    def silent(_: Resource) -> Iterator[Verdict]:
        yield from ()

    assert outcomes(silent, tmp_path) == [("web", "pass", None)]


def test_a_finding_fails_and_may_lower_the_severity(tmp_path: Path) -> None:
    @rule("Deployment", severity=Severity.HIGH)
    def strict(workload: Resource) -> Iterator[Verdict]:
        yield workload.finding("is wrong", severity=Severity.LOW)

    (outcome,) = run(strict, tmp_path)
    assert (outcome.status, outcome.severity, outcome.reason) == (Status.FAIL, Severity.LOW, "is wrong")


def test_a_value_that_is_not_decided_makes_the_outcome_unknown_without_the_author_asking(tmp_path: Path) -> None:
    @rule("Deployment", severity=Severity.HIGH)
    def careless(workload: Resource) -> Iterator[Verdict]:
        if workload.body["spec"]["replicas"] < 2:
            yield workload.finding("too few")

    ((name, status, reason),) = outcomes(careless, tmp_path)
    assert (name, status) == ("web", "unknown")
    assert reason is not None
    assert "${REPLICAS}" in reason


def test_what_was_found_before_something_unreadable_still_fails(tmp_path: Path) -> None:
    @rule("Deployment", severity=Severity.HIGH)
    def half(workload: Resource) -> Iterator[Verdict]:
        yield workload.finding("is wrong")
        workload.integer("spec.replicas", 1)

    assert outcomes(half, tmp_path) == [("web", "fail", "is wrong")]


def test_a_broken_rule_is_an_error_that_names_the_line_and_takes_nothing_else_down(tmp_path: Path) -> None:
    @rule("Deployment", "Job", severity=Severity.HIGH)
    def broken(workload: Resource) -> Iterator[Verdict]:
        if workload.kind == "Deployment":
            raise ZeroDivisionError("oops")
        yield workload.note("fine")

    (first, second) = outcomes(broken, tmp_path)
    assert first[:2] == ("web", "error")
    assert first[2] is not None
    assert "ZeroDivisionError: oops" in first[2]
    assert "test_engine.py:" in first[2]
    assert second == ("once", "pass", "fine")


def test_containers_are_judged_one_by_one_and_a_workload_out_of_scope_once(tmp_path: Path) -> None:
    @rule("Container", severity=Severity.HIGH, unless=lambda workload, _: "it ends" if workload.kind == "Job" else None)
    def each(container: Resource) -> Iterator[Verdict]:
        if container.name == "log":
            yield container.finding("is a log")

    assert outcomes(each, tmp_path) == [
        ("web", "pass", None),
        ("log", "fail", "is a log"),
        ("once", "not-applicable", "it ends"),
    ]


def test_without_anything_to_judge_the_environment_is_not_applicable(tmp_path: Path) -> None:
    @rule("PodDisruptionBudget", severity=Severity.HIGH)
    def budgets(_: Resource) -> Iterator[Verdict]:
        yield from ()

    (outcome,) = run(budgets, tmp_path)
    assert (outcome.resource.kind, outcome.status.value) == ("Environment", "not-applicable")


def test_without_its_source_a_rule_is_unknown_once(tmp_path: Path) -> None:
    @rule("Deployment", severity=Severity.HIGH, sources=("cluster",))
    def live(_: Resource) -> Iterator[Verdict]:
        yield from ()

    (outcome,) = run(live, tmp_path)
    assert (outcome.resource.kind, outcome.status.value, outcome.reason) == (
        "Environment",
        "unknown",
        "no source: cluster",
    )


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ("spec: []", "spec is a list where a mapping is wanted"),
        ("spec: {template: {spec: {containers: web}}}", "containers is a string where a list of mappings is wanted"),
        ("spec: {template: {spec: {containers: []}}}", "it declares no containers"),
    ],
)
def test_a_misshapen_workload_is_unknown(tmp_path: Path, shape: str, reason: str) -> None:
    @rule("Container", severity=Severity.HIGH)
    def each(_: Resource) -> Iterator[Verdict]:
        yield from ()

    manifest = f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\n{shape}\n"
    ((name, status, said),) = outcomes(each, tmp_path, manifest)
    assert (name, status) == ("web", "unknown")
    assert said is not None
    assert said.endswith(reason)


def test_an_option_without_a_description_stops_the_run() -> None:
    @rule("Deployment", severity=Severity.HIGH)
    def optional(_: Resource, *, minimum: int = 2) -> Iterator[Verdict]:
        del minimum
        yield from ()

    with pytest.raises(RuleError, match="`minimum` is not described"):
        Rule.of(optional.__rule__, rule_id="test/it", docstring="Title.", file="it.py")  # type: ignore[attr-defined]
