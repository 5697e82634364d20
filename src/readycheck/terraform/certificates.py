"""Certificates of ACM, in the names and shapes of Terraform's provider: `aws_acm_certificate` (ACM user guide)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from readycheck.model import Place, Resource

CERTIFICATE = "aws_acm_certificate"


class ValidationRecord(NamedTuple):
    """A record by which ACM sees whose domain it is, each time that it renews a certificate.

    Args:
        name: the name of the record, in lower case and without a dot at its end.
        value: what it leads to, likewise.
        place: where the certificate says so.
    """

    name: str
    value: str
    place: Place


def validation_records(certificate: Resource) -> Iterator[ValidationRecord]:
    """The records by which a certificate is validated, each once; none where that is done by mail.

    Args:
        certificate: the certificate.

    Raises:
        Unjudged: they could not be read.
    """
    seen: set[str] = set()
    for index, option in enumerate(certificate.mappings("domain_validation_options")):
        name = str(option.get("resource_record_name") or "").rstrip(".").lower()
        if name and name not in seen:
            seen.add(name)
            value = str(option.get("resource_record_value") or "").rstrip(".").lower()
            place = certificate.at(("domain_validation_options", index, "resource_record_name"))
            yield ValidationRecord(name, value, place)


def is_unused(certificate: Resource) -> bool:
    """Whether no load balancer, distribution or other service uses a certificate."""
    return certificate.get("in_use") is False


def names_of(certificate: Resource) -> list[str]:
    """The names that a certificate is for, in lower case.

    Args:
        certificate: the certificate.
    """
    others = certificate.glimpse("subject_alternative_names")
    given = [certificate.glimpse("domain_name"), *(others if isinstance(others, list) else ())]
    return list(dict.fromkeys(each.lower() for each in given if type(each) is str))


def is_for(certificate: Resource, host: str) -> bool:
    """Whether a certificate is for a host: a `*` in its names stands for one part of a name.

    Args:
        certificate: the certificate.
        host: the host.
    """
    parent = host.lower().partition(".")[2]
    return any(name in (host.lower(), f"*.{parent}") for name in names_of(certificate))


class Renewal(NamedTuple):
    """What ACM says of the renewal of a certificate.

    Args:
        status: how it stands; "" where none has begun.
        reason: why it does not go on; "" where nothing is said.
    """

    status: str
    reason: str


def renewal_of(certificate: Resource) -> Renewal:
    """How the renewal of a certificate stands.

    Args:
        certificate: the certificate.

    Raises:
        Unjudged: that could not be read.
    """
    for summary in certificate.mappings("renewal_summary"):
        return Renewal(str(summary.get("renewal_status") or ""), str(summary.get("renewal_status_reason") or ""))
    return Renewal("", "")
