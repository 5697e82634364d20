"""Where scans are kept in tests: a file, and a database of a PostgreSQL server that the tests start."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.history.servers import postgresql, programs

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of the databases of a server, up to their name; skips the test where no server is installed."""
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL's server is not installed: `make tools-postgres` installs it")
    with postgresql(folder) as url:
        yield url


@pytest.fixture
def database(server: str) -> str:
    """The URL of an empty database of the server."""
    import psycopg  # noqa: PLC0415 - only where a server is

    name = f"history{next(_NUMBERS)}"
    with psycopg.connect(server.format(name="postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.format(name=name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty place for a history, of each kind."""
    if request.param == "sqlite":
        return str(tmp_path / "history.db")
    return str(request.getfixturevalue("database"))
