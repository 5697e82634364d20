"""Repositories of images, how they are scanned and what was found in the images in use (API: ecr)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from readycheck.model import Unresolved
from readycheck.sources.aws.asking import Area, Service
from readycheck.sources.aws.shapes import batches, block, present

_REPOSITORY = "aws_ecr_repository"
_FINDINGS = "aws_ecr_image_scan_findings"
_MOST_TOLD = 25
"""Of how many repositories the effective scanning is told at once (ECR API reference)."""
_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[\w-]+)\.[\w.]+/"
    r"(?P<repository>[^:@]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)


def read(area: Area) -> None:
    """Read the repositories of a region.

    Raises:
        CallFault: they cannot be listed.
    """
    ecr = area.service("ecr")
    repositories = ecr.listed("describe_repositories", "repositories")
    if repositories:
        _read_registry(area, ecr)
    effective = _effective(ecr, [each["repositoryName"] for each in repositories])
    for repository in repositories:
        _add(area, repository, effective.get(repository["repositoryName"]))
    _read_findings(area, ecr)


def _read_registry(area: Area, ecr: Service) -> None:
    kind, name = "aws_ecr_registry_scanning_configuration", area.arn("ecr", "registry")
    answer = ecr.detail("get_registry_scanning_configuration", name)
    if isinstance(answer, Unresolved):
        area.add_unread(kind, name, answer, id=area.account, registry_id=area.account)
        return
    scanning = answer.get("scanningConfiguration", {})
    area.add(
        kind,
        name,
        id=area.account,
        registry_id=answer.get("registryId", area.account),
        scan_type=scanning.get("scanType"),
        rule=[
            {
                "scan_frequency": rule.get("scanFrequency"),
                "repository_filter": [
                    {"filter": each.get("filter"), "filter_type": each.get("filterType")}
                    for each in rule.get("repositoryFilters", ())
                ],
            }
            for rule in scanning.get("rules", ())
        ],
    )


def _effective(ecr: Service, names: list[str]) -> dict[str, Mapping[str, Any] | Unresolved]:
    """How each repository is scanned after all, whether by its own word or by the registry's."""
    answers = ecr.each(
        lambda some: ecr.detail(
            "batch_get_repository_scanning_configuration", f"repositories {', '.join(some)}", repositoryNames=some
        ),
        groups := list(batches(names, _MOST_TOLD)),
    )
    told: dict[str, Mapping[str, Any] | Unresolved] = {}
    for some, answer in zip(groups, answers, strict=True):
        if isinstance(answer, Unresolved):
            told.update(dict.fromkeys(some, answer))
        else:
            told.update({each["repositoryName"]: each for each in answer.get("scanningConfigurations", ())})
    return told


def _add(area: Area, repository: Mapping[str, Any], effective: Mapping[str, Any] | Unresolved | None) -> None:
    area.add(
        _REPOSITORY,
        repository["repositoryArn"],
        arn=repository["repositoryArn"],
        id=repository["repositoryName"],
        name=repository["repositoryName"],
        registry_id=repository.get("registryId"),
        repository_url=repository.get("repositoryUri"),
        image_tag_mutability=repository.get("imageTagMutability"),
        image_tag_mutability_exclusion_filter=[
            {"filter": each.get("filter"), "filter_type": each.get("filterType")}
            for each in repository.get("imageTagMutabilityExclusionFilters", ())
        ],
        image_scanning_configuration=block(repository.get("imageScanningConfiguration"), scan_on_push="scanOnPush"),
        effective_scanning=effective
        if isinstance(effective, Unresolved)
        else block(effective, scan_frequency="scanFrequency", scan_on_push="scanOnPush"),
    )


class _Image(Struct, frozen=True):
    """An image in a repository of the region."""

    reference: str
    repository: str
    identity: Mapping[str, str]


def _images(area: Area) -> Iterator[_Image]:
    for reference in sorted(set(area.named.images)):
        match = _IMAGE.fullmatch(reference)
        if match and (match["account"], match["region"]) == (area.account, area.region):
            by_digest = {"imageDigest": match["digest"]}
            identity = by_digest if match["digest"] else {"imageTag": match["tag"] or "latest"}
            yield _Image(reference, match["repository"], identity)


def _read_findings(area: Area, ecr: Service) -> None:
    images = list(_images(area))
    answers = ecr.each(
        lambda image: ecr.pages_of(
            "describe_image_scan_findings",
            image.reference,
            repositoryName=image.repository,
            imageId=image.identity,
        ),
        images,
    )
    for image, pages in zip(images, answers, strict=True):
        known = {"id": image.reference, "image": image.reference, "repository_name": image.repository}
        if isinstance(pages, Unresolved):
            area.add_unread(_FINDINGS, image.reference, pages, **known)
        else:
            area.add(_FINDINGS, image.reference, **known, **_found(pages))


def _found(pages: list[Mapping[str, Any]]) -> dict[str, Any]:
    if not pages:
        return {"scan_status": "NOT_SCANNED"}
    first = pages[0]
    scans = [page.get("imageScanFindings", {}) for page in pages]
    completed = scans[0].get("imageScanCompletedAt")
    return present(
        scan_status=first.get("imageScanStatus", {}).get("status"),
        image_digest=first.get("imageId", {}).get("imageDigest"),
        scan_completed_at=completed and completed.isoformat(),
        severity_counts=scans[0].get("findingSeverityCounts", {}),
        findings=[finding for scan in scans for finding in _findings(scan)],
    )


def _findings(scan: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What one page tells of; basic scans do not say whether there is something better, enhanced ones do."""
    for each in scan.get("findings", ()):
        told = {one["key"]: one.get("value") for one in each.get("attributes", ())}
        yield present(
            name=each.get("name"),
            severity=each.get("severity"),
            package_name=told.get("package_name"),
            package_version=told.get("package_version"),
        )
    for each in scan.get("enhancedFindings", ()):
        details = each.get("packageVulnerabilityDetails", {})
        packages: Sequence[Mapping[str, Any]] = details.get("vulnerablePackages", ())
        first = next(iter(packages), {})
        yield present(
            package_name=first.get("name"),
            package_version=first.get("version"),
            name=details.get("vulnerabilityId") or each.get("title"),
            severity=each.get("severity"),
            fix_available=each.get("fixAvailable"),
            fixed_version=next((one["fixedInVersion"] for one in packages if one.get("fixedInVersion")), None),
        )
