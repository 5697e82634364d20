"""Diffs are what git applies, whatever the texts and names are like."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readycheck.fixes.diffs import unified

TEXTS = st.lists(st.sampled_from(["a", "b", "", "é\u2028", "x\ry", "\tz\r"]), max_size=12).flatmap(
    lambda lines: st.sampled_from(["\n".join(lines), "\n".join([*lines, ""])])
)


def test_a_missing_break_at_the_end_is_said() -> None:
    assert unified("a.yaml", "x: 1", "x: 1\ny: 2\n") == (
        "diff --git a/a.yaml b/a.yaml\n--- a/a.yaml\n+++ b/a.yaml\n@@ -1 +1,2 @@\n"
        "-x: 1\n\\ No newline at end of file\n+x: 1\n+y: 2\n"
    )


def test_a_change_stays_among_the_lines_around_it() -> None:
    # Were the first line taken out and another added behind the third, git would look for the end of the file there.
    assert unified("a.yaml", "a\nb\nb\nb\na\n", "b\nb\nb\nb\na\n") == (
        "diff --git a/a.yaml b/a.yaml\n--- a/a.yaml\n+++ b/a.yaml\n@@ -1,4 +1,4 @@\n-a\n+b\n b\n b\n b\n"
    )


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(TEXTS, TEXTS, st.sampled_from(["a.yaml", "a b/é.yaml", 'q"uote\\.yaml']))
def test_git_makes_of_the_old_text_the_new_one(tmp_path: Path, before: str, after: str, name: str) -> None:
    if before == after or not before or not after:
        return
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(before.encode())
    diff = unified(name, before, after).encode()
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], input=diff, cwd=tmp_path, check=True)
    assert file.read_bytes() == after.encode()
