"""How the thing of a finding stands on another side: in git or with Terraform, of what is live; live, of the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from readycheck.model import Counterpart, Finding, Relation
from readycheck.outputs.page.layout import Words, place
from readycheck.report import Report

_DECLARED = {
    Relation.SAME: "declares the same",
    Relation.MENDED: "has it right, which is not live yet",
    Relation.UNTOLD: "declares it",
    Relation.BROUGHT: "brings it",
}
_RECORDED = {
    Relation.SAME: "has the same",
    Relation.MENDED: "means to have it right, which is not applied yet",
    Relation.DRIFTED_LIVE: "recorded it right: somebody changed it since",
    Relation.UNRECORDED: "knows nothing of it, as far as states and plans were read",
    Relation.DRIFTED: "has it right as it was applied last: the next apply undoes it",
    Relation.NOT_LIVE: "knows nothing of it: it is not applied yet",
    Relation.UNTOLD: "has it",
    Relation.BROUGHT: "brings it",
}
_LIVE = {
    Relation.SAME: "runs so",
    Relation.DRIFTED: "holds there: the cluster has drifted from git",
    Relation.UNTOLD: "runs",
    Relation.NOT_LIVE: "is not there yet",
}
_IN_ACCOUNT = {
    Relation.SAME: "is so there",
    Relation.DRIFTED: "holds there: somebody changed it since it was recorded, or the plan undoes it",
    Relation.UNTOLD: "is there",
    Relation.NOT_LIVE: "is not there yet: it is planned",
    Relation.GONE: "is no longer there",
}
_WORDS = {
    "files": ("git", _DECLARED),
    "terraform": ("terraform", _RECORDED),
    "cluster": ("live", _LIVE),
    "aws": ("live", _IN_ACCOUNT),
}
"""What a source is called, and what it shows, by how a finding stands to it."""


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
        label, table = _WORDS[counterpart.source]
        words = table[counterpart.relation]
        if words not in said:
            said.add(words)
            yield label, f"{_bringing(counterpart)}{words}{_where(counterpart)}"


def _bringing(counterpart: Counterpart) -> str:
    """What brought the object, where only that is declared."""
    if counterpart.relation is not Relation.BROUGHT or counterpart.place is None:
        return ""
    resource = counterpart.place.resource
    return f"{resource.kind} {resource.name} "


def _where(counterpart: Counterpart) -> str:
    location = counterpart.place.location if counterpart.place is not None else None
    return f" ({place(location)})" if location is not None and location.uri else ""
