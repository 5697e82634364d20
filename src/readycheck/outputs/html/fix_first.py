"""What to mend first: the edits that close the most, weighed by how bad it is."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote

from msgspec import Struct

from readycheck.history import FindingRecord
from readycheck.model import Severity
from readycheck.outputs.html.edition import Edition
from readycheck.outputs.html.overview import fragment
from readycheck.outputs.html.text import first_sentence, visible

MOST = 10
_SAMPLE = 4


class Candidate(Struct, frozen=True):
    """One edit, and what it closes.

    Args:
        rule: the ID of the rule.
        title: what the rule wants; "" where it is not known.
        why: why it wants that; "" where it is not known.
        severity: the worst of what it closes.
        where: the file and line, or what else says where to mend it.
        message: what was found; of the first finding where it closes several.
        suggestion: the fix in words; "" where nothing is known.
        safe: whether the suggestion leaves nothing to decide.
        diff: the same as `git apply` takes it; "" where it was not worked out.
        note: what whoever reviews it should know; "" where that is nothing.
        command: what applies it; "" where there is no diff.
        closes: how many findings it closes.
        things: some of what they are about.
        more: how many things more there are.
        environments: the names of their environments.
        rank: severity's weight times findings closed: what the order is by.
        link: the fragment that shows the findings.
    """

    rule: str
    title: str
    why: str
    severity: str
    where: str
    message: str
    suggestion: str
    safe: bool
    diff: str
    note: str
    command: str
    closes: int
    things: Sequence[str]
    more: int
    environments: Sequence[str]
    rank: int
    link: str


def fix_first(editions: Sequence[Edition]) -> list[Candidate]:
    """The ten edits that matter most: by the severity's weight times the findings that one edit closes.

    One edit is one place in one file: a base closes a finding in each environment that it is rendered for.
    """
    groups: dict[tuple[str, ...], list[tuple[Edition, FindingRecord]]] = {}
    for edition in editions:
        for finding in edition.snapshot.findings:
            groups.setdefault(_edit(finding), []).append((edition, finding))
    ranked = sorted(groups.items(), key=lambda item: (-_rank(item[1]), not _mendable(item[1]), item[0]))
    return [_candidate(group) for _, group in ranked[:MOST]]


def _edit(finding: FindingRecord) -> tuple[str, ...]:
    """What names the edit that closes a finding: findings of the same name go with one edit, of whatever rule."""
    spot, fix = finding.location, finding.fix
    if fix is not None and fix.diff:
        return (fix.diff,)
    if spot is None or not spot.line:
        return finding.rule, finding.fingerprint
    # A chart's values set the field of every object that its templates make.
    at = spot.values_key or str(spot.line)
    return (spot.uri, at, fix.title) if fix is not None else (finding.rule, spot.uri, at)


def _rank(group: Sequence[tuple[Edition, FindingRecord]]) -> int:
    return max(Severity(finding.severity).weight for _, finding in group) * len(group)


def _mendable(group: Sequence[tuple[Edition, FindingRecord]]) -> bool:
    return group[0][1].fix is not None


def _candidate(group: Sequence[tuple[Edition, FindingRecord]]) -> Candidate:
    edition, first = group[0]
    things = list(dict.fromkeys(name_of(finding) for _, finding in group))
    severity = min((finding.severity for _, finding in group), key=lambda value: Severity(value).rank)
    record = edition.snapshot.rules.get(first.rule)
    shown = next((finding for _, finding in group if finding.fix and finding.fix.diff), first)
    return Candidate(
        rule=visible(first.rule),
        title=visible(record.title if record else ""),
        why=first_sentence(record.help if record else ""),
        severity=severity,
        where=visible(place_of(first)),
        message=visible(first.message),
        suggestion=visible(first.fix.title if first.fix else ""),
        safe=bool(first.fix and first.fix.safe),
        diff=visible(shown.fix.diff if shown.fix else ""),
        note=visible(shown.fix.note if shown.fix else ""),
        command=command_of(edition, shown),
        closes=len(group),
        things=things[:_SAMPLE],
        more=max(0, len(things) - _SAMPLE),
        environments=[visible(name) for name in dict.fromkeys(edition.name for edition, _ in group) if name],
        rank=_rank(group),
        link=fragment(
            rule=first.rule if all(finding.rule == first.rule for _, finding in group) else "",
            file=first.location.uri if first.location else "",
        ),
    )


def command_of(edition: Edition, finding: FindingRecord) -> str:
    """What applies the fix of a finding; "" where no diff of it is known."""
    if finding.fix is None or not finding.fix.diff:
        return ""
    environment = f" --env {quote(edition.name)}" if edition.name else ""
    unsafe = "" if finding.fix.safe else " --unsafe"
    path = f" --path {quote(finding.location.uri)}" if finding.location else ""
    return visible(f"readycheck fix{environment} --rule {finding.rule}{path}{unsafe} --apply")


def name_of(finding: FindingRecord) -> str:
    """The thing of a finding, as people name it: `Deployment shop/web`."""
    thing = finding.resource
    name = f"{thing.namespace}/{thing.name}" if thing.namespace else thing.name
    container = f" ({thing.container})" if thing.container else ""
    return visible(f"{thing.kind} {name}{container}".rstrip())


def place_of(finding: FindingRecord) -> str:
    """Where a finding points: `deploy/web.yaml:7`; "" where nothing says it."""
    spot = finding.location
    if spot is None:
        return ""
    return f"{spot.uri}:{spot.line}" if spot.line else spot.uri
