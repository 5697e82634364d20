"""`readycheck scan` as its users call it: exit codes, exemptions, and one clear line for what is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from readycheck.cli import main
from tests.trees import only

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  replicas: {replicas}
  template:
    metadata:
      labels: {{app: {name}}}
    spec:
      containers: []
"""
ONLY_REPLICAS = only("workload/replicas")


@dataclass
class Ran:
    code: int
    output: str
    error: str

    @property
    def report(self) -> dict[str, Any]:
        return json.loads(self.output)  # type: ignore[no-any-return]


Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run readycheck in an empty folder, with files written to it first."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795564800")  # 2026-11-25

    def go(*arguments: str, **files: str) -> Ran:
        for name, text in files.items():
            Path(name.replace("__", ".")).write_text(text, encoding="utf-8")
        result = CliRunner().invoke(main, list(arguments))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)

    return go


def web(replicas: object = 1, **changes: str) -> str:
    text = DEPLOYMENT.format(name="web", replicas=replicas)
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


# Exit codes ----------------------------------------------------------------------------------------------------------


def test_ready_is_0(run: Run) -> None:
    ran = run("scan", "-o", "json", web__yaml=web(2), readycheck__yaml=ONLY_REPLICAS)
    assert (ran.code, ran.report["summary"]["gate"]["reasons"]) == (0, ["no violation at or above high"])


def test_a_violation_is_1_and_beats_what_is_incomplete(run: Run) -> None:
    ran = run("scan", "-o", "json", web__yaml=web(1), broken__yaml="a: [", readycheck__yaml=ONLY_REPLICAS)
    assert ran.code == 1
    assert ran.report["summary"]["gate"]["reasons"] == [
        "1 violation at or above high (1 high)",
        "1 problem reading files",
    ]


def test_what_is_incomplete_beats_an_expired_exemption_and_both_are_told(run: Run) -> None:
    text = web(2).replace("replicas: 2", f"replicas: 2 {EXPIRED}")
    files = {"web__yaml": text, "broken__yaml": "a: [", "readycheck__yaml": ONLY_REPLICAS}
    ran = run("scan", "-o", "json", **files)
    assert (ran.code, ran.report["summary"]["gate"]["reasons"]) == (
        3,
        ["1 problem reading files", "1 exemption expired"],
    )
    assert run("scan", "--allow-incomplete", **files).code == 4
    assert run("scan", "--fail-on-unknown", web__yaml=text.replace("replicas: 2", "replicas: ${N}")).code == 1


def test_a_violation_below_the_threshold_is_none(run: Run) -> None:
    assert run("scan", "--fail-on", "critical", web__yaml=web(1), readycheck__yaml=ONLY_REPLICAS).code == 0
    assert run("scan", "--fail-on", "none", web__yaml=web(1), readycheck__yaml=ONLY_REPLICAS).code == 0


def test_something_unreadable_is_3_unless_that_is_allowed(run: Run) -> None:
    files = {"web__yaml": web(2), "broken__yaml": "a: [", "readycheck__yaml": ONLY_REPLICAS}
    assert run("scan", **files).code == 3
    assert run("scan", "--allow-incomplete", **files).code == 0


def test_an_unknown_verdict_alone_fails_only_when_asked_to(run: Run) -> None:
    files = {"web__yaml": web("${REPLICAS}"), "readycheck__yaml": ONLY_REPLICAS}
    assert run("scan", **files).code == 0
    assert run("scan", "--fail-on-unknown", **files).code == 1


def test_a_rule_that_breaks_is_3(run: Run, tmp_path: Path) -> None:
    pack = tmp_path / "own" / "house"
    pack.mkdir(parents=True)
    (pack / "broken.py").write_text(
        '"""Break."""\n'
        "from readycheck.model import Severity\n"
        "from readycheck.rule import rule\n\n"
        '@rule("Deployment", severity=Severity.LOW)\n'
        "def broken(workload):\n"
        "    yield 1 / 0\n",
        encoding="utf-8",
    )
    ran = run("scan", "--pack", "own", "-o", "json", "web.yaml", web__yaml=web(2), readycheck__yaml=ONLY_REPLICAS)
    assert (ran.code, ran.report["summary"]["gate"]["reasons"]) == (3, ["1 rule broke"])


