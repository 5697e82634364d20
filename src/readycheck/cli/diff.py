"""`readycheck diff`: what changed between two scans."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from readycheck.cli.configuration import config_option
from readycheck.cli.kept import history_option, opened

if TYPE_CHECKING:
    from readycheck.history import Delta, History, ScanRow, Snapshot

_LARGEST_REPORT = 1024 * 1024 * 1024


class _Side(Struct, frozen=True):
    """One of the two: a kept scan, or the file of a report."""

    title: str
    snapshot: Snapshot
    row: ScanRow | None = None


@click.command()
@click.argument("before", metavar="[A]", default="previous")
@click.argument("after", metavar="[B]", default="last")
@click.option("--env", "environment", metavar="NAME", help="Of this environment alone.")
@history_option
@config_option
@click.option(
    "-o",
    "--output",
    type=click.Choice(("terminal", "json")),
    default="terminal",
    help="How to show it. [default: terminal]",
)
@click.option("-v", "--verbose", is_flag=True, help="In the terminal, also list what is still there.")
def diff(
    before: str,
    after: str,
    environment: str | None,
    place: str | None,
    config: Path | None,
    output: str,
    *,
    verbose: bool,
) -> None:
    """Show what changed from scan A to scan B.

    That is: new, fixed, reopened and newly exempt findings. A and B are numbers of kept scans, `last`, dates (the last
    scan up to that day), or files of `readycheck scan -o json`. Without them, the last scan is held against the one
    before it. A rule that came, went or changed and a source that was not read make nothing new and fix nothing: such
    findings are listed apart. The exit code says nothing of what was found.
    """
    from readycheck.cli.errors import explained  # noqa: PLC0415 - see the package's docstring

    with explained():
        (earlier, later), delta = _compared(before, after, environment, place, config)
    if output == "json":
        import msgspec  # noqa: PLC0415

        document = {
            "schema": "readycheck/diff/1",
            "before": _head(earlier),
            "after": _head(later),
            **msgspec.structs.asdict(delta),
        }
        click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2))
        return
    from readycheck.outputs.changes import delta_lines  # noqa: PLC0415

    for line in delta_lines(delta, earlier.title, later.title, verbose=verbose):
        click.echo(line)


def _compared(
    before: str, after: str, environment: str | None, place: str | None, config: Path | None
) -> tuple[tuple[_Side, _Side], Delta]:
    from readycheck.history import HistoryError, compare  # noqa: PLC0415

    if _is_file(before) and _is_file(after):
        sides = _of_file(before, environment), _of_file(after, environment)
        return sides, compare(sides[0].snapshot, sides[1].snapshot)
    if before == "previous" and _is_file(after):
        raise HistoryError(f"diff {after}: name what to compare it with")
    with opened(place, config) as kept:
        later = _side(kept, after, environment, None)
        earlier = _side(kept, before, environment, later.row)
        # A file is held against what is kept of the same environment.
        series = later.row or earlier.row
        first_seen = kept.first_seen(series.environment, narrowed_to=series.narrowed_to) if series else {}
    return (earlier, later), compare(earlier.snapshot, later.snapshot, first_seen)


def _side(kept: History, name: str, environment: str | None, later: ScanRow | None) -> _Side:
    from readycheck.history.naming import pick  # noqa: PLC0415

    if _is_file(name):
        return _of_file(name, environment)
    row = pick(kept, name, environment, before=later)
    return _Side(row.title, kept.snapshot(row.id), row)


def _is_file(name: str) -> bool:
    return name.endswith(".json") or "/" in name


def _of_file(name: str, environment: str | None) -> _Side:
    """The report of a file.

    Raises:
        HistoryError: it cannot be read, or does not hold exactly one that could be meant.
    """
    from readycheck.history import HistoryError, read_report  # noqa: PLC0415

    file = Path(name)
    try:
        if file.stat().st_size > _LARGEST_REPORT:
            raise HistoryError(f"{name}: is larger than {_LARGEST_REPORT >> 20} MB")
        found = read_report(file.read_bytes(), name)
    except OSError as error:
        raise HistoryError(f"{name}: cannot be read: {error.strerror}") from error
    meant = [each for each in found if environment is None or each.environment == environment]
    if len(meant) != 1:
        names = ", ".join(each.environment or "-" for each in found)
        raise HistoryError(f"{name}: holds the environments {names}: name one that it holds with --env")
    return _Side(f"{name}, taken at {meant[0].taken_at}", meant[0])


def _head(side: _Side) -> dict[str, object]:
    scan = side.snapshot
    return {
        "id": side.row.id if side.row else None,
        "environment": scan.environment or None,
        "taken_at": scan.taken_at,
        "version": scan.version,
        "commit": scan.commit or None,
    }
