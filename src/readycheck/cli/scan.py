"""`readycheck scan`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from readycheck.report import Report

FORMATS = ("terminal", "json")
SEVERITIES = ("critical", "high", "medium", "low", "info", "none")


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--env", "environment", default="", metavar="NAME", help="The environment of readycheck.yaml to judge.")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The configuration. [default: readycheck.yaml, where it is]",
)
@click.option(
    "--pack",
    "packs",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder of rules of your own; may be given several times.",
)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    help="The least severity that fails. [default: high, or what the configuration says]",
)
@click.option("--fail-on-unknown", is_flag=True, help="Let unknown verdicts fail too.")
@click.option("--allow-incomplete", is_flag=True, help="Do not exit with 3 for what could not be read or judged.")
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FORMAT[=FILE]",
    help=f"Write the report as {' or '.join(FORMATS)}, to a file or to standard output; several at once."
    " [default: terminal]",
)
@click.option("-v", "--verbose", is_flag=True, help="In the terminal, also list what is unknown and not applicable.")
def scan(  # noqa: PLR0913 - one parameter per option
    paths: tuple[Path, ...],
    environment: str,
    config: Path | None,
    packs: tuple[Path, ...],
    fail_on: str | None,
    outputs: tuple[str, ...],
    *,
    fail_on_unknown: bool,
    allow_incomplete: bool,
    verbose: bool,
) -> None:
    """Judge manifests, charts and kustomizations.

    PATHS are files or folders; the current folder where none are given, or what --env names.
    """
    from readycheck.cli.errors import explained  # noqa: PLC0415 - see the package's docstring; so below
    from readycheck.cli.progress import progress  # noqa: PLC0415
    from readycheck.config import DEFAULT_FILE  # noqa: PLC0415
    from readycheck.scan import ScanRequest  # noqa: PLC0415
    from readycheck.scan import scan as run  # noqa: PLC0415

    targets = _targets(outputs)
    found = Path(DEFAULT_FILE)
    with explained(), progress() as tell:
        report = run(
            ScanRequest(
                paths=paths,
                environment=environment,
                config=config,
                found_config=found if config is None and found.is_file() else None,
                packs=packs,
                fail_on=fail_on or "",
                allow_incomplete=allow_incomplete,
                fail_on_unknown=fail_on_unknown,
            ),
            tell,
        )
    for name, file in targets:
        _write(report, name, file, verbose=verbose)
    sys.exit(int(report.gate.exit_code))


def _targets(outputs: Sequence[str]) -> list[tuple[str, Path | None]]:
    """Which formats go where; None is standard output."""
    from readycheck.cli.errors import UsageFailure  # noqa: PLC0415
    from readycheck.section import nearest  # noqa: PLC0415

    targets: list[tuple[str, Path | None]] = []
    for output in outputs or ("terminal",):
        name, to_file, file = output.partition("=")
        if name not in FORMATS:
            raise UsageFailure(f"-o {output}: no format `{name}`{nearest(name, FORMATS)}")
        if to_file and not file:
            raise UsageFailure(f"-o {output}: names no file; without `=` the report goes to standard output")
        target = Path(file) if file else None
        if target in [other for _, other in targets]:
            if target:
                raise UsageFailure(f"-o {output}: another format goes to that file")
            raise UsageFailure(f"-o {output}: only one format can go to standard output: -o {name}=FILE")
        targets.append((name, target))
    return targets


def _write(report: Report, name: str, file: Path | None, *, verbose: bool) -> None:
    from readycheck.cli.errors import UsageFailure  # noqa: PLC0415
    from readycheck.outputs.files import write_whole  # noqa: PLC0415

    content: bytes | bytearray
    try:
        if name == "json":
            from readycheck.outputs.json import render  # noqa: PLC0415

            content = render(report)
        elif file is None:
            from readycheck.outputs.terminal import print_report  # noqa: PLC0415

            print_report(report, verbose=verbose)
            return
        else:
            from readycheck.outputs.terminal import render_plain  # noqa: PLC0415

            content = render_plain(report, verbose=verbose).encode()
        if file is None:
            sys.stdout.buffer.write(content)
            sys.stdout.flush()
        else:
            write_whole(file, content)
    except BrokenPipeError:
        # The reader has seen enough; the verdict is the same, and nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        target = f"-o {name}={file}" if file else "standard output"
        raise UsageFailure(f"{target}: cannot be written: {error.strerror}") from error
