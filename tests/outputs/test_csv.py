"""The table holds what is not in order, and no cell of it is computed by the spreadsheet that opens it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from readycheck.report import Report
from tests.outputs.reports import SOMETHING_OF_EVERYTHING, WEB, rendered, scanned


def rows(*reports: Report) -> list[dict[str, str]]:
    text = bytes(rendered("csv", *reports).content).decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_there_is_a_row_for_each_finding_and_all_that_is_unknown_exempt_or_unread(repository: Path) -> None:
    found = rows(scanned(repository, SOMETHING_OF_EVERYTHING))
    assert [(row["status"], row["name"], row["file"], row["line"]) for row in found] == [
        ("fail", "web", "web.yaml", "7"),
        ("unknown", "basket", "basket.yaml", "1"),
        ("exempt", "printer", "printer.yaml", "1"),
        ("problem", "", "broken.yaml", "1"),
    ]
    first = found[0]
    assert (first["rule"], first["severity"], first["message"], first["fix"]) == (
        "workload/replicas",
        "high",
        "can run with 1 of at least 2 replicas",
        "set spec.replicas to 2",
    )
    assert len(first["fingerprint"]) == 32


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1+1", "@SUM(A1)"])
def test_what_a_spreadsheet_would_compute_is_kept_text(repository: Path, name: str) -> None:
    (row,) = rows(scanned(repository, {"web.yaml": WEB.replace("name: web", f'name: "{name}"')}))
    assert row["name"] == f"'{name}"


def test_quotes_line_breaks_and_control_characters_stay_in_their_cell(repository: Path) -> None:
    (row,) = rows(scanned(repository, {"web.yaml": WEB.replace("name: web", r'name: "a\",\t\r\nb\x00"')}))
    assert row["name"] == r'a",\t\r\nb\x00'
