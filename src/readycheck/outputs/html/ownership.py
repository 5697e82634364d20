"""Whose findings these are: by the CODEOWNERS file of the repository, else by the object itself, else by namespace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from codeowners import CodeOwners
from msgspec import Struct

from readycheck.history import FindingRecord
from readycheck.model import Severity
from readycheck.outputs.html.edition import Edition
from readycheck.outputs.html.fix_first import name_of, place_of
from readycheck.outputs.html.overview import fragment
from readycheck.outputs.html.text import counted, visible

NOBODY = "no owner"
_IN_A_MAIL = 20

OwnerOf = Callable[[FindingRecord], str]


class Owner(Struct, frozen=True):
    """One owner: how much is theirs, and a block for a mail to them.

    Args:
        name: the team or person, or `namespace shop` where neither a file nor the object says who owns it.
        severities: how many findings there are of each severity, the most severe first.
        total: how many there are.
        new: how many of them are new.
        mail: what is open, as Markdown.
        link: the fragment that shows their findings.
    """

    name: str
    severities: Mapping[str, int]
    total: int
    new: int
    mail: str
    link: str


def owner_of(codeowners: str) -> OwnerOf:
    """A function that tells the owner of a finding.

    Args:
        codeowners: the content of the repository's CODEOWNERS file; "" where there is none.
    """
    file = CodeOwners(codeowners)

    @cache
    def of_path(uri: str) -> str:
        return ", ".join(name for _, name in file.of(uri))

    def of(finding: FindingRecord) -> str:
        named = of_path(finding.location.uri) if codeowners and finding.location else ""
        if named or finding.resource.team:
            return visible(named or finding.resource.team or "")
        return visible(f"namespace {finding.resource.namespace}") if finding.resource.namespace else NOBODY

    return of


def owners(editions: Sequence[Edition], of: OwnerOf) -> list[Owner]:
    """Everybody who owns a finding: those with the most severe ones first."""
    theirs: dict[str, list[tuple[Edition, FindingRecord]]] = {}
    for edition in editions:
        for finding in edition.snapshot.findings:
            theirs.setdefault(of(finding), []).append((edition, finding))
    new = {
        change.finding.fingerprint
        for edition in editions
        if edition.delta is not None
        for change in (*edition.delta.new, *edition.delta.reopened)
    }
    made = [_owner(name, findings, new) for name, findings in theirs.items()]
    return sorted(made, key=lambda owner: (tuple(-count for count in owner.severities.values()), owner.name))


def _owner(name: str, findings: Sequence[tuple[Edition, FindingRecord]], new: set[str]) -> Owner:
    counts = Counter(finding.severity for _, finding in findings)
    return Owner(
        name,
        {severity.value: counts[severity.value] for severity in Severity},
        len(findings),
        sum(finding.fingerprint in new for _, finding in findings),
        _mail(name, findings),
        fragment(owner=name),
    )


def _mail(name: str, findings: Sequence[tuple[Edition, FindingRecord]]) -> str:
    ranked = sorted(findings, key=lambda item: Severity(item[1].severity).rank)
    lines = [f"**Production readiness: {counted(len(findings), 'open finding')} for {name}**", ""]
    for edition, finding in ranked[:_IN_A_MAIL]:
        environment = f"{edition.name}: " if edition.name else ""
        place = place_of(finding)
        lines.append(
            visible(
                f"- {finding.severity.upper()} {environment}{name_of(finding)} {finding.message}"
                f" ({finding.rule}{f', {place}' if place else ''})"
            ).replace("\n", " ")
        )
    if len(findings) > _IN_A_MAIL:
        lines.append(f"- and {len(findings) - _IN_A_MAIL:,} more")
    return "\n".join(lines) + "\n"
