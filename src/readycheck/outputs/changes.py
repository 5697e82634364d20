"""Kept scans and what changed between them, for people: lines of plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from readycheck.history import Change, Delta, FindingRecord, ScanRow, Snapshot
from readycheck.history.life import Life
from readycheck.outputs.page.layout import plural, printable

_TITLES = {
    "new": "New",
    "reopened": "Reopened",
    "fixed": "Fixed",
    "newly_exempt": "Newly exempt",
    "newly_judged": "Judged for the first time, as the rules or the sources are others",
    "no_longer_judged": "No longer judged, and perhaps there all the same",
    "still": "Still there",
}
_ALWAYS = ("new", "fixed", "still")


def scan_lines(scans: Sequence[ScanRow]) -> Iterator[str]:
    """A table of kept scans, with a mark where the bar moved since the one before of the same kind."""
    if not scans:
        yield "No scan of this project is kept yet: `readycheck scan` keeps each."
        return
    rows = [("scan", "taken at", "environment", "commit", "findings", "score", "exit", "")]
    rulesets: dict[tuple[str, str], str] = {}
    for scan in scans:
        series = (scan.environment, scan.narrowed_to)
        moved = rulesets.get(series, scan.ruleset) != scan.ruleset
        rulesets[series] = scan.ruleset
        rows.append(
            (
                str(scan.id),
                scan.taken_at,
                printable(scan.environment) or "-",
                scan.commit[:10] or "-",
                severity_words(scan),
                "-" if scan.score is None else f"{scan.score:g}",
                str(scan.exit_code),
                "; ".join(
                    (["other rules"] if moved else [])
                    + ([f"only {printable(scan.narrowed_to)}"] if scan.narrowed_to else [])
                ),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def severity_words(scan: ScanRow | Snapshot) -> str:
    """`2 critical, 13 high`, or `none`."""
    return ", ".join(f"{number} {severity}" for severity, number in scan.severities.items() if number) or "none"


def snapshot_lines(scan: Snapshot, title: str) -> Iterator[str]:
    """One kept scan: what it read, what it found."""
    yield title
    commit = f", commit {scan.commit}" if scan.commit else ""
    yield f"  taken at {scan.taken_at} by readycheck {scan.version}{commit}"
    for source in scan.sources:
        problems = f", {plural(len(source.problems), 'problem')}" if source.problems else ""
        yield f"  {source.name}: {source.status}, {plural(source.resources, 'thing')} read{problems}"
        yield from (f"    {printable(f'{problem.uri}: {problem.reason}')}" for problem in source.problems)
    yield f"  findings: {severity_words(scan)}"
    yield f"  exit code {scan.gate.exit_code}: {printable('; '.join(scan.gate.reasons))}"
    for finding in scan.findings:
        yield from _finding_lines(finding)


def delta_lines(delta: Delta, before: str, after: str, *, verbose: bool) -> Iterator[str]:
    """What changed.

    Args:
        delta: it.
        before: what the earlier scan is called.
        after: what the later one is called.
        verbose: list what is still there, too.
    """
    yield f"From {before}"
    yield f"  to {after}"
    lists: dict[str, tuple[Change, ...]] = {name: getattr(delta, name) for name in _TITLES}
    counts = (f"{len(changes)} {_short(name)}" for name, changes in lists.items() if changes or name in _ALWAYS)
    yield ", ".join(counts)
    if delta.versions[0] != delta.versions[1]:
        yield f"readycheck was {delta.versions[0]}, and is {delta.versions[1]}"
    for word, rules in (
        ("added", delta.rules.added),
        ("removed", delta.rules.removed),
        ("changed", delta.rules.changed),
        ("of another severity", delta.rules.reweighted),
    ):
        if rules:
            yield f"{plural(len(rules), 'rule')} {word}: {', '.join(map(printable, rules))}"
    for name, changes in lists.items():
        if changes and (name != "still" or verbose):
            yield ""
            yield f"{_TITLES[name]} ({len(changes)})"
            for change in changes:
                yield from _change_lines(change, dated=name != "new")


def life_lines(life: Life) -> Iterator[str]:
    """What became of a finding."""
    yield from _finding_lines(life.finding)
    for event in life.events:
        scan = f"  scan {event.scan}" if event.scan is not None else ""
        reason = f": {printable(event.reason)}" if event.reason else ""
        yield f"  {event.what:<10}  {event.taken_at}{scan}{reason}"


def _short(name: str) -> str:
    return "still there" if name == "still" else name.replace("_", " ")


def _change_lines(change: Change, *, dated: bool) -> Iterator[str]:
    yield from _finding_lines(change.finding)
    if change.reason:
        yield f"            {printable(change.reason)}"
    if dated and change.first_seen:
        yield f"            first seen {change.first_seen[:10]}"


def _finding_lines(finding: FindingRecord) -> Iterator[str]:
    thing = finding.resource
    name = "/".join(filter(None, (thing.namespace, thing.kind, thing.name)))
    named = f"{name} {thing.container}" if thing.container else name
    spot = finding.location
    where = f"  {spot.uri}:{spot.line}" if spot and spot.line else f"  {spot.uri}" if spot else ""
    yield f"  {finding.severity:<8}  {printable(f'{named}{where}')}"
    yield f"            {printable(finding.message)}  {printable(finding.rule)}  {printable(finding.fingerprint[:12])}"
