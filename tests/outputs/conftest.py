from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository, as far as anybody can see who does not run git, at a known time."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795564800")  # 2026-11-25
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    return folder
