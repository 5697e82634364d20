"""`readycheck fix`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from readycheck.cli.configuration import config_option, found_config

if TYPE_CHECKING:
    from readycheck.fix import Fixed
    from readycheck.fixes.choice import Choice
    from readycheck.scan import Progress, ScanRequest

_EXIT_CODES = """\b
Exit codes:
  0  nothing is left
  1  something is left to do by hand
  2  wrong usage or configuration; nothing was written
  3  incomplete: something that was asked for could not be read or judged
"""


@click.command(epilog=_EXIT_CODES)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--env", "environment", default="", metavar="NAME", help="The environment of readycheck.yaml to mend.")
@config_option
@click.option(
    "--pack",
    "packs",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder of rules of your own; may be given several times.",
)
@click.option(
    "--rule", "rules", multiple=True, metavar="ID", help="Only this rule's fixes; `workload/*` means several."
)
@click.option("--path", "only", multiple=True, metavar="FILE", help="Only changes of these files, from the scan root.")
@click.option(
    "--scope",
    type=click.Choice(("all", "env")),
    default="all",
    help="env: change nothing that other environments are made of too; an overlay gets a patch of its own instead.",
)
@click.option("--unsafe", is_flag=True, help="Also make fixes that need a person's look: they restart pods, say.")
@click.option(
    "--set",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help="A value that only you know: requests.memory=256Mi, or web/app:requests.memory=256Mi for one container.",
)
@click.option("--apply", "write", is_flag=True, help="Change the files, instead of printing a diff.")
@click.option(
    "--patch-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Leave the files, and write a Component of kustomize there that patches the scanned overlay alone.",
)
@click.option("--force", is_flag=True, help="With --apply: also change files that git has no copy of as they are.")
@click.option(
    "--verify-server",
    is_flag=True,
    help="Have the environment's cluster try each changed object (a dry run), and drop the fixes that it refuses.",
)
@click.option("--interactive", is_flag=True, help="Ask about each fix.")
def fix(  # noqa: PLR0913 - one parameter per option
    paths: tuple[Path, ...],
    *,
    environment: str,
    config: Path | None,
    packs: tuple[Path, ...],
    rules: tuple[str, ...],
    only: tuple[str, ...],
    given: tuple[str, ...],
    scope: str,
    patch_dir: Path | None,
    unsafe: bool,
    write: bool,
    force: bool,
    verify_server: bool,
    interactive: bool,
) -> None:
    """Print a diff that mends what a scan finds.

    It is what `git apply` takes. Every change is proven on a copy first: the files read as meant and nothing else in
    them changes, the rule holds, and no other rule fails that held. What cannot be mended so is listed with the reason.
    """
    from readycheck.cli.errors import UsageFailure, explained  # noqa: PLC0415 - see the package's docstring; so below
    from readycheck.cli.progress import progress  # noqa: PLC0415
    from readycheck.fix import fix as run  # noqa: PLC0415
    from readycheck.fixes.choice import Choice  # noqa: PLC0415
    from readycheck.scan import ScanRequest  # noqa: PLC0415

    if force and not write:
        raise UsageFailure("--force is for --apply")
    if interactive and not sys.stdin.isatty():
        raise UsageFailure("--interactive asks questions: it needs a terminal")
    if patch_dir is not None:
        _refuse_beside_patches(patch_dir, write=write, scope=scope)
    choice = Choice(rules, only, unsafe, _values(given), scope == "env", _ask if interactive else None)
    request = ScanRequest(
        paths=paths,
        environment=environment,
        config=config,
        found_config=found_config() if config is None else None,
        packs=packs,
    )
    with explained(), progress() as tell:
        fixed, notes = _verified(request, choice, tell) if verify_server else (run(request, choice, tell), ())
        if patch_dir is not None:
            fixed = _as_component(request, fixed, patch_dir)
    if write or patch_dir is not None:
        _write(fixed, force=force)
    _tell(fixed, written=write or patch_dir is not None)
    if patch_dir is not None and fixed.changes:
        click.echo(f"wrote {patch_dir}: name it under `components` in the overlay's kustomization", err=True)
    for note in notes:
        click.echo(note, err=True)
    sys.exit(fixed.exit_code)


def _verified(request: ScanRequest, choice: Choice, tell: Progress) -> tuple[Fixed, Sequence[str]]:
    """The fixes after which the environment's cluster takes what it took before, and what else it says."""
    from readycheck.cli.errors import Unverified  # noqa: PLC0415
    from readycheck.fix import fix as run  # noqa: PLC0415
    from readycheck.fixes.verifying import NotVerified, verification  # noqa: PLC0415
    from readycheck.scan import cluster_of  # noqa: PLC0415

    try:
        with verification(cluster_of(request)) as verified:
            return run(request, choice, tell, verification=verified), list(verified.notes)
    except NotVerified as reason:
        raise Unverified(f"--verify-server: {reason}; nothing is shown or written") from reason


def _values(given: Sequence[str]) -> dict[str, str]:
    from readycheck.cli.errors import UsageFailure  # noqa: PLC0415

    values = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise UsageFailure(f"--set {each}: wanted is NAME=VALUE")
        values[name] = value
    return values


def _refuse_beside_patches(folder: Path, *, write: bool, scope: str) -> None:
    from readycheck.cli.errors import UsageFailure  # noqa: PLC0415

    if write:
        raise UsageFailure("--apply changes the files, --patch-dir leaves them: only one can be meant")
    if scope == "env":
        raise UsageFailure("--scope env changes the overlay, --patch-dir leaves it: only one can be meant")
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageFailure(f"--patch-dir {folder}: something stands there already, name a folder that is empty or new")


def _write(fixed: Fixed, *, force: bool) -> None:
    from readycheck.cli.errors import UsageFailure  # noqa: PLC0415
    from readycheck.fix import UnsavedChanges, apply  # noqa: PLC0415

    try:
        apply(fixed, force=force)
    except UnsavedChanges as unsaved:
        raise UsageFailure(str(unsaved)) from unsaved
    except OSError as error:
        raise UsageFailure(f"{error.filename}: cannot be written: {error.strerror}") from error


def _as_component(request: ScanRequest, fixed: Fixed, folder: Path) -> Fixed:
    from readycheck.cli.errors import UsageFailure  # noqa: PLC0415
    from readycheck.fixes.component import SeveralOverlays  # noqa: PLC0415
    from readycheck.patching import as_component  # noqa: PLC0415

    try:
        return as_component(request, fixed, folder)
    except SeveralOverlays as several:
        raise UsageFailure(f"--patch-dir: {several}") from several


def _ask(question: str) -> bool:
    return click.confirm(question, default=True, err=True)


def _tell(fixed: Fixed, *, written: bool) -> None:
    """Print the diff, or what was done, to standard output; what is left to standard error."""
    message = fixed.message
    if written:
        click.echo(message, nl=False)
        for change in fixed.changes:
            click.echo(f"{'changed' if change.before else 'made'} {change.path}")
    elif fixed.changes:
        sys.stdout.buffer.write(f"{message}\n".encode())
        for change in fixed.changes:
            sys.stdout.buffer.write(change.diff.encode("utf-8", "surrogateescape"))
        sys.stdout.flush()
    for line in fixed.still_open:
        click.echo(line, err=True)
    count = len(fixed.changes)
    done = f"{len(fixed.made)} fixes in {count} {'file' if count == 1 else 'files'}"
    click.echo(
        f"{done}{'' if written or not count else ', none of them written yet'}; {len(fixed.left)} left", err=True
    )
