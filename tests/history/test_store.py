"""Scans are kept whole, in any order, and apart from those of other projects and other parts of a tree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from readycheck.history import History, HistoryError
from tests.history.snapshots import PROBES, REPLICAS, finding, outcome, source, taken


@pytest.fixture
def history(place: str) -> Iterator[History]:
    with History.open(place, "acme/shop") as opened:
        yield opened


def test_what_was_recorded_is_read_back_as_it_was(history: History) -> None:
    scan = taken(
        "2026-11-23",
        finding("web"),
        finding("api", PROBES, severity="low"),
        finding("web"),
        outcomes=[outcome("unknown", "cart", reason="${REPLICAS}")],
        sources=[source(), source("cluster", ("/apis/apps/v1", "may not list"))],
        passed=4,
    )
    assert history.snapshot(history.record(scan)) == scan


def test_scans_are_listed_by_their_times_and_not_by_their_numbers(history: History) -> None:
    later, sooner = (history.record(taken(day)) for day in ("2026-11-23", "2026-11-16"))
    assert [row.id for row in history.scans("prod")] == [sooner, later]
    assert [row.id for row in history.scans("prod", "2026-11-20T00:00:00Z")] == [later]
    latest = history.latest("prod")
    assert latest is not None
    assert latest.id == later
    before = history.latest("prod", before=latest.taken_at)
    assert before is not None
    assert before.id == sooner


def test_the_first_sight_does_not_depend_on_the_order_of_recording(history: History) -> None:
    for day in ("2026-11-16", "2026-11-09", "2026-11-23"):
        history.record(taken(day, finding("web")))
    assert history.first_seen("prod") == {f"{REPLICAS} web": "2026-11-09T07:00:00Z"}


def test_a_finding_that_comes_back_is_reopened(history: History) -> None:
    scans = [taken("2026-11-09", finding("web")), taken("2026-11-16"), taken("2026-11-23", finding("web"))]
    first, second, third = (history.record(scan) for scan in scans)
    assert [change.finding.resource.name for change in history.delta(first, second).fixed] == ["web"]
    (reopened,) = history.delta(second, third).reopened
    assert (reopened.finding.resource.name, reopened.first_seen) == ("web", "2026-11-09T07:00:00Z")


def test_projects_environments_and_narrowed_scans_are_kept_apart(place: str) -> None:
    with History.open(place, "acme/shop") as shop, History.open(place, "acme/blog") as blog:
        whole = shop.record(taken("2026-11-16", finding("web")))
        shop.record(taken("2026-11-17"), narrowed_to="deploy/api.yaml")
        shop.record(taken("2026-11-18", environment="dev"))
        other = blog.record(taken("2026-11-19"))
        assert [row.id for row in shop.scans("prod")] == [whole]
        assert len(shop.scans(narrowed_to=None)) == 3
        assert shop.environments() == ["dev", "prod"]
        assert shop.first_seen("prod", narrowed_to="deploy/api.yaml") == {}
        with pytest.raises(HistoryError, match=f"this project has no scan {other}"):
            shop.snapshot(other)


def test_the_trend_shows_the_last_scan_of_each_week_and_where_the_bar_moved(history: History) -> None:
    # 2026-11-02, -09, -16 and -23 are Mondays.
    history.record(taken("2026-11-03", finding("web"), passed=1))
    history.record(taken("2026-11-08", finding("web"), finding("api"), passed=3))
    history.record(taken("2026-11-16", finding("web"), passed=4))
    raised = {REPLICAS: "2", PROBES: "1"}
    history.record(taken("2026-11-24", finding("web"), finding("api"), rules=raised, passed=3))
    trend = history.trend("prod")
    assert [(point.week, point.scan.severities["high"], point.bar_moved) for point in trend] == [
        ("2026-11-02", 2, False),
        ("2026-11-16", 1, False),
        ("2026-11-23", 2, True),
    ]
    assert trend[0].areas == {"workload": {"fail": 2, "pass": 3}}
    assert [point.week for point in history.trend("prod", weeks=2)] == ["2026-11-16", "2026-11-23"]
    assert history.trend("nowhere") == []


def test_pruning_keeps_the_last_scan_and_the_first_sights(history: History) -> None:
    for day in ("2026-09-07", "2026-10-05"):
        history.record(taken(day, finding("web"), finding("api")))
    last = history.record(taken("2026-11-02", finding("web")))
    assert history.prune("2026-12-01T00:00:00Z") == 2
    assert [row.id for row in history.scans("prod")] == [last]
    assert history.first_seen("prod")[f"{REPLICAS} web"] == "2026-09-07T07:00:00Z"
    assert history.snapshot(last).findings == (finding("web"),)


def test_pruning_gives_room_back(tmp_path: Path) -> None:
    file = tmp_path / "history.db"
    with History.open(str(file), "acme/shop") as history:
        for day in range(10, 30):
            history.record(taken(f"2026-09-{day}", *(finding(f"web-{number}") for number in range(300))))
    full = file.stat().st_size
    with History.open(str(file), "acme/shop") as history:
        assert history.prune("2027-01-01T00:00:00Z") == 19
        assert len(history.snapshot(20).findings) == 300
    assert file.stat().st_size < full / 2


def test_scans_that_are_older_than_they_are_kept_go_with_the_next_one(history: History) -> None:
    history.record(taken("2026-01-05"))
    kept = [history.record(taken(day), keep_days=90) for day in ("2026-09-07", "2026-11-23")]
    assert [row.id for row in history.scans("prod")] == kept


def test_the_number_of_a_scan_is_never_given_again(history: History) -> None:
    history.record(taken("2026-11-23"))
    late = history.record(taken("2026-01-05"))
    history.prune("2026-06-01T00:00:00Z")
    assert history.record(taken("2026-11-24")) > late


def test_of_another_environment_nothing_is_pruned(history: History) -> None:
    scans = [
        taken(day, environment=environment) for day in ("2026-09-07", "2026-11-23") for environment in ("prod", "dev")
    ]
    for scan in scans:
        history.record(scan)
    assert history.prune("2026-12-01T00:00:00Z", "dev") == 1
    assert len(history.scans("prod")) == 2


def test_a_year_of_weeks_is_told_by_its_last_twelve(history: History) -> None:
    # Each week one finding is mended and one comes; 2025-12-01 is a Monday.
    for week in range(52):
        day = (date(2025, 12, 1) + timedelta(weeks=week)).isoformat()
        history.record(taken(day, *(finding(f"web-{number}") for number in range(week, week + 20))))
    trend = history.trend("prod")
    assert len(history.scans("prod")) == 52
    assert (len(trend), trend[0].week, trend[-1].week) == (12, "2026-09-07", "2026-11-23")
    assert {point.scan.severities["high"] for point in trend} == {20}
    delta = history.delta(trend[-2].scan.id, trend[-1].scan.id)
    assert ([change.finding.resource.name for change in delta.new], len(delta.still)) == (["web-70"], 19)
    # The oldest that is still there is web-51, which came with web-32 to web-51 in the week after 32 weeks.
    assert min(change.first_seen for change in delta.still) == "2026-07-13T07:00:00Z"


def test_a_finding_is_found_by_the_beginning_of_its_fingerprint(history: History) -> None:
    history.record(taken("2026-11-16", finding("web"), finding("worker")))
    history.record(taken("2026-11-17", finding("web"), environment="dev"))
    web = f"{REPLICAS} web"
    assert [(each.fingerprint, each.environment) for each in history.sightings(web)] == [(web, "dev"), (web, "prod")]
    assert len(history.sightings(f"{REPLICAS} w", "prod")) == 2
    assert history.sightings("%") == []
