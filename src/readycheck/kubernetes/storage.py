"""Volumes of pods and the claims behind them (Kubernetes, Persistent Volumes)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from readycheck.kubernetes.image import ImageReference
from readycheck.kubernetes.workload import Container, Workload
from readycheck.model import Place, Resource

EXCLUSIVE_MODES = frozenset({"ReadWriteOnce", "ReadWriteOncePod"})
FindClaim: TypeAlias = Callable[[Workload, str], Resource | None]

# Servers that keep the only copy of what they are given; caches are not among them. By the last part of the image's
# repository, as the official images, Bitnami's and the vendors' own are called (looked through in August 2026).
DATABASE_IMAGES = frozenset(
    {
        "arangodb",
        "cassandra",
        "clickhouse",
        "clickhouse-server",
        "cockroach",
        "cockroachdb",
        "couchbase",
        "couchdb",
        "crate",
        "dgraph",
        "elasticsearch",
        "etcd",
        "influxdb",
        "mariadb",
        "mariadb-galera",
        "minio",
        "mongo",
        "mongodb",
        "mongodb-community-server",
        "mongodb-enterprise-server",
        "mssql-server",
        "server-mssql",
        "mysql",
        "mysql-server",
        "neo4j",
        "opensearch",
        "percona",
        "percona-server",
        "percona-xtradb-cluster",
        "postgis",
        "postgres",
        "postgresql",
        "postgresql-repmgr",
        "questdb",
        "rethinkdb",
        "scylla",
        "solr",
        "surrealdb",
        "timescaledb",
        "timescaledb-ha",
        "yugabyte",
        "zookeeper",
    }
)

_CLIENTS = ("pg_dump", "pg_restore", "pg_basebackup", "mysqldump", "mariadb-dump", "mongodump", "mongorestore")
_REPOSITORY_NAME = re.compile(r"[a-z0-9._-]+\Z")


@dataclass(frozen=True, slots=True, eq=False)
class ClaimUse:
    """A pod's volume that is a persistent volume claim: named by the pod, or made for each pod of a StatefulSet."""

    name: str
    volume: str
    """What the pod's containers mount it as."""
    place: Place
    template: Mapping[str, Any] | None = None
    """What the claim is made from, where the workload says so itself."""


def claims_of(workload: Workload) -> Iterator[ClaimUse]:
    """The claims that a workload's pods use and that outlive them: not those of ephemeral volumes.

    Raises:
        Unjudged: one of them is not named yet.
    """
    for index, volume in enumerate(workload.pod.mappings("volumes")):
        if volume.get("persistentVolumeClaim") is not None:
            place = workload.pod.at(("volumes", index, "persistentVolumeClaim", "claimName"))
            yield ClaimUse(workload.pod.string(place.path), str(volume.get("name")), place)
    if workload.kind == "StatefulSet":
        for index, template in enumerate(workload.mappings("spec.volumeClaimTemplates")):
            name = workload.string(("spec", "volumeClaimTemplates", index, "metadata", "name"))
            yield ClaimUse(name, name, workload.at(("spec", "volumeClaimTemplates", index)), template)


def exclusive_claim(workload: Workload, find: FindClaim) -> tuple[ClaimUse, str] | None:
    """A claim that all of a workload's pods share and that only one node or pod can mount; None where there is none.

    Args:
        workload: the workload.
        find: finds the claim of a name where it was read.

    Returns:
        The claim, and what can mount it at a time: `node` or `pod`.
    """
    for use in claims_of(workload):
        claim = find(workload, use.name) if use.template is None else None
        modes = set(claim.strings("spec.accessModes")) if claim is not None else set()
        if modes and modes <= EXCLUSIVE_MODES:
            return use, "node" if "ReadWriteOnce" in modes else "pod"
    return None


def deletions(workload: Workload) -> Iterator[tuple[str, Place]]:
    """On which occasions a StatefulSet's claims are deleted, and what says so; by default on none."""
    policy = ("spec", "persistentVolumeClaimRetentionPolicy")
    for field, occasion in (("whenDeleted", "it is deleted"), ("whenScaled", "it is scaled down")):
        if workload.string((*policy, field)) == "Delete":
            yield occasion, workload.at((*policy, field))


def database_of(workload: Workload, more: Collection[str] = ()) -> Container | None:
    """The container that runs a known database; None where none does.

    Args:
        workload: the workload.
        more: further images that are databases, by the last part of their repository.

    Raises:
        Unjudged: the name of an image is not decided yet; an undecided tag does not matter.
    """
    for container in workload.long_running:
        image = container.body.get("image")
        name = ImageReference.of("" if image is None else str(image)).name.lower()
        if not _REPOSITORY_NAME.match(name):
            name = ImageReference.of(container.string("image")).name.lower()
        if (name in DATABASE_IMAGES or name in more) and not _runs_client(container):
            return container
    return None


def _runs_client(container: Container) -> bool:
    """Whether a database's image is used for the client in it: to dump, to load, to wait."""
    said = [str(word) for field in ("command", "args") for word in container.strings(field)]
    return any(client in word for word in said for client in _CLIENTS)


def mounts_claim(container: Container, claims: Collection[ClaimUse]) -> bool:
    """Whether a container has one of its pod's claims in its file system."""
    volumes = {use.volume for use in claims}
    return any(str(mount.get("name")) in volumes for mount in container.mappings("volumeMounts"))


def fleeting_volume(workload: Workload, container: Container) -> Place | None:
    """A volume that a container mounts for its data and that ends with the pod or the node; None where there is none.

    Mounts below /tmp, /var/run, /run, /dev and of configuration are not where data is kept.
    """
    volumes = {
        str(volume.get("name")): (index, volume) for index, volume in enumerate(workload.pod.mappings("volumes"))
    }
    for mount in container.mappings("volumeMounts"):
        path = str(mount.get("mountPath"))
        found = volumes.get(str(mount.get("name")))
        if found is None or path.startswith(("/tmp", "/run", "/var/run", "/dev", "/etc")):  # noqa: S108 - of containers
            continue
        index, volume = found
        for kind in ("emptyDir", "hostPath", "ephemeral"):
            if kind in volume:
                return workload.pod.at(("volumes", index, kind))
    return None
