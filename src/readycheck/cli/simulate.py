"""`readycheck simulate`: what would happen to a live cluster."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readycheck.cli.configuration import config_option, found_config

if TYPE_CHECKING:
    from readycheck.simulate import Outlook, Prospect

_SCHEMA = "readycheck/zone-loss/1"
_EXAMPLES = 3


@click.group()
def simulate() -> None:
    """Show what would happen to a live cluster."""


@simulate.command("zone-loss")
@click.option("--env", "environment", metavar="NAME", help="The environment of readycheck.yaml whose cluster is meant.")
@click.option("--zone", "zones", multiple=True, metavar="ZONE", help="The zone to take away. [default: each in turn]")
@config_option
@click.option(
    "-o",
    "--output",
    type=click.Choice(("terminal", "json")),
    default="terminal",
    help="How to show it. [default: terminal]",
)
def zone_loss(environment: str | None, zones: tuple[str, ...], config: Path | None, output: str) -> None:
    """Show what dies, stays and moves when a zone is lost.

    The cluster is read and not changed. Exit codes: 0 where the simulation could be made, whatever it shows; 3 where
    parts of the cluster could not be read or nobody can tell; `readycheck scan` judges the same as cluster/zone-loss.
    """
    from readycheck.cli.errors import explained  # noqa: PLC0415 - see the package's docstring; so below
    from readycheck.cli.progress import progress  # noqa: PLC0415
    from readycheck.report import ExitCode  # noqa: PLC0415
    from readycheck.simulate import zone_losses  # noqa: PLC0415

    with explained(), progress() as tell:
        prospect = zone_losses(config or found_config(), environment or "", tuple(dict.fromkeys(zones)), tell)
    if output == "json":
        click.echo(_as_json(prospect))
    else:
        for line in _page(prospect):
            click.echo(line)
    incomplete = bool(prospect.problems) or any(each.untold for each in prospect.zones)
    sys.exit(int(ExitCode.INCOMPLETE if incomplete else ExitCode.READY))


def _as_json(prospect: Prospect) -> str:
    import orjson  # noqa: PLC0415

    from readycheck import __version__  # noqa: PLC0415
    from readycheck.simulation.zone_loss import MODELLED, NOT_MODELLED  # noqa: PLC0415

    document = {
        "schema": _SCHEMA,
        "version": __version__,
        "environment": prospect.environment,
        "taken_at": prospect.taken_at,
        "modelled": MODELLED,
        "not_modelled": NOT_MODELLED,
        "problems": [{"uri": problem.uri, "reason": problem.reason} for problem in prospect.problems],
        "zones": {each.zone: _zone(each) for each in prospect.zones},
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()


def _zone(outlook: Outlook) -> Mapping[str, Any]:
    loss = outlook.loss
    return {
        "nodes": outlook.nodes,
        "lost": outlook.lost,
        "stays": [{"workload": each.workload, "ready": each.ready, "of": each.of} for each in outlook.stays],
        "room": outlook.room,
        "reason": outlook.untold or None,
        "moves": [
            {
                "pod": move.occupant.named,
                "workload": move.occupant.maker,
                "from": move.occupant.machine.name,
                "to": move.to.name,
                "zone": move.to.zone,
            }
            for move in (loss.moves if loss else ())
        ],
        "unplaced": [
            {
                "pod": each.occupant.named,
                "workload": each.occupant.maker,
                "from": each.occupant.machine.name,
                "reason": each.why,
            }
            for each in (loss.unplaced if loss else ())
        ],
    }


def _page(prospect: Prospect) -> Iterator[str]:
    from readycheck.simulation.zone_loss import MODELLED, NOT_MODELLED  # noqa: PLC0415

    for problem in prospect.problems:
        yield f"not read: {problem.uri}: {problem.reason}"
    for outlook in prospect.zones:
        yield from _zone_lines(outlook)
        yield ""
    if prospect.zones:
        yield f"Reckoned with: {'; '.join(MODELLED)}."
        yield f"Not reckoned with: {'; '.join(NOT_MODELLED)}."
    elif not prospect.problems:
        yield "No node of the cluster tells its zone."


def _zone_lines(outlook: Outlook) -> Iterator[str]:
    yield f"Zone {outlook.zone} lost: {_count(len(outlook.nodes), 'node')} gone ({_first(outlook.nodes)})"
    loss = outlook.loss
    bare = {each.maker for each in loss.bare} if loss else set()
    rows = [("dies", name, "nothing makes it again" if name in bare else "no ready pod left") for name in outlook.lost]
    rows += [("stays", each.workload, f"{each.ready} of {each.of} ready pods") for each in outlook.stays]
    moves: dict[str, list[str]] = {}
    for move in loss.moves if loss else ():
        moves.setdefault(move.occupant.maker, []).append(move.to.name)
    for name, nodes in moves.items():
        rows.append(("moves", name, f"{_count(len(nodes), 'pod')} to {_first(list(dict.fromkeys(nodes)))}"))
    left: dict[tuple[str, str], int] = {}
    for each in loss.unplaced if loss else ():
        left[each.occupant.maker, each.why] = left.get((each.occupant.maker, each.why), 0) + 1
    for (name, why), number in left.items():
        rows.append(("no place", name, f"{_count(number, 'pod')}: {why}"))
    width = max((len(name) for _, name, _ in rows), default=0)
    yield from (f"  {what:<8}  {name:<{width}}  {how}" for what, name, how in rows)
    yield f"  {_verdict(outlook)}"


def _verdict(outlook: Outlook) -> str:
    loss = outlook.loss
    if loss is None or loss.room is None:
        return f"Whether the rest has room cannot be told: {outlook.untold}"
    if not loss.room:
        left = f"{len(loss.unplaced)} of {loss.evicted}"
        return f"No room: pods without a place: {left}; nodes that remain: {loss.nodes}"
    also = f" (not told: {outlook.untold})" if outlook.untold else ""
    return f"Room: pods that move: {loss.evicted}; nodes that remain: {loss.nodes}{also}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _first(names: Sequence[str]) -> str:
    more = len(names) - _EXAMPLES
    return ", ".join(names[:_EXAMPLES]) + (f" and {more} more" if more > 0 else "")
