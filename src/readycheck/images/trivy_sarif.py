"""Trivy's SARIF: the same findings as in its own report, written as text for people (SARIF 2.1.0, Trivy's writer)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from readycheck.images.vulnerability import Assessment, Vulnerability
from readycheck.kubernetes.image import ImageReference
from readycheck.model import Resource

_LINE = re.compile(r"^(Package|Installed Version|Severity|Fixed Version): *(.*?)\r?$", re.MULTILINE)


def assessments_of(report: Resource) -> Iterator[Assessment]:
    """What each run says of the image that it scanned.

    Args:
        report: a SARIF document of Trivy.

    Raises:
        Unjudged: it is not shaped like one.
    """
    for index in range(len(report.mappings("runs"))):
        here = ("runs", index)
        name = report.string((*here, "properties", "imageName"))
        names = [name, *report.strings((*here, "properties", "repoTags"))] if name else []
        digests = [*report.strings((*here, "properties", "repoDigests")), name]
        found = tuple(_vulnerabilities(report, index))
        yield Assessment(
            report=report,
            path=here,
            name=name or report.name,
            images=tuple(image for each in names if (image := ImageReference.of(each)) is not None),
            digests=frozenset(digest for each in digests if (digest := each.partition("@")[2])),
            no_image="" if name else "is of no image",
            # It does not say what it looked at, only what it found.
            analysed=bool(found),
            vulnerabilities=found,
        )


def _vulnerabilities(report: Resource, run: int) -> Iterator[Vulnerability]:
    for number, result in enumerate(report.mappings(("runs", run, "results"))):
        here = ("runs", run, "results", number)
        message = result.get("message")
        text = str(message.get("text", "")) if isinstance(message, dict) else ""
        said = dict(_LINE.findall(text))
        if "Package" in said:
            yield Vulnerability(
                id=str(result.get("ruleId", "")),
                package=said["Package"],
                version=said.get("Installed Version", ""),
                fixed=said.get("Fixed Version", ""),
                severity=said.get("Severity", "").upper(),
                waived="suppressed" if result.get("suppressions") else "",
                path=here,
            )
