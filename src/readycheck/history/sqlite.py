"""The history in one file, by the SQLite that comes with Python."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from readycheck.history.database import Parameters, Row, Words
from readycheck.history.snapshot import HistoryError

_BUSY_SECONDS = 30


class SQLite:
    """A file. A reader never waits for a writer (WAL), and a writer waits for another one for half a minute.

    Args:
        file: the file; it and its folder are made where they are not there.
        read_only: open what is there, and write nothing.

    Raises:
        HistoryError: it cannot be opened, or is something else.
    """

    words = Words(
        serial="INTEGER PRIMARY KEY AUTOINCREMENT",
        bytes="BLOB",
        tables="SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = :name",
        write=("BEGIN IMMEDIATE",),
        read="BEGIN",
        by_key="WITHOUT ROWID",
        shrink="VACUUM",
    )

    def __init__(self, file: Path, *, read_only: bool = False) -> None:
        self.where = str(file)
        self._file = file
        with self._explained():
            if not read_only:
                file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = self._read() if read_only else self._write()

    def _write(self) -> sqlite3.Connection:
        connection = self._connect("mode=rwc")
        try:
            # The file may have been made by this call; it is for its owner alone, as findings show weak places.
            if self._file.stat().st_size == 0:
                self._file.chmod(0o600)
            for pragma in ("foreign_keys = ON", "journal_mode = WAL", "synchronous = FULL"):
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _read(self) -> sqlite3.Connection:
        if not self._file.exists():
            raise HistoryError(f"{self.where}: there is no history yet: `readycheck scan` begins one")
        connection = self._connect("mode=ro")
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        except sqlite3.Error:
            connection.close()
            # A reader too makes files beside one in WAL mode. Where it may not, and nobody else has, nobody writes.
            if Path(f"{self._file}-wal").exists():
                raise
            return self._connect("mode=ro&immutable=1")
        return connection

    def _connect(self, mode: str) -> sqlite3.Connection:
        uri = f"{self._file.absolute().as_uri()}?{mode}"
        # Transactions begin where the history says so.
        return sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)

    def execute(self, statement: str, parameters: Parameters | None = None) -> list[Row]:
        """Run one statement, and give the rows that it answers."""
        with self._explained():
            return self._connection.execute(statement, parameters or {}).fetchall()

    def execute_many(self, statement: str, rows: Sequence[Parameters]) -> None:
        """Run one statement for each row."""
        with self._explained():
            self._connection.executemany(statement, rows)

    def close(self) -> None:
        """Let go of it."""
        self._connection.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """What the file system and SQLite say, as one line that says what to do."""
        try:
            yield
        except OSError as error:
            reason = "its folder is a file" if isinstance(error, FileExistsError) else error.strerror
            raise HistoryError(f"{self.where}: {reason}: name another place with --history") from error
        except sqlite3.Error as error:
            raise HistoryError(f"{self.where}: {self._reason(error)}") from error

    def _reason(self, error: sqlite3.Error) -> str:
        # Extended codes have the plain one in their low byte.
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_NOTADB:
            return "is no history of readycheck, and is left as it is: name another file with --history"
        if code == sqlite3.SQLITE_CORRUPT:
            return "is damaged: move it away, and a new history begins"
        if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            return f"{error}: is there room on the disk? `readycheck history prune` makes some"
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return f"another process has been writing to it for {_BUSY_SECONDS} seconds: try again"
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            return f"{error}: may it and its folder be written? --history names another place"
        return str(error)
