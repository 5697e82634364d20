"""Each scan is kept, and `history` and `diff` show what was kept; where it cannot be, the verdict stays."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from readycheck.cli import main
from readycheck.outputs.json import schema
from readycheck.report import Report
from tests.trees import only

CONFIG = only("workload/replicas") + "environments: {prod: {files: {paths: [deploy]}}}\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: {replicas}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{containers: [{{name: {name}, image: "example.com/{name}:1.0"}}]}}
"""
# 2026-11-16 and -23, at noon.
MONDAYS = ("1794830400", "1795435200")


class Tree:
    """A folder with a configuration, scanned as its users do."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        (folder / "deploy").mkdir()
        (folder / "readycheck.yaml").write_text(CONFIG, encoding="utf-8")
        monkeypatch.chdir(folder)
        monkeypatch.setenv("READYCHECK_HISTORY", str(folder / "kept" / "history.db"))

    def deploy(self, **replicas: int) -> None:
        for name, number in replicas.items():
            manifest = DEPLOYMENT.format(name=name, replicas=number)
            (self.folder / "deploy" / f"{name}.yaml").write_text(manifest, encoding="utf-8")

    def run(self, *arguments: str, at: str = MONDAYS[1]) -> Result:
        self._monkeypatch.setenv("SOURCE_DATE_EPOCH", at)
        result = CliRunner().invoke(main, arguments)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    return Tree(tmp_path, monkeypatch)


@pytest.fixture
def two_weeks(tree: Tree) -> Tree:
    """web is mended from the first to the second scan, cart gets worse, api stays as it is."""
    tree.deploy(web=1, api=1, cart=2)
    tree.run("scan", "--env", "prod", "-o", "json=first.json", at=MONDAYS[0])
    tree.deploy(web=2, cart=1)
    tree.run("scan", "--env", "prod", "-o", "json=second.json")
    return tree


def names(changes: list[dict[str, object]]) -> list[str]:
    return sorted(
        f"{change['finding']['resource']['name']} {change['finding']['rule']}"  # type: ignore[index]
        for change in changes
    )


def test_scans_are_listed_with_what_they_found(two_weeks: Tree) -> None:
    lines = two_weeks.run("history").stdout.splitlines()
    # One of three Deployments passes each time.
    assert [line.split() for line in lines[1:]] == [
        ["1", "2026-11-16T12:00:00Z", "prod", "-", "2", "high", "33.3", "1"],
        ["2", "2026-11-23T12:00:00Z", "prod", "-", "2", "high", "33.3", "1"],
    ]


@pytest.mark.parametrize(
    "asked",
    [
        (),
        ("1", "2"),
        ("2026-11-16", "last"),
        ("2026-11-20", "2026-11-23"),
        ("first.json", "second.json"),
        ("1", "./second.json"),
    ],
)
def test_diff_tells_what_came_and_what_went(two_weeks: Tree, asked: tuple[str, ...]) -> None:
    told = json.loads(two_weeks.run("diff", *asked, "-o", "json").stdout)
    assert names(told["new"]) == ["cart workload/replicas"]
    assert names(told["fixed"]) == ["web workload/replicas"]
    assert names(told["still"]) == ["api workload/replicas"]
    assert (told["before"]["taken_at"], told["after"]["taken_at"]) == ("2026-11-16T12:00:00Z", "2026-11-23T12:00:00Z")


def test_diff_in_words(two_weeks: Tree) -> None:
    fingerprint = json.loads(two_weeks.run("diff", "-o", "json").stdout)["new"][0]["finding"]["fingerprint"]
    lines = two_weeks.run("diff").stdout.splitlines()
    assert lines[:3] == [
        "From scan 1 of prod, taken at 2026-11-16T12:00:00Z",
        "  to scan 2 of prod, taken at 2026-11-23T12:00:00Z",
        "1 new, 1 fixed, 1 still there",
    ]
    assert lines[4:8] == [
        "New (1)",
        "  high      Deployment/cart  cart.yaml:5",
        f"            can run with 1 of at least 2 replicas  workload/replicas  {fingerprint[:12]}",
        "",
    ]
    assert "            first seen 2026-11-16" in lines[8:]
    assert "api" not in "".join(lines)
    assert "Deployment/api" in two_weeks.run("diff", "-v").stdout


def test_a_stricter_option_is_told_as_a_moved_bar(two_weeks: Tree) -> None:
    config = CONFIG.replace("rules:\n", "rules:\n  workload/replicas: {minimum: 3}\n", 1)
    (two_weeks.folder / "readycheck.yaml").write_text(config, encoding="utf-8")
    two_weeks.run("scan", "--env", "prod", at="1795521600")
    told = json.loads(two_weeks.run("diff", "-o", "json").stdout)
    assert (told["new"], told["rules"]["changed"]) == ([], ["workload/replicas"])
    assert names(told["newly_judged"]) == ["web workload/replicas"]
    assert two_weeks.run("history").stdout.splitlines()[-1].endswith("other rules")


def test_another_severity_makes_nothing_new_and_is_named(two_weeks: Tree) -> None:
    config = CONFIG.replace("rules:\n", "rules:\n  workload/replicas: {severity: critical}\n", 1)
    (two_weeks.folder / "readycheck.yaml").write_text(config, encoding="utf-8")
    two_weeks.deploy(api=2)
    two_weeks.run("scan", "--env", "prod", at="1795521600")
    told = json.loads(two_weeks.run("diff", "-o", "json").stdout)
    assert (names(told["still"]), names(told["fixed"])) == (["cart workload/replicas"], ["api workload/replicas"])
    assert told["rules"] == {"added": [], "removed": [], "changed": [], "reweighted": ["workload/replicas"]}
    assert "1 rule of another severity: workload/replicas" in two_weeks.run("diff").stdout
    assert two_weeks.run("history").stdout.splitlines()[-1].endswith("other rules")


def test_an_exemption_is_told_apart_from_a_fix(two_weeks: Tree) -> None:
    manifest = two_weeks.folder / "deploy" / "api.yaml"
    ignore = '1  # readycheck: ignore[workload/replicas] until=2027-01-31 reason="one printer"'
    manifest.write_text(manifest.read_text("utf-8").replace("replicas: 1", f"replicas: {ignore}"), encoding="utf-8")
    two_weeks.run("scan", "--env", "prod", "-o", "json=third.json", at="1795521600")
    for asked in ((), ("second.json", "third.json")):
        told = json.loads(two_weeks.run("diff", *asked, "-o", "json").stdout)
        assert (told["fixed"], names(told["newly_exempt"])) == ([], ["api workload/replicas"])
    report = json.loads((two_weeks.folder / "third.json").read_text("utf-8"))
    jsonschema.validate(report, json.loads(schema()), cls=jsonschema.Draft202012Validator)


def test_what_the_configuration_leaves_out_now_is_not_fixed(two_weeks: Tree) -> None:
    config = CONFIG.replace("{paths: [deploy]}", "{paths: [deploy], exclude: [cart.yaml]}")
    (two_weeks.folder / "readycheck.yaml").write_text(config, encoding="utf-8")
    two_weeks.run("scan", "--env", "prod", at="1795521600")
    told = json.loads(two_weeks.run("diff", "-o", "json").stdout)
    assert (told["fixed"], names(told["no_longer_judged"])) == ([], ["cart workload/replicas"])


def test_where_the_tree_lies_and_how_its_configuration_is_named_changes_nothing(two_weeks: Tree) -> None:
    elsewhere = two_weeks.folder / "elsewhere"
    elsewhere.mkdir()
    for name in ("deploy", "readycheck.yaml"):
        (two_weeks.folder / name).rename(elsewhere / name)
    config = elsewhere / "readycheck.yaml"
    two_weeks.run("scan", "--env", "prod", "--config", str(config), "-o", "json=third.json", at="1795521600")
    scopes = {
        json.loads((two_weeks.folder / name).read_text("utf-8"))["scope"] for name in ("second.json", "third.json")
    }
    assert len(scopes) == 1


def test_a_scan_narrowed_by_the_command_line_stands_apart(two_weeks: Tree) -> None:
    two_weeks.run("scan", "--env", "prod", "deploy/api.yaml", at="1795521600")
    assert two_weeks.run("history").stdout.splitlines()[-1].endswith("only deploy/api.yaml")
    assert two_weeks.run("diff").exit_code == 2
    assert names(json.loads(two_weeks.run("diff", "1", "2", "-o", "json").stdout)["fixed"]) == ["web workload/replicas"]


def test_show_tells_one_scan(two_weeks: Tree) -> None:
    shown = two_weeks.run("history", "show").stdout
    assert shown.startswith("scan 2 of prod, taken at 2026-11-23T12:00:00Z\n")
    assert "can run with 1 of at least 2 replicas" in shown
    first = json.loads(two_weeks.run("history", "show", "1", "-o", "json").stdout)
    assert (first["id"], first["scan"]["taken_at"]) == (1, "2026-11-16T12:00:00Z")
    assert json.loads(two_weeks.run("history", "list", "-o", "json").stdout)["scans"][0]["severities"]["high"] == 2


def test_the_life_of_a_finding_is_told(two_weeks: Tree) -> None:
    days = {day: str(1795435200 + 86400 * (day - 23)) for day in range(24, 30)}  # of November 2026, at noon
    two_weeks.deploy(web=1)
    two_weeks.run("scan", "--env", "prod", at=days[24])
    manifest = two_weeks.folder / "deploy" / "web.yaml"
    manifest.write_text("spec: [1\n", encoding="utf-8")
    two_weeks.run("scan", "--env", "prod", at=days[25])
    two_weeks.run("scan", "--env", "prod", at=days[26])
    two_weeks.deploy(web=1)
    two_weeks.run("scan", "--env", "prod", at=days[27])
    ignore = '1  # readycheck: ignore[workload/replicas] until=2027-01-31 reason="one printer"'
    manifest.write_text(manifest.read_text("utf-8").replace("replicas: 1", f"replicas: {ignore}"), encoding="utf-8")
    two_weeks.run("scan", "--env", "prod", at=days[28])
    told = json.loads(two_weeks.run("diff", "1", "2", "-o", "json").stdout)["fixed"][0]["finding"]["fingerprint"]
    lines = two_weeks.run("history", "finding", told[:8]).stdout.splitlines()
    assert [line.split()[:-2] for line in lines[2:5]] == [
        ["first", "seen", "2026-11-16T12:00:00Z"],
        ["fixed", "2026-11-23T12:00:00Z"],
        ["seen", "again", "2026-11-24T12:00:00Z"],
    ]
    assert lines[5].startswith("  not judged  2026-11-25T12:00:00Z  scan 4: web.yaml: is not valid YAML")
    assert lines[6:] == [
        "  seen again  2026-11-27T12:00:00Z  scan 6",
        "  exempt      2026-11-28T12:00:00Z  scan 7: one printer (until 2027-01-31, web.yaml:5)",
    ]
    # What was first seen outlives the scan that saw it.
    two_weeks.run("history", "prune", "--before", "2026-11-24")
    events = json.loads(two_weeks.run("history", "finding", told, "-o", "json").stdout)["events"]
    assert [event["what"] for event in events[:2]] == ["first seen", "seen again"]
    assert events[0] == {"what": "first seen", "taken_at": "2026-11-16T12:00:00Z"}
    assert "none is kept" in two_weeks.run("history", "finding", "abc").stderr


def test_prune_lets_go_of_old_scans_and_never_of_the_last(two_weeks: Tree) -> None:
    assert two_weeks.run("history", "prune", "--before", "7d").stdout.startswith("Let go of 0 scans")
    assert two_weeks.run("history", "prune", "--before", "2026-12-01").stdout.startswith("Let go of 1 scan before")
    assert two_weeks.run("history", "list").stdout.splitlines()[-1].startswith("2 ")


def test_nothing_is_kept_where_nothing_shall_be(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.deploy(web=1)
    tree.run("scan", "--no-history")
    monkeypatch.setenv("READYCHECK_HISTORY", "off")
    tree.run("scan")
    monkeypatch.delenv("READYCHECK_HISTORY")
    (tree.folder / "readycheck.yaml").write_text(f"{CONFIG}history: off\n", encoding="utf-8")
    tree.run("scan")
    assert not (tree.folder / "kept").exists()
    assert "no history is kept" in tree.run("history").stderr


def test_the_place_may_stand_in_the_configuration(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("READYCHECK_HISTORY")
    history = "history: {place: audits.db, keep_days: 30}\n"
    (tree.folder / "readycheck.yaml").write_text(CONFIG + history, encoding="utf-8")
    tree.run("scan", at="1790000000")
    tree.run("scan")
    assert (tree.folder / "audits.db").stat().st_mode & 0o777 == 0o600
    assert len(tree.run("history").stdout.splitlines()) == 2


def test_without_a_word_the_users_own_file_keeps_them(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("READYCHECK_HISTORY")
    monkeypatch.setenv("XDG_DATA_HOME", str(tree.folder / "data"))
    tree.run("scan")
    assert (tree.folder / "data" / "readycheck" / "history.db").is_file()


@pytest.mark.parametrize("place", ["postgresql://evil.example/x", "../elsewhere.db", "/var/lib/elsewhere.db"])
def test_a_configuration_that_only_lies_there_names_no_place_elsewhere(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.delenv("READYCHECK_HISTORY")
    (tree.folder / "readycheck.yaml").write_text(f"history: {place}\n", encoding="utf-8")
    ran = tree.run("scan")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "counts only in a configuration that you name: --config readycheck.yaml" in ran.stderr


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("history: 3", "readycheck.yaml:1: `history` is an integer where a string is wanted"),
        ("history: ~nobody-of-this-name/db", "readycheck.yaml:1: `~nobody-of-this-name/db` begins in a home"),
        ("history: {keep_days: 0}", "readycheck.yaml:1: `keep_days` must be 1 or more"),
        ("history: {file: x}", "readycheck.yaml:1: `file` is not a known key: known are keep_days, place"),
    ],
)
def test_a_wrong_setting_is_one_line(tree: Tree, monkeypatch: pytest.MonkeyPatch, setting: str, told: str) -> None:
    monkeypatch.delenv("READYCHECK_HISTORY")
    (tree.folder / "readycheck.yaml").write_text(f"{setting}\n", encoding="utf-8")
    ran = tree.run("scan")
    assert ran.exit_code == 2
    assert told in ran.stderr


def broken_file(folder: Path) -> str:
    (folder / "notes.txt").write_text("no database, and somebody needs it\n" * 40, encoding="utf-8")
    return "notes.txt"


def below_a_file(folder: Path) -> str:
    (folder / "notes.txt").write_text("x", encoding="utf-8")
    return "notes.txt/history.db"


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (broken_file, "notes.txt: is no history of readycheck, and is left as it is"),
        (below_a_file, "notes.txt/history.db: its folder is a file"),
        (str, "unable to open database file"),
        (lambda _: "mysql://db/x", "a history of `mysql:` is not known"),
        (lambda _: "postgresql://u:hunter2@[::1/x", "the URL of the history cannot be understood"),
    ],
)
def test_where_it_cannot_be_kept_the_verdict_stays(tree: Tree, place: Callable[[Path], str], told: str) -> None:
    tree.deploy(web=1)
    where = place(tree.folder)
    before = {file: file.read_bytes() for file in tree.folder.rglob("*") if file.is_file()}
    ran = tree.run("scan", "--env", "prod", "-o", "json", "--history", where)
    assert (ran.exit_code, json.loads(ran.stdout)["summary"]["gate"]["exit_code"]) == (1, 1)
    assert ran.stderr.startswith("Warning: the scan is not kept: ")
    assert ran.stderr.count("\n") == 1
    assert told in ran.stderr
    assert "hunter2" not in ran.stderr
    assert {file: file.read_bytes() for file in tree.folder.rglob("*") if file.is_file()} == before


def test_what_breaks_in_keeping_a_scan_leaves_its_verdict(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Report) -> Iterator[tuple[str, bytes]]:
        yield "f" * 32, b"{}"
        raise TypeError("Integer exceeds 64-bit range")

    tree.deploy(web=1)
    monkeypatch.setattr("readycheck.outputs.json.told", broken)
    ran = tree.run("scan", "--env", "prod")
    assert ran.exit_code == 1
    assert ran.stderr == (
        "Warning: the scan is not kept: readycheck itself broke: TypeError: Integer exceeds 64-bit range (--no-history"
        " keeps none)\n"
    )


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("diff", "1", "9"), "this project has no scan 9"),
        (("diff", "1", "2020-01-01"), "no scan is kept that `2020-01-01` could mean"),
        (("diff", "1", "yesterday"), "`yesterday` names no scan and no moment"),
        (("diff", "1", "nothing.json"), "nothing.json: cannot be read: No such file or directory"),
        (("diff", "1", "readycheck.yaml"), "`readycheck.yaml` names no scan"),
        (("diff", "./readycheck.yaml", "1"), "./readycheck.yaml: is no report of `readycheck scan -o json`"),
        (("diff", "previous", "second.json"), "second.json: name what to compare it with"),
        (("history", "show", "99999999999999999999"), "names no scan"),
        (("history", "list", "--since", "week"), "`week` names no scan and no moment"),
    ],
)
def test_what_is_not_there_is_one_line(two_weeks: Tree, asked: tuple[str, ...], told: str) -> None:
    ran = two_weeks.run(*asked)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert told in ran.stderr


def test_before_the_first_scan_nothing_is_made(tree: Tree) -> None:
    ran = tree.run("history")
    assert (ran.exit_code, Path("kept").exists()) == (2, False)
    assert "there is no history yet: `readycheck scan` begins one" in ran.stderr


def test_what_the_report_masks_is_not_kept(tree: Tree) -> None:
    secret = "correct-horse-battery-9431"  # noqa: S105 - to be looked for
    (tree.folder / "readycheck.yaml").unlink()
    (tree.folder / "deploy" / "secret.yaml").write_text(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\n"
        f"stringData: {{password: {secret}, url: 'postgres://app:{secret}@db/x'}}\n",
        encoding="utf-8",
    )
    assert "secret/encrypted" in tree.run("scan").stdout
    raw = b"".join(file.read_bytes() for file in (tree.folder / "kept").iterdir())
    shown = tree.run("history", "show", "-o", "json").stdout
    assert "secret/encrypted" in shown
    assert secret not in shown
    assert secret.encode() not in raw


@pytest.mark.slow
def test_keeping_a_scan_in_a_file_loads_nothing_of_the_servers(tree: Tree) -> None:
    tree.deploy(web=1)
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "readycheck", "scan"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "sqlite3" in imported
    assert imported.isdisjoint({"sqlalchemy", "psycopg"})


@pytest.mark.slow
def test_scans_at_once_are_all_kept(tree: Tree) -> None:
    tree.deploy(web=1, api=1)
    command = [sys.executable, "-m", "readycheck", "scan", "--env", "prod"]
    scans = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    assert [scan.communicate(timeout=60)[1] for scan in scans] == [""] * 4
    assert [line.split()[0] for line in tree.run("history").stdout.splitlines()[1:]] == ["1", "2", "3", "4"]
