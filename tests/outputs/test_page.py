"""What the page shows of things that no plain file makes: rendered ones, live ones, rules without their source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from readycheck.model import (
    Collected,
    Finding,
    Fix,
    Ignore,
    Location,
    Outcome,
    Path,
    Resource,
    Severity,
    Status,
    format_path,
)
from readycheck.outputs.terminal import render_plain
from readycheck.report import ExemptionStatus, ExemptionUse, ExitCode, Gate, Report

REPLICAS: Path = ("spec", "replicas")


@dataclass
class Rendered:
    """What a chart or an overlay rendered, or (without lines) what an API gave."""

    world: str = ""
    values_key: str = ""
    file: str = "templates/web.yaml"
    lines: Sequence[str] = ("spec:", "  replicas: {{ .Values.replicas }}", "  template:")
    line: int = 2
    source: str = "files"
    may_ignore: bool = False

    def all_ignores(self) -> Sequence[Ignore]:
        return ()

    def ignores(self, body: object, paths: Iterable[Path]) -> Sequence[Ignore]:
        del body, paths
        return ()

    def locate(self, body: object, path: Path) -> Location:
        del body
        line = self.line if self.lines else None
        return Location(self.file, line, 3 if line else None, format_path(path), self.values_key)

    def excerpt(self, body: object, path: Path, around: int) -> Sequence[tuple[int, str]]:
        del body, path
        numbered = list(enumerate(self.lines, 1))
        return [(number, text) for number, text in numbered if abs(number - self.line) <= around]


def deployment(origin: Rendered, namespace: str = "shop") -> Resource:
    return Resource("Deployment", "web", namespace, {"spec": {"replicas": 1}}, origin)


def failed(resource: Resource, finding: Finding | None = None) -> Outcome:
    found = finding or resource.finding("has 1 replica", at=REPLICAS)
    return Outcome("workload/replicas", Severity.HIGH, Status.FAIL, resource, findings=(found,))


def shown(*outcomes: Outcome, exemptions: Sequence[ExemptionUse] = (), verbose: bool = False) -> str:
    sources = [Collected("files", [outcome.resource for outcome in outcomes], skipped={"vendor/": 3})]
    rules = {outcome.rule: ("Title", "Replicas are many, e.g. two. Then more.") for outcome in outcomes}
    gate = Gate(ExitCode.READY, ("no violation",))
    return render_plain((Report("1.0", "", "", sources, outcomes, exemptions, gate, rules),), verbose=verbose)


def test_what_a_chart_renders_names_the_values_key_that_decides() -> None:
    page = shown(failed(deployment(Rendered("charts/web", "replicas"))))
    assert (
        """
shop/Deployment/web  templates/web.yaml
  rendered from charts/web
  ✖ high     has 1 replica  workload/replicas
      templates/web.yaml:2
        1 │ spec:
      > 2 │   replicas: {{ .Values.replicas }}
        3 │   template:
      values: decided by replicas
      seen: spec.replicas is 1
      why: Replicas are many, e.g. two.
"""
        in page
    )


def test_the_same_finding_in_another_overlay_is_told_with_the_first() -> None:
    dev, prod = (deployment(Rendered(f"overlays/{name}"), f"shop-{name}") for name in ("dev", "prod"))
    page = shown(failed(dev), failed(prod))
    assert page.count("has 1 replica") == 1
    assert "      same: in overlays/prod: shop-prod/Deployment/web\n" in page
    assert "  findings   2 high\n" in page


def test_a_finding_of_another_line_is_no_twin() -> None:
    dev, prod = deployment(Rendered("overlays/dev")), deployment(Rendered("overlays/prod", line=3))
    assert shown(failed(dev), failed(prod)).count("has 1 replica") == 2


def test_what_has_no_lines_is_shown_without_any() -> None:
    live = deployment(Rendered(file="cluster://prod", lines=(), source="cluster"))
    page = shown(failed(live))
    assert (
        """
shop/Deployment/web  cluster://prod
  ✖ high     has 1 replica  workload/replicas
      seen: spec.replicas is 1