# Exemptions ----------------------------------------------------------------------------------------------------------

VALID = '# readycheck: ignore[workload/replicas] until=2027-03-01 reason="one is enough"'
EXPIRED = '# readycheck: ignore[workload/replicas] until=2026-11-24 reason="one is enough"'


@pytest.mark.parametrize(
    "text",
    [
        web(1).replace("replicas: 1", f"replicas: 1 {VALID}"),
        web(1).replace("  replicas: 1", f"  {VALID}\n  replicas: 1"),
        f"{VALID}\n{web(1)}",
        web(1).replace("kind: Deployment", f"kind: Deployment {VALID}"),
        web(1).replace(
            "  name: web\n",
            "  name: web\n  annotations:\n    readycheck.dev/ignore: >-\n"
            '      [workload/drainable] until=2027-03-01 reason="no; drains";'
            ' [workload/rep*] until=2027-03-01 reason="one"\n',
        ),
    ],
    ids=["on the value's line", "above the value", "above the thing", "on the kind's line", "annotation"],
)
def test_an_ignore_with_reason_and_date_exempts(run: Run, text: str) -> None:
    ran = run("scan", "-o", "json", web__yaml=text, readycheck__yaml=ONLY_REPLICAS)
    assert ran.code == 0
    (outcome,) = ran.report["outcomes"]
    assert outcome["status"] == "exempt"
    assert "until 2027-03-01" in outcome["reason"]


@pytest.mark.parametrize(
    ("comment", "problem"),
    [
        (EXPIRED, "expired on 2026-11-24"),
        ('# readycheck: ignore[workload/replicas] reason="one is enough"', "has no `until`"),
        ("# readycheck: ignore[workload/replicas] until=2027-03-01", "has no reason"),
        (
            '# readycheck: ignore[workload/replicas] until=soon reason="x"',
            "until=soon is no date of the form 2027-01-31",
        ),
        (
            '# readycheck: ignore[workload/replicas] until=2028-03-01 reason="x"',
            "spans 462 days, more than the 180 allowed",
        ),
        (
            '# readycheck: ignore[workload/replicas] untl=2027-03-01 reason="x"',
            "`untl` is none of reason, until, owner",
        ),
        ('# readycheck: ignore[workload/replica] until=2027-03-01 reason="x"', "names no rule: workload/replica"),
        (
            '# readycheck: ignore until=2027-03-01 reason="x"',
            'not of the form ignore[rule] until=2027-01-31 reason="..."',
        ),
    ],
)
def test_an_ignore_that_is_not_whole_exempts_nothing_and_is_told(run: Run, comment: str, problem: str) -> None:
    text = web(1).replace("replicas: 1", f"replicas: 1 {comment}")
    ran = run("scan", "-o", "json", web__yaml=text, readycheck__yaml=ONLY_REPLICAS)
    assert ran.code == 1
    (exemption,) = ran.report["exemptions"]
    assert exemption["problem"] == problem
    assert exemption["where"] == "web.yaml:6"


def test_an_expired_ignore_that_alone_is_wrong_is_4(run: Run) -> None:
    text = web(2).replace("replicas: 2", f"replicas: 2 {EXPIRED}")
    ran = run("scan", "-o", "json", web__yaml=text, readycheck__yaml=ONLY_REPLICAS)
    assert (ran.code, ran.report["summary"]["gate"]["reasons"]) == (4, ["1 exemption expired"])


