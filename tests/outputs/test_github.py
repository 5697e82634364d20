"""What a step of GitHub Actions shows: no more annotations than GitHub does, and a summary that it takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from readycheck.outputs.github import LARGEST_SUMMARY, write_summary
from readycheck.report import Report
from tests.outputs.reports import SOMETHING_OF_EVERYTHING, WEB, rendered, scanned, with_many

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def commands(*reports: Report) -> list[tuple[str, dict[str, str], str]]:
    found = []
    for line in bytes(rendered("github", *reports).content).decode().splitlines():
        command = COMMAND.fullmatch(line)
        assert command, line
        found.append((command[1], dict(pair.split("=", 1) for pair in command[2].split(",")), command[3]))
    return found


def test_a_finding_is_annotated_at_its_line_and_the_verdict_comes_last(repository: Path) -> None:
    (finding, verdict) = commands(scanned(repository, {"deploy/web.yaml": WEB}, below="deploy"))
    assert finding == (
        "error",
        {
            "file": "deploy/web.yaml",
            "line": "7",
            "endLine": "7",
            "col": "3",
            "endColumn": "14",
            "title": "workload/replicas",
        },
        "shop/Deployment/web can run with 1 of at least 2 replicas",
    )
    assert verdict == (
        "error",
        {"title": "readycheck"},
        "Not ready: 1 violation at or above high (1 high). Exit code 1.",
    )


@pytest.mark.parametrize(("number", "shown", "more"), [(9, 10, ""), (10, 10, " 1 more finding: the summary")])
def test_there_are_ten_annotations_at_most(repository: Path, number: int, shown: int, more: str) -> None:
    found = commands(with_many(repository, number))
    assert len(found) == shown
    assert more in found[-1][2]
    assert ("more finding" in found[-1][2]) == bool(more)


def test_what_is_not_judged_is_told_in_the_verdict(repository: Path) -> None:
    assert commands(scanned(repository, SOMETHING_OF_EVERYTHING))[-1][2].endswith("Not judged: 2.")


def test_no_text_of_the_tree_ends_a_command_or_begins_one(repository: Path) -> None:
    name = WEB.replace("name: web", r'name: "a::b,c%0A\n::error::x"')
    (finding, _) = commands(scanned(repository, {"a,b:c.yaml": name}))
    assert finding[1]["file"] == "a%2Cb%3Ac.yaml"
    assert finding[2].startswith(r"shop/Deployment/a::b,c%250A\n::error::x can run")


def test_the_summary_is_added_to_what_other_commands_of_the_step_wrote(repository: Path, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("# Tests\n", encoding="utf-8")
    write_summary([scanned(repository, SOMETHING_OF_EVERYTHING)], summary)
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("# Tests\n### ❌ readycheck")
    for told in ("`shop/Deployment/web`", "broken.yaml", "unknown for shop/Deployment/basket"):
        assert told in text


@pytest.mark.slow
def test_the_summary_never_grows_over_what_github_takes(repository: Path, tmp_path: Path) -> None:
    report = with_many(repository, 5_000)
    summary = tmp_path / "summary.md"
    write_summary([report] * 10, summary)
    assert LARGEST_SUMMARY - 1_000 < summary.stat().st_size <= LARGEST_SUMMARY
    assert "Cut here" in summary.read_text(encoding="utf-8")
    write_summary([report], summary)
    assert summary.stat().st_size <= LARGEST_SUMMARY
