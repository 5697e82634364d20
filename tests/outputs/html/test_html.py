"""The page of HTML, read without a browser: what it says, what it embeds, and what it may ask for."""

from __future__ import annotations

import base64
import re
from hashlib import sha256
from pathlib import Path

import pytest
from msgspec.structs import replace

from readycheck.history import ExemptionRecord, FindingRecord, Remedy, RuleRecord, Spot, Tally, Thing, compare
from readycheck.history.trend import ScanRow, TrendPoint
from readycheck.outputs.formats import LayoutError
from readycheck.outputs.html import Edition
from readycheck.outputs.html.fix_first import fix_first
from readycheck.outputs.html.trend import chart
from tests.history.snapshots import PROBES, REPLICAS, finding, outcome, source, taken
from tests.outputs.html.pages import TEMPLATES, Reader, data_of, page_of, rows_of

DIFF = "--- a/x.yaml\n+++ b/x.yaml\n@@ -1 +1 @@\n-replicas: 1\n+replicas: 2\n"
HOSTILE = "</script><script>alert(1)</script><!--\u2028\u202egnp.exe\x07"


def test_the_first_screen_says_whether_the_environment_is_ready() -> None:
    ready = page_of(Edition(snapshot=taken("2026-11-23", passed=3)))
    held = page_of(Edition(snapshot=taken("2026-11-23", finding("web"))))
    assert "prod is ready" in Reader(ready).texts["overview"]
    assert "prod is not ready as the test has it" in Reader(held).texts["overview"]


def test_several_environments_are_counted_in_the_headline() -> None:
    editions = [
        Edition(snapshot=taken("2026-11-23", finding("web"), environment="prod")),
        Edition(snapshot=taken("2026-11-23", environment="staging", passed=1)),
        Edition(snapshot=taken("2026-11-23", finding("web"), environment="dev")),
    ]
    assert "2 of 3 environments are not ready" in Reader(page_of(*editions)).texts["overview"]


def test_coverage_tells_what_could_not_be_read_and_decided() -> None:
    scan = taken(
        "2026-11-23",
        finding("web"),
        sources=[source("cluster", ("secrets", "forbidden"), ("pods", "forbidden"))],
        outcomes=[outcome("unknown", "api", reason="no source")],
        passed=4,
    )
    scan = replace(scan, tallies=(*scan.tallies, Tally(REPLICAS, "unknown", "high", 1)))
    texts = Reader(page_of(Edition(snapshot=scan))).texts
    assert "3 of 5 objects read; 2 unreadable: forbidden. 5 of 6 verdicts decided; 1 unknown." in texts["overview"]
    assert "no source" in texts["checks"]


def test_changes_are_counted_and_stand_in_the_table_with_their_state() -> None:
    before = taken("2026-11-16", finding("old"), finding("stays"), finding("excused"))
    after = taken(
        "2026-11-23",
        finding("stays"),
        finding("fresh"),
        outcomes=[outcome("exempt", "excused", fingerprints=(f"{REPLICAS} excused",))],
    )
    page = page_of(
        Edition(
            snapshot=after,
            since=before.taken_at,
            delta=compare(before, after),
            first_seen={f"{REPLICAS} stays": "2026-10-05T07:00:00Z"},
        )
    )
    said = Reader(page).texts["changes-title"]
    assert re.findall(r"(New|Fixed|Still open|Newly exempt) (\d+)", said) == [
        ("New", "1"),
        ("Fixed", "1"),
        ("Still open", "1"),
        ("Newly exempt", "1"),
    ]
    assert sorted(rows_of(page, "name", "state", "seen")) == [
        ("excused", "exempt", ""),
        ("fresh", "new", ""),
        ("old", "fixed", ""),
        ("stays", "still", "2026-10-05"),
    ]


