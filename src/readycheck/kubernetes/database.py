"""Which containers run a database: a server that keeps the only copy of what it is given."""

from __future__ import annotations

from collections.abc import Collection

from readycheck.kubernetes.command import simple_commands
from readycheck.kubernetes.workload import Container, Workload

# By the last part of the image's repository, or the last two where the last one says too little, as the official
# images of Docker Hub, Bitnami's and the vendors' own are called (looked through in November 2026). Caches are not
# among them, nor what only stands before a database.
DATABASE_IMAGES = frozenset(
    {
        "aerospike-server",
        "arangodb",
        "cassandra",
        "clickhouse",
        "clickhouse-server",
        "cockroach",
        "cockroachdb",
        "couchbase",
        "couchbase/server",
        "couchdb",
        "crate",
        "database/enterprise",
        "database/express",
        "database/free",
        "db2_community/db2",
        "dgraph",
        "dse-server",
        "elasticsearch",
        "etcd",
        "influxdb",
        "mariadb",
        "mariadb-galera",
        "milvus",
        "minio",
        "mongo",
        "mongodb",
        "mongodb-community-server",
        "mongodb-enterprise-server",
        "mongodb-sharded",
        "mssql-server",
        "mssql/server",
        "server-mssql",
        "mysql",
        "mysql-server",
        "neo4j",
        "opensearch",
        "oracle-free",
        "oracle-xe",
        "percona",
        "percona-server",
        "percona-server-mongodb",
        "percona-xtradb-cluster",
        "pgvector",
        "postgis",
        "postgres",
        "postgresql",
        "postgresql-repmgr",
        "qdrant",
        "questdb",
        "ravendb",
        "rethinkdb",
        "scylla",
        "solr",
        "surrealdb",
        "timescaledb",
        "timescaledb-ha",
        "weaviate",
        "yugabyte",
        "zookeeper",
    }
)

# What else a database's image is used for: to dump and load, which says enough wherever it stands in a script,
_DUMPS = frozenset(
    {
        "mariadb-dump",
        "mongodump",
        "mongorestore",
        "mysqldump",
        "pg_basebackup",
        "pg_dump",
        "pg_dumpall",
        "pg_restore",
    }
)
# and to ask, to wait or to pass requests on, where nothing else is run.
_CLIENTS = frozenset(
    {
        "cqlsh",
        "etcdctl",
        "influx",
        "mariadb",
        "mariadb-admin",
        "mongo",
        "mongos",
        "mongosh",
        "mysql",
        "mysqladmin",
        "pg_isready",
        "psql",
        "sleep",
        "tail",
    }
)
_BUILTINS = frozenset({"", ":", "[", "cd", "date", "echo", "exit", "export", "printf", "set", "test", "trap", "true"})


def database_of(workload: Workload, more: Collection[str] = ()) -> Container | None:
    """The container that runs a known database; None where none does.

    Args:
        workload: the workload.
        more: further images that are databases, by the last part of their repository.

    Raises:
        Unjudged: the name of an image is not decided yet; an undecided tag does not matter.
    """
    names = DATABASE_IMAGES.union(more)
    for container in workload.long_running:
        image = container.image
        if image.name is None:
            container.string("image")
        if image.called(names) and _serves(container):
            return container
    return None


def _serves(container: Container) -> bool:
    """Whether a database's image runs the server in it."""
    commands = simple_commands([*container.strings("command"), *container.strings("args")])
    programs = {words[0] for _, words in commands if words} - _BUILTINS
    return not programs or not (programs & _DUMPS or programs <= _CLIENTS)
