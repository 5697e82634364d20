"""The option that names the configuration, and the file that is meant where it is left out."""

from __future__ import annotations

from pathlib import Path

import click

config_option = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The configuration. [default: readycheck.yaml, where it is]",
)


def found_config() -> Path | None:
    """The configuration that lies where the command was started; None where there is none."""
    from readycheck.config import DEFAULT_FILE  # noqa: PLC0415 - see the package's docstring

    found = Path(DEFAULT_FILE)
    return found if found.is_file() else None
