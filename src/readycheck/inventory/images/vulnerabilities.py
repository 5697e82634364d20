"""Which images were scanned, what was found in them, and which of that is waived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from readycheck.images.ecr import SCAN_FINDINGS, assessment_of
from readycheck.images.trivy import TRIVY_REPORT, VULNERABILITY_REPORT, assessments_of, scanned_by
from readycheck.images.vulnerability import Assessment, Vulnerability, tag_of
from readycheck.images.waivers import TRIVY_IGNORE, VEX, Waiver, waivers_of
from readycheck.inventory.core import remembered
from readycheck.inventory.workloads.pods import Pods
from readycheck.kubernetes.image import ImageReference
from readycheck.kubernetes.ownership import is_past_revision
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


class Vulnerabilities(Pods):
    """The relations between containers and the reports on their images."""

    @cached_property
    def scan_reports(self) -> Sequence[Resource]:
        """Every report on images, whatever stands in it."""
        return self.of(TRIVY_REPORT, VULNERABILITY_REPORT, SCAN_FINDINGS)

    @remembered
    def assessments_in(self, report: Resource) -> Sequence[Assessment]:
        """What a report says of each image.

        Raises:
            Unjudged: it is not shaped like one.
        """
        return (assessment_of(report),) if report.kind == SCAN_FINDINGS else assessments_of(report)

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

    @cached_property
    def _by_container(self) -> Mapping[tuple[int, str], Sequence[Assessment]]:
        """What the operator's reports say, by the top workload and the name of the container they were made for."""
        found: dict[tuple[int, str], list[Assessment]] = defaultdict(list)
        for assessment in self._assessments:
            try:
                key = self._container_reported(assessment.report)
            except Unjudged:
                # What could not be read is not judged either.
                continue
            if key is not None:
                found[key].append(assessment)
        return found

    def _container_reported(self, report: Resource) -> tuple[int, str] | None:
        """The top workload and the container that a report was made for; None where it is of none that runs."""
        scanned = scanned_by(report) if report.kind == VULNERABILITY_REPORT else None
        controller = self.find(scanned.kind, scanned.name, report) if scanned is not None else None
        if scanned is None or controller is None or is_past_revision(controller):
            return None
        return id(self.top_owner(controller) or controller), scanned.container

    @remembered
    def assessments_of(self, container: Container) -> Sequence[Assessment]:
        """What reports say of a container's image; the newest first.

        One that was made for the container comes before one on its digest, as it is named or runs, and that before one
        on its tag.

        Args:
            container: a container whose image is decided.

        Raises:
            Unjudged: nothing stands there that is an image.
        """
        image = container.image
        running = self._running_digests(container)
        workload = self.run_by(container.workload) or container.workload
        made_for_it = self._by_container.get((id(workload), container.name), ())
        found: Sequence[Assessment] = [each for each in made_for_it if _is_on(each, image, running)]
        for digest in (image.digest, *running) if not found else ():
            found = found or self._by_digest.get(digest, ())
        key = tag_of(image)
        found = found or (self._by_tag.get(key, ()) if key else ())
        return sorted(found, key=lambda each: (-(each.taken or 0), -len(each.vulnerabilities)))

    def _running_digests(self, container: Container) -> Sequence[str]:
        """The digests of the image that a container's pods run, each once."""
        if not self.live:
            return ()
        try:
            statuses = [
                status
                for pod in self.pods_of(container.workload)
                for field in ("containerStatuses", "initContainerStatuses")
                for status in pod.mappings(("status", field))
            ]
        except Unjudged:
            return ()
        images = (str(status.get("imageID")) for status in statuses if status.get("name") == container.name)
        return list(dict.fromkeys(digest for image in images if (digest := image.partition("@")[2])))

    @cached_property
    def unused_reports(self) -> Sequence[Resource]:
        """The reports on nothing that a container of the tree runs."""
        used = {
            id(assessment.report)
            for workload in self.workloads
            for container in (workload.containers if _readable(workload) else ())
            if _is_decided(container)
            for assessment in self.assessments_of(container)
        }
        # An account is asked for the images alone that something runs, here or on another side.
        return [each for each in self.scan_reports if id(each) not in used and each.kind != SCAN_FINDINGS]

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
            known = self._waivers.get(vulnerability.id)
            waivers = [waiver for waiver in known if waiver.covers(vulnerability, assessment)] if known else ()
            valid = bool(waivers) and any(waiver.until is None or waiver.until >= self.now for waiver in waivers)
            if valid or (vulnerability.waived and not waivers):
                waived[vulnerability.key] = vulnerability
            else:
                counted[vulnerability.key] = vulnerability
                if waivers:
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


def _is_decided(container: Container) -> bool:
    try:
        return container.image.tag is not None
    except Unjudged:
        return False


def _is_on(assessment: Assessment, image: ImageReference, running: Sequence[str]) -> bool:
    """Whether what was made for a container is on the image that it has now; a mirror gives it another repository."""
    if not assessment.digests.isdisjoint((image.digest, *running)):
        return True
    key = tag_of(image)
    return key is not None and any(tag == key[-1] for _, _, tag in assessment.tagged)
