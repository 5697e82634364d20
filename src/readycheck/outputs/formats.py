"""What a format is: a module of this package with a function `render_all`, found by its name."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from readycheck.errors import MendableError
from readycheck.report import Report


class LayoutError(MendableError):
    """A template cannot be used: one line that says which, and why."""


class Look(Struct, frozen=True):
    """How a page looks, and whose is what it shows.

    Args:
        templates: the folder of readycheck's own templates.
        override: a folder of templates that stand for some of these.
        codeowners: the content of the repository's CODEOWNERS file; "" where there is none.
    """

    templates: Path
    override: Path | None = None
    codeowners: str = ""


class Options(Struct, frozen=True):
    """What the user may ask of formats; each takes what concerns it.

    Args:
        verbose: list each unknown verdict and each exemption too, and why rules do not apply.
        suppressed: in SARIF, write what is exempt too, as suppressed results.
        look: of the page of HTML.
    """

    verbose: bool = False
    suppressed: bool = False
    look: Look | None = None


class Rendered(Struct, frozen=True):
    """A report in one format.

    Args:
        content: the whole file.
        warnings: what was left out for the limits of who reads it, or what they may not take, in words.
    """

    content: bytes | bytearray
    warnings: tuple[str, ...] = ()


class Format(Protocol):
    """How a module writes reports."""

    def __call__(self, reports: Sequence[Report], options: Options) -> Rendered:
        """All reports together, in the order of their scans; the same bytes for the same scans."""
        ...


def render(name: str, reports: Sequence[Report], options: Options) -> Rendered:
    """Write reports in a format.

    Args:
        name: one of `FORMATS`.
        reports: at least one.
        options: what the user asks for.
    """
    # Each is imported only when it is asked for.
    render_all: Format = import_module(f"readycheck.outputs.{name}").render_all
    return render_all(reports, options)
