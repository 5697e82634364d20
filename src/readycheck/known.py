"""Findings that were known before: telling what is new from what is not, and what has become worse.

A finding is known by its fingerprint. Of several with one fingerprint, as two files make that declare the same object,
as many are known as there were: first those in the same files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from readycheck.model import Evidence, Finding, Outcome, Severity
from readycheck.report import Report, container_name, fingerprint

_NAMES = ("name", "id", "key", "ruleId", "VulnerabilityID", "vulnerabilityID")
"""What an entry of a list is told from the others by, whatever its place."""
_VOLATILE = frozenset({"EndpointSlice", "Node", "Pod", "ReplicaSet", "VulnerabilityReport"})
"""Kinds whose names change by themselves."""


class Known(Struct, frozen=True, omit_defaults=True):
    """A finding as it was known.

    Args:
        fingerprint: what names it.
        rule: the rule's ID.
        severity: how severe it was.
        kind: the kind of what was judged.
        name: its name.
        evidence: what showed it, in words that stay while that does.
        environment: the environment; "" where none was named.
        source: the source that read it.
        namespace: its namespace.
        container: the container that was judged; "" for the whole.
        file: the file that showed it, from the repository's top; "" for what has none.
        first_seen: the day since which it is known, as 2027-01-31.
    """

    fingerprint: str
    rule: str
    severity: str
    kind: str
    name: str
    evidence: tuple[str, ...] = ()
    environment: str = ""
    source: str = ""
    namespace: str = ""
    container: str = ""
    file: str = ""
    first_seen: str = ""


class Comparison(Struct, frozen=True):
    """What the findings of a scan are beside those that were known.

    Args:
        known: the entry of each finding that is no worse than it was, by the finding's identity.
        reopened: why a finding that was known counts all the same, by the finding's identity.
        gone: the entries that no finding belongs to any more.
    """

    known: Mapping[int, Known]
    reopened: Mapping[int, str]
    gone: Sequence[Known]


def known_now(report: Report) -> list[Known]:
    """The findings of a report, to be known by another scan."""
    return [_known(report, outcome, finding) for outcome, finding in report.findings]


def compare(report: Report, before: Iterable[Known]) -> Comparison:
    """Which findings of a report were known before, and which of them have become worse.

    Args:
        report: the report.
        before: what was known; entries of other environments match nothing.
    """
    entries: dict[str, list[Known]] = defaultdict(list)
    for entry in before:
        entries[entry.fingerprint].append(entry)
    known: dict[int, Known] = {}
    reopened: dict[int, str] = {}
    now = [(id(finding), _known(report, outcome, finding)) for outcome, finding in report.findings]
    for same_file in (True, False):
        left = []
        for identity, found in now:
            taken = _taken(entries[found.fingerprint], found.file if same_file else None)
            if taken is None:
                left.append((identity, found))
                continue
            why = _worse(found, taken)
            if why:
                reopened[identity] = why
            else:
                known[identity] = taken
        now = left
    return Comparison(known, reopened, [entry for each in entries.values() for entry in each])


def _taken(entries: list[Known], file: str | None) -> Known | None:
    """Take the entry of a file out of some with one fingerprint; any of them where no file is given."""
    for index, entry in enumerate(entries):
        if file is None or entry.file == file:
            return entries.pop(index)
    return None


def _worse(found: Known, before: Known) -> str:
    """Why a finding is worse than it was; "" where it is not."""
    if Severity(found.severity).rank < Severity(before.severity).rank:
        return f"its severity was {before.severity}"
    news = [piece for piece in found.evidence if piece not in before.evidence]
    return f"new evidence: {news[0]}" if news and before.evidence else ""


def _known(report: Report, outcome: Outcome, finding: Finding) -> Known:
    resource = finding.resource
    root = resource.root
    return Known(
        fingerprint=fingerprint(outcome.rule, report.environment, finding),
        rule=outcome.rule,
        severity=outcome.severity_of(finding).value,
        kind=root.kind,
        name=root.name,
        evidence=tuple(sorted({_piece(piece, finding) for piece in finding.evidence})),
        environment=report.environment,
        source=root.origin.source,
        namespace=root.scope,
        container=container_name(resource) or "",
        file=report.checkout.path_of(finding.place.location.uri),
    )


def _piece(piece: Evidence, finding: Finding) -> str:
    """What a piece of evidence is, by names: places and values change without anything getting worse."""
    root = piece.place.resource.root
    whose = ""
    if root is not finding.resource.root:
        name = "" if root.kind in _VOLATILE else root.name
        whose = "/".join(filter(None, (root.scope, root.kind, name))) + ": "
    steps = []
    body: object = root.body
    for step in piece.place.way:
        body = _inside(body, step)
        steps.append(f"[{_name(body)}]" if isinstance(step, int) else f".{step}")
    return whose + "".join(steps).removeprefix(".")


def _inside(body: object, step: str | int) -> object:
    if isinstance(body, dict) and isinstance(step, str):
        return dict.get(body, step)
    if isinstance(body, list) and isinstance(step, int) and step < len(body):
        return body[step]
    return None


def _name(item: object) -> str:
    if not isinstance(item, dict):
        return ""
    return next((name for key in _NAMES if isinstance(name := dict.get(item, key), str)), "")
