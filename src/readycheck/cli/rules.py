"""`readycheck rules`."""

import click


@click.group()
def rules() -> None:
    """List, show and test rules."""
