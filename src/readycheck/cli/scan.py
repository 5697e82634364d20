"""`readycheck scan`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from readycheck.cli.configuration import config_option, found_config
from readycheck.cli.kept import history_option, keep, place_of
from readycheck.outputs import FORMATS

if TYPE_CHECKING:
    from readycheck.outputs.formats import Options
    from readycheck.report import Report

_EACH = "{env}"
"""What stands for the environment's name in that of a file."""
SEVERITIES = ("critical", "high", "medium", "low", "info", "none")


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--env",
    "environments",
    multiple=True,
    metavar="NAME",
    help="The environment of readycheck.yaml to judge; several are judged one after the other.",
)
@click.option("--all-envs", is_flag=True, help="Judge every environment of readycheck.yaml.")
@config_option
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
@click.option("--exit-zero", is_flag=True, help="End with 0 whatever is found; wrong usage still ends with 2.")
@click.option(
    "--baseline",
    "baseline_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Count only what is not in FILE, or worse than it is there.",
)
@click.option("--write-baseline", is_flag=True, help="Accept all that fails now: write it to the file of --baseline.")
@click.option("--prune-baseline", is_flag=True, help="Take out of the file of --baseline what has been mended.")
@click.option(
    "--new-since",
    default="",
    metavar="REVISION",
    help="Count only what the tree of a git revision does not have too; REVISION... is its merge base with HEAD.",
)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FORMAT[=FILE]",
    help=f"Write the report as {', '.join(FORMATS[:-1])} or {FORMATS[-1]}, to a file or to standard output; several at"
    " once. {env} in a file's name makes a file for each environment. [default: terminal]",
)
@history_option
@click.option("--no-history", is_flag=True, help="Do not keep the scan.")
@click.option(
    "--with-fixes", is_flag=True, help="Work out the diffs of fixes too, for JSON, SARIF and HTML: takes several scans."
)
@click.option("--sarif-suppressed", is_flag=True, help="In SARIF, write what is exempt too, as suppressed results.")
@click.option("-v", "--verbose", is_flag=True, help="In the terminal, also list what is unknown and not applicable.")
def scan(  # noqa: PLR0913 - one parameter per option
    paths: tuple[Path, ...],
    environments: tuple[str, ...],
    config: Path | None,
    packs: tuple[Path, ...],
    fail_on: str | None,
    outputs: tuple[str, ...],
    *,
    baseline_file: Path | None,
    new_since: str,
    exit_zero: bool,
    write_baseline: bool,
    prune_baseline: bool,
    place: str | None,
    no_history: bool,
    all_envs: bool,
    fail_on_unknown: bool,
    allow_incomplete: bool,
    sarif_suppressed: bool,
    with_fixes: bool,
    verbose: bool,
) -> None:
    """Judge manifests, charts and kustomizations.

    PATHS are files or folders; the current folder where none are given, or what --env names.
    """
    from msgspec.structs import replace  # noqa: PLC0415

    from readycheck.cli.accepted import accepted, write_accepted  # noqa: PLC0415 - see the package's docstring; so below
    from readycheck.cli.errors import UsageFailure, explained  # noqa: PLC0415
    from readycheck.cli.look import look  # noqa: PLC0415
    from readycheck.cli.progress import progress  # noqa: PLC0415
    from readycheck.gate import worst  # noqa: PLC0415
    from readycheck.outputs.formats import Options  # noqa: PLC0415
    from readycheck.scan import ScanRequest, environments_of  # noqa: PLC0415
    from readycheck.scan import scan as run  # noqa: PLC0415

    targets = _targets(outputs)
    request = ScanRequest(
        paths=paths,
        config=config,
        found_config=found_config() if config is None else None,
        packs=packs,
        fail_on=fail_on or "",
        allow_incomplete=allow_incomplete,
        fail_on_unknown=fail_on_unknown,
        exit_zero=exit_zero,
        new_since=new_since,
    )
    with explained(), progress() as tell:
        kept_at = None if no_history else place_of(place, config)
        if all_envs and environments:
            raise UsageFailure("--all-envs judges every environment: leave out --env, or name all that are meant")
        names = environments_of(request) if all_envs else tuple(dict.fromkeys(environments)) or ("",)
        before = accepted(baseline_file, write=write_baseline, prune=prune_baseline)
        request = replace(request, baseline=before, accept=write_baseline)
        reports = [
            run(replace(request, environment=name), partial(_tell, tell, name if len(names) > 1 else ""))
            for name in names
        ]
        if with_fixes:
            from readycheck.fix import with_patches  # noqa: PLC0415

            reports = [with_patches(replace(request, environment=report.environment), report) for report in reports]
        page_look = look(config) if any(name == "html" for name, _ in targets) else None
        if baseline_file is not None:
            write_accepted(baseline_file, before, reports, write=write_baseline, prune=prune_baseline)
    options = Options(verbose=verbose, suppressed=sarif_suppressed, look=page_look)
    for name, file in targets:
        _write(reports, name, file, options)
    if kept_at:
        keep(reports, kept_at)
    sys.exit(int(worst(report.gate for report in reports)))


def _tell(tell: Callable[[str], None], environment: str, doing: str) -> None:
    tell(f"{environment}: {doing}" if environment else doing)


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


def _write(reports: Sequence[Report], name: str, file: Path | None, options: Options) -> None:
    """Write reports in one format: together, or each to a file of its own."""
    from readycheck.cli.errors import UsageFailure  # noqa: PLC0415
    from readycheck.outputs.files import write_whole  # noqa: PLC0415

    try:
        if file is not None and _EACH in str(file):
            for report in reports:
                own = Path(str(file).replace(_EACH, report.environment or "all"))
                write_whole(own, _content((report,), name, options))
        elif file is not None:
            write_whole(file, _content(reports, name, options))
        elif name == "terminal":
            from readycheck.outputs.terminal import print_reports  # noqa: PLC0415

            print_reports(reports, verbose=options.verbose)
        else:
            sys.stdout.buffer.write(_content(reports, name, options))
            sys.stdout.flush()
        if name == "github":
            _summarise(reports)
    except BrokenPipeError:
        # The reader has seen enough; the verdict is the same, and nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        target = f"-o {name}={file}" if file else "standard output"
        raise UsageFailure(f"{target}: cannot be written: {error.strerror}") from error


def _content(reports: Sequence[Report], name: str, options: Options) -> bytes | bytearray:
    from readycheck.cli.errors import explained  # noqa: PLC0415
    from readycheck.outputs.formats import render  # noqa: PLC0415

    with explained():
        rendered = render(name, reports, options)
    for warning in rendered.warnings:
        click.echo(f"Warning: {warning}", err=True)
    return rendered.content


def _summarise(reports: Sequence[Report]) -> None:
    """Add the reports to the summary of the step of GitHub Actions that this runs in."""
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        from readycheck.outputs.github import write_summary  # noqa: PLC0415

        write_summary(reports, Path(summary))