def test_an_exemption_in_the_configuration_matches_by_name_and_environment(run: Run) -> None:
    exemption = (
        "exemptions:\n"
        "  - {rule: workload/*, match: {kind: Deployment, name: w*}, environment: prod, reason: few, owner: me,"
        " until: 2027-03-01}\n"
    )
    config = f"{ONLY_REPLICAS}environments: {{prod: {{files: {{paths: [web.yaml]}}}}}}\n{exemption}"
    assert run("scan", "--env", "prod", web__yaml=web(1), readycheck__yaml=config).code == 0
    assert run("scan", web__yaml=web(1), readycheck__yaml=config).code == 1
    other = DEPLOYMENT.format(name="other", replicas=1)
    assert run("scan", "--env", "prod", web__yaml=other, readycheck__yaml=config).code == 1


def test_an_exemption_in_the_configuration_without_owner_exempts_nothing(run: Run) -> None:
    config = ONLY_REPLICAS + "exemptions:\n  - {rule: workload/replicas, reason: few, until: 2027-03-01}\n"
    ran = run("scan", "-o", "json", web__yaml=web(1), readycheck__yaml=config)
    assert ran.code == 1
    (exemption,) = ran.report["exemptions"]
    assert (exemption["status"], exemption["problem"]) == ("invalid", "has no owner")


def test_an_exemption_may_name_several_rules_by_a_pattern(run: Run) -> None:
    exemptions = "exemptions:\n  - {rule: '*/replica?', reason: few, owner: me, until: 2027-03-01}\n"
    assert run("scan", web__yaml=web(1), readycheck__yaml=ONLY_REPLICAS + exemptions).code == 0


def test_an_exemption_of_one_finding_leaves_the_others_of_its_thing(run: Run, tmp_path: Path) -> None:
    pack = tmp_path / "own" / "house"
    pack.mkdir(parents=True)
    (pack / "both.py").write_text(
        '"""Have both."""\n'
        "from readycheck.model import Severity\n"
        "from readycheck.rule import rule\n\n"
        '@rule("Deployment", severity=Severity.HIGH)\n'
        "def both(workload):\n"
        '    yield workload.finding("one", at="spec.replicas")\n'
        '    yield workload.finding("two", at="spec.template")\n',
        encoding="utf-8",
    )
    ignore = VALID.replace("workload/replicas", "house/both")
    text = web(2).replace("replicas: 2", f"replicas: 2 {ignore}")
    ran = run("scan", "--pack", "own", "-o", "json", "web.yaml", web__yaml=text, readycheck__yaml=ONLY_REPLICAS)
    assert [finding["message"] for finding in ran.report["findings"]] == ["two"]
    assert [(each["status"], each["count"]) for each in ran.report["exemptions"]] == [("active", 1)]


def test_an_exemption_that_exempts_nothing_is_listed_as_unused(run: Run) -> None:
    config = ONLY_REPLICAS + "exemptions:\n  - {rule: workload/replicas, reason: few, owner: me, until: 2027-03-01}\n"
    ran = run("scan", "-o", "json", web__yaml=web(2), readycheck__yaml=config)
    assert (ran.code, [exemption["status"] for exemption in ran.report["exemptions"]]) == (0, ["unused"])


