"""The report as one page of HTML, for people who read it in a browser, print it, or get it by mail.

Here is made what a page shows; how it looks stands in `reports/html/`.
"""

from __future__ import annotations

from collections.abc import Sequence

from readycheck.outputs.formats import LayoutError, Look, Options, Rendered
from readycheck.outputs.html import checks, overview
from readycheck.outputs.html.chapters import chapters
from readycheck.outputs.html.edition import Edition
from readycheck.outputs.html.embedding import embedded
from readycheck.outputs.html.fix_first import fix_first, name_of, place_of
from readycheck.outputs.html.ownership import owner_of, owners
from readycheck.outputs.html.table import table
from readycheck.outputs.html.templates import Templates
from readycheck.outputs.html.text import visible
from readycheck.outputs.html.trend import chart
from readycheck.outputs.json import snapshot
from readycheck.report import Report

__all__ = ["Edition", "render", "render_all"]

_WITHOUT_SCRIPT = 100
"""How many findings a browser shows that runs no scripts."""


def render_all(reports: Sequence[Report], options: Options) -> Rendered:
    """The page of scans that were just taken, which tells nothing of the scans before."""
    if options.look is None:
        raise LayoutError("no templates: the page of HTML is laid out by them")
    return Rendered(render([Edition(snapshot=snapshot(report)) for report in reports], options.look))


def render(editions: Sequence[Edition], look: Look) -> bytes:
    """The page: one file that asks nothing of any network, the same bytes for the same input.

    Args:
        editions: one per environment, at least one.
        look: its templates, and who owns which files.

    Raises:
        LayoutError: a template cannot be used.
    """
    of = owner_of(look.codeowners)
    cards = [overview.card(edition) for edition in editions]
    state, headline = overview.headline(cards)
    data = table(editions, of)
    rows = len(data["columns"]["env"])
    unread = checks.unread(editions)
    return (
        Templates(look)
        .render(
            {
                "state": state,
                "headline": headline,
                "period": overview.period(editions),
                "cards": cards,
                "tiles": overview.tiles(editions),
                "expiring": overview.expiring(editions),
                "bars": overview.moved_bars(editions),
                "chapters": chapters(editions),
                "charts": [drawn for drawn in map(chart, editions) if drawn is not None],
                "fixes": fix_first(editions),
                "owners": owners(editions, of),
                "has_codeowners": bool(look.codeowners),
                "exemptions": checks.exemptions(editions),
                "undecided": checks.undecided(editions),
                "unread": unread[: checks.MOST_LINES],
                "more_unread": max(0, len(unread) - checks.MOST_LINES),
                "total": sum(len(edition.snapshot.findings) for edition in editions),
                "plain": _plain(editions),
                "data": embedded(data, rows),
            }
        )
        .encode()
    )


def _plain(editions: Sequence[Edition]) -> list[tuple[str, str, str, str, str, str]]:
    """The first findings for the table of a browser without scripts."""
    found = [(edition, finding) for edition in editions for finding in edition.snapshot.findings]
    return [
        (
            finding.severity,
            visible(edition.name),
            name_of(finding),
            visible(finding.message),
            visible(finding.rule),
            visible(place_of(finding)),
        )
        for edition, finding in found[:_WITHOUT_SCRIPT]
    ]
