"""What ECR found in an image, as the account tells it (Amazon ECR API reference: DescribeImageScanFindings)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from readycheck.images.vulnerability import Assessment, Vulnerability
from readycheck.kubernetes.image import ImageReference
from readycheck.model import Resource, Unjudged, Unresolved

SCAN_FINDINGS = "aws_ecr_image_scan_findings"
"""What ECR found in an image, or that it never looked."""

_DONE = ("COMPLETE", "ACTIVE")
_UNTOLD = "untold"


def assessment_of(found: Resource) -> Assessment:
    """What ECR says of an image.

    Args:
        found: the scan's findings.

    Raises:
        Unjudged: they are not shaped like that.
    """
    name, digest = found.string("image"), found.glimpse("image_digest")
    reference = ImageReference.of(name)
    error = _error(found)
    findings = found.mappings("findings") if not error else []
    return Assessment(
        report=found,
        path=("image",),
        name=name,
        images=() if reference is None else (reference,),
        digests=frozenset(filter(None, (digest if type(digest) is str else "", reference.digest if reference else ""))),
        taken=None if error else _moment(found),
        error=error,
        fixes_told=all("fix_available" in each or "fixed_version" in each for each in findings),
        vulnerabilities=tuple(_vulnerabilities(findings)),
    )


def _error(found: Resource) -> str:
    status = found.glimpse("scan_status")
    if isinstance(status, Unresolved):
        return f"what ECR found {status.reason}"
    if status in _DONE:
        return ""
    return "ECR has never scanned it" if status == "NOT_SCANNED" else f"ECR says of its scan: {status}"


def _moment(found: Resource) -> float | None:
    text = found.string("scan_completed_at")
    try:
        return datetime.fromisoformat(text).timestamp() if text else None
    except ValueError:
        raise Unjudged("scan_completed_at is no time", found.at("scan_completed_at")) from None


def _vulnerabilities(findings: list[Any]) -> Iterator[Vulnerability]:
    for index, each in enumerate(findings):
        told = "fix_available" in each or "fixed_version" in each
        fixed = str(each.get("fixed_version") or ("a later version" if each.get("fix_available") == "YES" else ""))
        yield Vulnerability(
            id=str(each.get("name") or ""),
            package=str(each.get("package_name") or ""),
            version=str(each.get("package_version") or ""),
            fixed=fixed if told else _UNTOLD,
            severity=str(each.get("severity") or ""),
            path=("findings", index),
        )
