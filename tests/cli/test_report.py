"""`readycheck report` and `scan -o html`, as their users run them."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from readycheck.outputs.json import schema
from tests.cli.test_history import MONDAYS, Tree
from tests.outputs.html.pages import Reader, rows_of


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    return Tree(tmp_path, monkeypatch)


def test_a_scan_is_written_as_a_page(tree: Tree) -> None:
    tree.deploy(web=1, api=2)
    done = tree.run("scan", "--env", "prod", "-o", "html=page.html")
    assert done.exit_code == 1
    page = (tree.folder / "page.html").read_text("utf-8")
    assert "prod is not ready" in Reader(page).texts["overview"]
    assert rows_of(page, "name", "rule", "state") == [("web", "workload/replicas", "open")]


def test_the_report_holds_the_latest_scan_against_the_one_of_the_week_before(tree: Tree) -> None:
    tree.deploy(web=1, api=1)
    tree.run("scan", "--env", "prod", at=MONDAYS[0])
    # Scans in between are not what a week is held against.
    tree.deploy(web=1, api=1, cart=1)
    tree.run("scan", "--env", "prod", at=str(int(MONDAYS[1]) - 86_400))
    tree.deploy(web=2, cart=1)
    tree.run("scan", "--env", "prod", at=MONDAYS[1])
    done = tree.run("report", "--env", "prod", "-o", "html=weekly.html")
    assert (done.exit_code, done.stderr) == (0, "Wrote weekly.html\n")
    page = (tree.folder / "weekly.html").read_text("utf-8")
    assert sorted(rows_of(page, "name", "state", "seen")) == [
        ("api", "still", "2026-11-16"),
        ("cart", "new", "2026-11-22"),
        ("web", "fixed", "2026-11-16"),
    ]


def test_the_report_is_made_of_every_environment_where_none_is_named(tree: Tree) -> None:
    config = tree.folder / "readycheck.yaml"
    config.write_text(
        config.read_text("utf-8").replace("}}}", "}}, dev: {files: {paths: [deploy]}}}"), encoding="utf-8"
    )
    tree.deploy(web=1)
    tree.run("scan", "--all-envs")
    done = tree.run("report", "-o", "html")
    assert done.exit_code == 0
    assert sorted(rows_of(done.stdout, "env", "name")) == [("dev", "web"), ("prod", "web")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--env", "pord"), "no scan of the environment pord is kept: did you mean `prod`?"),
        (("-o", "pdf=x.pdf"), "-o pdf=x.pdf: no format `pdf`: a report is written as html"),
        (("-o", "html="), "-o html=: names no file"),
        (("--since", "yesterday"), "`yesterday` names no scan and no moment"),
    ],
)
def test_what_cannot_be_reported_is_said_in_one_line(tree: Tree, arguments: tuple[str, ...], said: str) -> None:
    tree.deploy(web=1)
    tree.run("scan", "--env", "prod")
    done = tree.run("report", *arguments)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not (tree.folder / "readycheck-report.html").exists()


def test_without_a_kept_scan_there_is_nothing_to_report(tree: Tree) -> None:
    done = tree.run("report")
    assert done.exit_code == 2
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr


def test_templates_come_from_the_configuration_or_the_command_line(tree: Tree) -> None:
    tree.deploy(web=1)
    tree.run("scan", "--env", "prod")
    for folder in ("look", "other"):
        (tree.folder / folder).mkdir()
        (tree.folder / folder / "foot.html.j2").write_text(f"<footer>{folder} of Acme</footer>", encoding="utf-8")
    with (tree.folder / "readycheck.yaml").open("a", encoding="utf-8") as config:
        config.write("reports: look\n")
    assert "look of Acme" in tree.run("report", "-o", "html").stdout
    assert "other of Acme" in tree.run("report", "-o", "html", "--templates", "other").stdout


def test_a_broken_template_is_named(tree: Tree) -> None:
    tree.deploy(web=1)
    tree.run("scan", "--env", "prod")
    (tree.folder / "look").mkdir()
    (tree.folder / "look" / "foot.html.j2").write_text("\n{% endif %}", encoding="utf-8")
    done = tree.run("report", "-o", "html=x.html", "--templates", "look")
    assert done.exit_code == 2
    assert "look/foot.html.j2:2: " in done.stderr
    assert not (tree.folder / "x.html").exists()


@pytest.mark.slow
def test_diffs_of_fixes_are_kept_with_the_scan_and_shown_in_the_report(tree: Tree) -> None:
    tree.deploy(web=1)
    tree.run("scan", "--env", "prod", "--with-fixes", "-o", "json=scan.json")
    (finding,) = json.loads((tree.folder / "scan.json").read_text("utf-8"))["findings"]
    assert "-  replicas: 1\n+  replicas: 2\n" in finding["fix"]["diff"]
    assert "kubectl patch deployment.apps web --type=json" in finding["fix"]["kubectl"]
    assert yaml.safe_load(finding["fix"]["kustomize"])["patches"][0]["target"]["kind"] == "Deployment"
    jsonschema.validate(json.loads((tree.folder / "scan.json").read_text("utf-8")), json.loads(schema()))
    page = tree.run("report", "--env", "prod", "-o", "html").stdout
    assert rows_of(page, "diff", "kubectl") == [(finding["fix"]["diff"], finding["fix"]["kubectl"])]
    assert "readycheck fix --env prod --rule workload/replicas" in Reader(page).texts["fixes-title"]