"""
        in page
    )


def test_evidence_in_another_thing_names_it_and_its_place() -> None:
    budget = Resource("PodDisruptionBudget", "web", "shop", {"spec": {"minAvailable": 1}}, Rendered(file="pdb.yaml"))
    web = deployment(Rendered())
    page = shown(failed(web, web.finding("none may go", at=REPLICAS, also=[budget.at("spec.minAvailable")])))
    assert "      seen: spec.replicas is 1; shop/PodDisruptionBudget/web: spec.minAvailable is 1 (pdb.yaml:2)\n" in page


def test_a_fix_that_needs_a_decision_says_so() -> None:
    web = deployment(Rendered())
    safe, unsafe = (
        shown(failed(web, web.finding("few", at=REPLICAS, fix=Fix("set it to 2", (), safe)))) for safe in (True, False)
    )
    assert "      fix: set it to 2\n" in safe
    assert "      fix: set it to 2 (needs a look)\n" in unsafe


def test_a_value_that_may_be_secret_is_neither_quoted_nor_told() -> None:
    lines = ("data:", "  key: aHVudGVyMg==", "")
    secret = Resource("Secret", "key", "shop", {"data": {"key": "aHVudGVyMg=="}}, Rendered(lines=lines))
    page = shown(failed(secret, secret.finding("is plain", at=("data", "key"))))
    assert "aHVudGVyMg" not in page
    assert "      seen: data.key is set\n" in page


def test_a_rule_whose_source_was_not_asked_for_is_told_once_and_is_no_gap() -> None:
    world = Resource("Environment", "", "", {}, Rendered(file="", lines=()))
    outcomes = [
        Outcome(f"cluster/{name}", Severity.HIGH, Status.UNKNOWN, world, "no source: cluster")
        for name in ("drain", "zones")
    ]
    page = shown(*outcomes)
    assert "Unknown" not in page
    assert "  not asked  cluster, aws, terraform (2 rules unknown for that)\n" in page
    assert page.endswith("\nReady: no violation. Exit code 0.\n")


def test_what_was_left_out_is_told_with_its_number() -> None:
    assert "  read       1 object from 1 file; skipped: 3 vendor/\n" in shown(failed(deployment(Rendered())))


def test_a_rule_that_broke_is_told_with_how_often() -> None:
    web = deployment(Rendered())
    broken = Outcome("workload/replicas", Severity.HIGH, Status.ERROR, web, "KeyError: 'spec'")
    page = shown(broken, broken)
    assert "\nRules that broke (2 verdicts)\n     2  workload/replicas: KeyError: 'spec'\n" in page


def test_exemptions_that_exempt_are_counted_and_the_others_listed_with_their_reason() -> None:
    active = ExemptionUse("a.yaml:1", ("x/y",), ExemptionStatus.ACTIVE, "one node", "ops", "2027-01-01", "", 3)
    unused = ExemptionUse("b.yaml:2", ("x/z",), ExemptionStatus.UNUSED, "was needed", "", "", "exempts nothing")
    invalid = ExemptionUse("c.yaml:3", ("x/w",), ExemptionStatus.INVALID, "", "", "", "has no reason")
    page = shown(exemptions=[active, unused, invalid])
    assert (
        """
Exemptions (1 in force, for 3 failures)
  unused   b.yaml:2
           x/z: exempts nothing
  invalid  c.yaml:3
           x/w: has no reason
"""
        in page
    )
    listed = shown(exemptions=[active], verbose=True)
    assert "  active   a.yaml:1\n           x/y: one node (ops, until 2027-01-01)\n" in listed


def test_a_scan_that_judged_nothing_says_so() -> None:
    assert "\nSummary\n  nothing was judged\n" in shown()


def test_very_many_findings_end_in_a_number_and_every_rule_keeps_its_share() -> None:
    resources = [Resource("Deployment", f"web-{number}", "shop", {}, Rendered()) for number in range(400)]
    outcomes = [
        Outcome(rule, Severity.LOW, Status.FAIL, resource, findings=(resource.finding("is odd"),))
        for rule in ("a/b", "a/c")
        for resource in resources
    ]
    lines = shown(*outcomes).splitlines()
    assert "And 780 more findings" in lines
    assert lines.count("             and 290 like these") == 2
    assert "  580 findings not listed here: -o json=FILE has them all" in lines
