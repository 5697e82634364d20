"""The report as JSON: its literal form, which other tools depend on (schema: readycheck/report/1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
from msgspec.structs import replace

from readycheck.history.snapshot import KEPT, RuleRecord, Snapshot, Tally, read_report
from readycheck.model import (
    Collected,
    Counterpart,
    Evidence,
    Finding,
    Location,
    Outcome,
    Place,
    Resource,
    Severity,
    Status,
)
from readycheck.outputs.evidence import shorten, showable, without_credentials
from readycheck.outputs.formats import Options, Rendered
from readycheck.outputs.team import team_of
from readycheck.report import ExemptionUse, Report, container_name, fingerprint, sort_key

SCHEMA = "readycheck/report/1"


def render(report: Report) -> bytearray:
    """The whole report, a line for each finding and outcome; the same bytes for the same scan."""
    things = _Things()
    text = bytearray(orjson.dumps(_head(report), option=orjson.OPT_INDENT_2).removesuffix(b"\n}"))
    failed = sorted(report.failed, key=sort_key)
    findings = (_finding(report, outcome, finding, things) for outcome in failed for finding in outcome.findings)
    _add(text, "findings", findings)
    _add(text, "outcomes", (_outcome(report, outcome, things) for outcome in sorted(report.outcomes, key=sort_key)))
    text += b"\n}\n"
    return text


def snapshot(report: Report) -> Snapshot:
    """The same as it is kept and compared: in these very words, without the outcomes that passed."""
    return _snapshot(report, list(told(report)))


def head(report: Report) -> Snapshot:
    """The snapshot of a report without what it tells one by one."""
    return _snapshot(report, ())


def told(report: Report) -> Iterator[tuple[str, bytes]]:
    """What a snapshot tells one by one: each finding as JSON with its fingerprint, then each outcome with ""."""
    things = _Things()
    for outcome in sorted(report.failed, key=sort_key):
        for finding in outcome.findings:
            described = _finding(report, outcome, finding, things)
            yield described["fingerprint"], orjson.dumps(described)
    kept = (outcome for status in KEPT for outcome in report.by_status[Status(status)])
    for outcome in sorted(kept, key=sort_key):
        yield "", orjson.dumps(_outcome(report, outcome, things))


def _snapshot(report: Report, told: Sequence[tuple[str, bytes]]) -> Snapshot:
    document = {
        **_head(report),
        "findings": [orjson.Fragment(text) for fingerprint, text in told if fingerprint],
        "outcomes": [orjson.Fragment(text) for fingerprint, text in told if not fingerprint],
    }
    (kept,) = read_report(orjson.dumps(document), "a report")
    return replace(
        kept,
        seconds=report.seconds,
        rules={
            rule: RuleRecord(bar.version, *report.rules[rule], bar.severity.value)
            for rule, bar in sorted(report.ruleset.items())
        },
        tallies=tuple(
            sorted(
                Tally(rule, status.value, severity.value, count)
                for (rule, status, severity), count in report.tally.items()
            )
        ),
    )


def render_all(reports: Sequence[Report], options: Options) -> Rendered:
    """One report as it is; a JSON list of several, in the order of their scans."""
    del options
    if len(reports) == 1:
        return Rendered(render(reports[0]))
    text = bytearray(b"[\n")
    text += b",\n".join(render(report).rstrip(b"\n") for report in reports)
    return Rendered(text + b"\n]\n")


def _add(text: bytearray, name: str, items: Iterable[dict[str, Any]]) -> None:
    """Add one more key to an object whose beginning stands there: a list with its items in a line each."""
    text += b',\n  "%s": [' % name.encode()
    opening = b"\n    "
    # Item by item: together, the plain values of a large scan take several times the memory of the scan itself.
    for item in items:
        text += opening
        text += orjson.dumps(item)
        opening = b",\n    "
    text += b"\n  ]" if opening.startswith(b",") else b"]"


def _head(report: Report) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "version": report.version,
        "environment": report.environment or None,
        "taken_at": report.taken_at,
        "commit": report.provenance.commit or None,
        "scope": report.provenance.scope or None,
        "sources": [_source(source) for source in report.sources],
        "summary": {
            "score": report.score,
            "outcomes": {status.value: report.counts.get(status, 0) for status in Status},
            "severities": {severity.value: report.severities.get(severity, 0) for severity in Severity},
            "gate": {"exit_code": int(report.gate.exit_code), "reasons": list(report.gate.reasons)},
        },
        "exemptions": [_exemption(exemption) for exemption in report.exemptions],
        "rules": {
            rule: {"version": bar.version, "severity": bar.severity.value}
            for rule, bar in sorted(report.ruleset.items())
        },
    }


def _source(source: Collected) -> dict[str, Any]:
    status = "failed" if source.failed else "partial" if source.problems else "ok"
    return {
        "name": source.source,
        "status": status,
        "resources": len(source.resources),
        "skipped": dict(sorted(source.skipped.items())),
        "problems": [
            {"uri": problem.uri, "line": problem.line, "reason": problem.reason} for problem in source.problems
        ],
        "targets": [without_credentials(target) for target in source.targets],
    }


def _exemption(exemption: ExemptionUse) -> dict[str, Any]:
    return {
        "where": exemption.where,
        "rules": list(exemption.rules),
        "status": exemption.status.name.lower(),
        "reason": exemption.reason,
        "owner": exemption.owner or None,
        "until": exemption.until or None,
        "problem": exemption.problem or None,
        "count": exemption.count,
        "days_left": exemption.days_left,
    }


class _Things:
    """Things and their locations, described once: each is judged by many rules."""

    def __init__(self) -> None:
        self._described: dict[int, tuple[dict[str, Any], dict[str, Any] | None]] = {}

    def describe(self, resource: Resource) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """What names a thing, and where it stands."""
        found = self._described.get(id(resource))
        if found is None:
            found = self._described[id(resource)] = (_resource(resource), _location(resource.locate()))
        return found


def _finding(report: Report, outcome: Outcome, finding: Finding, things: _Things) -> dict[str, Any]:
    described = {
        "rule": outcome.rule,
        "severity": outcome.severity_of(finding).value,
        "resource": things.describe(finding.resource)[0],
        "location": _location(report.location_of(finding)),
        "message": finding.message,
        "evidence": [_piece(piece, finding.resource) for piece in finding.evidence],
        "fingerprint": fingerprint(outcome.rule, report.environment, finding),
        "fix": _fix(report, finding),
    }
    if id(finding) in report.tolerated:
        described["tolerated"] = report.tolerated[id(finding)]
    if id(finding) in report.reopened:
        described["reopened"] = report.reopened[id(finding)]
    counterpart = report.counterparts.get(id(finding))
    if counterpart is not None:
        described["counterpart"] = _counterpart(counterpart)
    return described


def _fix(report: Report, finding: Finding) -> dict[str, Any] | None:
    if finding.fix is None:
        return None
    described: dict[str, Any] = {"title": finding.fix.title, "safe": finding.fix.safe}
    if patch := report.patches.get(id(finding)):
        shown = {"diff": showable(patch.diff), "note": patch.note}
        # They hold the same values: what one may give away, the others do too.
        if all(showable(form) == form for form in (patch.diff, patch.kustomize, patch.kubectl)):
            shown |= {"kustomize": patch.kustomize, "kubectl": patch.kubectl}
        described |= {key: text for key, text in shown.items() if text}
    return described


def _counterpart(counterpart: Counterpart) -> dict[str, Any]:
    place = counterpart.place
    return {
        "relation": counterpart.relation.value,
        "source": counterpart.source,
        "resource": _resource(place.resource) if place is not None else None,
        "location": _location(place.location) if place is not None else None,
    }


def _outcome(report: Report, outcome: Outcome, things: _Things) -> dict[str, Any]:
    resource, location = things.describe(outcome.resource)
    described: dict[str, Any] = {
        "rule": outcome.rule,
        "status": outcome.status.value,
        "severity": outcome.severity.value,
        "resource": resource,
        "location": location,
        "reason": outcome.reason or None,
    }
    if outcome.status is Status.EXEMPT and outcome.findings:
        described["fingerprints"] = [
            fingerprint(outcome.rule, report.environment, finding) for finding in outcome.findings
        ]
    if outcome.evidence and outcome.status is not Status.FAIL:
        described["evidence"] = [_piece(piece, outcome.resource) for piece in outcome.evidence]
    return described


def _resource(resource: Resource) -> dict[str, Any]:
    root = resource.root
    described: dict[str, Any] = {
        "kind": root.kind,
        "namespace": root.scope or None,
        "name": root.name,
        "source": root.origin.source or None,
    }
    if root.origin.world:
        described["rendered_from"] = root.origin.world
    if root.owner is not None:
        described["owner"] = {"kind": root.owner.kind, "name": root.owner.name}
    container = container_name(resource)
    if container is not None:
        described["container"] = container
    if team := team_of(root):
        described["team"] = team
    return described


def _location(location: Location) -> dict[str, Any] | None:
    if not location.uri:
        return None
    described: dict[str, Any] = {"uri": location.uri, "line": location.line}
    if location.column is not None:
        described["column"] = location.column
    if location.path:
        described["path"] = location.path
    if location.values_key:
        described["values_key"] = location.values_key
    return described


def _piece(piece: Evidence, judged: Resource) -> dict[str, Any]:
    described: dict[str, Any] = {"path": piece.place.field, "seen": shorten(piece.seen)}
    if _stands_elsewhere(piece.place, judged):
        described["resource"] = _resource(piece.place.resource)
        described["location"] = _location(piece.place.location)
    return described


def _stands_elsewhere(place: Place, judged: Resource) -> bool:
    return place.resource.root is not judged.root


def schema() -> str:
    """The JSON schema of a report, which is shipped with the program."""
    return (Path(__file__).parent / "report.schema.json").read_text("utf-8")
