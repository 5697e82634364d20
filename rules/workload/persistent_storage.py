"""Keep data on a PersistentVolumeClaim.

What a StatefulSet or a database writes to the container, to an emptyDir or to the node's own disk is gone when the pod
moves. A claim that only one node can mount cannot serve several replicas of a Deployment, and volumes of one zone hold
their pods in that zone.

Options:
    databases: further images that hold data, by the last part of their repository
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes.image import ImageReference
from readycheck.kubernetes.kinds import SERVICES
from readycheck.kubernetes.storage import (
    ClaimUse,
    claims_of,
    database_of,
    deletions,
    exclusive_claim,
    fleeting_volume,
    mounts_claim,
)
from readycheck.kubernetes.workload import Container, Workload
from readycheck.model import Severity, Verdict
from readycheck.rule import rule
from readycheck.scope import parked


@rule(*SERVICES, severity=Severity.HIGH, unless=parked)
def persistent_storage(
    workload: Workload, inventory: Inventory, *, databases: tuple[str, ...] = ()
) -> Iterator[Verdict]:
    claims = list(claims_of(workload))
    database = database_of(workload, databases)
    if not claims and workload.kind != "StatefulSet" and database is None:
        yield workload.not_applicable("keeps no data: neither a StatefulSet, nor a known database, nor a claim")
        return
    if not claims or (database is not None and not mounts_claim(database, claims)):
        yield _unkept(workload, database)
    yield from _claims(workload, claims, inventory)
    yield from _ends(workload, claims, inventory)


def _unkept(workload: Workload, database: Container | None) -> Verdict:
    what = (
        f"runs the database {ImageReference.of(str(database.body['image'])).name}" if database else "is a StatefulSet"
    )
    for container in (database,) if database else workload.long_running:
        place = fleeting_volume(workload, container)
        if place is not None:
            return workload.finding(
                f"{what} and keeps its data on {place.path[-1]} where a PersistentVolumeClaim is wanted", at=place
            )
    return workload.finding(
        f"{what} and has no PersistentVolumeClaim for its data",
        at=database.at("image") if database else (*workload.pod_path, "volumes"),
    )


def _claims(workload: Workload, claims: list[ClaimUse], inventory: Inventory) -> Iterator[Verdict]:
    for use in claims:
        if use.template is None and not (
            inventory.claim(workload, use.name) or inventory.claim_maker(workload, use.name)
        ):
            yield _missing(workload, use, inventory)
    exclusive = exclusive_claim(workload, inventory.claim)
    floor = inventory.replica_floor(workload)
    if exclusive is not None and floor.count > 1:
        shared, holder = exclusive
        yield workload.finding(
            f"{floor.count} replicas share the claim {shared.name}, which one {holder} can mount at a time",
            at=shared.place,
            also=(floor.place,),
        )


def _ends(workload: Workload, claims: list[ClaimUse], inventory: Inventory) -> Iterator[Verdict]:
    """What ends the data though nothing is wrong with where it is kept."""
    for occasion, place in deletions(workload):
        yield workload.note(f"its claims and their data are deleted when {occasion}", at=place)
    for use in claims:
        storage_class = inventory.storage_class(workload, use)
        if storage_class is not None and storage_class.string("reclaimPolicy", "Delete") == "Delete":
            yield workload.note(
                f"StorageClass {storage_class.name} deletes the data with its claim {use.name} (reclaimPolicy: Delete)",
                at=storage_class.at("reclaimPolicy"),
                also=(use.place,),
            )


def _missing(workload: Workload, use: ClaimUse, inventory: Inventory) -> Verdict:
    elsewhere = inventory.may_come_from(workload.scope, workload)
    if elsewhere is not None:
        return workload.unknown(
            f"mounts the claim {use.name}; {elsewhere.resource.kind} {elsewhere.resource.name} may bring it",
            at=use.place,
        )
    return workload.finding(f"mounts the claim {use.name}, which does not exist", at=use.place)