# Wrong usage and configuration: one line, exit code 2 -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "line"),
    [
        ("fail_no: high\n", "readycheck.yaml:1: `fail_no` is not a known key: did you mean `fail_on`?"),
        ("fail_on: hihg\n", "readycheck.yaml:1: `fail_on: hihg` is not known: did you mean `high`?"),
        (
            "rules:\n  workload/replica: off\n",
            "readycheck.yaml:2: no rule `workload/replica`: did you mean `workload/replicas`?",
        ),
        (
            "rules:\n  workload/replicas:\n    minimun: 3\n",
            "readycheck.yaml:3: `minimun` is not a known key: did you mean `minimum`?",
        ),
        (
            "rules: {workload/replicas: {minimum: many}}\n",
            "readycheck.yaml:1: `minimum` must be of type integer",
        ),
        ("rules: [1]\n", "readycheck.yaml:1: `rules` is a list where a mapping is wanted"),
        (
            "environments:\n  prod:\n    files: {paths: [nowhere]}\n",
            "readycheck.yaml:3: `nowhere` does not exist",
        ),
        ("fail_on: high\n---\nfail_on: low\n", "readycheck.yaml:3: a configuration is one YAML document"),
        ("fail_on: [\n", "readycheck.yaml:1: is not valid YAML"),
        ("fail_on: high\nfail_on: low\n", "readycheck.yaml:2: the key 'fail_on' stands twice"),
        ("exemptions: [{rule: workload/nothing}]\n", "readycheck.yaml:1: no rule `workload/nothing`"),
        (
            "rules: {other: {}}\n",
            "readycheck.yaml:1: no rule `other`: `readycheck rules list` names them all (in `rules`)",
        ),
        ("exemptions:\n  - {reason: few}\n", "readycheck.yaml:2: `rule` is missing (in `exemptions[0]`)"),
        (
            "exemptions:\n  - rule: workload/*\n    match: {nmae: web}\n",
            "readycheck.yaml:3: `nmae` is not a known key: did you mean `name`?",
        ),
        (
            "environments: {prod: {}}\nexemptions:\n  - {rule: workload/*, environment: prd}\n",
            "readycheck.yaml:3: no environment `prd`: did you mean `prod`?",
        ),
        (
            "rules:\n  workload/replicas: {severity: hgih}\n",
            "readycheck.yaml:2: `severity: hgih` is not known: did you mean `high`?",
        ),
        ("repository: nowhere\n", "readycheck.yaml:1: `nowhere` is no folder"),
        ("packs:\n  - nowhere\n", "readycheck.yaml:2: `nowhere` is no folder"),
        ("rules: {workload/replicas: maybe}\n", "readycheck.yaml:1: `workload/replicas` is a string where a mapping"),
        (
            "packs: [.]\n",
            "readycheck.yaml: `packs` is rule code, which is only run from a configuration that you name",
        ),
    ],
)
def test_a_wrong_configuration_is_one_line_with_the_place_and_what_is_near(run: Run, config: str, line: str) -> None:
    ran = run("scan", web__yaml=web(2), readycheck__yaml=config)
    assert ran.code == 2
    assert ran.error.startswith(f"Error: {line}")
    assert ran.error.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("scan", "nowhere"), "nowhere: no such file or folder"),
        (("scan", "-o", "jsn"), "-o jsn: no format `jsn`: did you mean `json`?"),
        (
            ("scan", "-o", "json", "-o", "terminal"),
            "-o terminal: only one format can go to standard output: -o terminal=FILE",
        ),
        (("scan", "-o", "json=a", "-o", "terminal=a"), "-o terminal=a: another format goes to that file"),
        (("scan", "-o", "json="), "-o json=: names no file; without `=` the report goes to standard output"),
        (("scan", "-o", "json=no/where.json"), "-o json=no/where.json: cannot be written: No such file or directory"),
        (("scan", "--pack", "none"), "none: the rule pack is not a folder"),
        (("scan", "--env", "prod"), "--env prod: there is no readycheck.yaml here that names environments"),
        (("scan", "--config", "none.yaml"), "none.yaml: cannot be read: No such file or directory"),
        (("rules", "show", "workload/replica"), "no rule `workload/replica`: did you mean `workload/replicas`?"),
    ],
)
def test_wrong_usage_is_one_line(run: Run, arguments: tuple[str, ...], line: str) -> None:
    ran = run(*arguments, web__yaml=web(2))
    assert (ran.code, ran.error.startswith(f"Error: {line}")) == (2, True), ran.error


