"""What is not known and what was excused: always shown, so that silence never looks like success."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from readycheck.model import Location, Outcome, Status
from readycheck.outputs.page.layout import Layout, Line, place, plural, printable, thing
from readycheck.report import ExemptionStatus, Report

_MOST_REASONS = 40
_MOST_LISTED = 100
_REFUSED = "forbidden: "
"""How the reason begins for which a kind of a cluster was not read, where a right is missing."""
_COUNT = 8
"""Where the text behind a count begins."""


def gaps(report: Report, layout: Layout, *, verbose: bool) -> Iterator[Line]:
    """Unknown verdicts by their reason, rules that broke, what could not be read, and exemptions."""
    yield from _unknown(report, layout, verbose=verbose)
    if verbose:
        yield from _not_applicable(report, layout)
    yield from _broken(report, layout)
    yield from _problems(report, layout)
    yield from _rights(report, layout)
    yield from _exemptions(report, layout, verbose=verbose)


def _unknown(report: Report, layout: Layout, *, verbose: bool) -> Iterator[Line]:
    reasons = _by_reason(outcome for outcome in report.by_status[Status.UNKNOWN] if not outcome.lacks_source)
    if not reasons:
        return
    number = sum(len(outcomes) for _, outcomes in reasons)
    yield from layout.heading(f"Unknown ({number}): never counted as passed")
    for reason, outcomes in reasons if verbose else reasons[:_MOST_REASONS]:
        yield from layout.paragraph(reason, indent=_COUNT, head=((f"{len(outcomes):>6}  ", "medium"),))
        if verbose:
            yield from _each(outcomes, layout)
        else:
            yield from layout.paragraph(_whose(outcomes), "quiet", indent=_COUNT)
    if len(reasons) > _MOST_REASONS and not verbose:
        fewer = sum(len(outcomes) for _, outcomes in reasons[_MOST_REASONS:])
        text = f"and {fewer} for {plural(len(reasons) - _MOST_REASONS, 'other reason')}: -v lists them"
        yield from layout.paragraph(text, "quiet", indent=_COUNT)


def _not_applicable(report: Report, layout: Layout) -> Iterator[Line]:
    reasons = _by_reason(report.by_status[Status.NOT_APPLICABLE])
    if reasons:
        yield from layout.heading(f"Not applicable ({sum(len(outcomes) for _, outcomes in reasons)})")
    for reason, outcomes in reasons:
        yield from layout.paragraph(reason, indent=_COUNT, head=((f"{len(outcomes):>6}  ", "quiet"),))
        yield from layout.paragraph(_whose(outcomes), "quiet", indent=_COUNT)


def _by_reason(outcomes: Iterable[Outcome]) -> list[tuple[str, list[Outcome]]]:
    """Outcomes by their reason, the most frequent one first."""
    by_reason: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_reason[outcome.reason or "no reason given"].append(outcome)
    return sorted(by_reason.items(), key=lambda item: -len(item[1]))


def _each(outcomes: Sequence[Outcome], layout: Layout) -> Iterator[Line]:
    for outcome in outcomes:
        location = outcome.evidence[0].place.location if outcome.evidence else outcome.resource.locate()
        left = ((" " * _COUNT, ""), (thing(outcome.resource, container=True), ""), ("  ", ""), (outcome.rule, "rule"))
        if location.uri:
            yield from layout.side_by_side(left, (place(location), "place"), indent=_COUNT + 2)
        else:
            yield left


def _whose(outcomes: Sequence[Outcome]) -> str:
    rules = dict.fromkeys(outcome.rule for outcome in outcomes)
    others = len({id(outcome.resource.root) for outcome in outcomes}) - 1
    asked = next(iter(rules)) if len(rules) == 1 else plural(len(rules), "rule")
    return f"{asked}: {thing(outcomes[0].resource)}{f' and {others} more' if others else ''}"


def _broken(report: Report, layout: Layout) -> Iterator[Line]:
    broken = Counter(f"{each.rule}: {each.reason}" for each in report.by_status[Status.ERROR])
    if not broken:
        return
    yield from layout.heading(f"Rules that broke ({broken.total()} verdicts)")
    for text, count in broken.most_common(_MOST_REASONS):
        yield from layout.paragraph(text, "bad", indent=_COUNT, head=((f"{count:>6}  ", "bad"),))


def _problems(report: Report, layout: Layout) -> Iterator[Line]:
    # What was refused is shown as a table of its own.
    problems = [
        problem
        for source in report.sources
        for problem in source.problems
        if not (source.remedy and problem.reason.startswith(_REFUSED))
    ]
    if not problems:
        return
    yield from layout.heading(f"Could not be read or rendered ({len(problems)})")
    for problem in problems[:_MOST_LISTED]:
        yield (("  ", ""), (place(Location(problem.uri, problem.line)), "place"))
        yield from layout.paragraph(problem.reason, indent=6)
    yield from _more(len(problems), layout)


def _rights(report: Report, layout: Layout) -> Iterator[Line]:
    """The rights that were missing, in one table, and what grants them."""
    for source in report.sources:
        refused = sorted(
            (problem.uri.split("/", 3)[-1], problem.reason.removeprefix(_REFUSED))
            for problem in source.problems
            if problem.reason.startswith(_REFUSED)
        )
        if not source.remedy or not refused:
            continue
        yield from layout.heading(f"Rights that are missing ({len(refused)})")
        width = max(len(what) for what, _ in refused)
        for what, reason in refused:
            right, _, left_open = reason.partition(_LEFT_OPEN)
            yield ((f"  {what:{width}}  ", ""), (right.partition(" (")[0], "medium"))
            if left_open:
                yield from layout.paragraph(f"left open: {left_open}", indent=width + 4)
        yield ()
        yield from layout.paragraph(f"Granted by this, {_GRANTED[source.source]}")
        yield ()
        for line in source.remedy.splitlines():
            yield ((f"  {line}", ""),)


_LEFT_OPEN = "; left open: "
_GRANTED = {
    "cluster": "bound to whoever scans (docs/clusters.md; `readycheck rules rbac` prints all of it):",
    "aws": "attached to whoever scans (docs/aws.md; `readycheck rules iam` prints all of it):",
}


def _exemptions(report: Report, layout: Layout, *, verbose: bool) -> Iterator[Line]:
    if not report.exemptions:
        return
    active = [each for each in report.exemptions if each.status is ExemptionStatus.ACTIVE]
    idle = [each for each in report.exemptions if each.status is not ExemptionStatus.ACTIVE or each.ends_soon]
    exempted = sum(each.count for each in active)
    failures = plural(exempted, "failure")
    yield from layout.heading(f"Exemptions ({len(active)} in force, for {failures})")
    listed = [*(each for each in active if not each.ends_soon), *idle] if verbose else idle
    for each in listed if verbose else listed[:_MOST_LISTED]:
        style = {ExemptionStatus.ACTIVE: "good", ExemptionStatus.UNUSED: "medium"}.get(each.status, "bad")
        style = "medium" if each.ends_soon else style
        yield ((f"  {each.word:8} ", style), (printable(each.where), "place"))
        until = f", until {each.until}" if each.until else ""
        said = each.problem or f"{each.reason}{f' ({each.owner}{until})' if each.owner else until}"
        yield from layout.paragraph(f"{', '.join(each.rules)}: {said}", indent=11)
    if not verbose:
        yield from _more(len(listed), layout)


def _more(number: int, layout: Layout) -> Iterator[Line]:
    if number > _MOST_LISTED:
        yield from layout.paragraph(f"and {number - _MOST_LISTED} more: -o json=FILE has them all", "quiet")
