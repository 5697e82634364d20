"""Which tree a scan was of, and which part of it: what makes two scans comparable."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from readycheck.config import Config, Environment
from readycheck.report import Provenance
from readycheck.sources.files.revision import read_revision
from readycheck.sources.files.tree import repository_of, root_of


def project_of(file: Path | None) -> str:
    """What tells the histories of projects apart: the repository that holds a configuration file.

    Args:
        file: the configuration; None: the folder that the command was started in counts.
    """
    return read_revision(_home(file)).project


def provenance_of(config: Config, environment: Environment, given: Sequence[Path], paths: Sequence[Path]) -> Provenance:
    """Which tree was scanned: that of the configuration, where what is scanned lies in it.

    Args:
        config: what was configured.
        environment: what was scanned.
        given: the paths that the command line names.
        paths: the paths that were scanned.
    """
    home = _home(config.file)
    root = Path(root_of(paths))
    if paths and not root.is_relative_to(repository_of(home)):
        home = root
    revision = read_revision(home)
    top = repository_of(home)
    named = given if environment.name else paths
    narrowed = {Path(os.path.relpath(path.resolve(), top)).as_posix() for path in named} - {"."}
    counted = _counted(config, environment, home)
    return Provenance(revision.project, revision.commit, " ".join(sorted(narrowed)), counted)


def _home(file: Path | None) -> Path:
    return (file.parent if file else Path()).resolve()


def _counted(config: Config, environment: Environment, home: Path) -> str:
    """What the configuration counts to the environment, the same wherever the tree lies."""
    said = (
        # What it reads, and not where it is named or how it is judged.
        replace(environment, name="", line=None, rules={}, fail_on=""),
        config.exclude,
        sorted(config.skip_folders),
        config.system_namespaces,
        config.managed_namespaces,
    )
    return repr(said).replace(f"{home}{os.sep}", "").replace(f"'{home}'", "'.'")
