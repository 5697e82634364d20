"""Made-up scans, as small as what a test is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from readycheck.history import (
    FindingRecord,
    GateRecord,
    OutcomeRecord,
    ProblemRecord,
    RuleRecord,
    Snapshot,
    SourceRecord,
    Spot,
    Tally,
    Thing,
)
from readycheck.model import Severity

REPLICAS, PROBES = "workload/replicas", "workload/liveness-probe"


def finding(name: str, rule: str = REPLICAS, *, severity: str = "high", source: str = "files") -> FindingRecord:
    """A finding on the Deployment of a name, whose fingerprint is `rule name`."""
    return FindingRecord(
        rule,
        severity,
        Thing("Deployment", name, "shop", source),
        f"{name} is not as it should be",
        f"{rule} {name}",
        Spot(f"deploy/{name}.yaml", 7),
    )


def outcome(
    status: str, name: str, rule: str = REPLICAS, *, reason: str = "", fingerprints: tuple[str, ...] = ()
) -> OutcomeRecord:
    """An outcome on the Deployment of a name; on the environment where the name is empty."""
    thing = Thing("Deployment", name, "shop", "files") if name else Thing("Environment", "prod")
    return OutcomeRecord(rule, status, "high", thing, None, reason, fingerprints)


def source(name: str = "files", *problems: tuple[str, str], status: str = "") -> SourceRecord:
    """What a source read; partly, where there are problems: each a place and a reason."""
    return SourceRecord(
        name,
        status or ("partial" if problems else "ok"),
        3,
        problems=tuple(ProblemRecord(uri, reason) for uri, reason in problems),
    )


def taken(
    day: str,
    *findings: FindingRecord,
    environment: str = "prod",
    outcomes: Iterable[OutcomeRecord] = (),
    sources: Iterable[SourceRecord] = (source(),),
    rules: dict[str, str] | None = None,
    passed: int = 0,
) -> Snapshot:
    """A scan at seven in the morning of a day. The rules are at version 1 unless others are given."""
    versions = {REPLICAS: "1", PROBES: "1"} if rules is None else rules
    counted = Counter((each.rule, "fail", each.severity) for each in findings)
    if passed:
        counted[(REPLICAS, "pass", "high")] = passed
    return Snapshot(
        version="0.1.0",
        environment=environment,
        taken_at=f"{day}T07:00:00Z",
        commit="c" * 40,
        gate=GateRecord(int(bool(findings)), ("as the test has it",)),
        score=50.0,
        sources=tuple(sources),
        rules={rule: RuleRecord(version, f"The title of {rule}.") for rule, version in versions.items()},
        severities={each.value: sum(told.severity == each.value for told in findings) for each in Severity},
        tallies=tuple(sorted(Tally(*key, count) for key, count in counted.items())),
        findings=findings,
        outcomes=tuple(outcomes),
    )
