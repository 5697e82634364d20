"""`readycheck schema`."""

from __future__ import annotations

import click


@click.command()
def schema() -> None:
    """Print the JSON schema of `scan -o json`."""
    from readycheck.outputs.json import schema as report_schema  # noqa: PLC0415 - see the package's docstring

    click.echo(report_schema(), nl=False)