def test_a_moved_bar_is_told_apart_from_new_findings() -> None:
    before = taken("2026-11-16", rules={REPLICAS: "1"})
    after = taken("2026-11-23", finding("web", PROBES), rules={REPLICAS: "1", PROBES: "1"})
    page = page_of(Edition(snapshot=after, since=before.taken_at, delta=compare(before, after)))
    said = Reader(page).texts["changes-title"]
    assert "New 0" in said
    assert "The bar moved in prod : 1 rule added, 0 changed, 0 removed" in said
    assert "1 finding could not have been seen before" in said
    assert rows_of(page, "state") == [("judged",)]


def at(name: str, line: int, *, severity: str = "high", environment: str = "prod") -> FindingRecord:
    """A finding in the base that all environments share."""
    return replace(
        finding(name, severity=severity), fingerprint=f"{environment} {name}", location=Spot("base/app.yaml", line)
    )


def test_what_one_edit_closes_in_all_environments_is_fixed_first() -> None:
    prod = taken("2026-11-23", at("single", 9, severity="critical"), at("shared", 3), environment="prod")
    dev = taken("2026-11-23", at("shared", 3, environment="dev"), environment="dev")
    first, second = fix_first([Edition(snapshot=prod), Edition(snapshot=dev)])
    # A high one weighs 6 and is closed twice; a critical one weighs 10.
    assert (first.where, first.rank, first.closes, list(first.environments)) == (
        "base/app.yaml:3",
        12,
        2,
        ["prod", "dev"],
    )
    assert (second.where, second.rank, second.closes) == ("base/app.yaml:9", 10, 1)


def test_one_edit_may_close_findings_of_several_rules() -> None:
    fix = Remedy("set spec.minReplicas to 2", safe=True)
    findings = [
        replace(finding("web", rule, severity=severity), location=Spot("hpa.yaml", 4), fix=fix)
        for rule, severity in ((REPLICAS, "medium"), (PROBES, "high"))
    ]
    (first,) = fix_first([Edition(snapshot=taken("2026-11-23", *findings))])
    assert (first.closes, first.severity, first.rank, first.link) == (2, "high", 12, "#findings&file=hpa.yaml")


def test_a_patch_is_shown_as_a_diff_with_its_command() -> None:
    fix = Remedy("set spec.replicas to 2", safe=False, diff=DIFF, note="restarts the pods")
    scan = taken("2026-11-23", replace(finding("web"), fix=fix))
    said = Reader(page_of(Edition(snapshot=scan))).texts["fixes-title"]
    assert "needs a look restarts the pods" in said
    assert "+replicas: 2" in said
    assert "readycheck fix --env prod --rule workload/replicas --path deploy/web.yaml --unsafe --apply" in said


def test_a_fix_stands_in_the_table_in_each_of_its_forms() -> None:
    forms = {"diff": DIFF, "kustomize": "patches:\n", "kubectl": "kubectl patch deployment.apps web"}
    scan = taken("2026-11-23", replace(finding("web"), fix=Remedy("set it", safe=True, **forms)))
    assert rows_of(page_of(Edition(snapshot=scan)), *forms) == [tuple(forms.values())]


def test_owners_come_from_codeowners_and_else_from_the_namespace() -> None:
    page = page_of(
        Edition(
            snapshot=taken("2026-11-23", finding("web"), replace(finding("api"), location=Spot("other/api.yaml", 1)))
        ),
        codeowners="/deploy/ @acme/shop\n",
    )
    assert sorted(rows_of(page, "name", "owner")) == [("api", "namespace shop"), ("web", "@acme/shop")]
    said = Reader(page).texts["owners"]
    assert "- HIGH prod: Deployment shop/web web is not as it should be (workload/replicas, deploy/web.yaml:7)" in said


def test_an_object_that_names_its_team_belongs_to_it_where_no_file_says_otherwise() -> None:
    teams = {"web": "checkout", "api": "checkout", "job": None}
    findings = [
        replace(
            finding(name, source="cluster"),
            resource=Thing("Deployment", name, "shop", team=team),
            location=Spot(f"deploy/{name}.yaml", 7),
        )
        for name, team in teams.items()
    ]
    page = page_of(Edition(snapshot=taken("2026-11-23", *findings)), codeowners="/deploy/web.yaml @acme/shop\n")
    assert sorted(rows_of(page, "name", "owner")) == [
        ("api", "checkout"),
        ("job", "namespace shop"),
        ("web", "@acme/shop"),
    ]


