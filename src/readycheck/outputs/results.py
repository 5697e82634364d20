"""A report as viewers of pull requests take it: results in their order of weight, each at a line, each with a name.

What is unknown, what broke and what could not be read are results too: none of these viewers would show it otherwise.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from hashlib import sha256

from msgspec import Struct

from readycheck.model import Finding, Location, Outcome, Severity, Status
from readycheck.outputs.anchors import Anchor, Anchors
from readycheck.outputs.page.layout import plural, thing
from readycheck.report import Report, fingerprint, sort_key

PROBLEM = "readycheck/problem"
"""The rule that stands for what could not be read."""
_MOST_REASONS = 5


class Result(Struct, frozen=True):
    """A finding.

    Args:
        outcome: the outcome that it belongs to.
        finding: the finding.
        anchor: where it stands.
        name: what tells it from every other result and stays while it does, whatever moves around it.
        tolerated: why the gate lets it pass whatever its severity; "" where it does not.
    """

    outcome: Outcome
    finding: Finding
    anchor: Anchor
    name: str
    tolerated: str

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return self.outcome.severity_of(self.finding)

    @property
    def message(self) -> str:
        """What is wrong with what, in a sentence."""
        return f"{thing(self.finding.resource, container=True)} {self.finding.message}"


class Gap(Struct, frozen=True):
    """What was not judged, or not read.

    Args:
        rule: the rule that could not judge; `PROBLEM` for what could not be read.
        status: unknown, or error for what broke or could not be read.
        message: what is not known, and why.
        anchor: where that shows; of several places the first one.
        name: what tells it from every other gap.
    """

    rule: str
    status: Status
    message: str
    anchor: Anchor
    name: str


def results(report: Report, anchors: Anchors, status: Status = Status.FAIL) -> list[Result]:
    """The findings: those that the gate counts first, the most severe first, then by rule and thing.

    Args:
        report: what was found.
        anchors: where it stands.
        status: of which outcomes; those that are exempt have findings too.
    """
    ordered = sorted(
        ((outcome, finding) for outcome in report.by_status[status] for finding in outcome.findings),
        key=lambda pair: (pair[0].severity_of(pair[1]).rank, sort_key(pair[0]), pair[1].message),
    )
    names = _Names()
    found = []
    for outcome, finding in ordered:
        anchor = anchors.of(report.place_of(finding))
        source = finding.resource.root.origin.source
        name = names.give(fingerprint(outcome.rule, report.environment, finding), source, anchor.uri)
        found.append(Result(outcome, finding, anchor, name, report.tolerated.get(id(finding), "")))
    return sorted(found, key=lambda result: bool(result.tolerated))


def gaps(report: Report, anchors: Anchors) -> list[Gap]:
    """What could not be read, then what each rule could not judge; rules whose source was not asked for aside."""
    names = _Names()
    found = [
        Gap(PROBLEM, Status.ERROR, reason, anchor, names.give(PROBLEM, report.environment, anchor.uri, reason))
        for reason, anchor in _problems(report, anchors)
    ]
    for status in (Status.ERROR, Status.UNKNOWN):
        by_rule: dict[str, list[Outcome]] = defaultdict(list)
        for outcome in sorted(report.by_status[status], key=sort_key):
            if not outcome.lacks_source:
                by_rule[outcome.rule].append(outcome)
        for rule, outcomes in by_rule.items():
            place = outcomes[0].evidence[0].place if outcomes[0].evidence else outcomes[0].resource.at(())
            name = names.give(rule, report.environment, status.value)
            found.append(Gap(rule, status, _said(outcomes, status), anchors.of(place), name))
    return found


def _problems(report: Report, anchors: Anchors) -> Iterator[tuple[str, Anchor]]:
    for source in report.sources:
        if source.failed and not source.problems:
            yield f"the source {source.source} could not be read", anchors.home
        for problem in source.problems:
            anchor = anchors.of_location(Location(problem.uri, problem.line))
            yield f"{problem.uri}: {problem.reason}", anchor


def _said(outcomes: Sequence[Outcome], status: Status) -> str:
    reasons = Counter(outcome.reason or "no reason given" for outcome in outcomes)
    told = [f"{reason} ({count})" if count > 1 else reason for reason, count in reasons.most_common(_MOST_REASONS)]
    if len(reasons) > _MOST_REASONS:
        told.append(f"and {plural(len(reasons) - _MOST_REASONS, 'other reason')}")
    first = thing(outcomes[0].resource, container=True)
    whose = first if len(outcomes) == 1 else f"{plural(len(outcomes), 'thing')}, {first} the first"
    verb = "broke" if status is Status.ERROR else "unknown"
    return f"{verb} for {whose}: {'; '.join(told)}"


class _Names:
    """Short names that are not given twice: of what would have the same, the second gets another ending."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def give(self, *parts: str) -> str:
        name = sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        self._given[name] += 1
        return f"{name}:{self._given[name]}"
