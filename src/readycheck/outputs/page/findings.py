"""What is wrong: the findings of each thing together, with the lines that show them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from readycheck.model import Evidence, Finding, Location, Outcome, Resource
from readycheck.outputs.evidence import shorten
from readycheck.outputs.page.layout import Layout, Line, place, plural, printable, thing
from readycheck.outputs.page.source import excerpt, holds_value
from readycheck.report import SYSTEM_NAMESPACES, Report, container_name

Found: TypeAlias = tuple[Outcome, Finding]

_MOST_OF_A_RULE = 10
_MOST_DETAILED = 100
"""Findings shown with their source; the others get a line each."""
_MOST_LISTED = 200
_LEAST_LISTED_OF_A_RULE = 3
_MOST_SEEN = 3
_MESSAGE = 13
"""Where messages begin: behind the severity."""
_DETAIL = 6
_FIRST_SENTENCE = re.compile(r".+?(?<!e\.g)(?<!i\.e)(?<!etc)[.!?](?=\s|\Z)", re.DOTALL)


def findings(report: Report, layout: Layout) -> Iterator[Line]:
    """Every finding, or as many of each rule as a person reads, and how many more there are."""
    # What a team does not own stands behind all that it does.
    detailed, rest = _choose(sorted(report.findings, key=lambda found: _is_system(found[1].resource)))
    own = [found for found in detailed if not _is_system(found[1].resource)]
    system = [found for found in detailed if _is_system(found[1].resource)]
    explained: set[str] = set()
    yield from _things(own, report, layout, explained)
    if system:
        yield from layout.heading("In the system's own namespaces")
        yield from _things(system, report, layout, explained)
    yield from _rest(rest, layout)


def _choose(found: Sequence[Found]) -> tuple[list[Found], dict[str, list[Found]]]:
    """The findings to show in full, and the others by rule; one pass, since there may be very many."""
    detailed: list[Found] = []
    rest: dict[str, list[Found]] = defaultdict(list)
    shown: Counter[str] = Counter()
    for pair in found:
        rule = pair[0].rule
        if shown[rule] < _MOST_OF_A_RULE and len(detailed) < _MOST_DETAILED:
            shown[rule] += 1
            detailed.append(pair)
        else:
            rest[rule].append(pair)
    return detailed, rest


def _is_system(resource: Resource) -> bool:
    return resource.root.scope in SYSTEM_NAMESPACES


def _things(found: Sequence[Found], report: Report, layout: Layout, explained: set[str]) -> Iterator[Line]:
    things: dict[int, list[Found]] = defaultdict(list)
    for pair in found:
        things[id(pair[1].resource.root)].append(pair)
    for group in things.values():
        root = group[0][1].resource.root
        yield ()
        yield from layout.side_by_side(((thing(root), "thing"),), (printable(root.locate().uri), "place"), indent=2)
        if root.origin.world:
            yield from layout.paragraph(f"rendered from {root.origin.world}", "quiet")
        parts: dict[str, list[Found]] = defaultdict(list)
        for pair in group:
            parts[container_name(pair[1].resource) or ""].append(pair)
        for name in sorted(parts, key=bool):
            if name:
                yield from layout.paragraph(f"container {name}", "thing")
            yield from _part(parts[name], report, layout, explained)


def _part(found: Sequence[Found], report: Report, layout: Layout, explained: set[str]) -> Iterator[Line]:
    """The findings of one thing or container: those that point at one line share it."""
    spots: dict[Location, list[Found]] = defaultdict(list)
    for pair in found:
        spots[pair[1].place.location].append(pair)
    for location, group in spots.items():
        for outcome, finding in group:
            yield from _message(outcome, finding, layout)
        yield from _source(location, group[0][1], layout)
        yield from _evidence(location, group, layout)
        for outcome, _ in group:
            if outcome.rule not in explained:
                explained.add(outcome.rule)
                yield from _why(report.rules[outcome.rule][1], layout)


def _message(outcome: Outcome, finding: Finding, layout: Layout) -> Iterator[Line]:
    head = (("  ", ""), layout.severity(finding.severity or outcome.severity))
    *above, last = layout.paragraph(finding.message, "message", indent=_MESSAGE, head=head)
    yield from above
    yield from layout.side_by_side(last, (outcome.rule, "rule"), indent=_MESSAGE)


def _source(location: Location, finding: Finding, layout: Layout) -> Iterator[Line]:
    if not location.uri:
        return
    yield ((" " * _DETAIL, ""), (place(location), "place"))
    lines = [(number, printable(text)) for number, text in excerpt(finding.place)]
    digits = max((len(str(number)) for number, _ in lines), default=0)
    room = layout.width - _DETAIL - digits - 5
    deep = min((len(text) - len(text.lstrip()) for _, text in lines if text.strip()), default=0)
    # Where lines do not fit, what all of them are indented by goes first.
    spare = deep if any(len(text) > room for _, text in lines) else 0
    for number, text in lines:
        marked = number == location.line
        yield (
            (f"{' ' * _DETAIL}{'>' if marked else ' '} ", "mark"),
            (f"{number:>{digits}} {layout.bar} ", "quiet"),
            (layout.cut(text[spare:], room), "marked" if marked else "quiet"),
        )
    if location.values_key:
        yield from _labelled("values", f"decided by {location.values_key}", layout)


def _evidence(location: Location, group: Sequence[Found], layout: Layout) -> Iterator[Line]:
    told = dict.fromkeys(_seen(piece, finding, location) for _, finding in group for piece in finding.evidence)
    pieces = [piece for piece in told if piece]
    if len(pieces) > _MOST_SEEN:
        pieces[_MOST_SEEN:] = [f"and {len(pieces) - _MOST_SEEN} more"]
    if pieces:
        yield from _labelled("seen", "; ".join(pieces), layout)


def _labelled(label: str, text: str, layout: Layout) -> Iterator[Line]:
    head = ((" " * _DETAIL, ""), (f"{label}: ", "quiet"))
    yield from layout.paragraph(text, "quiet", indent=_DETAIL + len(label) + 2, head=head)


def _seen(piece: Evidence, finding: Finding, shown: Location) -> str:
    """A piece of evidence in words; "" where the message and the line above say all of it."""
    where = piece.place
    elsewhere = where.resource.root is not finding.resource.root
    told = ""
    if where.path:
        field = where.field if where.resource is not finding.resource else where.field[len(_prefix(finding.resource)) :]
        if piece.seen is None:
            told = f"{field} is absent"
        elif holds_value(where):
            told = f"{field} is set"
        elif not isinstance(piece.seen, (dict, list)):
            told = f"{field} is {_value(piece.seen)}"
    if not elsewhere:
        return told
    location = where.location
    at = f" ({place(location)})" if location.uri and location != shown else ""
    return f"{thing(where.resource)}{f': {told}' if told else ''}{at}"


def _prefix(resource: Resource) -> str:
    """What the fields of a container begin with: its heading says that already."""
    return f"{resource.at(()).field}." if resource.path else ""


def _value(seen: object) -> str:
    if isinstance(seen, bool):
        return str(seen).lower()
    return str(shorten(seen)) or '""'


def _why(help_text: str, layout: Layout) -> Iterator[Line]:
    sentence = _FIRST_SENTENCE.match(" ".join(help_text.split()))
    if sentence:
        yield from _labelled("why", sentence[0], layout)


def _rest(rest: dict[str, list[Found]], layout: Layout) -> Iterator[Line]:
    if not rest:
        return
    number = sum(map(len, rest.values()))
    yield from layout.heading(f"And {plural(number, 'more finding')}")
    share = max(_MOST_LISTED // len(rest), _LEAST_LISTED_OF_A_RULE)
    left_out = 0
    for rule, found in rest.items():
        yield ((f"  {rule}", "rule"), (f"  {len(found)} more", "quiet"))
        for outcome, finding in found[:share]:
            head = (("  ", ""), layout.severity(finding.severity or outcome.severity))
            said = f"{thing(finding.resource, container=True)}: {finding.message}"
            *above, last = layout.paragraph(said, indent=_MESSAGE, head=head)
            yield from above
            yield from layout.side_by_side(last, (place(finding.place.location), "place"), indent=_MESSAGE)
        if len(found) > share:
            left_out += len(found) - share
            yield ((f"{' ' * _MESSAGE}and {len(found) - share} like these", "quiet"),)
    if left_out:
        text = f"{plural(left_out, 'finding')} not listed here: -o json=FILE has them all"
        yield from layout.paragraph(text, "marked")
