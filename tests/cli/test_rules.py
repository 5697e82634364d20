"""`readycheck rules`: what is checked, told to people and kept in a page."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from readycheck.cli import main

RULE = '''\
"""Name a team.

The one who is called at night should not have to ask around.

Options:
    label: the label that
        names the team
    minimum: how many
"""

from readycheck.model import Severity
from readycheck.rule import rule


@rule("Deployment", "StatefulSet", severity=Severity.LOW)
def team(workload, *, label: str = "team", minimum: int = 1):
    if not workload.labels.get(label):
        yield workload.finding(f"has no label {label}", at="metadata")
'''
DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata:{expect}\n  name: web\n{labels}spec: {{}}\n"


def readycheck(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_the_permissions_that_a_cluster_takes_are_a_role_that_can_be_applied_and_bound() -> None:
    text = readycheck("rules", "rbac").output
    role = yaml.safe_load(text)
    assert role["kind"] == "ClusterRole"
    assert {verb for rule in role["rules"] for verb in rule["verbs"]} == {"list"}
    assert {"apiGroups": ["policy"], "resources": ["poddisruptionbudgets"], "verbs": ["list"]} in role["rules"]
    commented = text.partition("# ---\n")[2].splitlines()
    binding = yaml.safe_load("\n".join(line.removeprefix("# ") for line in commented))
    assert (binding["kind"], binding["roleRef"]["name"]) == ("ClusterRoleBinding", role["metadata"]["name"])


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack with one rule, and a good and a bad case for it."""
    rules, cases = tmp_path / "rules" / "house", tmp_path / "fixtures" / "house" / "team"
    for folder in (rules, cases):
        folder.mkdir(parents=True)
    (rules / "team.py").write_text(RULE, encoding="utf-8")
    (cases / "fail-none.yaml").write_text(
        DEPLOYMENT.format(expect=" # expect: has no label team", labels=""), encoding="utf-8"
    )
    (cases / "ok-one.yaml").write_text(DEPLOYMENT.format(expect="", labels="  labels: {team: ours}\n"), "utf-8")
    return tmp_path


def test_the_list_says_severity_title_what_is_judged_and_options(pack: Path) -> None:
    listed = readycheck("rules", "list", "--pack", pack / "rules").output.splitlines()
    at = next(number for number, line in enumerate(listed) if line.startswith("house/team "))
    assert listed[at].split(maxsplit=2) == ["house/team", "low", "Name a team"]
    assert listed[at + 1].strip() == "each Deployment and StatefulSet; options: label, minimum"
    assert any(line.startswith("workload/replicas ") for line in listed)


def test_one_rule_is_shown_with_its_help_options_and_file(pack: Path) -> None:
    shown = readycheck("rules", "show", "house/team", "--pack", pack / "rules")
    assert shown.exit_code == 0
    assert shown.output == (
        "house/team: Name a team\n"
        "\n"
        "The one who is called at night should not have to ask around.\n"
        "\n"
        "severity: low\n"
        "judges:   each Deployment and StatefulSet\n"
        "option:   label (string, team by default): the label that names the team\n"
        "option:   minimum (integer, 1 by default): how many\n"
        f"file:     {pack / 'rules' / 'house' / 'team.py'}\n"
    )


@pytest.mark.parametrize(
    ("rule_id", "error"),
    [
        ("workload/replica", "Error: no rule `workload/replica`: did you mean `workload/replicas`?\n"),
        ("x", "Error: no rule `x`: `readycheck rules list` names them all\n"),
    ],
)
def test_a_rule_that_does_not_exist_is_answered_with_the_nearest(rule_id: str, error: str) -> None:
    shown = readycheck("rules", "show", rule_id)
    assert (shown.exit_code, shown.stderr) == (2, error)


def test_a_pack_is_tested_with_the_fixtures_beside_it(pack: Path) -> None:
    tested = readycheck("rules", "test", pack)
    assert tested.exit_code == 0
    assert tested.output.splitlines()[-1] == "All 3 are as announced."


