"""What a page of HTML is laid out by: the templates, and the file that says who owns what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from readycheck.cli.configuration import found_config

if TYPE_CHECKING:
    from readycheck.outputs.formats import Look

_CODEOWNERS = ("CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS")
_LONGEST_CODEOWNERS = 3 * 1024 * 1024


def look(config: Path | None, templates: Path | None = None) -> Look:
    """The templates and the owners of the repository that a page is made in.

    Args:
        config: the configuration that the command line names.
        templates: the folder of templates that it names; None: what the configuration says.

    Raises:
        ConfigError: the configuration cannot be used.
    """
    from readycheck.config import load  # noqa: PLC0415 - see the package's docstring
    from readycheck.outputs.formats import Look  # noqa: PLC0415
    from readycheck.packs import content_folder  # noqa: PLC0415

    file = config or found_config()
    override = templates or (load(file).reports if file else None)
    return Look(content_folder("reports") / "html", override, _codeowners(file.parent if file else Path()))


def _codeowners(folder: Path) -> str:
    """The CODEOWNERS file of the repository that a folder is in; "" where there is none that can be read."""
    start = folder.absolute()
    for place in (start, *start.parents):
        for name in _CODEOWNERS:
            file = place / name
            if file.is_file() and file.stat().st_size <= _LONGEST_CODEOWNERS:
                return file.read_text("utf-8", errors="replace")
        if (place / ".git").exists():
            break
    return ""
