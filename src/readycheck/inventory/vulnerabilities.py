"""Which images were scanned, what was found in them, and which of that is waived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from readycheck.images.trivy import TRIVY_REPORT, VULNERABILITY_REPORT, assessments_of
from readycheck.images.vulnerability import Assessment, Vulnerability, tag_of
from readycheck.images.waivers import TRIVY_IGNORE, VEX, Waiver, waivers_of
from readycheck.inventory.core import Core, remembered
from readycheck.kubernetes.image import ImageReference
from readycheck.kubernetes.workload import Container
from readycheck.model import Resource, Unjudged

UNUSED_REPORT = "report of an image that no workload runs"
"""The kind that rules about vulnerabilities judge beside containers."""

ON_IMAGES = (TRIVY_REPORT, TRIVY_IGNORE, VEX)
"""The kinds of files that are about images, wherever those run."""


class Tally(Struct, frozen=True):
    """The vulnerabilities of an image, each once.

    Args:
        fixable: those that count and that an update would mend, by severity.
        waived: those that somebody left out.
        lapsed: the waivers of counted ones that have expired.
    """

    fixable: Mapping[str, Sequence[Vulnerability]]
    waived: Sequence[Vulnerability]
    lapsed: Sequence[Waiver]


class Vulnerabilities(Core):
    """The relations between containers and the reports on their images."""

    @cached_property
    def scan_reports(self) -> Sequence[Resource]:
        """Every report on images, whatever stands in it."""
        return self.of(TRIVY_REPORT, VULNERABILITY_REPORT)

    @remembered
    def assessments_in(self, report: Resource) -> Sequence[Assessment]:
        """What a report says of each image.

        Raises:
            Unjudged: it is not shaped like one.
        """
        return assessments_of(report)

    @cached_property
    def _assessments(self) -> Sequence[Assessment]:
        found: list[Assessment] = []
        for report in self.scan_reports:
            try:
                found += (each for each in self.assessments_in(report) if not each.no_image)
            except Unjudged:
                # Its own outcome says so.
                continue
        return found

    @cached_property
    def _by_digest(self) -> Mapping[str, Sequence[Assessment]]:
        found: dict[str, list[Assessment]] = defaultdict(list)
        for assessment in self._assessments:
            for digest in assessment.digests:
                found[digest].append(assessment)
        return found

    @cached_property
    def _by_tag(self) -> Mapping[tuple[str, str, str], Sequence[Assessment]]:
        found: dict[tuple[str, str, str], list[Assessment]] = defaultdict(list)
        for assessment in self._assessments:
            for key in assessment.tagged:
                found[key].append(assessment)
        return found

    def assessments_of(self, image: ImageReference) -> Sequence[Assessment]:
        """What reports say of an image: of its digest, else of its tag; the newest first.

        Args:
            image: the image, its tag decided.
        """
        key = tag_of(image)
        found = self._by_digest.get(image.digest, ()) or (self._by_tag.get(key, ()) if key else ())
        return sorted(found, key=lambda each: (-(each.taken or 0), -len(each.vulnerabilities)))

    @cached_property
    def unused_reports(self) -> Sequence[Resource]:
        """The reports on nothing that a container of the tree runs."""
        used = {
            id(assessment.report)
            for workload in self.workloads
            for image in _images(workload.containers if _readable(workload) else ())
            for assessment in self.assessments_of(image)
        }
        return [report for report in self.scan_reports if id(report) not in used]

    # What counts -------------------------------------------------------------------------------------------------

    @cached_property
    def _waivers(self) -> Mapping[str, Sequence[Waiver]]:
        found: dict[str, list[Waiver]] = defaultdict(list)
        for resource in self.of(TRIVY_IGNORE, VEX):
            for waiver in waivers_of(resource):
                found[waiver.id].append(waiver)
        return found

    @remembered
    def tally(self, assessment: Assessment) -> Tally:
        """The vulnerabilities that count, and those that are waived.

        Args:
            assessment: what was found in an image.
        """
        counted: dict[tuple[str, str, str], Vulnerability] = {}
        waived: dict[tuple[str, str, str], Vulnerability] = {}
        lapsed: dict[int, Waiver] = {}
        for vulnerability in assessment.vulnerabilities:
            waivers = [
                waiver for waiver in self._waivers.get(vulnerability.id, ()) if waiver.covers(vulnerability, assessment)
            ]
            valid = any(waiver.until is None or waiver.until >= self.now for waiver in waivers)
            if valid or (vulnerability.waived and not waivers):
                waived[vulnerability.key] = vulnerability
            else:
                counted[vulnerability.key] = vulnerability
                lapsed.update((id(waiver), waiver) for waiver in waivers)
        fixable: dict[str, list[Vulnerability]] = defaultdict(list)
        for vulnerability in counted.values():
            if vulnerability.fixed:
                fixable[vulnerability.severity].append(vulnerability)
        left = [vulnerability for key, vulnerability in waived.items() if key not in counted]
        return Tally(fixable, left, list(lapsed.values()))


def _readable(workload: Resource) -> bool:
    try:
        return bool(workload.containers)  # type: ignore[attr-defined]
    except Unjudged:
        return False


def _images(containers: Sequence[Container]) -> Iterator[ImageReference]:
    for container in containers:
        try:
            if container.image.tag is not None:
                yield container.image
        except Unjudged:
            continue