def test_a_folder_of_fixtures_is_tested_with_the_rules_of_a_pack(pack: Path) -> None:
    (pack / "rules").rename(pack / "own-rules")
    tested = readycheck("rules", "test", pack / "fixtures", "--pack", pack / "own-rules")
    assert (tested.exit_code, tested.output.splitlines()[-1]) == (0, "All 3 are as announced.")


def test_the_rules_of_a_pack_whose_name_only_begins_alike_are_not_tested(pack: Path) -> None:
    other = pack / "rules-of-others" / "house"
    other.mkdir(parents=True)
    (other / "other.py").write_text(RULE, encoding="utf-8")
    # Given after its own by --pack, the other one is tested and has no cases; on its own it is not.
    assert readycheck("rules", "test", pack).exit_code == 0
    tested = readycheck("rules", "test", pack, "--pack", pack / "rules-of-others")
    assert tested.exit_code == 1
    assert "house/other\n        has no ok-* and no fail-* case" in tested.output


def test_a_case_that_is_not_as_announced_is_told_with_its_line_and_fails(pack: Path) -> None:
    case = pack / "fixtures" / "house" / "team" / "ok-one.yaml"
    case.write_text(case.read_text("utf-8").replace("team: ours", "squad: ours"), encoding="utf-8")
    tested = readycheck("rules", "test", pack)
    assert tested.exit_code == 1
    assert f"FAIL  {case}\n        not announced (1): ok-one.yaml:3: has no label team\n" in tested.output
    assert tested.stderr == "Error: 1 of 3 are not as announced\n"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (
            "# options: {lable: squad}",
            "`# options:` sets `lable`, which is no option of house/team: did you mean `label`?",
        ),
        ("# options: {minimum: many}", "`# options:` sets `minimum` to what is no integer"),
        ("# options: {minimum: [1}", "`# options:` is no YAML mapping"),
        ("# clock: tomorrow", "`# clock: tomorrow` is no moment like 2026-11-25T12:00:00Z"),
    ],
)
def test_a_case_that_announces_what_cannot_be_is_told(pack: Path, line: str, complaint: str) -> None:
    case = pack / "fixtures" / "house" / "team" / "ok-one.yaml"
    case.write_text(f"{line}\n{case.read_text('utf-8')}", encoding="utf-8")
    tested = readycheck("rules", "test", pack)
    assert tested.exit_code == 1
    assert complaint in tested.output


def test_a_folder_without_a_rule_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    tested = readycheck("rules", "test", tmp_path)
    assert (tested.exit_code, tested.stderr) == (2, f"Error: {tmp_path / 'rules'}: no rule stands there\n")


def test_the_page_has_a_section_for_each_rule_with_its_id_as_anchor(pack: Path) -> None:
    page = readycheck("rules", "docs", "--pack", pack / "rules").output
    assert (
        """
<a id="house/team"></a>

### house/team

**Name a team.** Severity low; judges each Deployment and StatefulSet.

The one who is called at night should not have to ask around.

| option | type | default | meaning |
|---|---|---|---|
| `label` | string | `team` | the label that names the team |
| `minimum` | integer | `1` | how many |
"""
        in page
    )


def test_a_page_that_is_out_of_date_fails_the_check(tmp_path: Path) -> None:
    page = tmp_path / "rules.md"
    page.write_text(readycheck("rules", "docs").output, encoding="utf-8")
    assert readycheck("rules", "docs", "--check", page).exit_code == 0
    page.write_text(page.read_text("utf-8") + "more\n", encoding="utf-8")
    checked = readycheck("rules", "docs", "--check", page)
    assert checked.exit_code == 1
    assert f"`readycheck rules docs > {page}` writes it anew" in checked.stderr
    assert readycheck("rules", "docs", "--check", tmp_path / "none.md").exit_code == 1
