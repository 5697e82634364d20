"""Whether the build may go on: the exit code, with every reason in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from readycheck.model import Collected, Outcome, Severity, Status
from readycheck.report import ExemptionStatus, ExemptionUse, ExitCode, Gate


def decide(
    outcomes: Sequence[Outcome],
    sources: Sequence[Collected],
    exemptions: Sequence[ExemptionUse],
    *,
    fail_on: Severity | None,
    allow_incomplete: bool = False,
    fail_on_unknown: bool = False,
) -> Gate:
    """Weigh a scan.

    Args:
        outcomes: every outcome, exemptions applied.
        sources: what was read, and what could not be.
        exemptions: the exemptions met.
        fail_on: the least severity that fails; None: none does.
        allow_incomplete: do not mind what could not be read or judged.
        fail_on_unknown: an unknown outcome of a rule whose source was asked for fails like a violation.
    """
    reasons: list[tuple[ExitCode, str]] = []
    if fail_on is not None:
        reasons += _violations(outcomes, fail_on)
    if fail_on_unknown:
        unknown = sum(outcome.status is Status.UNKNOWN and not outcome.lacks_source for outcome in outcomes)
        if unknown:
            reasons.append((ExitCode.VIOLATIONS, f"{_count(unknown, 'verdict')} unknown (--fail-on-unknown)"))
    if not allow_incomplete:
        reasons += _incomplete(outcomes, sources)
    for status, word in ((ExemptionStatus.EXPIRED, "expired"), (ExemptionStatus.INVALID, "invalid")):
        number = sum(exemption.status is status for exemption in exemptions)
        if number:
            reasons.append((ExitCode.EXPIRED_EXEMPTION, f"{_count(number, 'exemption')} {word}"))
    if not reasons:
        return Gate(ExitCode.READY, ("no violation" + (f" at or above {fail_on.value}" if fail_on else ""),))
    return Gate(min(code for code, _ in reasons), tuple(reason for _, reason in sorted(reasons, key=lambda r: r[0])))


def worst(codes: Iterable[ExitCode]) -> ExitCode:
    """What the process says after several scans: the code that beats all others."""
    return min((code for code in codes if code is not ExitCode.READY), default=ExitCode.READY)


def _violations(outcomes: Sequence[Outcome], fail_on: Severity) -> list[tuple[ExitCode, str]]:
    severities = Counter(
        outcome.severity_of(finding)
        for outcome in outcomes
        if outcome.status is Status.FAIL
        for finding in outcome.findings
    )
    counted = {severity: severities[severity] for severity in Severity if severity.rank <= fail_on.rank}
    number = sum(counted.values())
    if not number:
        return []
    split = ", ".join(f"{count} {severity.value}" for severity, count in counted.items() if count)
    return [(ExitCode.VIOLATIONS, f"{_count(number, 'violation')} at or above {fail_on.value} ({split})")]


def _incomplete(outcomes: Sequence[Outcome], sources: Sequence[Collected]) -> list[tuple[ExitCode, str]]:
    reasons = []
    for source in sources:
        if source.failed:
            reasons.append((ExitCode.INCOMPLETE, f"the source {source.source} could not be read"))
        elif source.problems:
            reasons.append((ExitCode.INCOMPLETE, f"{_count(len(source.problems), 'problem')} reading {source.source}"))
    broken = len({outcome.rule for outcome in outcomes if outcome.status is Status.ERROR})
    if broken:
        reasons.append((ExitCode.INCOMPLETE, f"{_count(broken, 'rule')} broke"))
    return reasons


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
