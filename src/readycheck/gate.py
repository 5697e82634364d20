"""Whether the build may go on: the exit code, with every reason in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from readycheck.model import Finding, Outcome, Severity
from readycheck.report import SOFT, ExemptionStatus, ExitCode, Gate, Report
from readycheck.standing import Standing


def decide(
    report: Report,
    standing: Standing,
    *,
    fail_on: Severity | None,
    hard: Collection[str] = (),
    allow_incomplete: bool = False,
    fail_on_unknown: bool = False,
) -> Gate:
    """Weigh a scan.

    Args:
        report: every outcome, exemptions applied, and what was read.
        standing: what of it is not held against it.
        fail_on: the least severity that fails; None: none does.
        hard: the rules whose violations fail whatever their severity.
        allow_incomplete: do not mind what could not be read or judged.
        fail_on_unknown: an unknown outcome of a rule whose source was asked for fails like a violation.
    """
    reasons: list[tuple[ExitCode, str]] = []
    failing = {severity for severity in Severity if fail_on is not None and severity.rank <= fail_on.rank}
    reasons += _violations(report, standing, failing, hard)
    if fail_on_unknown:
        unknown = standing.unknown(report.outcomes)
        if unknown:
            reasons.append((ExitCode.VIOLATIONS, f"{_count(unknown, 'verdict')} unknown (--fail-on-unknown)"))
    if not allow_incomplete:
        reasons += _incomplete(report, standing)
    exemptions = standing.exemptions(report.exemptions)
    for status, word in ((ExemptionStatus.EXPIRED, "expired"), (ExemptionStatus.INVALID, "invalid")):
        number = sum(exemption.status is status for exemption in exemptions)
        if number:
            reasons.append((ExitCode.EXPIRED_EXEMPTION, f"{_count(number, 'exemption')} {word}"))
    beside = _beside(report, standing)
    if not reasons:
        new = "new " if standing.compared else ""
        level = f" at or above {fail_on.value}" if fail_on else ""
        return Gate(ExitCode.READY, (f"no {new}violation{level}", *beside))
    told = [reason for _, reason in sorted(reasons, key=lambda r: r[0])]
    return Gate(min(code for code, _ in reasons), (*told, *beside))


def worst(gates: Iterable[Gate]) -> ExitCode:
    """What the process says after several scans: the code that beats all others."""
    codes = (gate.exit_code for gate in gates if not gate.lenient)
    return min((code for code in codes if code is not ExitCode.READY), default=ExitCode.READY)


def _violations(
    report: Report, standing: Standing, failing: Collection[Severity], hard: Collection[str]
) -> Iterator[tuple[ExitCode, str]]:
    counted = [
        (outcome, finding)
        for outcome, finding in report.findings
        if id(finding) not in standing.tolerated and (outcome.severity_of(finding) in failing or outcome.rule in hard)
    ]
    by_severity = [pair for pair in counted if pair[0].severity_of(pair[1]) in failing]
    by_rule = [pair for pair in counted if pair[0].severity_of(pair[1]) not in failing]
    if by_severity:
        least = max(failing, key=lambda severity: severity.rank)
        yield ExitCode.VIOLATIONS, _told(by_severity, standing, f" at or above {least.value}")
    if by_rule:
        yield ExitCode.VIOLATIONS, _told(by_rule, standing, " of hard rules")


def _told(counted: Sequence[tuple[Outcome, Finding]], standing: Standing, which: str) -> str:
    severities = Counter(outcome.severity_of(finding) for outcome, finding in counted)
    split = ", ".join(f"{severities[severity]} {severity.value}" for severity in Severity if severities[severity])
    reopened = sum(id(finding) in standing.reopened for _, finding in counted)
    new = "new " if standing.compared else ""
    worse = f", {reopened} of them known and worse than before" if reopened else ""
    return f"{_count(len(counted), f'{new}violation')}{which} ({split}){worse}"


def _incomplete(report: Report, standing: Standing) -> Iterator[tuple[ExitCode, str]]:
    for source in report.sources:
        problems = standing.problems(source)
        if source.failed:
            yield ExitCode.INCOMPLETE, f"the source {source.source} could not be read"
        elif problems:
            yield ExitCode.INCOMPLETE, f"{_count(problems, 'problem')} reading {source.source}"
    broken = standing.broken(report.outcomes)
    if broken:
        yield ExitCode.INCOMPLETE, f"{_count(broken, 'rule')} broke"


def _beside(report: Report, standing: Standing) -> Iterator[str]:
    """What is worth knowing beside the reasons and decides nothing."""
    whys = Counter(_why(standing.tolerated, finding) for _, finding in report.findings)
    del whys[""]
    if whys:
        split = ", ".join(f"{count} {why}" for why, count in sorted(whys.items()))
        yield f"{_count(whys.total(), 'finding')} not counted ({split})"
    if standing.mended:
        entries = "1 entry" if standing.mended == 1 else f"{standing.mended} entries"
        yield f"{entries} of the baseline mended: --prune-baseline takes them out"


def _why(tolerated: Mapping[int, str], finding: Finding) -> str:
    why = tolerated.get(id(finding), "")
    return "of soft rules" if why == SOFT else why.partition(" since ")[0]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
