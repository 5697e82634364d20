"""The tables of the history, and how those of an earlier version become those of this one."""

from __future__ import annotations

from readycheck.history.database import Database, writing
from readycheck.history.snapshot import HistoryError

# One item for each version of the tables, with the statements that lead to it from the one before. What has been
# released is never edited.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        # Scans that are comparable: of one environment of one project, whole or narrowed to some paths.
        """CREATE TABLE series (
            id {serial},
            project TEXT NOT NULL,
            environment TEXT NOT NULL,
            narrowed_to TEXT NOT NULL,
            UNIQUE (project, environment, narrowed_to)
        )""",
        # The rules that ran: most scans share them.
        """CREATE TABLE ruleset (
            hash TEXT NOT NULL PRIMARY KEY,
            rules TEXT NOT NULL
        )""",
        """CREATE TABLE scan (
            id {serial},
            series BIGINT NOT NULL REFERENCES series (id),
            taken_at TEXT NOT NULL,
            version TEXT NOT NULL,
            revision TEXT NOT NULL,
            ruleset TEXT NOT NULL REFERENCES ruleset (hash),
            exit_code INTEGER NOT NULL,
            score DOUBLE PRECISION,
            critical INTEGER NOT NULL,
            high INTEGER NOT NULL,
            medium INTEGER NOT NULL,
            low INTEGER NOT NULL,
            info INTEGER NOT NULL,
            body TEXT NOT NULL
        )""",
        "CREATE INDEX scan_by_time ON scan (series, taken_at, id)",
        """CREATE TABLE tally (
            scan BIGINT NOT NULL REFERENCES scan (id) ON DELETE CASCADE,
            rule TEXT NOT NULL,
            status TEXT NOT NULL,
            severity TEXT NOT NULL,
            outcomes INTEGER NOT NULL,
            PRIMARY KEY (scan, rule, status, severity)
        ) {by_key}""",
        # What a scan tells one by one: apart, as most questions do not ask for it.
        """CREATE TABLE telling (
            scan BIGINT NOT NULL PRIMARY KEY REFERENCES scan (id) ON DELETE CASCADE,
            told {bytes} NOT NULL
        )""",
        # When a finding was first and last seen: outlives the scans that saw it.
        """CREATE TABLE sighting (
            series BIGINT NOT NULL REFERENCES series (id) ON DELETE CASCADE,
            fingerprint TEXT NOT NULL,
            first_seen TEXT NOT NULL,
            last_seen TEXT NOT NULL,
            PRIMARY KEY (series, fingerprint)
        ) {by_key}""",
    ),
)


def migrate(database: Database) -> None:
    """Bring the tables to this version, all at once.

    Raises:
        HistoryError: they cannot be brought there; nothing has changed then.
    """
    if _version_of(database) == len(MIGRATIONS):
        return
    with writing(database):
        # Another process may have been here since.
        version = _version_of(database)
        if not version:
            database.execute("CREATE TABLE readycheck_history (version INTEGER NOT NULL)")
            database.execute("INSERT INTO readycheck_history (version) VALUES (0)")
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                database.execute(
                    statement.format(
                        serial=database.words.serial, bytes=database.words.bytes, by_key=database.words.by_key
                    )
                )
        database.execute("UPDATE readycheck_history SET version = :version", {"version": len(MIGRATIONS)})


def require(database: Database) -> None:
    """Make sure that a database which is only read has the tables of this version.

    Raises:
        HistoryError: it has not.
    """
    version = _version_of(database)
    if not version:
        raise HistoryError(f"{database.where}: there is no history yet: `readycheck scan` begins one")
    if version < len(MIGRATIONS):
        raise HistoryError(
            f"{database.where}: is a history of an older readycheck, which the next `readycheck scan` brings up to date"
        )


def _version_of(database: Database) -> int:
    """The version of its tables; 0 where it has none.

    Raises:
        HistoryError: they are another program's, or those of a newer readycheck.
    """
    # Asked first: another process may make both tables in between.
    holds_scans = _has_table(database, "scan")
    if not _has_table(database, "readycheck_history"):
        if holds_scans:
            raise HistoryError(f"{database.where}: holds tables of another program: name another place with --history")
        return 0
    version = int(database.execute("SELECT version FROM readycheck_history")[0][0])
    if version > len(MIGRATIONS):
        raise HistoryError(
            f"{database.where}: is a history of a newer readycheck (format {version}, and this one knows"
            f" {len(MIGRATIONS)}): update readycheck, or name another place with --history"
        )
    return version


def _has_table(database: Database, name: str) -> bool:
    return bool(database.execute(database.words.tables, {"name": name}))
