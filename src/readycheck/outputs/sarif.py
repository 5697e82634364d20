"""The report as SARIF 2.1.0, within the limits of GitHub's code scanning (GitHub's documentation of SARIF support).

One run for each environment. What is known of a finding for good is its name, which becomes `primaryLocationLineHash`:
GitHub follows an alert by that and by its file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import orjson

from readycheck.model import Place, Severity, Status
from readycheck.outputs.anchors import Anchor, Anchors
from readycheck.outputs.evidence import showable
from readycheck.outputs.formats import Options, Rendered
from readycheck.outputs.page.layout import plural, printable, thing
from readycheck.outputs.replacements import changes_of
from readycheck.outputs.results import PROBLEM, Gap, Result, gaps, results
from readycheck.report import ExitCode, Patch, Report, container_name, fingerprint

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST_RESULTS = 5_000
"""The results of one run that GitHub shows; a file with more than 25,000 is refused."""
MOST_RUNS = 20
_MOST_RELATED = 10
_LONGEST_TEXT = 1_024
_LONGEST_NAME = 255
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
_SECURITY = re.compile(r"secret/|image/(?:vulnerabilities|non-root)|vault/not-dev-mode|network/.*(?:tls|certificate)")
"""The rules whose findings are security alerts on GitHub; those on readiness are not."""
_SECURITY_SEVERITIES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}
_LINK = re.compile(r"\[([^\[\]]*)\](?=\()")


def render_all(reports: Sequence[Report], options: Options) -> Rendered:
    """One log with a run for each report."""
    warnings: list[str] = []
    runs = [_Run(report, options).written(warnings) for report in reports]
    if len(runs) > MOST_RUNS:
        warnings.append(
            f"sarif: {len(runs)} environments in one file, of which GitHub takes {MOST_RUNS} at most:"
            " -o sarif=report-{env}.sarif makes a file for each"
        )
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": runs}
    content = orjson.dumps(log, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return Rendered(content, tuple(warnings))


class _Run:
    """The run of one report."""

    def __init__(self, report: Report, options: Options) -> None:
        self._report = report
        self._options = options
        self._anchors = Anchors(report)
        self._severities = _severities(report)
        self._rules = {rule: index for index, rule in enumerate([*sorted(self._severities), PROBLEM])}

    def written(self, warnings: list[str]) -> dict[str, Any]:
        """The run; what did not fit is told in it and added to `warnings`."""
        report = self._report
        found = results(report, self._anchors)
        missed = gaps(report, self._anchors)
        exempt = list(self._suppressed()) if self._options.suppressed else []
        room = max(MOST_RESULTS - len(missed) - len(exempt), 0)
        notifications = list(self._notifications(missed))
        if len(found) > room:
            cut = (
                f"{plural(len(found) - room, 'finding')} of {len(found)} left out, the least severe ones: GitHub shows"
            )
            cut += f" {MOST_RESULTS} results of a run, and -o json has them all"
            notifications.insert(0, {"level": "warning", "message": {"text": cut}})
            warnings.append(f"sarif: {cut}")
        return {
            "tool": {"driver": self._driver()},
            "automationDetails": {"id": f"readycheck/{quote(report.environment, safe='') or 'all'}/"},
            "columnKind": "unicodeCodePoints",
            "invocations": [
                {
                    "executionSuccessful": report.gate.exit_code is not ExitCode.INCOMPLETE,
                    "endTimeUtc": report.taken_at,
                    "exitCode": int(report.gate.exit_code),
                    "exitCodeDescription": printable("; ".join(report.gate.reasons)),
                    "toolExecutionNotifications": notifications,
                }
            ],
            "properties": {"outcomes": {status.value: report.counts.get(status, 0) for status in Status}},
            "results": [
                *(self._finding(result) for result in found[:room]),
                *(self._gap(gap) for gap in missed[: MOST_RESULTS - len(exempt)]),
                *exempt[:MOST_RESULTS],
            ],
        }

    def _driver(self) -> dict[str, Any]:
        return {
            "name": "readycheck",
            "fullName": f"readycheck {self._report.version}",
            "semanticVersion": self._report.version,
            "rules": [self._rule(rule, severity) for rule, severity in sorted(self._severities.items())]
            + [_problem_rule()],
        }

    def _rule(self, rule: str, severity: Severity) -> dict[str, Any]:
        title, help_text = self._report.rules.get(rule, (rule, ""))
        text = help_text or title
        more = f"`readycheck rules show {rule}` tells its options."
        properties: dict[str, Any] = {
            "precision": "high",
            "problem.severity": {"error": "error", "warning": "warning"}.get(_LEVELS[severity], "recommendation"),
            "tags": ["production-readiness", rule.rpartition("/")[0] or rule],
        }
        if _SECURITY.match(rule) and severity in _SECURITY_SEVERITIES:
            properties["security-severity"] = _SECURITY_SEVERITIES[severity]
            properties["tags"].append("security")
        return {
            "id": rule,
            "name": _friendly(rule),
            "shortDescription": {"text": _cut(title)},
            "fullDescription": {"text": _cut(text)},
            "help": {"text": f"{text}\n\n{more}", "markdown": f"**{title}**\n\n{text}\n\n{more}"},
            "defaultConfiguration": {"level": _LEVELS[severity]},
            "properties": properties,
        }

    def _finding(self, result: Result) -> dict[str, Any]:
        related = self._related(result)
        message = _plain(result.message)
        if related:
            links = ", ".join(f"[{_plain(name)}]({number})" for number, (name, _) in related.items())
            message += f". See {links}."
        written: dict[str, Any] = {
            **self._common(result.outcome.rule, result.name, result.anchor, result.finding.place),
            "level": _LEVELS[result.severity],
            "message": {"text": message},
            "properties": {
                "severity": result.severity.value,
                "fingerprint": fingerprint(result.outcome.rule, self._report.environment, result.finding),
            },
        }
        if related:
            written["relatedLocations"] = [
                {"id": number, "message": {"text": name}, "physicalLocation": _physical(anchor)}
                for number, (name, anchor) in related.items()
            ]
        patch = self._report.patches.get(id(result.finding))
        if patch is not None and showable(patch.diff):
            written["fixes"] = [_fix(patch)]
        if result.tolerated:
            written["baselineState"] = "unchanged"
            written["properties"]["tolerated"] = result.tolerated
        elif id(result.finding) in self._report.reopened:
            written["baselineState"] = "updated"
        elif self._report.tolerated:
            written["baselineState"] = "new"
        return written

    def _related(self, result: Result) -> Mapping[int, tuple[str, Anchor]]:
        """What else in the repository the verdict rests on, by the numbers that the message links it with."""
        told: dict[tuple[str, Anchor], None] = {}
        for piece in result.finding.evidence[1:]:
            anchor = self._anchors.of(piece.place)
            if piece.place.resource.root is not result.finding.resource.root and anchor != result.anchor:
                told[thing(piece.place.resource), anchor] = None
        return dict(enumerate(list(told)[:_MOST_RELATED], 1))

    def _gap(self, gap: Gap) -> dict[str, Any]:
        unknown = gap.status is Status.UNKNOWN
        return {
            **self._common(gap.rule, gap.name, gap.anchor, None),
            # In SARIF's words: evaluated, with too little to decide.
            "kind": "open" if unknown else "fail",
            "level": "none" if unknown else "warning",
            "message": {"text": _plain(gap.message)},
            "properties": {"status": gap.status.value},
        }

    def _suppressed(self) -> Iterator[dict[str, Any]]:
        configuration = self._report.checkout.configuration.uri
        for result in results(self._report, self._anchors, Status.EXEMPT):
            reason = result.outcome.reason or ""
            configured = bool(configuration) and f", {configuration}:" in reason
            kind = "external" if configured else "inSource"
            suppression = {"kind": kind, "status": "accepted", "justification": printable(reason)}
            yield {**self._finding(result), "suppressions": [suppression]}

    def _common(self, rule: str, name: str, anchor: Anchor, place: Place | None) -> dict[str, Any]:
        location: dict[str, Any] = {"physicalLocation": _physical(anchor)}
        if place is not None:
            location["logicalLocations"] = [_logical(place)]
        return {
            "ruleId": rule,
            "ruleIndex": self._rules[rule],
            "locations": [location],
            "partialFingerprints": {"primaryLocationLineHash": name},
        }

    def _notifications(self, missed: Iterable[Gap]) -> Iterator[dict[str, Any]]:
        """Everything that was not judged or read, in the place that SARIF has for it."""
        for gap in missed:
            yield {
                "level": "error" if gap.status is Status.ERROR else "note",
                "message": {"text": _plain(gap.message)},
                "associatedRule": {"id": gap.rule, "index": self._rules[gap.rule]},
                "locations": [{"physicalLocation": _physical(gap.anchor)}],
            }
        unasked = sorted({each.rule for each in self._report.by_status[Status.UNKNOWN] if each.lacks_source})
        if unasked:
            text = f"{plural(len(unasked), 'rule')} unknown, for their source was not asked for: {', '.join(unasked)}"
            yield {"level": "note", "message": {"text": text}}


def _severities(report: Report) -> dict[str, Severity]:
    """How severe each rule is at most, of those that said anything."""
    found: dict[str, Severity] = {}
    for rule, _, severity in report.tally:
        known = found.get(rule)
        if known is None or severity.rank < known.rank:
            found[rule] = severity
    return found


def _problem_rule() -> dict[str, Any]:
    title = "Everything that was asked for can be read."
    text = f"{title} What cannot be read, rendered or parsed is not judged, and nothing is known of what stands in it."
    return {
        "id": PROBLEM,
        "name": _friendly(PROBLEM),
        "shortDescription": {"text": title},
        "fullDescription": {"text": text},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": "warning"},
        "properties": {"precision": "very-high", "problem.severity": "warning", "tags": ["production-readiness"]},
    }


def _physical(anchor: Anchor) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": _uri(anchor.uri)},
        "region": {
            "startLine": anchor.line,
            "startColumn": anchor.column,
            "endLine": anchor.line,
            "endColumn": anchor.end_column,
        },
    }


def _fix(patch: Patch) -> dict[str, Any]:
    """A patch as whole lines that go and come."""
    return {
        "description": {"text": _plain(f"{patch.title}: {patch.note}" if patch.note else patch.title)},
        "artifactChanges": [
            {
                "artifactLocation": {"uri": _uri(change.path)},
                "replacements": [
                    {
                        "deletedRegion": {
                            "startLine": each.first,
                            "startColumn": 1,
                            "endLine": each.first + each.count,
                            "endColumn": 1,
                        },
                        "insertedContent": {"text": each.text},
                    }
                    for each in change.replacements
                ],
            }
            for change in changes_of(patch.diff)
        ],
    }


def _uri(path: str) -> str:
    return quote(path, safe="/@+=,~")


def _logical(place: Place) -> dict[str, Any]:
    resource = place.resource
    root = resource.root
    named = "/".join(filter(None, (root.origin.source, root.origin.world, root.scope, root.kind, root.name)))
    container = container_name(resource)
    described = {"name": printable(root.name) or root.kind, "kind": "resource"}
    described["fullyQualifiedName"] = printable("/".join(filter(None, (named, container, place.field))))
    return described


def _friendly(rule: str) -> str:
    """The rule's name in the form that SARIF asks for: `WorkloadReplicas`."""
    return "".join(word.capitalize() for word in re.split(r"\W+", rule))[:_LONGEST_NAME]


def _plain(text: str) -> str:
    """Text in which nothing is taken for a link."""
    return _LINK.sub(r"\\[\1\\]", printable(text))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"
