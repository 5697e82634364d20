"""The example of docs/writing-rules.md is a rule that works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from readycheck.cli import main

PAGE = Path(__file__).parents[1] / "docs" / "writing-rules.md"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack made of the page's own code blocks, with a good case added."""
    blocks = re.findall(r"^```(python|yaml)\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (rule,) = [text for language, text in blocks if language == "python"]
    (failing,) = [text for language, text in blocks if language == "yaml"]
    cases = tmp_path / "fixtures" / "house" / "team-label"
    for folder in (tmp_path / "rules" / "house", cases):
        folder.mkdir(parents=True)
    (tmp_path / "rules" / "house" / "team_label.py").write_text(rule, encoding="utf-8")
    (cases / "fail-no-label.yaml").write_text(failing, encoding="utf-8")
    good = failing.replace("  name: web\n", "  name: web\n  labels: {team: ours}\n").split(" # expect")[0]
    (cases / "ok-labelled.yaml").write_text(
        f"{good}\n  name: web\n  labels: {{team: ours}}\nspec: {{}}\n", encoding="utf-8"
    )
    return tmp_path


def test_the_example_rule_passes_its_own_fixtures(pack: Path) -> None:
    result = CliRunner().invoke(main, ["rules", "test", str(pack)])
    assert result.exit_code == 0, result.output
    assert "house/team-label" in result.output


def test_a_finding_that_is_not_announced_fails_the_test(pack: Path) -> None:
    case = pack / "fixtures" / "house" / "team-label" / "fail-no-label.yaml"
    case.write_text(case.read_text("utf-8").replace("# expect: has no", "# expect: lacks the"), encoding="utf-8")
    result = CliRunner().invoke(main, ["rules", "test", str(pack)])
    assert result.exit_code == 1
    assert "not announced (1): fail-no-label.yaml:4: has no label team that names its team" in result.output
    assert "announced, but not said: fail-no-label.yaml:4: lacks the label team" in result.output


def test_a_rule_without_cases_fails_the_test(pack: Path) -> None:
    other = pack / "rules" / "house" / "other_label.py"
    other.write_text((pack / "rules" / "house" / "team_label.py").read_text("utf-8"), encoding="utf-8")
    result = CliRunner().invoke(main, ["rules", "test", str(pack)])
    assert result.exit_code == 1
    assert "has no ok-* and no fail-* case" in result.output


def test_the_example_rule_is_scanned_with_and_its_option_can_be_set(pack: Path, tmp_path: Path) -> None:
    case = pack / "fixtures" / "house" / "team-label" / "ok-labelled.yaml"
    config = tmp_path / "own.yaml"
    config.write_text("packs: [rules]\nrules: {house/team-label: {label: owner, severity: high}}\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["scan", str(case), "--config", str(config), "-o", "json"])
    assert "has no label owner that names its team" in result.output


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "holds 0 rules"),
        ('"""T."""\nimport nothing_like_it\n', "cannot be imported: ModuleNotFoundError"),
        ('"""T."""\n1 +\n', "cannot be imported: SyntaxError"),
    ],
)
def test_a_file_that_is_no_rule_stops_the_run_and_is_named(pack: Path, text: str, complaint: str) -> None:
    (pack / "rules" / "house" / "empty.py").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(main, ["rules", "list", "--pack", str(pack / "rules")])
    assert result.exit_code == 2
    assert f"empty.py: {complaint}" in result.output
