"""Volumes of pods and the claims behind them (Kubernetes, Persistent Volumes)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from readycheck.kubernetes.image import ImageReference
from readycheck.kubernetes.workload import Container, Role, Workload
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


@dataclass(frozen=True, slots=True, eq=False)
class ClaimUse:
    """A pod's volume that is a persistent volume claim: named by the pod, or made for each pod of a StatefulSet."""

    name: str
    place: Place
    template: Mapping[str, Any] | None = None
    """What the claim is made from, where the workload says so itself."""


def claims_of(workload: Workload) -> Iterator[ClaimUse]:
    """The claims that a workload's pods use."""
    for index, volume in enumerate(workload.pod.mappings("volumes")):
        claim = volume.get("persistentVolumeClaim")
        if isinstance(claim, Mapping):
            place = workload.pod.at(("volumes", index, "persistentVolumeClaim", "claimName"))
            yield ClaimUse(str(claim.get("claimName")), place)
        ephemeral = volume.get("ephemeral")
        if isinstance(ephemeral, Mapping) and isinstance(ephemeral.get("volumeClaimTemplate"), Mapping):
            continue
    if workload.kind == "StatefulSet":
        for index, template in enumerate(workload.mappings("spec.volumeClaimTemplates")):
            metadata = template.get("metadata")
            name = str(metadata.get("name")) if isinstance(metadata, Mapping) else ""
            yield ClaimUse(name, workload.at(("spec", "volumeClaimTemplates", index)), template)


def exclusive_claim(workload: Workload, find: FindClaim) -> ClaimUse | None:
    """A claim that all of a workload's pods share and that only one node can mount; None where there is none.

    Args:
        workload: the workload.
        find: finds the claim of a name where it was read.
    """
    for use in claims_of(workload):
        claim = find(workload, use.name) if use.template is None else None
        if claim is not None and not EXCLUSIVE_MODES.isdisjoint(claim.get("spec.accessModes") or ()):
            modes = set(claim.get("spec.accessModes"))
            if modes <= EXCLUSIVE_MODES:
                return use
    return None


def database_of(workload: Workload) -> Container | None:
    """The container that runs a known database; None where none does."""
    for container in workload.containers:
        if container.role is not Role.INIT:
            image = container.get("image")
            if isinstance(image, str) and ImageReference.of(image).name.lower() in DATABASE_IMAGES:
                return container
    return None


def fleeting_volume(workload: Workload, container: Container) -> Place | None:
    """A volume that a container mounts for its data and that ends with the pod or the node; None where there is none.

    Mounts below /tmp, /var/run, /run, /dev and of configuration are not where data is kept.
    """
    volumes = {volume.get("name"): (index, volume) for index, volume in enumerate(workload.pod.mappings("volumes"))}
    for mount in container.mappings("volumeMounts"):
        path = str(mount.get("mountPath"))
        found = volumes.get(mount.get("name"))
        if found is None or path.startswith(("/tmp", "/run", "/var/run", "/dev", "/etc")):  # noqa: S108 - of containers
            continue
        index, volume = found
        for kind in ("emptyDir", "hostPath"):
            if kind in volume:
                return workload.pod.at(("volumes", index, kind))
    return None
