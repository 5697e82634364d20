"""`readycheck report`: what people read each week, made from the scans that are kept."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from readycheck.cli.configuration import config_option
from readycheck.cli.kept import history_option, opened

if TYPE_CHECKING:
    from readycheck.history import History, ScanRow
    from readycheck.outputs.html import Edition

_FORMAT = "html"
_FILE = "readycheck-report.html"


@click.command()
@click.option(
    "--env",
    "environments",
    multiple=True,
    metavar="NAME",
    help="An environment to report on; may be given several times. [default: all that are kept]",
)
@click.option(
    "--since",
    default="7d",
    show_default=True,
    metavar="7d|DATE",
    help="What to compare with: the scan that was taken nearest to this moment, counted back from the latest one.",
)
@click.option(
    "-o",
    "--output",
    default=f"{_FORMAT}={_FILE}",
    show_default=True,
    metavar="html[=FILE]",
    help="Where to write it; without a file, to standard output.",
)
@click.option(
    "--templates",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder of templates that stand for some of the report's own. [default: `reports` of the configuration]",
)
@click.option(
    "--send",
    is_flag=True,
    help="Send it too, to where `notify` of the configuration says, by mail or to a chat.",
)
@history_option
@config_option
def report(
    environments: tuple[str, ...],
    since: str,
    output: str,
    templates: Path | None,
    place: str | None,
    config: Path | None,
    *,
    send: bool,
) -> None:
    """Write the report for people, from the scans that are kept.

    It shows how ready each is, what changed, the last weeks, and what to fix first: one file that needs no network.
    """
    from readycheck.cli.delivery import deliver, notified  # noqa: PLC0415 - see the package's docstring; so below
    from readycheck.cli.errors import UsageFailure, explained  # noqa: PLC0415
    from readycheck.cli.look import look  # noqa: PLC0415
    from readycheck.outputs.files import write_whole  # noqa: PLC0415
    from readycheck.outputs.html import render  # noqa: PLC0415

    target = _target(output)
    with explained():
        receivers = notified(config) if send else ()
    with explained(), opened(place, config) as kept:
        editions = [_edition(kept, name, since) for name in environments or _all(kept)]
        content = render(editions, look(config, templates))
    if target is None:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
    else:
        try:
            write_whole(target, content)
        except OSError as error:
            raise UsageFailure(f"-o {output}: cannot be written: {error.strerror}") from error
        click.echo(f"Wrote {target}", err=True)
    if send:
        with explained():
            deliver(editions, content, receivers)


def _target(output: str) -> Path | None:
    """The file to write; None for standard output."""
    from readycheck.cli.errors import UsageFailure  # noqa: PLC0415

    name, to_file, file = output.partition("=")
    if name != _FORMAT:
        raise UsageFailure(f"-o {output}: no format `{name}`: a report is written as {_FORMAT}")
    if to_file and not file:
        raise UsageFailure(f"-o {output}: names no file; without `=` the report goes to standard output")
    return Path(file) if file else None


def _all(history: History) -> list[str]:
    from readycheck.history import HistoryError  # noqa: PLC0415

    names = history.environments()
    if not names:
        raise HistoryError(
            f"{history.where}: no scan of this project is kept yet: `readycheck scan` keeps one, and a report is made"
            " from those"
        )
    return names


def _edition(history: History, environment: str, since: str) -> Edition:
    from readycheck.history import HistoryError  # noqa: PLC0415
    from readycheck.outputs.html import Edition  # noqa: PLC0415
    from readycheck.section import nearest  # noqa: PLC0415

    scans = history.scans(environment)
    if not scans:
        raise HistoryError(
            f"{history.where}: no scan of the environment {environment} is kept"
            f"{nearest(environment, history.environments())}"
        )
    latest = scans[-1]
    before = _nearest(scans[:-1], latest, since)
    return Edition(
        snapshot=history.snapshot(latest.id),
        since=before.taken_at if before else "",
        delta=history.delta(before.id, latest.id) if before else None,
        trend=history.trend(environment),
        first_seen=history.first_seen(environment),
    )


def _nearest(scans: list[ScanRow], latest: ScanRow, since: str) -> ScanRow | None:
    """The scan nearest to a moment: a weekly scan is never taken a week after the last one to the second."""
    from readycheck.history.naming import moment_of  # noqa: PLC0415

    moment = datetime.fromisoformat(moment_of(since, latest.taken_at))
    return min(reversed(scans), key=lambda scan: abs(datetime.fromisoformat(scan.taken_at) - moment), default=None)
