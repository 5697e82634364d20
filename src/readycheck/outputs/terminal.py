"""The report for people at a terminal: what is wrong with each thing, where, and what is left to know.

The page is made as lines of styled words. With colours rich draws them; in a pipe, with NO_COLOR or on a dumb terminal
they are written as they are, and rich isn't even loaded.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from itertools import islice

from readycheck.outputs.formats import Options, Rendered
from readycheck.outputs.page import pages
from readycheck.outputs.page.layout import Layout, Line
from readycheck.report import Report

_STYLES = {
    "critical": "bold white on red",
    "high": "bold red",
    "medium": "yellow",
    "low": "cyan",
    "info": "dim",
    "thing": "bold",
    "message": "bold",
    "rule": "dim",
    "place": "blue",
    "quiet": "dim",
    "mark": "bold red",
    "marked": "bold",
    "good": "bold green",
    "bad": "bold red",
    "heading": "bold underline",
}
_WIDEST, _NARROWEST = 120, 40
_LINES_AT_ONCE = 200


def print_reports(reports: Sequence[Report], *, verbose: bool) -> None:
    """Write reports to standard output, one after the other, with colours where they are wanted.

    Args:
        reports: what to show.
        verbose: list each unknown verdict and each exemption too, and why rules do not apply.
    """
    width = max(_NARROWEST, min(shutil.get_terminal_size((100, 0)).columns, _WIDEST))
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name may hold characters that an old terminal has no bytes for.
        sys.stdout.reconfigure(errors="backslashreplace")
    lines = pages(reports, Layout(width, unicode=_takes_unicode()), verbose=verbose)
    try:
        if _wants_colour():
            _print_coloured(lines, width)
        else:
            sys.stdout.writelines(map(_as_text, lines))
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough; nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def render_all(reports: Sequence[Report], options: Options) -> Rendered:
    """The reports as plain text, for a file."""
    return Rendered(render_plain(reports, verbose=options.verbose).encode("utf-8", "backslashreplace"))


def render_plain(reports: Sequence[Report], *, verbose: bool) -> str:
    """The reports as plain text, for a file.

    Args:
        reports: what to show.
        verbose: list each unknown verdict and each exemption too, and why rules do not apply.
    """
    return "".join(map(_as_text, pages(reports, Layout(_WIDEST), verbose=verbose)))


def _as_text(line: Line) -> str:
    return "".join(words for words, _ in line).rstrip() + "\n"


def _wants_colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _takes_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")


def _print_coloured(lines: Iterable[Line], width: int) -> None:
    from rich.console import Console  # noqa: PLC0415 - slow to import, and of no use in a pipe
    from rich.text import Text  # noqa: PLC0415

    console = Console(width=width, highlight=False, markup=False, soft_wrap=True)
    left = iter(lines)
    # One call for each line would take rich several times as long.
    while some := list(islice(left, _LINES_AT_ONCE)):
        text = Text()
        for line in some:
            for words, style in line:
                text.append(words, _STYLES.get(style))
            text.append("\n")
        console.print(text, end="")
