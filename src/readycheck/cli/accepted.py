"""The baseline that `scan` is given: reading it, and writing it anew where that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from readycheck.baseline import Baseline
    from readycheck.report import Report


def accepted(file: Path | None, *, write: bool, prune: bool) -> Baseline | None:
    """What was accepted before; None where nothing was.

    Args:
        file: the file of the baseline; None where none is named.
        write: whether it will be written anew, so that there may be none yet.
        prune: whether what was mended will be taken out of it.

    Raises:
        ConfigError: it cannot be read, or is none.
    """
    from readycheck.baseline import load  # noqa: PLC0415 - see the package's docstring; so below
    from readycheck.section import ConfigError  # noqa: PLC0415

    if write and prune:
        raise ConfigError("--write-baseline accepts all that fails now, which leaves nothing to --prune-baseline")
    if file is None:
        if write or prune:
            raise ConfigError(f"{'--write' if write else '--prune'}-baseline: --baseline FILE says where it is")
        return None
    return None if write and not file.exists() else load(file)


def write_accepted(file: Path, before: Baseline | None, reports: Sequence[Report], *, write: bool, prune: bool) -> None:
    """Write the baseline anew where that was asked for, and say what became of it.

    Args:
        file: the file of the baseline.
        before: what it was.
        reports: the scans.
        write: accept all that fails now.
        prune: take out what was mended.

    Raises:
        ConfigError: it cannot be written.
    """
    from readycheck.baseline import accept, render  # noqa: PLC0415
    from readycheck.baseline import prune as pruned  # noqa: PLC0415
    from readycheck.outputs.files import write_whole  # noqa: PLC0415
    from readycheck.outputs.page.layout import plural  # noqa: PLC0415
    from readycheck.section import ConfigError  # noqa: PLC0415

    if not write and (not prune or before is None):
        return
    if write or before is None:
        entries = accept(before, reports)
        said = f"{plural(len(entries), 'finding')} accepted"
    else:
        entries = pruned(before, reports)
        said = f"{plural(len(before.findings) - len(entries), 'mended finding')} taken out, {len(entries)} left"
    try:
        write_whole(file, render(entries))
    except OSError as error:
        raise ConfigError(f"--baseline {file}: cannot be written: {error.strerror}") from error
    click.echo(f"{file}: {said}", err=True)
