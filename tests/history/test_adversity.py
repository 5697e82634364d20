"""What goes wrong while scans are kept: nothing is lost, nothing is half written, and one line says what to do."""

from __future__ import annotations

import os
import pwd
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from readycheck.history import History, HistoryError, Snapshot
from readycheck.history import sqlite as backend
from tests.history.snapshots import finding, taken

ROOT = Path(__file__).parents[2]
PROJECT = "acme/shop"


def big(day: str, number: int = 400, *, first: int = 0) -> Snapshot:
    """A scan that fills many pages."""
    return taken(day, *(finding(f"service-{each}") for each in range(first, first + number)))


def kept(place: str) -> list[int]:
    """How many findings each kept scan has, in the order of their times; each scan is read as a whole."""
    with History.open(place, PROJECT) as history:
        return [len(history.snapshot(row.id).findings) for row in history.scans("prod")]


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    """Another process, which knows what this module knows."""
    return subprocess.Popen(
        [sys.executable, "-c", f"import sys\nfrom tests.history.test_adversity import *\n{script}", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


# Several at once ------------------------------------------------------------------------------------------------------


WRITES_FIVE = """
for day in range(1, 6):
    with History.open(sys.argv[1], PROJECT) as history:
        history.record(big(f"2026-{sys.argv[2]}-0{day}", 100, first=day * 10))
"""


@pytest.mark.slow
def test_writers_at_once_lose_nothing(place: str) -> None:
    # From nothing: they race for the tables as well.
    writers = [start(WRITES_FIVE, place, month) for month in ("06", "07", "08", "09")]
    for writer in writers:
        writer.communicate(timeout=120)
    assert [writer.returncode for writer in writers] == [0, 0, 0, 0]
    assert kept(place) == [100] * 20
    with History.open(place, PROJECT) as history:
        first_seen = history.first_seen("prod")
    # Services 10 to 109 were there on the first of June, up to 149 by the fifth.
    assert len(first_seen) == 140
    assert first_seen["workload/replicas service-10"] == "2026-06-01T07:00:00Z"
    assert first_seen["workload/replicas service-149"] == "2026-06-05T07:00:00Z"


def test_a_reader_does_not_wait_for_a_writer(place: str) -> None:
    from readycheck.history.database import connect, writing  # noqa: PLC0415

    with History.open(place, PROJECT) as history:
        history.record(big("2026-11-16"))
    writer = connect(place)
    with closing(writer), writing(writer), History.open(place, PROJECT, read_only=True) as reader:
        writer.execute("DELETE FROM telling")
        assert [len(reader.snapshot(row.id).findings) for row in reader.scans("prod")] == [400]


def test_whoever_waits_too_long_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = str(tmp_path / "history.db")
    monkeypatch.setattr(backend, "_BUSY_SECONDS", 0)
    with History.open(place, PROJECT) as history, closing(sqlite3.connect(place, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(HistoryError, match=r"another process has been writing to it for 0 seconds: try again"):
            history.record(big("2026-11-16"))
        other.execute("ROLLBACK")
        history.record(big("2026-11-16"))
    assert kept(place) == [400]


# A process that is killed --------------------------------------------------------------------------------------------


STOPS_HALFWAY = """
history = History.open(sys.argv[1], PROJECT)
run_many = history._database.execute_many
def stop(statement, rows):
    run_many(statement, rows)
    if "INTO sighting" in statement:
        print("half", flush=True)
        sys.stdin.read()
history._database.execute_many = stop
history.record(big("2026-11-23", 2000))
"""


@pytest.mark.slow
def test_a_process_that_is_killed_while_it_writes_leaves_nothing_half(place: str) -> None:
    with History.open(place, PROJECT) as history:
        history.record(big("2026-11-16"))
    with start(STOPS_HALFWAY, place) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "half\n"
        writer.send_signal(signal.SIGKILL)
    assert kept(place) == [400]
    with History.open(place, PROJECT) as history:
        history.record(big("2026-11-24", 10))
    assert kept(place) == [400, 10]


# A disk that is full -------------------------------------------------------------------------------------------------


def scan_with_room_for(blocks: int, place: Path, tree: Path) -> subprocess.CompletedProcess[str]:
    """A scan that can write no file of more than so many half kilobytes."""
    return subprocess.run(
        ["sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh", sys.executable, "-m", "readycheck", "scan", str(tree)],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "READYCHECK_HISTORY": str(place)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree with 60 findings of importance."""
    tree = tmp_path / "tree"
    tree.mkdir()
    for number in range(20):
        (tree / f"web-{number}.yaml").write_text(
            f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web-{number}}}\nspec: {{replicas: 1, template:"
            f" {{spec: {{containers: [{{name: web, image: 'x:1'}}]}}}}}}\n",
            encoding="utf-8",
        )
    return tree


@pytest.mark.slow
def test_a_full_disk_changes_neither_the_verdict_nor_what_was_kept(tmp_path: Path, tree: Path) -> None:
    place = tmp_path / "history.db"
    assert scan_with_room_for(100_000, place, tree).stderr == ""
    before = place.read_bytes()
    ran = scan_with_room_for(40, place, tree)
    assert (ran.returncode, ran.stdout.splitlines()[-1][:9]) == (1, "Not ready")
    assert "Warning: the scan is not kept" in ran.stderr
    assert "is there room on the disk? `readycheck history prune` makes some" in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert place.read_bytes() == before
    assert scan_with_room_for(100_000, place, tree).stderr == ""
    with closing(sqlite3.connect(place)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("SELECT count(*) FROM scan").fetchall() == [(2,)]


@pytest.mark.slow
def test_a_disk_without_room_for_a_history_gets_none(tmp_path: Path, tree: Path) -> None:
    place = tmp_path / "history.db"
    ran = scan_with_room_for(8, place, tree)
    assert (ran.returncode, ran.stderr.count("\n")) == (1, 1)
    assert "is there room on the disk?" in ran.stderr
    assert scan_with_room_for(100_000, place, tree).stderr == ""


# Places that are not ours to write -----------------------------------------------------------------------------------


@contextmanager
def unprivileged() -> Iterator[None]:
    """As somebody whom permissions hold back, which they don't root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, unlike those of a test that root runs."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
        Path(folder).chmod(0o755)


def test_a_folder_that_may_only_be_read_is_read_and_not_written(open_folder: Path) -> None:
    place = open_folder / "history.db"
    with History.open(str(place), PROJECT) as history:
        history.record(big("2026-11-16"))
    place.chmod(0o444)
    open_folder.chmod(0o555)
    with unprivileged():
        with pytest.raises(HistoryError, match="may it and its folder be written\\? --history names another place"):
            History.open(str(place), PROJECT)
        with History.open(str(place), PROJECT, read_only=True) as history:
            assert [len(history.snapshot(row.id).findings) for row in history.scans("prod")] == [400]
        with pytest.raises(HistoryError, match=r"other\.db: .*: may it and its folder be written"):
            History.open(str(open_folder / "other.db"), PROJECT)
        with pytest.raises(HistoryError, match="Permission denied: name another place"):
            History.open(str(open_folder / "deeper" / "history.db"), PROJECT)
    assert [file.name for file in open_folder.iterdir()] == ["history.db"]


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    place = tmp_path / "shop.db"
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("CREATE TABLE scan (barcode TEXT)")
    with pytest.raises(HistoryError, match="holds tables of another program"):
        History.open(str(place), PROJECT)
    with closing(sqlite3.connect(place)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("scan",)]


def test_a_damaged_history_is_told_and_kept_for_whoever_can_mend_it(tmp_path: Path) -> None:
    place = tmp_path / "history.db"
    with History.open(str(place), PROJECT) as history:
        history.record(big("2026-11-16"))
    whole = place.read_bytes()
    place.write_bytes(whole[:4096] + b"\xff" * 4096 * 8 + whole[4096 * 9 :])
    damaged = place.read_bytes()
    with pytest.raises(HistoryError, match="is damaged: move it away, and a new history begins"):
        kept(str(place))
    assert place.read_bytes() == damaged


# Versions ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("read_only", [False, True])
def test_a_history_of_a_newer_version_is_left_alone(place: str, *, read_only: bool) -> None:
    from readycheck.history.database import connect, writing  # noqa: PLC0415

    with History.open(place, PROJECT) as history:
        history.record(big("2026-11-16"))
    with closing(connect(place)) as other, writing(other):
        other.execute("UPDATE readycheck_history SET version = 99")
    with pytest.raises(HistoryError, match=r"of a newer readycheck \(format 99, and this one knows 1\): update"):
        History.open(place, PROJECT, read_only=read_only)
    with closing(connect(place)) as other, writing(other):
        assert other.execute("SELECT version FROM readycheck_history") == [(99,)]
        other.execute("UPDATE readycheck_history SET version = 1")
    assert kept(place) == [400]


def test_the_tables_change_all_at_once_or_not_at_all(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from readycheck.history import migrations  # noqa: PLC0415

    with History.open(place, PROJECT) as history:
        history.record(big("2026-11-16"))
    first = migrations.MIGRATIONS
    good, bad = "CREATE TABLE second (id INTEGER)", "CREATE TABLE scan (id INTEGER)"
    monkeypatch.setattr(migrations, "MIGRATIONS", (*first, (good, bad)))
    for _ in range(2):
        with pytest.raises(HistoryError, match="already exists"):
            History.open(place, PROJECT)
    with pytest.raises(
        HistoryError, match="of an older readycheck, which the next `readycheck scan` brings up to date"
    ):
        History.open(place, PROJECT, read_only=True)
    monkeypatch.setattr(migrations, "MIGRATIONS", (*first, (good,)))
    # Were the first statement left from before, this would fail.
    assert kept(place) == [400]
    with History.open(place, PROJECT, read_only=True) as history:
        assert len(history.scans("prod")) == 1


# A server that does not answer ---------------------------------------------------------------------------------------


def test_a_server_that_is_not_there_is_one_line_without_the_password() -> None:
    # Nobody listens on port 1.
    with pytest.raises(HistoryError) as caught:
        History.open("postgresql://me:hunter2@127.0.0.1:1/audits", PROJECT)
    told = str(caught.value)
    assert told.startswith("postgresql://127.0.0.1/audits: ")
    assert "refused" in told
    assert "hunter2" not in told
    assert "\n" not in told


@pytest.mark.slow
def test_a_role_that_may_only_read_reads(database: str) -> None:
    import psycopg  # noqa: PLC0415

    with History.open(database, PROJECT) as history:
        history.record(big("2026-11-16", 3))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE ROLE viewer LOGIN")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO viewer")
    viewer = database.replace("readycheck@", "viewer@")
    with History.open(viewer, PROJECT, read_only=True) as history:
        assert len(history.scans("prod")) == 1
    with History.open(viewer, PROJECT) as history, pytest.raises(HistoryError, match="permission denied"):
        history.record(big("2026-11-23", 3))
    assert kept(database) == [3]
