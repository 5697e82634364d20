"""Keep data on a PersistentVolumeClaim.

What a StatefulSet or a database writes to the container, to an emptyDir or to the node's own disk is gone when the pod
moves. A claim that only one node can mount cannot serve several replicas of a Deployment, and volumes of one zone hold
their pods in that zone: where nothing spreads a StatefulSet's pods at first, one zone may have them all for good. A
claim of a live cluster has to be Bound.

Options:
    databases: further images that hold data, by the last part of their repository
"""

from collections.abc import Iterator, Sequence

from readycheck.inventory import Inventory
from readycheck.kubernetes.autoscaling import ceiling_of
from readycheck.kubernetes.database import database_of
from readycheck.kubernetes.kinds import WORKLOADS
from readycheck.kubernetes.ownership import MIRROR
from readycheck.kubernetes.storage import (
    UNBOUND,
    ClaimUse,
    claims_of,
    deletions,
    exclusive_claim,
    fleeting_volume,
    lasting_volume,
    mounts_claim,
)
from readycheck.kubernetes.storage_class import only_zone, zonal
from readycheck.kubernetes.topology import ZONE, confinement
from readycheck.kubernetes.workload import Container, Workload
from readycheck.model import Resource, Severity, Verdict
from readycheck.rule import rule
from readycheck.scope import parked


@rule(*WORKLOADS, severity=Severity.HIGH, unless=parked)
def persistent_storage(
    workload: Workload, inventory: Inventory, *, databases: tuple[str, ...] = ()
) -> Iterator[Verdict]:
    if MIRROR in workload.annotations:
        yield workload.not_applicable("a static pod: its data stays on its node, as it does itself")
        return
    claims = list(claims_of(workload))
    database = None if workload.runs_to_completion else database_of(workload, databases)
    if not claims and workload.kind != "StatefulSet" and database is None:
        yield workload.not_applicable("keeps no data: neither a StatefulSet, nor a known database, nor a claim")
        return
    if database is not None:
        yield from _kept(workload, claims, [database], f"runs the database {database.image.name}", database)
    elif workload.kind == "StatefulSet":
        yield from _kept(workload, claims, workload.long_running, "is a StatefulSet", workload)
    yield from _missing(workload, claims, inventory)
    yield from _unbound(workload, inventory)
    yield from _shared(workload, inventory)
    if workload.kind == "StatefulSet":
        yield from _zones(workload, claims, inventory)
    yield from _ends(workload, claims, inventory)


def _kept(
    workload: Workload, claims: Sequence[ClaimUse], containers: Sequence[Container], what: str, whose: Resource
) -> Iterator[Verdict]:
    """Whether one of the containers that should keep data has somewhere to keep it."""
    if any(mounts_claim(container, claims) for container in containers):
        return
    lasting = next(filter(None, map(lasting_volume, containers)), None)
    fleeting = next(filter(None, map(fleeting_volume, containers)), None)
    if lasting is not None:
        yield workload.note(f"{what} and keeps its data on {lasting.path[-1]} without a claim", at=lasting)
    elif fleeting is not None:
        yield workload.finding(
            f"{what} and keeps its data on {fleeting.path[-1]} where a PersistentVolumeClaim is wanted", at=fleeting
        )
    elif claims and whose is workload:
        yield workload.finding(f"{what} and none of its containers mounts its claim", at=claims[0].place)
    else:
        yield workload.finding(
            f"{what} and has no PersistentVolumeClaim for its data",
            at=workload.pod.at("volumes") if whose is workload else whose.at("image"),
        )


def _missing(workload: Workload, claims: Sequence[ClaimUse], inventory: Inventory) -> Iterator[Verdict]:
    for use in claims:
        if use.template is not None or inventory.claim(workload, use.name) or inventory.claim_maker(workload, use.name):
            continue
        elsewhere = None if inventory.live else inventory.may_come_from(workload.scope, workload)
        if elsewhere is None:
            yield workload.finding(f"mounts the claim {use.name}, which does not exist", at=use.place)
        else:
            yield workload.unknown(
                f"mounts the claim {use.name}; {elsewhere.named} may bring it",
                at=use.place,
            )


def _unbound(workload: Workload, inventory: Inventory) -> Iterator[Verdict]:
    """Claims of a live cluster that no volume stands behind."""
    if not inventory.live:
        return
    # A pod that an operator runs stands for those alike, and each has its own claim.
    holders = inventory.pods_of(workload) if workload.kind == "Pod" else [workload]
    made = (
        (use, claim) for holder in holders for use in claims_of(holder) for claim in inventory.claims_made(holder, use)
    )
    for use, claim in made:
        phase = claim.string("status.phase")
        if phase in UNBOUND:
            yield workload.finding(
                f"its claim {claim.name} is {phase} where Bound is wanted",
                at=use.place,
                also=[claim.at("status.phase")],
            )


def _shared(workload: Workload, inventory: Inventory) -> Iterator[Verdict]:
    exclusive = exclusive_claim(workload, inventory.claim)
    if exclusive is None:
        return
    use, holder = exclusive
    floor = inventory.replica_floor(workload)
    most = max((ceiling_of(autoscaler) for autoscaler in inventory.autoscalers_of(workload)), default=floor.count)
    if max(floor.count, most) > 1:
        replicas = f"{floor.count}" if floor.count > 1 else f"up to {most}"
        yield workload.finding(
            f"{replicas} replicas share the claim {use.name}, which one {holder} can mount at a time",
            at=use.place,
            also=(floor.place,),
        )


def _zones(workload: Workload, claims: Sequence[ClaimUse], inventory: Inventory) -> Iterator[Verdict]:
    """Whether volumes may hold all replicas in one zone."""
    floor = inventory.replica_floor(workload)
    classes = {use: inventory.storage_class(workload, use) for use in claims if use.template is not None}
    for use, storage_class in classes.items():
        if storage_class is None or floor.count < 2:  # noqa: PLR2004 - one replica has one zone anyway
            continue
        single = only_zone(storage_class)
        driver = zonal(storage_class)
        if single is not None:
            zone, place = single
            yield workload.finding(
                f"StorageClass {storage_class.name} makes the volumes of all {floor.count} replicas in zone {zone}",
                at=use.place,
                also=(place, floor.place),
            )
        elif driver is not None and not _spread(workload, inventory):
            yield workload.finding(
                f"nothing spreads its {floor.count} replicas over zones, and volumes of StorageClass "
                f"{storage_class.name} ({driver.seen}) then hold each where it started",
                at=use.place,
                also=(driver, floor.place),
            )


def _spread(workload: Workload, inventory: Inventory) -> bool:
    """Whether something spreads the pods over zones, or they are meant for one zone (workload/zone-spread says so).

    Volumes of a live cluster hold each pod where it stands.
    """
    if inventory.live and len([zone for zone in inventory.zones_of(workload) if zone]) > 1:
        return True
    if confinement(workload, ZONE) is not None:
        return True
    return any(each.key == ZONE and not each.flaw for each in inventory.spreadings_of(workload))


def _ends(workload: Workload, claims: Sequence[ClaimUse], inventory: Inventory) -> Iterator[Verdict]:
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
