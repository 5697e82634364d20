"""Which parts make up a service, as configuration says where guessing fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from readycheck.model import ServiceNaming
from readycheck.section import Section


def read_service(name: str, section: Section, base: Path) -> ServiceNaming:
    """A service.

    Args:
        name: what it is called.
        section: what is said of it.
        base: the folder that relative paths start at.

    Raises:
        ConfigError: a part of it is not there, or something is said that is not understood.
    """
    naming = ServiceNaming(
        name,
        workload=section.string("workload"),
        dockerfile=_part(section, base, "dockerfile", Path.is_file, "no file"),
        chart=_part(section, base, "chart", lambda folder: (folder / "Chart.yaml").is_file(), "no chart"),
        path=_part(section, base, "path", Path.is_dir, "no folder"),
    )
    section.done()
    return naming


def _part(section: Section, base: Path, key: str, fits: Callable[[Path], bool], otherwise: str) -> str:
    """The absolute path of a part of a service; "" where none is given."""
    given = section.string(key)
    if not given:
        return ""
    path = base / given
    if not fits(path):
        section.fail(f"`{path}` is {otherwise}", key)
    return str(path.resolve())
