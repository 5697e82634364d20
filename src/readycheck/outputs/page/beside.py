"""How the object of a finding stands on the other side: in git, of what runs; live, of what is declared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from readycheck.model import Counterpart, Finding, Relation
from readycheck.outputs.page.layout import Words, place
from readycheck.report import Report

_IN_GIT = {
    Relation.SAME: "declares the same",
    Relation.MENDED: "has it right, which is not live yet",
    Relation.UNTOLD: "declares it",
    Relation.BROUGHT: "brings it",
}
_LIVE = {
    Relation.SAME: "runs so",
    Relation.DRIFTED: "holds there: the cluster has drifted from git",
    Relation.UNTOLD: "runs",
    Relation.NOT_LIVE: "is not there yet",
}


def beside(findings: Iterable[Finding], report: Report) -> Iterator[Words]:
    """What the other side shows of the findings of one spot, each thing once: a label, and the words behind it.

    Args:
        findings: findings that are shown together.
        report: what tells of the other side.
    """
    said: set[str] = set()
    for finding in findings:
        counterpart = report.counterparts.get(id(finding))
        if counterpart is None:
            continue
        live = finding.resource.root.origin.source == "cluster"
        words = (_IN_GIT if live else _LIVE)[counterpart.relation]
        if words not in said:
            said.add(words)
            yield ("git" if live else "live"), f"{_bringing(counterpart)}{words}{_where(counterpart)}"


def _bringing(counterpart: Counterpart) -> str:
    """What brought the object, where only that is declared."""
    if counterpart.relation is not Relation.BROUGHT or counterpart.place is None:
        return ""
    resource = counterpart.place.resource
    return f"{resource.kind} {resource.name} "


def _where(counterpart: Counterpart) -> str:
    location = counterpart.place.location if counterpart.place is not None else None
    return f" ({place(location)})" if location is not None and location.uri else ""
