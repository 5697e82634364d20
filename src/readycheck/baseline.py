"""The baseline: a file in git of the findings that a team has accepted for now, so that only what is new fails.

Each stands on a line of its own, so that a change of the file reads like the change of a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from readycheck.known import Comparison, Known, compare, known_now
from readycheck.model import Status
from readycheck.report import Report
from readycheck.section import ConfigError

SCHEMA = "readycheck/baseline/1"
_LARGEST = 256 * 1024 * 1024


class Baseline(Struct, frozen=True, forbid_unknown_fields=True):
    """What was accepted.

    Args:
        schema: the form of the file.
        findings: what was accepted, of one or several environments.
    """

    schema: str
    findings: tuple[Known, ...]


def load(file: Path) -> Baseline:
    """Read a baseline.

    Raises:
        ConfigError: it cannot be read, or is none; says what makes one.
    """
    try:
        if file.stat().st_size > _LARGEST:
            raise ConfigError(f"--baseline {file}: is larger than {_LARGEST >> 20} MB")
        content = file.read_bytes()
    except OSError as error:
        remedy = "; --write-baseline makes it" if isinstance(error, FileNotFoundError) else ""
        raise ConfigError(f"--baseline {file}: cannot be read: {error.strerror}{remedy}") from error
    try:
        baseline = msgspec.json.decode(content, type=Baseline)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"--baseline {file}: is no baseline: {error}; --write-baseline makes one") from error
    if baseline.schema != SCHEMA:
        raise ConfigError(f"--baseline {file}: is of the form `{baseline.schema}`, this version reads `{SCHEMA}`")
    return baseline


def render(findings: Iterable[Known]) -> bytes:
    """The file, whose bytes depend on nothing but what was accepted."""
    ordered = sorted(findings, key=lambda each: (each.environment, each.rule, each.file, each.name, each.fingerprint))
    lines = b",\n".join(b"    " + msgspec.json.encode(each) for each in ordered)
    listed = b"[\n" + lines + b"\n  ]" if ordered else b"[]"
    return b'{\n  "schema": "%s",\n  "findings": %s\n}\n' % (SCHEMA.encode(), listed)


def accept(baseline: Baseline | None, reports: Sequence[Report]) -> list[Known]:
    """A baseline with all that fails now; what was in it stays known since when it was, other environments stay.

    Args:
        baseline: the one before; None where there was none.
        reports: the scans.
    """
    before = baseline.findings if baseline else ()
    judged = {report.environment for report in reports}
    accepted = [entry for entry in before if entry.environment not in judged]
    for report in reports:
        since = {entry.fingerprint: entry.first_seen for entry in before if entry.first_seen}
        today = report.taken_at[:10]
        accepted += (replace(each, first_seen=since.get(each.fingerprint, today)) for each in known_now(report))
    return accepted


def prune(baseline: Baseline, reports: Sequence[Report]) -> list[Known]:
    """A baseline without what is mended for certain.

    Args:
        baseline: the one before.
        reports: the scans.
    """
    gone = {id(entry) for report in reports for entry in mended(report, compare(report, baseline.findings))}
    return [entry for entry in baseline.findings if id(entry) not in gone]


def mended(report: Report, comparison: Comparison) -> list[Known]:
    """The entries whose findings are gone because something was mended, and not because it was not looked at.

    Args:
        report: the scan.
        comparison: what came of comparing it with the baseline.
    """
    if not comparison.gone:
        return []
    read = {source.source for source in report.sources if not source.failed and not source.problems}
    undecided = {
        (outcome.rule, root.kind, root.scope, root.name)
        for status in (Status.UNKNOWN, Status.ERROR)
        for outcome in report.by_status[status]
        for root in (outcome.resource.root,)
    }
    undecided_rules = {rule for rule, kind, _, _ in undecided if kind == "Environment"}
    return [
        entry
        for entry in comparison.gone
        if entry.environment == report.environment
        and entry.rule in report.ruleset
        and entry.rule not in undecided_rules
        and entry.source in read
        and (entry.rule, entry.kind, entry.namespace, entry.name) not in undecided
        and report.checkout.covers(entry.file)
    ]
