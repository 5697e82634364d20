"""`readycheck init`."""

import click


@click.command()
def init() -> None:
    """Write a commented readycheck.yaml for the tree here."""
