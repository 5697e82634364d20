"""`readycheck init`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True), default=".", metavar="[DIR]")
@click.option("--force", is_flag=True, help="Write over a readycheck.yaml that is there.")
def init(folder: Path, *, force: bool) -> None:
    """Write a commented readycheck.yaml for the tree in DIR.

    Kustomizations and charts whose folders or values files are named after an environment (prod, staging, dev, ...)
    make the environments; where nothing is, everything is one.
    """
    from readycheck.cli.errors import UsageFailure, explained  # noqa: PLC0415 - see the package's docstring
    from readycheck.config import DEFAULT_FILE, load  # noqa: PLC0415
    from readycheck.outputs.files import write_whole  # noqa: PLC0415
    from readycheck.packs import load as load_rules  # noqa: PLC0415
    from readycheck.proposal import propose, written  # noqa: PLC0415

    file = folder / DEFAULT_FILE
    if file.exists() and not force:
        raise UsageFailure(f"{file} is there already; --force writes over it")
    environments = propose(folder)
    try:
        write_whole(file, written(environments).encode())
    except OSError as error:
        raise UsageFailure(f"{file}: cannot be written: {error.strerror}") from error
    with explained():
        load(file, load_rules())
    for environment in environments:
        click.echo(f"{environment.name}: {', '.join(environment.seen)}")
    click.echo(f"Wrote {file}. Next: readycheck scan --env {environments[0].name}")
