"""The seam between the history and what keeps it: one file of SQLite, or a PostgreSQL server.

Both understand the same statements with `:name` parameters; what differs in their words stands in `Words`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct

from readycheck.history.snapshot import HistoryError

Row = Sequence[Any]
Parameters = Mapping[str, Any]
SCHEMES = ("postgresql", "postgres")


class Words(Struct, frozen=True):
    """What the makers of databases call differently.

    Args:
        serial: the column that numbers rows.
        bytes: the type of a column of bytes.
        tables: the question whether there is a table of a name.
        write: what begins a transaction that writes, one after the other.
        read: what begins one that sees one moment.
        by_key: how a table is kept in the order of its key; "" where that cannot be said.
        shrink: what gives room back to the disk; "" where that comes by itself.
    """

    serial: str
    bytes: str
    tables: str
    write: tuple[str, ...]
    read: str
    by_key: str = ""
    shrink: str = ""


class Database(Protocol):
    """A database that is open. Whatever it cannot do is raised as a HistoryError that names it."""

    where: str
    """What it is called in messages, without a password."""
    words: Words

    def execute(self, statement: str, parameters: Parameters | None = None) -> list[Row]:
        """Run one statement, and give the rows that it answers."""

    def execute_many(self, statement: str, rows: Sequence[Parameters]) -> None:
        """Run one statement for each row."""

    def close(self) -> None:
        """Let go of it."""


def connect(url: str, *, read_only: bool = False) -> Database:
    """Open a database.

    Args:
        url: the path of a file, `sqlite:///path`, or `postgresql://user@host/database`.
        read_only: nothing is going to be written; a file that is not there is an error then.

    Raises:
        HistoryError: it cannot be opened.
    """
    scheme, separated, rest = url.partition("://")
    if not separated:
        scheme, rest = "sqlite", f"/{url}"
    if scheme.partition("+")[0] in SCHEMES:
        from readycheck.history.postgresql import PostgreSQL  # noqa: PLC0415 - heavy, and an extra

        return PostgreSQL(f"postgresql+psycopg://{rest}", read_only=read_only)
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        from readycheck.history.sqlite import SQLite  # noqa: PLC0415 - --help needs none

        return SQLite(Path(rest[1:]), read_only=read_only)
    raise HistoryError(
        f"a history of `{scheme}:` is not known: name a file, or a server as postgresql://user@host/database"
    )


@contextmanager
def writing(database: Database) -> Iterator[None]:
    """All or nothing, and one writer after the other."""
    with _ended(database):
        for statement in database.words.write:
            database.execute(statement)
        yield
        database.execute("COMMIT")


@contextmanager
def reading(database: Database) -> Iterator[None]:
    """All statements within see the same moment."""
    with _ended(database):
        database.execute(database.words.read)
        yield
        database.execute("COMMIT")


@contextmanager
def _ended(database: Database) -> Iterator[None]:
    try:
        yield
    except BaseException:
        # A full disk or a lost connection may have ended it already.
        with suppress(HistoryError):
            database.execute("ROLLBACK")
        raise
