"""How ready each chapter of the checklist is: counts of verdicts, and never one number for everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from readycheck.history import RuleRecord, Tally
from readycheck.model import Status
from readycheck.outputs.html.edition import Edition
from readycheck.outputs.html.overview import fragment
from readycheck.outputs.html.text import visible
from readycheck.outputs.html.trend import sparkline

STATUSES = tuple(status.value for status in (Status.PASS, Status.FAIL, Status.UNKNOWN, Status.EXEMPT))
"""What a chapter's bar shows; errors count as unknown, and what does not apply stands beside it."""
_BAR = 1000


class RuleLine(Struct, frozen=True):
    """One rule: its ID and title, and how many outcomes of each status it has."""

    id: str
    title: str
    help: str
    counts: Mapping[str, int]
    link: str


class Chapter(Struct, frozen=True):
    """One chapter.

    Args:
        area: the first part of its rules' IDs.
        counts: how many outcomes of each status it has, `not-applicable` among them.
        segments: status, start and width of each part of its bar, of a thousand.
        spark: the points of its failures by week, as SVG takes them; "" where too few weeks are known.
        rules: its rules, those with the most failures first.
        link: the fragment that shows its findings.
    """

    area: str
    counts: Mapping[str, int]
    segments: Sequence[tuple[str, float, float]]
    spark: str
    rules: Sequence[RuleLine]
    link: str

    @property
    def title(self) -> str:
        """Its name for people."""
        return self.area.replace("-", " ").capitalize()


def chapters(editions: Sequence[Edition]) -> list[Chapter]:
    """The chapters over all environments, those with the largest share of failures first."""
    by_rule: dict[str, Counter[str]] = {}
    for edition in editions:
        for tally in edition.snapshot.tallies:
            by_rule.setdefault(tally.rule, Counter())[_shown(tally)] += tally.count
    records = {rule: record for edition in editions for rule, record in edition.snapshot.rules.items()}
    by_area: dict[str, list[str]] = {}
    for rule in sorted(by_rule):
        by_area.setdefault(rule.partition("/")[0], []).append(rule)
    made = [_chapter(area, rules, by_rule, records, editions) for area, rules in by_area.items()]
    return sorted(made, key=lambda chapter: (-_share(chapter.counts, Status.FAIL.value), chapter.area))


def _shown(tally: Tally) -> str:
    return Status.UNKNOWN.value if tally.status == Status.ERROR.value else tally.status


def _chapter(
    area: str,
    rules: Sequence[str],
    by_rule: Mapping[str, Counter[str]],
    records: Mapping[str, RuleRecord],
    editions: Sequence[Edition],
) -> Chapter:
    counts: Counter[str] = Counter()
    for rule in rules:
        counts.update(by_rule[rule])
    lines = [
        RuleLine(
            visible(rule),
            visible(records[rule].title if rule in records else ""),
            visible(records[rule].help if rule in records else ""),
            by_rule[rule],
            fragment(rule=rule),
        )
        for rule in sorted(rules, key=lambda rule: (-by_rule[rule][Status.FAIL.value], rule))
    ]
    return Chapter(
        visible(area), counts, tuple(_segments(counts)), sparkline(editions, area), lines, fragment(area=area)
    )


def _share(counts: Mapping[str, int], status: str) -> float:
    whole = sum(counts[name] for name in STATUSES)
    return counts[status] / whole if whole else 0


def _segments(counts: Mapping[str, int]) -> Iterable[tuple[str, float, float]]:
    start = 0.0
    for status in STATUSES:
        width = round(_BAR * _share(counts, status), 1)
        if width:
            yield status, round(start, 1), width
        start += width
