"""The few lines that go with the page by mail or to a chat: what one must know who does not open it."""

from __future__ import annotations

from collections.abc import Sequence

from readycheck.outputs.html import overview
from readycheck.outputs.html.edition import Edition
from readycheck.outputs.html.fix_first import fix_first
from readycheck.outputs.html.text import counted

_FIRST = 5


def digest(editions: Sequence[Edition]) -> tuple[str, str]:
    """The subject, and some lines of Markdown.

    Args:
        editions: one per environment, at least one.
    """
    cards = [overview.card(edition) for edition in editions]
    _, headline = overview.headline(cards)
    tiles = {tile.key: tile.count for tile in overview.tiles(editions)}
    changes = ", ".join(f"{tiles[key]} {key}" for key in ("new", "reopened", "fixed") if tiles.get(key))
    lines = []
    for card in cards:
        found = ", ".join(f"{count} {name}" for name, count in card.severities.items() if count)
        lines.append(f"**{card.name or 'The system'} {card.verdict}**: {found or 'nothing is open'}.")
        lines += [f"- {reason}" for reason in card.reasons]
        lines += [f"- {card.coverage.sentence}", ""]
    if ending := overview.expiring(editions):
        lines += [f"{counted(ending, 'exemption')} end within {overview.SOON_DAYS} days.", ""]
    if fixes := fix_first(editions)[:_FIRST]:
        lines.append("**Fix first**")
        lines += [
            f"- {fix.severity.upper()} {fix.title or fix.rule}: {fix.things[0]} {fix.message}"
            f" ({counted(fix.closes, 'finding')}{f', {fix.where}' if fix.where else ''})"
            for fix in fixes
        ]
    return f"{headline}{f': {changes}' if changes else ''}", "\n".join(lines) + "\n"
