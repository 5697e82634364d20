"""Volumes of pods and the claims behind them (Kubernetes, Persistent Volumes)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from msgspec import Struct

from readycheck.kubernetes.workload import Container, Workload
from readycheck.model import Place, Resource

EXCLUSIVE_MODES = frozenset({"ReadWriteOnce", "ReadWriteOncePod"})
_SHARED_MODES = frozenset({"ReadWriteMany", "ReadOnlyMany"})
UNBOUND = ("Pending", "Lost")
"""The phases of a claim behind which no volume stands (Kubernetes API, PersistentVolumeClaimStatus)."""
FindClaim: TypeAlias = Callable[[Workload, str], Resource | None]

# What a pod can mount itself and what outlives it, without a claim; most of it as drivers' volumes only, by now.
_LASTING = (
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephfs",
    "cinder",
    "fc",
    "gcePersistentDisk",
    "glusterfs",
    "iscsi",
    "nfs",
    "portworxVolume",
    "rbd",
    "vsphereVolume",
)
_FLEETING = ("emptyDir", "hostPath", "ephemeral")
_NOT_FOR_DATA = ("/tmp", "/run", "/var/run", "/dev", "/etc")  # noqa: S108 - in containers


class ClaimUse(Struct, frozen=True, eq=False):
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


def unread_claim(workload: Workload, find: FindClaim) -> ClaimUse | None:
    """A claim that a workload's pods share and whose modes are not at hand; None where all are.

    Raises:
        Unjudged: one of them is not named yet.
    """
    return next((use for use in claims_of(workload) if use.template is None and find(workload, use.name) is None), None)


def unshared_claim(workload: Workload, find: FindClaim) -> ClaimUse | None:
    """A claim that is not known to be mountable by several nodes; None where each one is.

    Args:
        workload: the workload whose pods mount it.
        find: finds the claim of a name where it was read.

    Raises:
        Unjudged: one of them is not named yet, or its modes are not decided.
    """
    for use in claims_of(workload):
        claim = find(workload, use.name) if use.template is None else None
        if claim is None or not _SHARED_MODES.intersection(claim.strings("spec.accessModes")):
            return use
    return None


def deletions(workload: Workload) -> Iterator[tuple[str, Place]]:
    """On which occasions a StatefulSet's claims are deleted, and what says so; by default on none."""
    policy = ("spec", "persistentVolumeClaimRetentionPolicy")
    for field, occasion in (("whenDeleted", "it is deleted"), ("whenScaled", "it is scaled down")):
        if workload.string((*policy, field)) == "Delete":
            yield occasion, workload.at((*policy, field))


def mounts_claim(container: Container, claims: Collection[ClaimUse]) -> bool:
    """Whether a container has one of its pod's claims in its file system, or as a device."""
    volumes = {use.volume for use in claims}
    mounts = [*container.mappings("volumeMounts"), *container.mappings("volumeDevices")]
    return any(str(mount.get("name")) in volumes for mount in mounts)


def fleeting_volume(container: Container) -> Place | None:
    """A volume that a container mounts for its data and that ends with the pod or the node; None where there is none.

    Mounts below /tmp, /var/run, /run, /dev and of configuration are not where data is kept.
    """
    return _mounted(container, _FLEETING)


def lasting_volume(container: Container) -> Place | None:
    """A volume that a container mounts without a claim and that outlives its pod; None where there is none."""
    return _mounted(container, _LASTING)


def _mounted(container: Container, kinds: Iterable[str]) -> Place | None:
    pod = container.workload.pod
    volumes = {str(volume.get("name")): (index, volume) for index, volume in enumerate(pod.mappings("volumes"))}
    for mount in container.mappings("volumeMounts"):
        found = volumes.get(str(mount.get("name")))
        if found is None or str(mount.get("mountPath")).startswith(_NOT_FOR_DATA):
            continue
        index, volume = found
        for kind in kinds:
            if kind in volume:
                return pod.at(("volumes", index, kind))
    return None
