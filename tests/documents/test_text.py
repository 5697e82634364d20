from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from readycheck.documents.text import SourceText, Unreadable, line_of, read_text
from readycheck.model import Ignore, Location


def _refusal(path: Path, limit: int = 1000) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read_text(path, limit)
    return caught.value


@pytest.mark.parametrize(
    "encoded",
    [
        "name: größe\r\n".encode(),
        b"\xef\xbb\xbf" + "name: größe\r\n".encode(),
        b"\xff\xfe" + "name: größe\r\n".encode("utf-16-le"),
        b"\xfe\xff" + "name: größe\r\n".encode("utf-16-be"),
    ],
)
def test_the_byte_order_mark_tells_the_encoding_and_is_no_part_of_the_text(tmp_path: Path, encoded: bytes) -> None:
    (tmp_path / "a.yaml").write_bytes(encoded)
    assert read_text(tmp_path / "a.yaml") == "name: größe\r\n"


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"a: 1\nb: caf\xe9\n", 2, "is not UTF-8 text: byte 0xE9 does not belong there"),
        (b"a: 1\r\rb: 2\r\n\xff", 4, "is not UTF-8 text: byte 0xFF does not belong there"),
        (b"\xff\xfe" + "a\nb".encode("utf-16-le") + b"\x00\xd8", 2, "is not UTF-16 text: byte 0x00 does not belong"),
    ],
)
def test_other_encodings_are_refused_with_the_line(tmp_path: Path, data: bytes, line: int, reason: str) -> None:
    (tmp_path / "a.yaml").write_bytes(data)
    refusal = _refusal(tmp_path / "a.yaml")
    assert refusal.line == line
    assert refusal.reason.startswith(reason)


def test_a_file_is_read_up_to_the_limit_and_refused_beyond(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"x" * 1000)
    assert len(read_text(file, 1000)) == 1000
    file.write_bytes(b"x" * 1001)
    assert _refusal(file).reason == "is larger than 0.000954 MiB, the most that is read of one file"


def test_a_huge_file_is_refused_without_reading_it(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    with file.open("wb") as sparse:
        sparse.truncate(1 << 40)
    with pytest.raises(Unreadable, match="is larger than 32 MiB"):
        read_text(file)


def test_what_is_no_regular_file_is_refused_and_does_not_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "folder.yaml").mkdir()
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.yaml")
        for path in (Path("pipe.yaml"), Path("folder.yaml"), Path("socket.yaml"), Path("/dev/null")):
            assert _refusal(path).reason == "is not a regular file"


def test_a_file_that_is_gone_is_refused_with_the_systems_words(tmp_path: Path) -> None:
    assert _refusal(tmp_path / "gone.yaml").reason == "cannot be read: No such file or directory"


def test_lines_are_those_of_editors() -> None:
    text = "a\r\nb\rc\n\u2028d\x85e\x0bf\x0cg\nh"
    assert [line_of(text, text.index(letter)) for letter in "abcdefgh"] == [1, 2, 3, 4, 4, 4, 4, 5]
    source = SourceText("a.yaml", text)
    assert [source.line_column(text.index(letter)) for letter in "abcdeh"] == [
        (1, 1),
        (2, 1),
        (3, 1),
        (4, 2),
        (4, 4),
        (5, 1),
    ]
    assert [source.line(number) for number in range(7)] == ["", "a", "b", "c", "\u2028d\x85e\x0bf\x0cg", "h", ""]


def test_an_offset_becomes_a_location() -> None:
    source = SourceText("deploy/a.yaml", "a: 1\n  b: 2\n")
    assert source.location(7, "a.b") == Location("deploy/a.yaml", 2, 3, "a.b")


def test_an_ignore_comment_counts_on_its_line_and_alone_on_the_line_above() -> None:
    text = (
        "kind: Deployment # readycheck: ignore[a/b] reason=x\n"
        "spec:\n"
        '  # readycheck: ignore[workload/replicas] until=2027-01-31 reason="one writer"  \n'
        "  replicas: 1\r\n"
        "  #readycheck:ignore[c/d]\n"
        "  # readycheck: ignore[e/*]\n"
        "  paused: true\n"
    )
    source = SourceText("a.yaml", text)
    on_the_line = Ignore("ignore[a/b] reason=x", Location("a.yaml", 1, 18))
    above = Ignore('ignore[workload/replicas] until=2027-01-31 reason="one writer"', Location("a.yaml", 3, 3))
    assert list(source.ignores_at(1)) == [on_the_line]
    assert list(source.ignores_at(2)) == []  # line 1 is not the comment's alone
    assert list(source.ignores_at(4)) == [above]
    assert [ignore.text for ignore in source.ignores_at(7)] == ["ignore[e/*]", "ignore[c/d]"]


@pytest.mark.parametrize(
    "line",
    [
        "replicas: 1 # ignore[workload/replicas]",
        "replicas: 1 # readycheck: see docs",
        "url: http://x#readycheck: ignore[a/b]",
        "replicas: 1 # readycheck: ignored[a/b]",
    ],
)
def test_what_is_no_ignore_comment(line: str) -> None:
    assert list(SourceText("a.yaml", line + "\n").ignores_at(1)) == []
