"""JUnit XML is valid by the schema that Jenkins has of it, and says of each rule on each thing what came of it."""

from __future__ import annotations

from pathlib import Path

import xmlschema
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase
from msgspec.structs import replace

from readycheck.report import Report
from tests.outputs.reports import (
    BROKEN,
    ENVIRONMENTS,
    EXEMPT,
    SOMETHING_OF_EVERYTHING,
    UNKNOWN,
    WEB,
    rendered,
    scanned,
    with_live,
)

XSD = Path(__file__).parents[1] / "data" / "junit-10.xsd"


def read(*reports: Report) -> JUnitXml:
    """What a second reader makes of it, once the schema has nothing to say against it."""
    content = bytes(rendered("junit", *reports).content)
    xmlschema.XMLSchema(XSD).validate(content.decode())
    return JUnitXml.fromstring(content)


def cases(*reports: Report) -> dict[str, TestCase]:
    return {f"{case.classname} {case.name}": case for suite in read(*reports) for case in suite}


def outcome(case: TestCase) -> tuple[type, str | None]:
    (result,) = case.result
    return type(result), result.message


def test_each_outcome_has_its_own_form(repository: Path) -> None:
    found = cases(
        scanned(
            repository,
            {
                **SOMETHING_OF_EVERYTHING,
                "ok.yaml": WEB.replace("replicas: 1", "replicas: 2").replace("name: web", "name: ok"),
            },
        )
    )
    assert found["workload/replicas shop/Deployment/ok"].result == []
    assert outcome(found["workload/replicas shop/Deployment/web"]) == (Failure, "can run with 1 of at least 2 replicas")
    kind, message = outcome(found["workload/replicas shop/Deployment/basket"])
    assert (kind, (message or "").startswith("unknown: `${REPLICAS}`")) == (Skipped, True)
    kind, message = outcome(found["workload/replicas shop/Deployment/printer"])
    assert (kind, message) == (Skipped, "exempt: one printer (until 2027-03-01, printer.yaml:7)")
    kind, message = outcome(found["files broken.yaml:1"])
    assert (kind, bool(message)) == (Error, True)


def test_the_sums_are_those_of_the_cases(repository: Path) -> None:
    xml = read(scanned(repository, SOMETHING_OF_EVERYTHING))
    assert (xml.tests, xml.failures, xml.errors) == (4, 1, 1)
    sums = {suite.name: (suite.tests, suite.failures, suite.errors, suite.skipped) for suite in xml}
    assert sums == {"reading": (1, 0, 1, 0), "workload": (3, 1, 0, 2)}


def test_a_failure_says_where_and_how_to_mend_it(repository: Path) -> None:
    (case,) = cases(scanned(repository, {"web.yaml": WEB})).values()
    (failure,) = case.result
    assert failure.type == "high"
    assert failure.text == "web.yaml:7: can run with 1 of at least 2 replicas\nfix: set spec.replicas to 2"


def test_what_the_gate_tolerates_fails_no_build(repository: Path) -> None:
    report = scanned(repository, {"web.yaml": WEB})
    tolerated = {id(finding): "stood there before" for _, finding in report.findings}
    (case,) = cases(replace(report, tolerated=tolerated)).values()
    assert outcome(case) == (Skipped, "can run with 1 of at least 2 replicas (stood there before)")


def test_no_two_cases_have_one_name(repository: Path) -> None:
    files = {
        "dev/web.yaml": WEB,
        "prod/web.yaml": WEB,
        "basket.yaml": UNKNOWN,
        "b.yaml": BROKEN,
        "printer.yaml": EXEMPT,
    }
    report = with_live(scanned(repository, files), ["web"])
    names = [(suite.name, case.classname, case.name) for suite in read(report) for case in suite]
    assert len(set(names)) == len(names)
    assert ("workload", "workload/replicas", "shop/Deployment/web (in cluster)") in names


def test_each_environment_has_its_own_suites(repository: Path) -> None:
    reports = [
        scanned(repository, {"web.yaml": WEB}, config=ENVIRONMENTS, environment=name) for name in ("dev", "prod")
    ]
    assert [suite.name for suite in read(*reports)] == ["dev: workload", "prod: workload"]


def test_characters_that_xml_has_none_for_are_shown_by_their_escapes(repository: Path) -> None:
    text = WEB.replace("name: web", r'name: "w\x01\uFFFE<&>\""')
    (case,) = cases(scanned(repository, {"web.yaml": text})).values()
    assert case.name == r'shop/Deployment/w\x01\ufffe<&>"'
