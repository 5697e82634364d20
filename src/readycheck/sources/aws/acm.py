"""Certificates (API: acm)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

from readycheck.model import Unresolved
from readycheck.sources.aws.asking import Area, Service
from readycheck.sources.aws.shapes import present

_KIND = "aws_acm_certificate"
_ALGORITHMS = ["RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"]
"""A list without them leaves out all but the certificates of RSA with 2,048 bits or less."""
_OF_DETAILS = ("in_use_by", "renewal_summary", "domain_validation_options", "validation_method")
"""What the list does not tell."""


def read(area: Area) -> None:
    """Read the certificates of a region; those in use, in detail.

    Raises:
        CallFault: they cannot be listed.
    """
    acm = area.service("acm")
    found = acm.listed("list_certificates", "CertificateSummaryList", Includes={"keyTypes": _ALGORITHMS})
    _read_details(area, acm, {summary["CertificateArn"]: summary for summary in found})


def read_of_distributions(area: Area) -> None:
    """Read the certificates that distributions of CloudFront name: they stand in one region, whoever else is there."""
    named = {
        certificate["acm_certificate_arn"]
        for distribution in area.things("aws_cloudfront_distribution")
        for certificate in distribution["viewer_certificate"]
        if certificate.get("acm_certificate_arn")
    }
    _read_details(area, area.service("acm"), {arn: {"CertificateArn": arn} for arn in sorted(named)})


def _read_details(area: Area, acm: Service, summaries: Mapping[str, Mapping[str, Any]]) -> None:
    # What nobody uses is not judged, and would cost a call each.
    wanted = [arn for arn, summary in summaries.items() if summary.get("InUse", True)]
    answers = acm.each(lambda arn: acm.detail("describe_certificate", arn, CertificateArn=arn), wanted)
    details = dict(zip(wanted, answers, strict=True))
    for arn, summary in summaries.items():
        answer = details.get(arn, {})
        if isinstance(answer, Unresolved):
            _add_in_part(area, arn, summary, answer)
        elif answer or arn not in details:
            _add(area, {**summary, **answer.get("Certificate", {})})


def _add_in_part(area: Area, arn: str, summary: Mapping[str, Any], why: Unresolved) -> None:
    if len(summary) == 1:
        area.add_unread(_KIND, arn, why, arn=arn, id=arn)
    else:
        area.add(_KIND, arn, **{**_values(summary), **dict.fromkeys(_OF_DETAILS, why)})


def _add(area: Area, certificate: Mapping[str, Any]) -> None:
    options = certificate.get("DomainValidationOptions", ())
    area.add(
        _KIND,
        certificate["CertificateArn"],
        **_values(certificate),
        in_use_by=certificate.get("InUseBy"),
        renewal_summary=list(_renewal(certificate.get("RenewalSummary"))),
        validation_method=next((each["ValidationMethod"] for each in options if "ValidationMethod" in each), None),
        domain_validation_options=[
            present(
                domain_name=each.get("DomainName"),
                validation_status=each.get("ValidationStatus"),
                resource_record_name=each.get("ResourceRecord", {}).get("Name"),
                resource_record_type=each.get("ResourceRecord", {}).get("Type"),
                resource_record_value=each.get("ResourceRecord", {}).get("Value"),
            )
            for each in options
        ],
    )


def _values(certificate: Mapping[str, Any]) -> dict[str, Any]:
    in_use = certificate.get("InUse")
    return present(
        arn=certificate["CertificateArn"],
        id=certificate["CertificateArn"],
        domain_name=certificate.get("DomainName"),
        subject_alternative_names=certificate.get("SubjectAlternativeNames")
        or certificate.get("SubjectAlternativeNameSummaries"),
        status=certificate.get("Status"),
        type=certificate.get("Type"),
        key_algorithm=str(certificate.get("KeyAlgorithm", "")).replace("-", "_"),
        not_before=_moment(certificate.get("NotBefore")),
        not_after=_moment(certificate.get("NotAfter")),
        renewal_eligibility=certificate.get("RenewalEligibility"),
        in_use=bool(certificate.get("InUseBy")) if in_use is None else in_use,
    )


def _moment(value: Any) -> str | None:
    return None if value is None else f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _renewal(summary: Mapping[str, Any] | None) -> Iterator[dict[str, Any]]:
    if summary:
        yield present(
            renewal_status=summary.get("RenewalStatus"), renewal_status_reason=summary.get("RenewalStatusReason")
        )
