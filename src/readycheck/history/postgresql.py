"""The history on a PostgreSQL server, through SQLAlchemy (the extra `postgres`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from readycheck.history.database import Parameters, Row, Words
from readycheck.history.snapshot import HistoryError

try:
    from sqlalchemy import create_engine, text
    from sqlalchemy.engine import Connection, make_url
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError
    from sqlalchemy.pool import NullPool
except ImportError as missing:
    raise HistoryError(
        "a history on PostgreSQL takes the extra `postgres`: pip install 'readycheck-audit[postgres]'"
    ) from missing

_CONNECT_SECONDS = 10
_STATEMENT_MILLISECONDS = 120_000
# One writer after the other, as in SQLite: two that write the same findings would else wait for each other for ever.
_LOCK = 7_269_643_201


class PostgreSQL:
    """A database on a server. What libpq takes (PGPASSWORD, ~/.pgpass, sslmode=...) counts.

    Args:
        url: as SQLAlchemy writes it.
        read_only: nothing is going to be written.

    Raises:
        HistoryError: the URL cannot be understood, the driver is missing, or the server refuses.
    """

    words = Words(
        serial="BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        bytes="BYTEA",
        tables="SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = :name",
        write=("BEGIN", f"SELECT pg_advisory_xact_lock({_LOCK})"),
        read="BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    )

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError):
            # Not told, as it may hold a password.
            raise HistoryError(
                "the URL of the history cannot be understood: postgresql://user@host:5432/database is wanted"
            ) from None
        self.where = f"postgresql://{parsed.host or ''}/{parsed.database or ''}"
        options = f"-c statement_timeout={_STATEMENT_MILLISECONDS}"
        if read_only:
            options += " -c default_transaction_read_only=on"
        arguments = {
            "connect_timeout": _CONNECT_SECONDS,
            "application_name": "readycheck",
            "client_encoding": "utf8",
            "options": f"{parsed.query.get('options', '')} {options}".strip(),
        }
        with self._explained():
            engine = create_engine(
                parsed.difference_update_query(["options"]),
                poolclass=NullPool,
                isolation_level="AUTOCOMMIT",  # transactions begin where the history says so
                connect_args=arguments,
            )
            self._connection: Connection = engine.connect()

    def execute(self, statement: str, parameters: Parameters | None = None) -> list[Row]:
        """Run one statement, and give the rows that it answers."""
        with self._explained():
            result = self._connection.execute(text(statement), parameters or {})
            return [tuple(row) for row in result] if result.returns_rows else []

    def execute_many(self, statement: str, rows: Sequence[Parameters]) -> None:
        """Run one statement for each row."""
        if rows:
            with self._explained():
                self._connection.execute(text(statement), rows)

    def close(self) -> None:
        """Let go of it."""
        self._connection.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """What the driver says, in one line and without the statement and its values."""
        try:
            yield
        except SQLAlchemyError as error:
            told = str(getattr(error, "orig", None) or error).strip()
            raise HistoryError(f"{self.where}: {told.splitlines()[0] if told else 'no answer'}") from error
