"""The report as JUnit XML: a suite for each area of the checklist, a case for each rule on each thing."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from readycheck.model import Location, Outcome, Status
from readycheck.outputs.formats import Options, Rendered
from readycheck.outputs.page.layout import place, thing
from readycheck.report import Report, sort_key

_READING = "reading"
"""The suite of what could not be read."""
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write."""


def render_all(reports: Sequence[Report], options: Options) -> Rendered:
    """All reports; where a rule does not apply to a thing, there is no case."""
    del options
    root = Element("testsuites", name="readycheck")
    for report in reports:
        for name, cases in _suites(report):
            suite = SubElement(root, "testsuite", name=f"{report.environment}: {name}" if report.environment else name)
            suite.append(_properties(report))
            suite.extend(cases)
            _count(suite, cases)
            suite.set("timestamp", report.taken_at)
    _count(root, [case for suite in root for case in suite.findall("testcase")])
    del root.attrib["skipped"]
    indent(root)
    return Rendered(tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n")


def _count(element: Element, cases: Sequence[Element]) -> None:
    element.set("tests", str(len(cases)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(sum(case.find(tag) is not None for case in cases)))


def _suites(report: Report) -> Iterator[tuple[str, list[Element]]]:
    areas: dict[str, list[Element]] = defaultdict(list)
    known: Counter[tuple[str, str]] = Counter()
    for outcome in sorted(report.outcomes, key=lambda outcome: (outcome.rule, sort_key(outcome))):
        if outcome.status is not Status.NOT_APPLICABLE:
            name = _name(outcome)
            known[outcome.rule, name] += 1
            number = known[outcome.rule, name]
            # Of two cases with one name some readers show the first alone.
            case = _case(report, outcome, f"{name} ({number})" if number > 1 else name)
            areas[outcome.rule.rpartition("/")[0]].append(case)
    unread = [
        _unread(source.source, Location(problem.uri, problem.line), problem.reason)
        for source in report.sources
        for problem in source.problems
    ]
    if unread:
        areas[_READING] = unread
    yield from sorted(areas.items())


def _properties(report: Report) -> Element:
    properties = Element("properties")
    counts = {status.value: report.counts.get(status, 0) for status in Status}
    said = {
        "readycheck": report.version,
        "environment": report.environment,
        "gate": "; ".join(report.gate.reasons),
        "exit_code": int(report.gate.exit_code),
        "score": "" if report.score is None else report.score,
        **counts,
    }
    for name, value in said.items():
        SubElement(properties, "property", name=name, value=_text(str(value)))
    return properties


def _name(outcome: Outcome) -> str:
    origin = outcome.resource.root.origin
    source = f"in {origin.source}" if origin.source not in {"", "files"} else ""
    apart = ", ".join(filter(None, (origin.world, source)))
    name = thing(outcome.resource, container=True)
    return _text(f"{name} ({apart})" if apart else name)


def _case(report: Report, outcome: Outcome, name: str) -> Element:
    case = Element("testcase", classname=outcome.rule, name=name)
    if outcome.status is Status.FAIL:
        counted = [finding for finding in outcome.findings if id(finding) not in report.tolerated]
        for finding in counted:
            failure = SubElement(case, "failure", message=_text(finding.message))
            failure.set("type", outcome.severity_of(finding).value)
            fix = f"\nfix: {finding.fix.title}" if finding.fix else ""
            failure.text = _text(f"{place(report.location_of(finding))}: {finding.message}{fix}")
        if not counted:
            why = report.tolerated[id(outcome.findings[0])]
            SubElement(case, "skipped", message=_text(f"{outcome.reason} ({why})"))
    elif outcome.status is Status.ERROR:
        error = SubElement(case, "error", message=_text(outcome.reason or ""))
        error.set("type", outcome.status.value)
    elif outcome.status in {Status.UNKNOWN, Status.EXEMPT}:
        SubElement(case, "skipped", message=_text(f"{outcome.status.value}: {outcome.reason}"))
    return case


def _unread(source: str, location: Location, reason: str) -> Element:
    case = Element("testcase", classname=source, name=_text(place(location)))
    error = SubElement(case, "error", message=_text(reason))
    error.set("type", "problem")
    return case


def _text(text: str) -> str:
    return _FORBIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
