"""Have certificates that are valid for weeks to come, and renew by themselves.

A certificate that ends takes everything behind its name with it, at once and for everybody. cert-manager renews one
when a third of its time is left: one with less than three weeks has missed that, and somebody should look while there
is time. One that only lives for a short time is asked for a third of that. A Certificate that is not Ready, or whose
time to be renewed has passed by a day, does not renew by itself.

Those of ACM are judged as the account shows them. ACM renews what it issued itself, as long as something uses it and
the records stand by which it sees whose domain it is; what was imported is renewed by whoever imported it, and needs
more time. One that nothing uses, or that was never issued, is not judged. The dates in a state of Terraform are as old
as its last refresh, and tell nothing.

In a cluster, judged are Certificates, and Secrets with a certificate that none of them has issued: those pass with a
note as long as they are valid, since nothing here renews them. One that was never issued is judged by
network/certificate-issuer. The dates are those that the cluster shows; what files say of them is as old as the files.

Options:
    days: the number of days that a certificate should still be valid for
    imported_days: the number of days that one should which ACM does not renew
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from readycheck.inventory import HAND_MADE_CERTIFICATE, Inventory
from readycheck.kubernetes.condition import condition_of, is_ready, moment_of, why
from readycheck.kubernetes.x509 import Validity, validity_in
from readycheck.model import Resource, Severity, Verdict
from readycheck.rule import apart, rule
from readycheck.secrets.elsewhere import brought_by
from readycheck.terraform.certificates import CERTIFICATE, is_unused, renewal_of

_DAY = 86400.0


@rule(
    "Certificate",
    HAND_MADE_CERTIFICATE,
    CERTIFICATE,
    severity=Severity.CRITICAL,
    sources=("cluster", "aws", "terraform"),
    asks=("aws_acm_certificate", "aws_cloudfront_distribution", "aws_route53_record", "aws_route53_zone"),
)
def certificate_expiry(
    subject: Resource, inventory: Inventory, *, days: int = 21, imported_days: int = 60
) -> Iterator[Verdict]:
    if subject.kind == CERTIFICATE:
        yield from _of_acm(subject, inventory, days, imported_days)
    elif subject.kind == "Certificate":
        yield from _certificate(subject, inventory.now, days)
    else:
        yield from _secret(subject, inventory.now, days)


def _certificate(certificate: Resource, now: float, days: int) -> Iterator[Verdict]:
    ends = moment_of(certificate, "status.notAfter")
    if ends is None:
        yield certificate.not_applicable("was never issued: network/certificate-issuer judges that")
        return
    begins = moment_of(certificate, "status.notBefore")
    validity = Validity(begins, ends, certificate.at("status.notAfter"))
    yield from apart(certificate, _left(certificate, validity, now, days), _renewing(certificate, validity, now))


def _left(subject: Resource, validity: Validity, now: float, days: int) -> Iterator[Verdict]:
    left = validity.ends - now
    if left <= 0:
        yield subject.finding(f"expired on {_date(validity.ends)}", at=validity.place)
    elif left < validity.wanted(days):
        wanted = validity.wanted(days) / _DAY
        least = f"{wanted:.0f} days" if wanted >= 1 else f"{wanted * 24:.0f} hours"
        yield subject.finding(
            f"ends on {_date(validity.ends)}, in {_days(left)}: at least {least} should be left", at=validity.place
        )


def _renewing(certificate: Resource, validity: Validity, now: float) -> Iterator[Verdict]:
    """Whether a Certificate that is valid will be renewed."""
    due = moment_of(certificate, "status.renewalTime")
    if validity.ends <= now:
        return
    ready = condition_of(certificate, "Ready")
    if due is not None and now - due > _DAY:
        told = why(condition_of(certificate, "Issuing"))
        yield certificate.finding(
            f"should have been renewed on {_date(due)}, and was not{told}", at="status.renewalTime"
        )
    elif ready is not None and ready.get("status") == "False":
        yield certificate.finding(f"is not Ready{why(ready)}", at="status.conditions")
    elif not is_ready(certificate):
        yield certificate.unknown("does not say whether it is Ready", at="status")


def _secret(secret: Resource, now: float, days: int) -> Iterator[Verdict]:
    validity = validity_in(secret)
    said_of = list(_left(secret, validity, now, days))
    yield from said_of
    if not said_of:
        where = brought_by(secret)
        renewed = f"its certificate is {where}, and renewed there" if where else "no Certificate issues what it holds"
        yield secret.note(f"{renewed}: it ends on {_date(validity.ends)}", at=validity.place)


# ACM -----------------------------------------------------------------------------------------------------------------


def _of_acm(certificate: Resource, inventory: Inventory, days: int, imported_days: int) -> Iterator[Verdict]:
    if not inventory.live:
        yield certificate.unknown("its dates are as old as the last refresh of the state: the account has to be asked")
        return
    status = certificate.string("status")
    if status in _NEVER_ISSUED:
        yield certificate.not_applicable(f"was never issued ({status})")
    elif is_unused(certificate):
        yield certificate.not_applicable("nothing uses it")
    elif status == "REVOKED":
        yield certificate.finding("is revoked", at="status")
    else:
        yield from _issued(certificate, inventory, days, imported_days)


_NEVER_ISSUED = ("PENDING_VALIDATION", "VALIDATION_TIMED_OUT", "FAILED")


def _issued(certificate: Resource, inventory: Inventory, days: int, imported_days: int) -> Iterator[Verdict]:
    ends = moment_of(certificate, "not_after")
    if ends is None:
        yield certificate.unknown("does not say how long it is valid", at="not_after")
        return
    validity = Validity(moment_of(certificate, "not_before"), ends, certificate.at("not_after"))
    imported = certificate.string("type") == "IMPORTED"
    if not imported and certificate.string("renewal_eligibility") != "INELIGIBLE":
        yield from apart(
            certificate,
            _left(certificate, validity, inventory.now, days),
            _renewed_by_acm(certificate),
            _validated(certificate, inventory),
        )
        return
    said_of = list(_left(certificate, validity, inventory.now, imported_days))
    yield from said_of
    if not said_of:
        why_not = "was imported" if imported else "is not eligible for renewal"
        yield certificate.note(f"{why_not}: ACM does not renew it, and it ends on {_date(ends)}", at=validity.place)


def _renewed_by_acm(certificate: Resource) -> Iterator[Verdict]:
    renewal = renewal_of(certificate)
    told = f": {renewal.reason}" if renewal.reason else ""
    if renewal.status == "FAILED":
        yield certificate.finding(f"its renewal failed{told}", at="renewal_summary[0].renewal_status")
    elif renewal.status == "PENDING_VALIDATION":
        yield certificate.finding(
            f"its renewal waits for somebody to show whose domain it is{told}", at="renewal_summary[0].renewal_status"
        )


def _validated(certificate: Resource, inventory: Inventory) -> Iterator[Verdict]:
    """Whether ACM will see without anybody's help that the domain is still the same one's."""
    if certificate.string("validation_method") == "EMAIL":
        yield certificate.finding(
            "is validated by mail: somebody has to answer each time that it is renewed",
            at="validation_method",
            severity=Severity.LOW,
        )
    for place in inventory.validation_gone(certificate):
        yield certificate.finding(
            f"will not be renewed: the record {place.seen} that validates it is gone from its zone",
            at=place,
            severity=Severity.HIGH,
        )


# Words ---------------------------------------------------------------------------------------------------------------


def _date(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).date().isoformat()


def _days(seconds: float) -> str:
    days = int(seconds // _DAY)
    return "less than a day" if days < 1 else f"{days} day{'' if days == 1 else 's'}"
