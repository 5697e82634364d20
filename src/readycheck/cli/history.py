"""`readycheck history`: the scans that are kept."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from readycheck.cli.configuration import config_option, found_config
from readycheck.cli.kept import history_option, opened, place_of

_env_option = click.option("--env", "environment", metavar="NAME", help="Of this environment alone.")
_output_option = click.option(
    "-o",
    "--output",
    type=click.Choice(("terminal", "json")),
    default="terminal",
    help="How to show it. [default: terminal]",
)


@click.group(invoke_without_command=True)
@click.pass_context
def history(context: click.Context) -> None:
    """List, show and prune the scans that are kept.

    Each `readycheck scan` is kept, in a file of the user's own or where the configuration says.
    """
    if context.invoked_subcommand is None:
        context.invoke(list_scans)


@history.command("list")
@_env_option
@click.option("--since", metavar="DATE|7d", help="Not the earlier ones: 2026-11-23, or 7d for the last seven days.")
@history_option
@config_option
@_output_option
def list_scans(
    environment: str | None = None,
    since: str | None = None,
    place: str | None = None,
    config: Path | None = None,
    output: str = "terminal",
) -> None:
    """List the kept scans.

    A mark shows where the rules are others than those of the scan before.
    """
    from readycheck.cli.errors import explained  # noqa: PLC0415 - see the package's docstring; so below

    with explained(), opened(place, config) as kept:
        scans = kept.scans(environment, _moment(since) if since else "", narrowed_to=None)
    if output == "json":
        _print_json({"schema": "readycheck/scans/1", "scans": scans})
        return
    from readycheck.outputs.changes import scan_lines  # noqa: PLC0415

    for line in scan_lines(scans):
        click.echo(line)


@history.command()
@click.argument("scan", default="last")
@_env_option
@history_option
@config_option
@_output_option
def show(scan: str, environment: str | None, place: str | None, config: Path | None, output: str) -> None:
    """Show one kept scan and its findings.

    SCAN is the number of a scan, `last`, or a date: the last scan up to that day.
    """
    from readycheck.cli.errors import explained  # noqa: PLC0415
    from readycheck.history.naming import pick  # noqa: PLC0415

    with explained(), opened(place, config) as kept:
        row = pick(kept, scan, environment)
        found = kept.snapshot(row.id)
    if output == "json":
        _print_json({"schema": "readycheck/scan/1", "id": row.id, "scan": found})
        return
    from readycheck.outputs.changes import snapshot_lines  # noqa: PLC0415

    for line in snapshot_lines(found, row.title):
        click.echo(line)


@history.command()
@click.argument("fingerprint")
@_env_option
@history_option
@config_option
@_output_option
def finding(fingerprint: str, environment: str | None, place: str | None, config: Path | None, output: str) -> None:
    """Show when a finding was first seen, fixed and reopened.

    FINGERPRINT is what `history show` and the JSON report call it, or the beginning of that.
    """
    from readycheck.cli.errors import explained  # noqa: PLC0415
    from readycheck.history.life import life_of  # noqa: PLC0415

    with explained(), opened(place, config) as kept:
        life = life_of(kept, fingerprint, environment)
    if output == "json":
        _print_json({"schema": "readycheck/finding/1", **msgspec.structs.asdict(life)})
        return
    from readycheck.outputs.changes import life_lines  # noqa: PLC0415

    for line in life_lines(life):
        click.echo(line)


@history.command()
@click.option(
    "--before",
    metavar="DATE|90d",
    help="The scans that are older than this: 2026-01-01, or 90d for ninety days. [default: what the configuration"
    " says, else 730d]",
)
@_env_option
@history_option
@config_option
def prune(before: str | None, environment: str | None, place: str | None, config: Path | None) -> None:
    """Let go of old scans.

    The last one of each environment stays, and so does what is known of when findings were first seen.
    """
    from readycheck.cli.errors import explained  # noqa: PLC0415
    from readycheck.history import History, HistoryError  # noqa: PLC0415
    from readycheck.provenance import project_of  # noqa: PLC0415

    with explained():
        kept = place_of(place, config)
        if kept is None:
            raise HistoryError("no history is kept")
        moment = _moment(before or f"{kept.keep_days}d")
        with History.open(kept.url, project_of(config or found_config())) as opened_history:
            pruned = opened_history.prune(moment, environment)
    click.echo(f"Let go of {pruned} scan{'' if pruned == 1 else 's'} before {moment}.")


def _moment(given: str) -> str:
    from readycheck.history.naming import moment_of  # noqa: PLC0415
    from readycheck.scan import clock, timestamp  # noqa: PLC0415

    return moment_of(given, timestamp(clock()))


def _print_json(document: object) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2))
