"""What would be, asked of a live cluster without judging it: which zone's loss would cost what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from readycheck.config import Config
from readycheck.config import load as load_config
from readycheck.inventory import ZONE_LOST, Inventory
from readycheck.kubernetes.kinds import SERVICES, WORKLOADS, qualified_kind
from readycheck.kubernetes.workload import Workload
from readycheck.model import Problem, Resource, Unjudged
from readycheck.scan import Progress, clock, timestamp
from readycheck.section import ConfigError, nearest
from readycheck.simulation.zone_loss import ZoneLoss, named

_ASKED = frozenset({*WORKLOADS, "Namespace", "Node", "PersistentVolume", "PersistentVolumeClaim"})
"""The kinds that the simulation rests on: what of others could not be read takes nothing from it."""


class Survivor(Struct, frozen=True):
    """A service that has pods in a zone and keeps ready ones elsewhere."""

    workload: str
    ready: int
    """How many remain."""
    of: int


class Outlook(Struct, frozen=True):
    """What the loss of one zone would bring about.

    Args:
        zone: its name.
        nodes: the names of its nodes.
        lost: the services that have no ready pod left, and the pods that nothing makes again.
        stays: the services with pods there that keep ready ones elsewhere.
        loss: what moves where, and whether it fits; None where that cannot be told.
        untold: why something cannot be told; "" where all can.
    """

    zone: str
    nodes: Sequence[str]
    lost: Sequence[str]
    stays: Sequence[Survivor]
    loss: ZoneLoss | None
    untold: str

    @property
    def room(self) -> bool | None:
        """Whether what stood there fits the rest; None where that cannot be told."""
        return self.loss.room if self.loss is not None else None


class Prospect(Struct, frozen=True):
    """What the loss of each zone of an environment's cluster would bring about."""

    environment: str
    taken_at: str
    problems: Sequence[Problem]
    zones: Sequence[Outlook]


def zone_losses(
    config_file: Path | None, environment: str, zones: Sequence[str] = (), progress: Progress = lambda _: None
) -> Prospect:
    """Read the cluster of an environment and take its zones away, each for itself.

    Args:
        config_file: the configuration; None where there is none.
        environment: the environment's name; "" where none was named.
        zones: the zones to take away; all where none are named.
        progress: told what is being done.

    Raises:
        ConfigError: the configuration cannot be used, names no cluster, or a zone is none of the cluster's.
    """
    config = load_config(config_file) if config_file else Config()
    chosen = config.environment(environment)
    if chosen.cluster is None:
        which = f"environment {environment}" if environment else "no environment was named (--env), and so"
        raise ConfigError(f"{which} has no `cluster` in the configuration: a zone can be lost of a live cluster only")
    from readycheck.sources import cluster  # noqa: PLC0415 - as in a scan

    now = clock()
    collected = cluster.collect(chosen.cluster, progress)
    progress("simulating")
    inventory = Inventory((collected,), environment=environment, now=now)
    found = [] if collected.failed else list(_outlooks(inventory, zones))
    problems = [each for each in collected.problems if collected.failed or each.uri.rpartition("/")[2] in _ASKED]
    return Prospect(environment, timestamp(now), problems, found)


def _outlooks(inventory: Inventory, names: Sequence[str]) -> Iterator[Outlook]:
    try:
        zones = {zone.name: zone for zone in inventory.of(ZONE_LOST)}
    except Unjudged:
        # Nodes could not be read, which is among the problems.
        return
    for name in names:
        if name not in zones:
            known = f"its nodes stand in {', '.join(zones)}" if zones else "none of its nodes tells its zone"
            raise ConfigError(f"--zone {name}: no such zone in the cluster{nearest(name, zones)}; {known}")
    for name in names or zones:
        yield _outlook(zones[name], inventory)


def _outlook(zone: Resource, inventory: Inventory) -> Outlook:
    lost: list[str] = []
    stays: list[Survivor] = []
    untold: dict[str, None] = {}
    for workload in inventory.workloads:
        if qualified_kind(workload) not in SERVICES or inventory.run_by(workload) is not None:
            continue
        try:
            survivor = _survivor(workload, zone.name, inventory)
        except Unjudged as unjudged:
            untold[unjudged.reason] = None
            continue
        if survivor is not None and survivor.ready:
            stays.append(survivor)
        elif survivor is not None:
            lost.append(survivor.workload)
    try:
        loss: ZoneLoss | None = inventory.loss_of(zone)
    except Unjudged as unjudged:
        loss = None
        untold[unjudged.reason] = None
    if loss is not None:
        lost += (each.maker for each in loss.bare)
        untold.update(dict.fromkeys(filter(None, (loss.untold,))))
    nodes = [node.name for node in inventory.nodes_in(zone.name)]
    return Outlook(zone.name, nodes, lost, stays, loss, "; ".join(untold))


def _survivor(workload: Workload, zone: str, inventory: Inventory) -> Survivor | None:
    """What a service keeps of its ready pods; None where it has none in the zone."""
    ready = inventory.ready_zones(workload)
    if zone not in ready or not inventory.runs_on_machines(workload):
        return None
    total = sum(map(len, ready.values()))
    return Survivor(named(workload), total - len(ready[zone]), total)
