"""What Trivy says of images: its JSON reports, of one image or of a cluster, and the operator's VulnerabilityReports.

Shapes: Trivy's report schema 2, the report of `trivy k8s`, and the operator's `aquasecurity.github.io/v1alpha1`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from readycheck.images import trivy_sarif
from readycheck.images.vulnerability import Assessment, Vulnerability
from readycheck.kubernetes.image import ImageReference
from readycheck.kubernetes.ownership import controller_of
from readycheck.model import Path, Resource

TRIVY_REPORT = "TrivyReport"
"""The kind of a report that stands in a file."""

VULNERABILITY_REPORT = "VulnerabilityReport"
"""The kind of an object of the Trivy operator."""

_IMAGE = "container_image"
_SBOMS = ("cyclonedx", "spdx")
_PACKAGES = ("os-pkgs", "lang-pkgs")
_NO_SYSTEM = ("", "none")


def assessments_of(report: Resource) -> tuple[Assessment, ...]:
    """What a report says of each image that it is about; one part that is no image where it is about none.

    Args:
        report: a Trivy report or a VulnerabilityReport.

    Raises:
        Unjudged: it is not shaped like one.
    """
    if report.kind == VULNERABILITY_REPORT:
        return (_of_operator(report),)
    if "runs" in report.body:
        return tuple(trivy_sarif.assessments_of(report))
    parts = next((name for name in ("Resources", "Findings") if name in report.body), None)
    if parts is None and "ArtifactName" not in report.body:
        return ()
    if parts is None:
        return (_of_image(report),)
    return tuple(_of_cluster(report, parts))


# One image ---------------------------------------------------------------------------------------------------------


def _of_image(report: Resource) -> Assessment:
    kind = report.string("ArtifactType", _IMAGE)
    metadata = report.mapping("Metadata")
    images, digests = _names(metadata)
    name = report.string("ArtifactName")
    if kind == _IMAGE:
        images = (*references([name]), *images)
        digests |= _digests([name])
    why_not = ""
    if kind in _SBOMS and not images and not digests:
        why_not = "is made from an SBOM that does not say of which image"
    elif kind not in (_IMAGE, *_SBOMS):
        why_not = f"is of a {kind}"
    return Assessment(
        report=report,
        path=("ArtifactName",),
        name=name,
        images=images,
        digests=digests,
        taken=moment(report.string("CreatedAt")),
        no_image=why_not,
        doubtful=kind in _SBOMS,
        analysed=_analysed(report.mappings("Results")),
        obsolete=_obsolete(metadata),
        vulnerabilities=tuple(_vulnerabilities(report, ())),
    )


def _of_cluster(report: Resource, field: str) -> Iterator[Assessment]:
    """`trivy k8s`: each part is about one workload, and says which images are its own."""
    for index, part in enumerate(report.mappings(field)):
        results = report.mappings((field, index, "Results"))
        if not _analysed(results) and not part.get("Error"):
            # A part about the settings of a workload says nothing about its images.
            continue
        given = part.get("Metadata")
        several = [each for each in given if isinstance(each, Mapping)] if isinstance(given, list) else []
        metadata = several or [given if isinstance(given, Mapping) else {}]
        names = [_names(each) for each in metadata]
        yield Assessment(
            report=report,
            path=(field, index, "Name"),
            name="/".join(str(part[key]) for key in ("Namespace", "Kind", "Name") if part.get(key)),
            images=tuple(image for images, _ in names for image in images),
            digests=frozenset(digest for _, digests in names for digest in digests),
            taken=moment(report.string("CreatedAt")),
            analysed=_analysed(results),
            adds_up=len(metadata),
            error=str(part.get("Error") or ""),
            obsolete=next((old for each in metadata if (old := _obsolete(each))), ""),
            vulnerabilities=tuple(_vulnerabilities(report, (field, index))),
        )


def _analysed(results: Iterable[Mapping[str, Any]]) -> bool:
    return any(result.get("Class") in _PACKAGES for result in results)


def _names(metadata: Mapping[str, Any]) -> tuple[tuple[ImageReference, ...], frozenset[str]]:
    tags, digests = metadata.get("RepoTags"), metadata.get("RepoDigests")
    return references(tags if isinstance(tags, list) else ()), _digests(digests if isinstance(digests, list) else ())


def references(texts: Iterable[object]) -> tuple[ImageReference, ...]:
    """The references that some texts are; what is none is left out.

    Args:
        texts: the texts.
    """
    return tuple(reference for text in texts if (reference := ImageReference.of(str(text))) is not None)


def _digests(texts: Iterable[object]) -> frozenset[str]:
    return frozenset(digest for text in texts if (digest := str(text).partition("@")[2]))


def _obsolete(metadata: Mapping[str, Any]) -> str:
    system = metadata.get("OS")
    if not isinstance(system, Mapping) or system.get("EOSL") is not True:
        return ""
    return f"{system.get('Family', '')} {system.get('Name', '')}".strip()


def _vulnerabilities(report: Resource, path: Path) -> Iterator[Vulnerability]:
    for index, result in enumerate(report.mappings((*path, "Results"))):
        if result.get("Class") not in _PACKAGES:
            continue
        here = (*path, "Results", index)
        for number, found in enumerate(report.mappings((*here, "Vulnerabilities"))):
            yield _vulnerability(found, (*here, "Vulnerabilities", number))
        for number, changed in enumerate(report.mappings((*here, "ExperimentalModifiedFindings"))):
            finding = changed.get("Finding")
            if changed.get("Type") == "vulnerability" and isinstance(finding, Mapping):
                waived = str(changed.get("Statement") or changed.get("Status") or "ignored")
                yield _vulnerability(finding, (*here, "ExperimentalModifiedFindings", number, "Finding"), waived)


def _vulnerability(found: Mapping[str, Any], path: Path, waived: str = "") -> Vulnerability:
    identifier = found.get("PkgIdentifier")
    return Vulnerability(
        id=str(found.get("VulnerabilityID", "")),
        package=str(found.get("PkgName", "")),
        version=str(found.get("InstalledVersion", "")),
        fixed=str(found.get("FixedVersion") or ""),
        severity=str(found.get("Severity", "")).upper(),
        purl=str(identifier.get("PURL", "")) if isinstance(identifier, dict) else "",
        file=str(found.get("PkgPath") or ""),
        waived=waived,
        path=path,
    )


# The operator's objects --------------------------------------------------------------------------------------------


def _of_operator(report: Resource) -> Assessment:
    registry = report.string("report.registry.server")
    repository = report.string("report.artifact.repository")
    tag = report.string("report.artifact.tag")
    digest = report.string("report.artifact.digest")
    name = f"{registry}/{repository}" if registry else repository
    name = f"{name}:{tag}" if tag else name
    system = report.mapping("report.os")
    found = tuple(_of_list(report))
    summary = report.mapping("report.summary")
    unlisted = not found and any(summary.get(key) not in (None, 0) for key in ("criticalCount", "highCount"))
    family = str(system.get("family") or "")
    return Assessment(
        report=report,
        path=("report", "artifact"),
        name=name,
        images=references([name] if tag else ()),
        # Of an image that is known by its tag the operator gives its ID, which is no digest in a registry.
        digests=frozenset([digest] if digest and not tag else ()),
        taken=moment(report.string("report.updateTimestamp") or report.string("metadata.creationTimestamp")),
        analysed=bool(found) or family.lower() not in _NO_SYSTEM,
        error="it counts vulnerabilities and lists none" if unlisted else "",
        obsolete=f"{family} {system.get('name', '')}".strip() if system.get("eosl") is True else "",
        vulnerabilities=found,
    )


_LABEL = "trivy-operator."


class Scanned(NamedTuple):
    """The container that a VulnerabilityReport was made for, and what controls its pod: a ReplicaSet, say."""

    kind: str
    name: str
    container: str


def scanned_by(report: Resource) -> Scanned | None:
    """What an object of the operator was made for, by its labels, else its owner; None where they do not tell.

    A name that is too long for a label stands in an annotation (Trivy operator, its labels).

    Args:
        report: a VulnerabilityReport.

    Raises:
        Unjudged: its labels cannot be read.
    """
    labels, name = report.labels, f"{_LABEL}resource.name"
    kind = labels.get(f"{_LABEL}resource.kind")
    called = labels.get(name) or report.annotations.get(name)
    if not kind or not called:
        owner = controller_of(report)
        kind, called = (owner.kind, owner.name) if owner is not None else (None, None)
    found = Scanned(str(kind or ""), str(called or ""), str(labels.get(f"{_LABEL}container.name") or ""))
    return found if all(found) else None


def _of_list(report: Resource) -> Iterator[Vulnerability]:
    for index, found in enumerate(report.mappings("report.vulnerabilities")):
        yield Vulnerability(
            id=str(found.get("vulnerabilityID", "")),
            package=str(found.get("resource", "")),
            version=str(found.get("installedVersion", "")),
            fixed=str(found.get("fixedVersion") or ""),
            severity=str(found.get("severity", "")).upper(),
            purl=str(found.get("packagePURL") or ""),
            path=("report", "vulnerabilities", index),
        )


# Dates -------------------------------------------------------------------------------------------------------------


def moment(text: str) -> float | None:
    """A date of a report, in seconds since the epoch; None for none, as for Go's zero date of reproducible reports.

    Args:
        text: the date as it is written; "" for none.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    return found.timestamp() if found.year > 1 else None
