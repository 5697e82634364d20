"""The report as a page to read: lines of styled words, which no format has drawn yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from readycheck.outputs.page.findings import findings
from readycheck.outputs.page.gaps import gaps
from readycheck.outputs.page.layout import Layout, Line
from readycheck.outputs.page.summary import summary, verdict
from readycheck.report import Report


def pages(reports: Sequence[Report], layout: Layout, *, verbose: bool) -> Iterator[Line]:
    """The page of each report; after several, the verdict of each in a line.

    Args:
        reports: what to show.
        layout: how wide the pages are and what they can be drawn with.
        verbose: list each unknown verdict and each exemption too, and why rules do not apply.
    """
    for report in reports:
        yield from page(report, layout, verbose=verbose)
    if len(reports) > 1:
        yield from layout.heading("Environments")
        for report in reports:
            yield from verdict(report, head=f"{report.environment}: ")


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
