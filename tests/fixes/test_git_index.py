"""What git's index holds, read without git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from readycheck.sources.files.git_index import is_staged, staged


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_files_are_known_as_they_were_added(tmp_path: Path, version: str) -> None:
    for name in ("a.yaml", "deep/er/b.yaml", "deep/er/c.yaml", "é.yaml"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "update-index", "--index-version", version], check=True)
    known = staged(tmp_path)
    assert known is not None
    assert set(known) == {"a.yaml", "deep/er/b.yaml", "deep/er/c.yaml", "é.yaml"}
    assert is_staged(b"deep/er/c.yaml", known["deep/er/c.yaml"])
    assert not is_staged(b"other", known["a.yaml"])


def test_what_is_no_index_tells_nothing(tmp_path: Path) -> None:
    assert staged(tmp_path) is None
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/index").write_bytes(b"DIRC\0\0\0\x02\0\0\0\x09short")
    assert staged(tmp_path) is None
