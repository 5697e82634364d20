"""The findings for the page's own table: by column, each text once, so that 50,000 of them open in a moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from readycheck.history import Change, FindingRecord, Piece, Spot, Thing
from readycheck.model import Severity
from readycheck.outputs.html.edition import Edition
from readycheck.outputs.html.fix_first import command_of
from readycheck.outputs.html.ownership import OwnerOf
from readycheck.outputs.html.text import shown, visible

_STATES = {
    "new": "new",
    "reopened": "reopened",
    "still": "still",
    "newly_judged": "judged",
    "fixed": "fixed",
    "newly_exempt": "exempt",
    "no_longer_judged": "unjudged",
}
"""A delta's lists, and what their findings' state is called in the table."""

COLUMNS = (
    *("env", "severity", "rule", "kind", "namespace", "name", "container", "source", "rendered", "uri", "line", "path"),
    *("message", "state", "reason", "tolerated", "seen", "owner", "fix", "diff", "note", "command", "safe"),
    *("kustomize", "kubectl"),
    *("fingerprint", "evidence", "counterpart"),
)


def table(editions: Sequence[Edition], owner_of: OwnerOf) -> dict[str, Any]:
    """All findings, and what the page says about their rules.

    Texts stand in `strings` once, and columns hold their numbers there; `severity` holds the rank, `line` a number,
    `safe` 0 or 1, `evidence` lists of four numbers (path, value, place, source).
    """
    return _Table(owner_of).filled(editions)


class _Table:
    """A table that is being filled."""

    def __init__(self, owner_of: OwnerOf) -> None:
        self._owner_of = owner_of
        self._numbers: dict[str, int] = {"": 0}
        self._columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}

    def filled(self, editions: Sequence[Edition]) -> dict[str, Any]:
        # The most severe first, over all environments; sorting keeps the order of each report otherwise.
        rows = sorted(
            (row for edition in editions for row in _rows(edition)),
            key=lambda row: Severity(row[2].finding.severity).rank,
        )
        for edition, state, change in rows:
            self._add(edition, state, change)
        rules = {
            rule: [visible(record.title), visible(record.help)]
            for edition in editions
            for rule, record in edition.snapshot.rules.items()
            if rule in self._numbers
        }
        return {
            "strings": list(self._numbers),
            "columns": self._columns,
            "rules": dict(sorted(rules.items())),
            "compared": any(edition.delta is not None for edition in editions),
        }

    def _add(self, edition: Edition, state: str, change: Change) -> None:
        finding = change.finding
        thing, spot = finding.resource, finding.location
        texts = {
            "env": edition.name,
            "rule": finding.rule,
            "kind": thing.kind,
            "namespace": thing.namespace,
            "name": thing.name,
            "container": thing.container,
            "source": thing.source,
            "rendered": thing.rendered_from,
            "uri": spot.uri if spot else "",
            "path": (spot.values_key or spot.path) if spot else "",
            "message": finding.message,
            "state": state,
            "reason": change.reason,
            "tolerated": finding.tolerated,
            "seen": (change.first_seen or edition.first_seen.get(finding.fingerprint, ""))[:10],
            "owner": self._owner_of(finding),
            "fix": finding.fix.title if finding.fix else "",
            "diff": finding.fix.diff if finding.fix else "",
            "note": finding.fix.note if finding.fix else "",
            "kustomize": finding.fix.kustomize if finding.fix else "",
            "kubectl": finding.fix.kubectl if finding.fix else "",
            "command": command_of(edition, finding),
            "fingerprint": finding.fingerprint,
            "counterpart": _counterpart(finding),
        }
        for name, text in texts.items():
            self._columns[name].append(self._number(visible(text) if text else ""))
        self._columns["severity"].append(Severity(finding.severity).rank)
        self._columns["line"].append((spot.line or 0) if spot else 0)
        self._columns["safe"].append(int(bool(finding.fix and finding.fix.safe)))
        self._columns["evidence"].append([self._piece(piece, finding) for piece in finding.evidence])

    def _number(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    def _piece(self, piece: Piece, finding: FindingRecord) -> list[int]:
        source = (piece.resource or finding.resource).source or ""
        spot = piece.location if piece.resource else finding.location
        place = f"{_named(piece.resource)} in {_place(spot)}" if piece.resource else _place(spot)
        nothing = "nothing stands there" if piece.seen is None else shown(piece.seen)
        return [self._number(text) for text in (visible(piece.path), nothing, visible(place), visible(source))]


def _rows(edition: Edition) -> Iterator[tuple[Edition, str, Change]]:
    if edition.delta is None:
        for finding in edition.snapshot.findings:
            yield edition, "open", Change(finding)
        return
    for name, state in _STATES.items():
        for change in getattr(edition.delta, name):
            yield edition, state, change


def _place(spot: Spot | None) -> str:
    if spot is None:
        return ""
    return f"{spot.uri}:{spot.line}" if spot.line else spot.uri


def _named(thing: Thing) -> str:
    return f"{thing.kind} {thing.namespace}/{thing.name}" if thing.namespace else f"{thing.kind} {thing.name}"


def _counterpart(finding: FindingRecord) -> str:
    other = finding.counterpart
    if other is None:
        return ""
    place = _place(other.location)
    return f"{other.relation}{f': {_named(other.resource)}' if other.resource else ''}{f' in {place}' if place else ''}"
