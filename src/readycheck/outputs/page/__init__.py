"""The report as a page to read: lines of styled words, which no format has drawn yet."""

from __future__ import annotations

from collections.abc import Iterator

from readycheck.outputs.page.findings import findings
from readycheck.outputs.page.gaps import gaps
from readycheck.outputs.page.layout import Layout, Line
from readycheck.outputs.page.summary import summary
from readycheck.report import Report


def page(report: Report, layout: Layout, *, verbose: bool) -> Iterator[Line]:
    """The whole page: what is wrong, what is not known, and the sum, with the verdict as its last line.

    Args:
        report: what to show.
        layout: how wide the page is and what it can be drawn with.
        verbose: list each unknown verdict and each exemption too, and why rules do not apply.
    """
    yield from findings(report, layout)
    yield from gaps(report, layout, verbose=verbose)
    yield from summary(report, layout)
