"""What is wrong: the findings of each thing together, with the lines that show them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypeAlias

from readycheck.model import Evidence, Finding, Location, Outcome, Resource
from readycheck.outputs.evidence import shorten
from readycheck.outputs.page.beside import beside
from readycheck.outputs.page.layout import Layout, Line, place, plural, printable, thing
from readycheck.outputs.page.source import excerpt, holds_value
from readycheck.report import SOFT, Report, container_name

Found: TypeAlias = tuple[Outcome, Finding]
Twins: TypeAlias = dict[int, list[Resource]]
"""By the identity of a finding, the things that have the very same: what one file becomes in other overlays."""

_MOST_OF_A_RULE = 10
_MOST_DETAILED = 100
"""Findings shown with their source; the others get a line each."""
_MOST_LISTED = 200
_LEAST_LISTED_OF_A_RULE = 3
_MOST_SEEN = 4
_MESSAGE = 13
"""Where messages begin: behind the severity."""
_DETAIL = 6
_FIRST_SENTENCE = re.compile(r".+?(?<!e\.g)(?<!i\.e)(?<!etc)[.!?](?=\s|\Z)", re.DOTALL)


def findings(report: Report, layout: Layout) -> Iterator[Line]:
    """Every finding that counts, or as many of each rule as a person reads, and how many more there are."""
    shown = [pair for pair in report.findings if report.tolerated.get(id(pair[1]), SOFT) == SOFT]
    choice = _Choice(shown, report.managed)
    details = _Details(report, layout, choice.twins)
    yield from details.things(choice.own.detailed)
    # What a team does not own stands behind all that it does.
    if choice.system.detailed:
        yield from layout.heading("In the system's own namespaces")
        yield from details.things(choice.system.detailed)
    yield from _rest(choice.rest, layout)
    yield from _known(report, layout)


class _Shown:
    """The findings that are shown in full, of a team's own things or of the system's."""

    def __init__(self) -> None:
        self.detailed: list[Found] = []
        self._of_rule: dict[str, int] = defaultdict(int)

    def takes(self, pair: Found) -> bool:
        """Show one more in full, where there is room for it and its rule has not been shown enough."""
        rule = pair[0].rule
        if self._of_rule[rule] >= _MOST_OF_A_RULE or len(self.detailed) >= _MOST_DETAILED:
            return False
        self._of_rule[rule] += 1
        self.detailed.append(pair)
        return True


class _Choice:
    """Which findings are shown in full: some of each rule, each once.

    Made in one pass, since there may be very many.
    """

    def __init__(self, found: Iterable[Found], managed: Collection[str]) -> None:
        self.own, self.system = _Shown(), _Shown()
        self.rest: dict[str, list[Found]] = defaultdict(list)
        """The others, by rule."""
        self.twins: Twins = defaultdict(list)
        self._known: dict[tuple[str | None, ...], list[Finding]] = defaultdict(list)
        for pair in found:
            finding = pair[1]
            resource = finding.resource
            # Only what is rendered comes from the same lines more than once.
            rendered = resource.origin.world
            if rendered and self._has_twin(pair[0].rule, finding):
                continue
            shown = self.system if resource.scope in managed else self.own
            if not shown.takes(pair):
                self.rest[pair[0].rule].append(pair)
            elif rendered:
                self._known[_likeness(pair[0].rule, finding)].append(finding)

    def _has_twin(self, rule: str, finding: Finding) -> bool:
        alike = self._known.get(_likeness(rule, finding))
        if alike:
            location = finding.place.location
            for other in alike:
                if other.place.location == location:
                    self.twins[id(other)].append(finding.resource.root)
                    return True
        return False


def _likeness(rule: str, finding: Finding) -> tuple[str | None, ...]:
    root = finding.resource.root
    return rule, finding.message, root.kind, root.name, container_name(finding.resource)


class _Details:
    """Findings with what shows them; why a rule is there is said once."""

    def __init__(self, report: Report, layout: Layout, twins: Twins) -> None:
        self._report = report
        self._layout = layout
        self._twins = twins
        self._explained: set[str] = set()

    def things(self, found: Sequence[Found]) -> Iterator[Line]:
        """The findings of each thing together, those of its containers below its own."""
        things: dict[int, list[Found]] = defaultdict(list)
        for pair in found:
            things[id(pair[1].resource.root)].append(pair)
        for group in things.values():
            yield from self._thing(group[0][1].resource.root, group)

    def _thing(self, root: Resource, found: Sequence[Found]) -> Iterator[Line]:
        layout = self._layout
        yield ()
        yield from layout.side_by_side(((thing(root), "thing"),), (printable(root.locate().uri), "place"), indent=2)
        if root.origin.world and root.origin.source == "files":
            yield from layout.paragraph(f"rendered from {root.origin.world}", "quiet")
        if root.owner is not None:
            yield from layout.paragraph(f"owned by {root.owner.kind} {root.owner.name}", "quiet")
        parts: dict[str, list[Found]] = defaultdict(list)
        for pair in found:
            parts[container_name(pair[1].resource) or ""].append(pair)
        for name in sorted(parts, key=bool):
            if name:
                yield from layout.paragraph(f"container {name}", "thing")
            # Findings that point at one line share it.
            spots: dict[tuple[str, int | None], list[Found]] = defaultdict(list)
            for pair in parts[name]:
                location = pair[1].place.location
                spots[location.uri, location.line].append(pair)
            for group in spots.values():
                yield from self._spot(group)

    def _spot(self, found: Sequence[Found]) -> Iterator[Line]:
        layout = self._layout
        location = found[0][1].place.location
        for outcome, finding in found:
            yield from _message(outcome, finding, layout)
        yield from _source(location, found[0][1], layout)
        yield from _evidence(location, found, layout)
        for outcome, finding in found:
            if outcome.rule not in self._explained:
                self._explained.add(outcome.rule)
                # Of several findings together it must be told which one is meant.
                label = "why" if len(found) == 1 else f"why {outcome.rule.rpartition('/')[2]}"
                yield from _why(label, self._report.rules[outcome.rule][1], layout)
            if id(finding) in self._report.reopened:
                yield from _labelled("known", f"but worse than it was: {self._report.reopened[id(finding)]}", layout)
            if id(finding) in self._report.tolerated:
                yield from _labelled("gate", f"not counted: {self._report.tolerated[id(finding)]}", layout)
            if finding.fix:
                yield from _labelled("fix", finding.fix.title + ("" if finding.fix.safe else " (needs a look)"), layout)
        for label, words in beside((finding for _, finding in found), self._report):
            yield from _labelled(label, words, layout)
        for twin in {id(root): root for _, finding in found for root in self._twins.get(id(finding), ())}.values():
            yield from _labelled("same", f"in {twin.origin.world}: {thing(twin)}", layout)


def _message(outcome: Outcome, finding: Finding, layout: Layout) -> Iterator[Line]:
    head = (("  ", ""), layout.severity(outcome.severity_of(finding)))
    *above, last = layout.paragraph(finding.message, "message", indent=_MESSAGE, head=head)
    yield from above
    yield from layout.side_by_side(last, (outcome.rule, "rule"), indent=_MESSAGE)


def _source(location: Location, finding: Finding, layout: Layout) -> Iterator[Line]:
    if location.line is None and location.uri == finding.resource.root.locate().uri:
        # What has no lines is named above.
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
    yield from layout.paragraph(f"{label}: {text}", "quiet", indent=_DETAIL, hang=5)


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
    at = f" ({place(location)})" if location.uri and place(location) != place(shown) else ""
    return f"{thing(where.resource)}{f': {told}' if told else ''}{at}"


def _prefix(resource: Resource) -> str:
    """What the fields of a container begin with: its heading says that already."""
    return f"{resource.at(()).field}." if resource.path else ""


def _value(seen: object) -> str:
    if isinstance(seen, bool):
        return str(seen).lower()
    return str(shorten(seen)) or '""'


def _why(label: str, help_text: str, layout: Layout) -> Iterator[Line]:
    sentence = _FIRST_SENTENCE.match(" ".join(help_text.split()))
    if sentence:
        yield from _labelled(label, sentence[0], layout)


def _known(report: Report, layout: Layout) -> Iterator[Line]:
    """How many findings were known before: whoever looks at a change wants to see what is new."""
    known = Counter(
        outcome.rule for outcome, finding in report.findings if report.tolerated.get(id(finding), SOFT) != SOFT
    )
    if not known:
        return
    yield from layout.heading(f"Known before ({known.total()}): not counted here")
    for rule, count in sorted(known.items()):
        yield ((f"{count:>6}  ", "quiet"), (rule, "rule"))


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
            head = (("  ", ""), layout.severity(outcome.severity_of(finding)))
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
