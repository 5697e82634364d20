"""A report's file is written whole or not at all, and nothing else is changed."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from readycheck.outputs.files import write_whole


def test_a_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text("a longer text than what comes now", encoding="utf-8")
    file.chmod(0o640)
    write_whole(file, b"new")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new", 0o640)
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_what_is_behind_a_link_is_written_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "report.json"
    link.symlink_to("real/report.json")
    write_whole(link, b"first")
    write_whole(link, b"second")
    assert link.is_symlink()
    assert (tmp_path / "real" / "report.json").read_bytes() == b"second"


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, b"report")
    reader.join(timeout=10)
    assert read == [b"report"]
    assert pipe.is_fifo()


def test_where_nothing_can_be_written_nothing_changes(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        write_whole(tmp_path, b"report")
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "none" / "report.json", b"report")
    assert list(tmp_path.iterdir()) == []
