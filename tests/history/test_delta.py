"""What changed between two scans: a better or worse system, and apart from it a moved bar and what was not read."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from readycheck.history import Change, Delta, Snapshot, compare
from tests.history.snapshots import PROBES, REPLICAS, finding, outcome, source, taken

LISTS = Delta.__struct_fields__[2:]


def told(before: Snapshot, after: Snapshot, first_seen: dict[str, str] | None = None) -> dict[str, list[str]]:
    """The names of the objects in each list of the delta that is not empty; with the reason where there is one."""
    delta = compare(before, after, first_seen)
    lists: dict[str, tuple[Change, ...]] = {name: getattr(delta, name) for name in LISTS}
    return {
        name: [f"{change.finding.resource.name}: {change.reason}".removesuffix(": ") for change in changes]
        for name, changes in lists.items()
        if changes
    }


def test_what_came_what_went_and_what_stayed() -> None:
    before = taken("2026-11-16", finding("web"), finding("api"))
    after = taken("2026-11-23", finding("api"), finding("cart"))
    assert told(before, after) == {"new": ["cart"], "fixed": ["web"], "still": ["api"]}


def test_a_finding_that_only_moved_is_still_there() -> None:
    moved = finding("web", severity="critical")
    assert told(taken("2026-11-16", finding("web")), taken("2026-11-23", moved)) == {"still": ["web"]}


def test_what_an_earlier_scan_saw_is_reopened() -> None:
    first_seen = {f"{REPLICAS} web": "2026-11-02T07:00:00Z", f"{REPLICAS} api": "2026-11-23T07:00:00Z"}
    after = taken("2026-11-23", finding("web"), finding("api"))
    assert told(taken("2026-11-16"), after, first_seen) == {"reopened": ["web"], "new": ["api"]}


def test_what_is_excused_now_is_not_fixed_and_comes_back_with_the_end_of_its_exemption() -> None:
    failing = taken("2026-11-16", finding("web"))
    excused = outcome("exempt", "web", reason="one printer", fingerprints=(f"{REPLICAS} web",))
    exempt = taken("2026-11-23", outcomes=[excused])
    assert told(failing, exempt) == {"newly_exempt": ["web: one printer"]}
    assert told(exempt, failing) == {"reopened": ["web: its exemption has ended"]}


def test_a_rule_that_was_added_makes_nothing_new_and_one_that_was_removed_fixes_nothing() -> None:
    with_probes = taken("2026-11-23", finding("web", PROBES))
    without = taken("2026-11-16", rules={REPLICAS: "1"})
    assert told(without, with_probes) == {"newly_judged": ["web: the rule did not run"]}
    assert told(with_probes, without) == {"no_longer_judged": ["web: the rule did not run"]}
    assert compare(without, with_probes).rules.added == (PROBES,)
    assert compare(with_probes, without).rules.removed == (PROBES,)


def test_a_rule_that_has_changed_makes_nothing_new_and_fixes_nothing() -> None:
    before = taken("2026-11-16", finding("web"), finding("cart", PROBES))
    after = taken("2026-11-23", finding("api"), rules={REPLICAS: "2", PROBES: "1"})
    assert told(before, after) == {
        "newly_judged": ["api: the rule has changed"],
        "no_longer_judged": ["web: the rule has changed"],
        "fixed": ["cart"],
    }
    assert compare(before, after).rules.changed == (REPLICAS,)


def test_without_the_rules_of_both_nothing_is_said_of_the_bar() -> None:
    before, after = taken("2026-11-16", rules={}), taken("2026-11-23", finding("web"))
    assert told(before, after) == {"new": ["web"]}
    assert not compare(before, after).rules


@pytest.mark.parametrize(
    ("blind", "reason"),
    [
        ({"sources": []}, "the source files was not read"),
        ({"sources": [source(status="failed")]}, "the source files could not be read"),
        ({"sources": [source("files", ("deploy/web.yaml", "no YAML"))]}, "deploy/web.yaml: no YAML"),
        ({"sources": [source("files", ("deploy", "may not be read"))]}, "deploy: may not be read"),
        ({"outcomes": [outcome("unknown", "web", reason="${REPLICAS}")]}, "${REPLICAS}"),
        ({"outcomes": [outcome("error", "web", reason="it broke")]}, "it broke"),
        ({"outcomes": [outcome("unknown", "", reason="may not list")]}, "may not list"),
    ],
)
def test_what_could_not_be_seen_is_neither_fixed_nor_new(blind: dict[str, list[object]], reason: str) -> None:
    seeing = taken("2026-11-16", finding("web"))
    blinded = taken("2026-11-23", **blind)  # type: ignore[arg-type]
    assert told(seeing, blinded) == {"no_longer_judged": [f"web: {reason}"]}
    assert told(blinded, seeing) == {"newly_judged": [f"web: {reason}"]}
    # Known from before the gap, it was there all the time.
    assert told(blinded, seeing, {f"{REPLICAS} web": "2026-11-02T07:00:00Z"}) == {"still": [f"web: {reason}"]}


def test_what_neither_scan_could_see_hides_nothing() -> None:
    gaps = {
        "sources": [source("files", ("deploy", "may not be read"))],
        "outcomes": [outcome("unknown", "", reason="may not list")],
    }
    before = taken("2026-11-16", finding("web"), **gaps)  # type: ignore[arg-type]
    after = taken("2026-11-23", **gaps)  # type: ignore[arg-type]
    assert told(before, after) == {"fixed": ["web"]}


def test_a_problem_elsewhere_hides_nothing() -> None:
    after = taken("2026-11-23", sources=[source("files", ("deploy/web.yaml.bak", "no YAML"), ("charts", "no helm"))])
    assert told(taken("2026-11-16", finding("web")), after) == {"fixed": ["web"]}


def test_the_first_sight_of_each_finding_is_told() -> None:
    first_seen = {f"{REPLICAS} web": "2026-09-07T07:00:00Z"}
    delta = compare(taken("2026-11-16", finding("web")), taken("2026-11-23", finding("web")), first_seen)
    assert [change.first_seen for change in delta.still] == ["2026-09-07T07:00:00Z"]


def test_what_is_not_scanned_any_more_is_not_fixed_unless_its_file_is_known_to_be_read() -> None:
    before = replace(taken("2026-11-16", finding("web"), finding("api"), finding("cart")), scope="all")
    after = replace(taken("2026-11-23", finding("api", PROBES), outcomes=[outcome("unknown", "cart")]), scope="less")
    elsewhere = "the configuration counts other things to the environment"
    assert told(before, after) == {
        "new": ["api"],
        "fixed": ["api"],
        "no_longer_judged": [f"web: {elsewhere}", "cart: unknown"],
    }
    assert told(after, before) == {
        "new": ["api"],
        "fixed": ["api"],
        "newly_judged": [f"web: {elsewhere}", "cart: unknown"],
    }
