"""Where scans are kept, and keeping them there: what `scan`, `history`, `diff` and reports have in common."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from readycheck.cli.configuration import found_config

if TYPE_CHECKING:
    from readycheck.history import History
    from readycheck.report import Report

VARIABLE = "READYCHECK_HISTORY"
_OFF = "off"

history_option = click.option(
    "--history",
    "place",
    metavar="FILE|URL",
    help="Where scans are kept: a file, or postgresql://user@host/database."
    f" [default: {VARIABLE}, or what the configuration says, or a file of the user's own]",
)


class Place(Struct, frozen=True):
    """Where scans are kept, and for how many days; whose they are is told by the configuration's project.

    Args:
        url: a file or a server.
        keep_days: for how long; None: for ever.
    """

    url: str
    keep_days: int | None = None


def place_of(given: str | None, config: Path | None) -> Place | None:
    """Where scans are kept; None where they are not.

    What the command line says counts before the environment variable, and that before the configuration.

    Args:
        given: what the command line says.
        config: the configuration that the command line names.

    Raises:
        ConfigError: the configuration cannot be used, or it asks for what only one that was named may ask for.
    """
    from readycheck.config import Config, load  # noqa: PLC0415 - see the package's docstring; so below
    from readycheck.section import ConfigError  # noqa: PLC0415

    named = given or os.environ.get(VARIABLE)
    if named == _OFF:
        return None
    file = config or found_config()
    loaded = load(file) if file else Config()
    setting = loaded.history
    if named:
        return Place(named, setting.keep_days)
    if setting.off:
        return None
    if not config and not loaded.keeps_to_itself:
        # Whoever changes a tree would else have the next scan write anywhere, or greet any server with a password.
        raise ConfigError(
            f"{file}: a `history` on a server or outside of the repository counts only in a configuration that you"
            f" name: --config {file}"
        )
    return Place(setting.place or _own_file(), setting.keep_days)


def opened(given: str | None, config: Path | None) -> History:
    """The history of the project, to be read.

    Args:
        given: what the command line says of its place.
        config: the configuration that the command line names.

    Raises:
        ConfigError: the configuration cannot be used.
        HistoryError: there is no history, or it cannot be read.
    """
    from readycheck.history import History, HistoryError  # noqa: PLC0415
    from readycheck.provenance import project_of  # noqa: PLC0415

    place = place_of(given, config)
    if place is None:
        raise HistoryError(f"no history is kept: {VARIABLE} or the configuration says `{_OFF}`")
    return History.open(place.url, project_of(config or found_config()), read_only=True)


def keep(reports: Iterable[Report], place: Place) -> None:
    """Keep scans. Where that fails it is told on stderr, and the verdict stays what it is."""
    from readycheck.history import History, HistoryError  # noqa: PLC0415
    from readycheck.outputs.json import head, told  # noqa: PLC0415

    for report in reports:
        try:
            with History.open(place.url, report.provenance.project) as history:
                history.record(
                    head(report), told(report), narrowed_to=report.provenance.narrowed_to, keep_days=place.keep_days
                )
        except HistoryError as error:
            _warn(str(error))
            return
        except Exception as error:  # noqa: BLE001 - the verdict was told, and stays, whatever breaks in keeping it
            _warn(f"readycheck itself broke: {type(error).__name__}: {error}")
            return


def _warn(reason: str) -> None:
    click.echo(f"Warning: the scan is not kept: {reason} (--no-history keeps none)", err=True)


def _own_file() -> str:
    from platformdirs import user_data_path  # noqa: PLC0415

    return str(user_data_path("readycheck", appauthor=False) / "history.db")