def test_the_first_screen_names_the_cluster_the_accounts_and_the_states() -> None:
    states = tuple(f"{number}.tfstate" for number in range(6))
    told = {"files": (), "cluster": ("prod-eu",), "aws": ("111122223333/eu-west-1",), "terraform": states}
    scan = taken("2026-11-23", sources=[replace(source(name), targets=targets) for name, targets in told.items()])
    said = Reader(page_of(Edition(snapshot=scan))).texts["overview"]
    assert "Sources files, cluster, aws, terraform Cluster prod-eu AWS 111122223333/eu-west-1" in said
    assert "Terraform 0.tfstate, 1.tfstate, 2.tfstate, 3.tfstate and 2 more" in said


def test_exemptions_stand_by_what_is_wrong_with_them_and_then_by_their_end() -> None:
    def exemption(status: str, until: str) -> ExemptionRecord:
        return ExemptionRecord("readycheck.yaml:3", (REPLICAS,), status, f"until {until}", until=until)

    scan = replace(
        taken("2026-11-23", passed=1),
        exemptions=(
            exemption("active", "2027-03-01"),
            exemption("active", "2026-12-07"),
            exemption("active", "2026-12-08"),
            exemption("unused", "2027-01-01"),
            exemption("expired", "2026-11-01"),
        ),
    )
    said = Reader(page_of(Edition(snapshot=scan))).texts["exemptions"]
    # Fourteen days from the 23rd of November are over on the 7th of December.
    assert re.findall(r"(expired|ends soon|unused|active) (20\S+) workload", said) == [
        ("expired", "2026-11-01"),
        ("ends soon", "2026-12-07"),
        ("unused", "2027-01-01"),
        ("active", "2026-12-08"),
        ("active", "2027-03-01"),
    ]


def test_passed_checks_are_one_line_for_each_rule() -> None:
    page = page_of(Edition(snapshot=taken("2026-11-23", finding("web"), passed=50_000)))
    assert "workload/replicas The title of workload/replicas. 50,000 1 0 0 0" in Reader(page).texts["checks"]
    assert len(data_of(page)["columns"]["env"]) == 1


def test_others_text_stays_text() -> None:
    scan = taken(
        "2026-11-23",
        replace(
            finding("web"), message=HOSTILE, resource=Thing("Deployment", HOSTILE, HOSTILE), rule=f"area/{HOSTILE}"
        ),
        environment=HOSTILE,
        outcomes=[outcome("unknown", "api", reason=HOSTILE)],
        sources=[source("files", (HOSTILE, HOSTILE))],
        rules={f"area/{HOSTILE}": "1"},
    )
    page = page_of(Edition(snapshot=scan), codeowners="")
    # One script is the page's own, the other one its data.
    assert [tag for tag, _ in Reader(page).elements].count("script") == 2
    assert "<script>alert" not in page
    # No raw line separator, nothing that turns text around, no control character.
    assert not set(page) & {"\u2028", "\u202e", "\x07"}
    assert rows_of(page, "message") == [("</script><script>alert(1)</script><!--\\u2028\\u202egnp.exe\u2407",)]


def test_many_findings_are_embedded_packed_and_few_as_they_are() -> None:
    def page(number: int) -> str:
        return page_of(Edition(snapshot=taken("2026-11-23", *(finding(f"web{each}") for each in range(number)))))

    assert '<script type="application/json" id="data">{' in page(200)
    assert '<script type="application/gzip+base64" id="data">H4sI' in page(201)
    assert rows_of(page(201), "name")[-1] == ("web200",)


