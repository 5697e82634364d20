"""The page of HTML in a real Chromium, used as people use it."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from msgspec.structs import replace
from playwright.sync_api import Page, expect

from readycheck.history import ExemptionRecord, FindingRecord, Piece, Remedy, Spot, Thing, compare
from readycheck.outputs.html import Edition
from tests.history.snapshots import PROBES, REPLICAS, finding, outcome, source, taken
from tests.outputs.html.conftest import PHONE, WIDE, Opener
from tests.outputs.html.test_html import HOSTILE, week

pytestmark = pytest.mark.slow

LONG = f"deploy/{'overlays/' * 20}web.yaml"
DIFF = f"--- a/{LONG}\n+++ b/{LONG}\n@@ -7 +7 @@\n-  replicas: 1\n+  replicas: 2\n"


def full() -> tuple[Edition, Edition]:
    """Two environments with something in every part of the page."""
    before = taken("2026-11-16", finding("web"), finding("gone", PROBES, severity="medium"))
    after = replace(
        taken(
            "2026-11-23",
            replace(finding("db", severity="critical"), evidence=(Piece("spec.replicas", 1),)),
            replace(
                finding("web"),
                fix=Remedy("set spec.replicas to 2", safe=True, diff=DIFF, note="adds a pod"),
                tolerated="in the baseline",
            ),
            finding("cache", PROBES, severity="low"),
            outcomes=[outcome("unknown", "api", reason="no source"), outcome("error", "job", reason="broke")],
            sources=[source("files", ("values.yaml", "is too large"))],
            passed=12,
        ),
        exemptions=(
            ExemptionRecord(
                "readycheck.yaml:3", (REPLICAS,), "expired", "one printer", "team-a", "2026-11-01", "expired"
            ),
            ExemptionRecord("readycheck.yaml:9", (PROBES,), "active", "slow start", None, "2026-12-01"),
        ),
    )
    prod = Edition(
        snapshot=after,
        since=before.taken_at,
        delta=compare(before, after),
        trend=[week("2026-11-09", high=5), week("2026-11-16", high=3), week("2026-11-23", high=2, bar_moved=True)],
        first_seen={f"{REPLICAS} web": "2026-10-05T07:00:00Z"},
    )
    return prod, Edition(snapshot=taken("2026-11-22", finding("web"), environment="staging", passed=2))


def many(number: int) -> Edition:
    findings = (
        FindingRecord(
            REPLICAS,
            ("critical", "high", "medium", "low")[index % 4],
            Thing("Deployment", f"service-{index}", f"team-{index % 50}", "files"),
            f"service-{index} can run with 1 of at least 2 replicas",
            f"{index:032x}",
            Spot(f"deploy/team-{index % 50}/service-{index}.yaml", 7, 3, "spec.replicas"),
            (Piece("spec.replicas", 1),),
            Remedy("set spec.replicas to 2", safe=True),
        )
        for index in range(number)
    )
    return Edition(snapshot=taken("2026-11-23", *findings))


def shown(page: Page) -> list[str]:
    """The things of the rows that are in the page now."""
    return page.locator("#table tbody tr[data-row] td:nth-child(3) .one").all_inner_texts()


def test_a_link_of_the_overview_filters_the_findings(opened: Opener) -> None:
    page = opened(*full())
    expect(page.locator("h1").first).to_have_text(re.compile("2 of 2 environments are not ready"))
    page.get_by_role("link", name="Fixed 1").click()
    expect(page.locator("#result")).to_have_text("1 of 5 findings")
    assert shown(page) == ["shop/gone"]
    assert page.url.endswith("#findings&state=fixed")


def test_filters_stand_in_the_address_and_come_back_from_it(opened: Opener) -> None:
    page = opened(*full(), at="#findings")
    assert shown(page) == ["shop/db", "shop/web", "shop/web", "shop/cache"]
    page.get_by_label("Search", exact=False).first.fill("WEB")
    expect(page.locator("#result")).to_have_text("2 of 4 findings")
    page.get_by_label("Environment", exact=True).select_option("prod")
    assert shown(page) == ["shop/web"]
    address = page.url
    assert address.endswith("#findings&env=prod&q=WEB")
    page.goto("about:blank")
    page.goto(address)
    expect(page.locator("#result")).to_have_text("1 of 4 findings")
    page.get_by_role("button", name="Clear filters").click()
    assert len(shown(page)) == 4
    page.get_by_role("button", name="critical").click()
    assert shown(page) == ["shop/db"]
    assert page.url.endswith("#findings&severity=critical")


def test_columns_sort_and_say_so(opened: Opener) -> None:
    page = opened(*full(), at="#findings&env=prod")
    heading = page.get_by_role("columnheader", name="Thing")
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    assert shown(page) == ["shop/cache", "shop/db", "shop/web"]
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    assert shown(page) == ["shop/web", "shop/db", "shop/cache"]


def test_the_keyboard_does_all(opened: Opener) -> None:
    page = opened(*full())
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("input[name=q]")).to_be_focused()
    page.keyboard.type("shop prod")
    expect(page.locator("#result")).to_have_text("3 of 4 findings")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("#table tr:focus-within td:nth-child(3) .one")).to_have_text("shop/web")
    page.keyboard.press("Enter")
    sheet = page.get_by_role("dialog", name="web is not as it should be")
    expect(sheet).to_be_visible()
    # The sheet goes on to the next finding, and gives the focus back to where it was closed.
    page.keyboard.press("j")
    expect(page.locator("#sheet-title")).to_have_text("cache is not as it should be")
    page.keyboard.press("Escape")
    expect(page.locator("#sheet")).to_be_hidden()
    expect(page.locator("#table tr:focus-within td:nth-child(3) .one")).to_have_text("shop/cache")
    page.keyboard.press("4")
    expect(page.get_by_role("heading", name="Exemptions")).to_be_visible()


def test_one_finding_shows_its_evidence_its_fix_and_how_to_exempt_it(opened: Opener) -> None:
    page = opened(*full(), at="#findings&env=prod&open=workload%2Freplicas%20web")
    sheet = page.locator("#sheet")
    expect(sheet).to_contain_text("The title of workload/replicas.")
    expect(sheet).to_contain_text("safe to apply")
    expect(sheet).to_contain_text("5 Oct 2026")
    expect(sheet).to_contain_text("lets it pass: in the baseline")
    expect(sheet.locator(".added")).to_have_text(["+  replicas: 2\n"])
    sheet.get_by_role("tab", name="Command").click()
    expect(sheet.get_by_role("tabpanel")).to_contain_text("readycheck fix --env prod --rule workload/replicas")
    sheet.get_by_text("Exempt it for a time").click()
    expect(sheet).to_contain_text('match: {kind: "Deployment", namespace: "shop", name: "web"}')


def test_copying_a_fix_fills_the_clipboard(opened: Opener) -> None:
    page = opened(*full())
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the diff of fix").first.click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == DIFF


def test_the_theme_follows_the_system_until_somebody_chooses(opened: Opener) -> None:
    def ground(page: Page) -> str:
        return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    light = ground(opened(*full()))
    page = opened(*full(), scheme="dark")
    dark = ground(page)
    assert dark != light
    page.keyboard.press("t")
    assert ground(page) == light
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert ground(page) == light


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize(
    "view",
    ["", "#findings", "#findings&env=prod&open=workload%2Freplicas%20web", "#owners", "#exemptions", "#checks"],
)
def test_no_view_has_a_barrier(opened: Opener, scheme: str, size: tuple[int, int], view: str) -> None:
    page = opened(*full(), scheme=scheme, size=size, at=view)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    # The sheet moves in, and colours are only right when it stands.
    page.wait_for_timeout(200)
    found = Axe().run(page)
    assert [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ] == []


@pytest.mark.parametrize("view", ["", "#findings", "#owners", "#exemptions", "#checks"])
def test_nothing_is_wider_than_the_window(opened: Opener, view: str) -> None:
    page = opened(*full(), size=PHONE, at=view)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    assert page.evaluate("document.documentElement.scrollWidth") == WIDE[0]


def test_fifty_thousand_findings_open_search_and_scroll(opened: Opener) -> None:
    page = opened(many(50_000), at="#findings")
    expect(page.locator("#result")).to_have_text("50,000 findings")
    assert page.locator("#table").get_attribute("aria-rowcount") == "50001"
    assert len(shown(page)) < 60
    page.mouse.wheel(0, 10_000_000)
    # The last one of the least severe is at the end.
    expect(page.locator("#table tbody tr[data-row]").last).to_contain_text("service-49999")
    page.locator("input[name=q]").fill("service-4999")
    expect(page.locator("#result")).to_have_text("11 of 50,000 findings")
    assert len(shown(page)) == 11


def test_others_text_stays_text(opened: Opener) -> None:
    long = "x" * 10_000
    arabic = "خدمة"
    things = [HOSTILE, long, arabic, '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}"]
    findings = [
        replace(
            finding(f"f{number}"),
            resource=Thing("Deployment", name, name, "files"),
            message=f"{name} is wrong",
            evidence=(Piece(name, {name: name}),),
            location=Spot(f"deploy/{name}", 1),
        )
        for number, name in enumerate(things)
    ]
    page = opened(Edition(snapshot=taken("2026-11-23", *findings, environment=HOSTILE)), at="#findings")
    rows = shown(page)
    assert len(rows) == 5
    assert "</script><script>alert(1)</script><!--\\u2028\\u202egnp.exe␇" in rows[0]
    assert rows[2] == f"{arabic}/{arabic}"
    assert page.locator("img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") == WIDE[0]
    for number in range(5):
        page.goto(f"{page.url.partition('#')[0]}#findings&open=workload%2Freplicas%20f{number}")
        expect(page.locator("#sheet")).to_be_visible()
        assert page.evaluate(
            "document.querySelector('#sheet').scrollWidth <= document.querySelector('#sheet').clientWidth"
        )


def test_csv_holds_what_the_filters_show_and_no_formula(opened: Opener, tmp_path: Path) -> None:
    formula = replace(finding("web"), message="=HYPERLINK(1)")
    page = opened(Edition(snapshot=taken("2026-11-23", formula, finding("api"))), at="#findings&q=hyperlink")
    with page.expect_download() as waited:
        page.get_by_role("button", name="Save as CSV").click()
    waited.value.save_as(tmp_path / "findings.csv")
    (row,) = csv.DictReader(io.StringIO((tmp_path / "findings.csv").read_text("utf-8")))
    assert (row["name"], row["message"], row["severity"]) == ("web", "'=HYPERLINK(1)", "high")


def test_without_scripts_the_page_can_be_read(opened: Opener) -> None:
    page = opened(*full(), scripts=False)
    expect(page.get_by_role("heading", name="Exemptions")).to_be_visible()
    expect(page.get_by_role("table", name="The first findings")).to_contain_text("db is not as it should be")
    expect(page.locator("#finder")).to_be_hidden()


def test_the_summary_prints_on_a_few_pages_of_a4(opened: Opener) -> None:
    page = opened(*full(), scheme="dark")
    paper = page.pdf(prefer_css_page_size=True)
    assert paper.startswith(b"%PDF")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 4
    # A4 in points, to the nearest one.
    (box,) = set(re.findall(rb"/MediaBox\s*\[0 0 (\d+)[\d.]* (\d+)[\d.]*\]", paper))
    assert (abs(int(box[0]) - 595) <= 1, abs(int(box[1]) - 842) <= 1) == (True, True)


def test_paper_shows_what_is_worth_printing_in_light_colours(opened: Opener) -> None:
    page = opened(*full(), scheme="dark", at="#findings&env=prod")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#filters")).to_be_hidden()
    expect(page.get_by_role("banner")).to_be_hidden()
    expect(page.locator("#on-paper tbody tr")).to_have_count(3)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