@pytest.mark.slow
@pytest.mark.parametrize("output", ["json", "terminal"])
def test_a_full_disk_is_one_line_and_a_reader_that_stops_changes_no_verdict(run: Run, output: str) -> None:
    run("scan", web__yaml=web(2), readycheck__yaml=ONLY_REPLICAS)
    command = [sys.executable, "-m", "readycheck", "scan", "-o", output]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        2,
        "Error: standard output: cannot be written: No space left on device\n",
    )
    theirs, ours = os.pipe()
    os.close(theirs)
    done = subprocess.run(command, stdout=ours, stderr=subprocess.PIPE, text=True, check=False)
    os.close(ours)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_unknown_environment_names_the_nearest(run: Run) -> None:
    config = "environments: {prod: {files: {paths: [web.yaml]}}}\n"
    ran = run("scan", "--env", "prd", web__yaml=web(2), readycheck__yaml=config)
    assert (ran.code, ran.error) == (2, "Error: readycheck.yaml: no environment `prd`: did you mean `prod`?\n")


@pytest.mark.parametrize("epoch", ["soon", "nan", "1e300"])
def test_a_clock_that_cannot_be_read_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch, epoch: str) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    ran = run("scan", web__yaml=web(2))
    assert (ran.code, ran.error) == (2, f"Error: SOURCE_DATE_EPOCH={epoch} is no number of seconds since 1970\n")


def test_a_source_that_this_version_cannot_read_is_told_and_incomplete(run: Run) -> None:
    config = f"{ONLY_REPLICAS}environments: {{prod: {{files: {{paths: [web.yaml]}}, aws: {{profile: prod}}}}}}\n"
    ran = run("scan", "--env", "prod", "-o", "json", web__yaml=web(2), readycheck__yaml=config)
    assert (ran.code, ran.report["summary"]["gate"]["reasons"]) == (3, ["the source aws could not be read"])


# Environments ---------------------------------------------------------------------------------------------------------


def test_an_environment_s_settings_apply_only_when_it_is_named(run: Run) -> None:
    config = (
        f"{ONLY_REPLICAS}environments:\n  prod:\n    files: {{paths: [web.yaml]}}\n"
        "    rules: {workload/replicas: {minimum: 3, severity: critical}}\n    fail_on: critical\n"
    )
    assert run("scan", web__yaml=web(2), readycheck__yaml=config).code == 0
    ran = run("scan", "--env", "prod", "-o", "json", web__yaml=web(2), readycheck__yaml=config)
    (finding,) = ran.report["findings"]
    assert (ran.code, finding["severity"], finding["message"]) == (
        1,
        "critical",
        "can run with 2 of at least 3 replicas",
    )


def test_system_namespaces_can_be_left_out(run: Run) -> None:
    text = web(1).replace("  name: web\n", "  name: web\n  namespace: kube-system\n")
    config = ONLY_REPLICAS + "system_namespaces: skip\n"
    assert run("scan", web__yaml=text, readycheck__yaml=ONLY_REPLICAS).code == 1
    assert run("scan", web__yaml=text, readycheck__yaml=config).code == 0


def test_which_namespaces_are_the_systems_can_be_said(run: Run) -> None:
    text = web(1).replace("  name: web\n", "  name: web\n  namespace: platform-dns\n")
    skip = ONLY_REPLICAS + "system_namespaces: skip\n"
    assert run("scan", web__yaml=text, readycheck__yaml=skip).code == 1
    named = skip + "managed_namespaces: [kubernetes, platform-*]\n"
    assert run("scan", web__yaml=text, readycheck__yaml=named).code == 0


def test_configuration_may_narrow_the_repository_but_never_widen_it(run: Run, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    (inner / ".git").mkdir(parents=True)
    (inner / "readycheck.yaml").write_text("repository: ..\n", encoding="utf-8")
    ran = run("scan", "--config", "inner/readycheck.yaml", "inner")
    assert ran.code == 2
    assert "inner/readycheck.yaml:1: `..` lies outside of the repository that holds this file" in ran.error