def test_the_page_may_ask_for_nothing_and_runs_its_own_script_alone() -> None:
    page = page_of(Edition(snapshot=taken("2026-11-23", finding("web"))))
    read = Reader(page)
    (policy,) = [
        attributes["content"] or ""
        for tag, attributes in read.elements
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)

    def source_of(text: str) -> str:
        return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"

    assert policy == (
        f"default-src 'none'; style-src {source_of(style)}; script-src {source_of(script)}; base-uri 'none';"
        " form-action 'none'"
    )
    links = [
        value
        for _, attributes in read.elements
        for name, value in attributes.items()
        if name in ("href", "src", "srcset", "poster", "action", "data", "background", "xlink:href")
    ]
    assert links
    assert [link for link in links if not (link or "").startswith("#")] == []
    assert re.findall(r"url\([^)]*\)|@import", style) == []
    # Styles of elements would be refused by the policy.
    assert [tag for tag, attributes in read.elements if "style" in attributes] == []


def test_the_same_input_gives_the_same_bytes() -> None:
    def page() -> str:
        findings = [finding(f"web{number}") for number in range(300)]
        return page_of(Edition(snapshot=taken("2026-11-23", *findings)), codeowners="* @acme\n")

    assert page() == page()


def test_a_team_overrides_one_part_and_keeps_the_others(tmp_path: Path) -> None:
    (tmp_path / "foot.html.j2").write_text("<footer>{{ cards[0].name }} of Acme</footer>", encoding="utf-8")
    (tmp_path / "custom.css").write_text("h1 { color: rebeccapurple }", encoding="utf-8")
    page = page_of(Edition(snapshot=taken("2026-11-23", finding("web"))), override=tmp_path)
    assert "<footer>prod of Acme</footer>" in page
    assert "rebeccapurple" in page
    assert "prod is not ready" in Reader(page).texts["overview"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("foot.html.j2", "{% if %}", "foot.html.j2:1: "),
        ("foot.html.j2", "{{ nothing }}", "'nothing' is undefined"),
        ("foot.html.j2", "{{ ''.__class__.__mro__ }}", "unsafe"),
        ("custom.css", "</style><script>", "custom.css: holds `</style`"),
    ],
)
def test_a_template_that_cannot_be_used_is_named(tmp_path: Path, name: str, content: str, said: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(LayoutError, match=re.escape(said)):
        page_of(Edition(snapshot=taken("2026-11-23", finding("web"))), override=tmp_path)


def week(monday: str, *, high: int, bar_moved: bool = False) -> TrendPoint:
    severities = {"critical": 0, "high": high, "medium": 0, "low": 0, "info": 0}
    row = ScanRow(1, "prod", "", f"{monday}T07:00:00Z", "0.1.0", "", "", 1, 50.0, severities)
    return TrendPoint(row, monday, {"workload": {"fail": high}}, bar_moved)


def test_the_weeks_are_drawn_to_scale_with_gaps_and_moved_bars() -> None:
    edition = Edition(
        snapshot=taken("2026-11-23", finding("web")),
        trend=[week("2026-11-02", high=8), week("2026-11-16", high=4), week("2026-11-23", high=2, bar_moved=True)],
    )
    drawn = chart(edition)
    assert drawn is not None
    heights = {each.monday: [segment.height for segment in each.segments] for each in drawn.weeks}
    assert heights["2026-11-09"] == []
    (first,), (last,) = heights["2026-11-02"], heights["2026-11-23"]
    assert first == pytest.approx(4 * last, rel=0.01)
    assert [tick for tick, _ in drawn.ticks] == [0, 2, 4, 6, 8]
    assert [each.monday for each in drawn.weeks if each.bar_moved] == ["2026-11-23"]
    said = Reader(page_of(edition)).texts["trend-title"]
    assert "2026-11-09 no scan" in said
    assert "2026-11-23 0 2 0 0 0 50.0 others than before" in said


def test_the_templates_name_no_rule_and_no_address() -> None:
    for file in sorted(TEMPLATES.iterdir()):
        text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "").replace('[href^="http"]', "")
        assert "http" not in text.replace("http-equiv", ""), file.name


def test_a_rule_that_is_known_by_its_id_alone_is_shown_by_it() -> None:
    scan = replace(taken("2026-11-23", finding("web")), rules={REPLICAS: RuleRecord("1")})
    assert "workload/replicas" in Reader(page_of(Edition(snapshot=scan))).texts["fixes-title"]
