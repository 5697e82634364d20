"""Have certificates that are valid for weeks to come, and renew by themselves.

A certificate that ends takes everything behind its name with it, at once and for everybody. cert-manager renews one
when a third of its time is left: one with less than three weeks has missed that, and somebody should look while there
is time. One that only lives for a short time is asked for a third of that. A Certificate that is not Ready, or whose
time to be renewed has passed by a day, does not renew by itself.

Judged are Certificates, and Secrets with a certificate that none of them has issued: those pass with a note as long as
they are valid, since nothing here renews them. One that was never issued is judged by network/certificate-issuer. The
dates are those that the cluster shows; what files say of them is as old as the files.

Options:
    days: the number of days that a certificate should still be valid for
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from readycheck.inventory import HAND_MADE_CERTIFICATE, Inventory
from readycheck.kubernetes.condition import condition_of, is_ready, moment_of, why
from readycheck.kubernetes.x509 import Validity, validity_in
from readycheck.model import Resource, Severity, Verdict
from readycheck.rule import apart, rule
from readycheck.secrets.elsewhere import brought_by

_DAY = 86400.0


@rule("Certificate", HAND_MADE_CERTIFICATE, severity=Severity.CRITICAL, sources=("cluster",))
def certificate_expiry(subject: Resource, inventory: Inventory, *, days: int = 21) -> Iterator[Verdict]:
    if subject.kind == "Certificate":
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


def _date(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).date().isoformat()


def _days(seconds: float) -> str:
    days = int(seconds // _DAY)
    return "less than a day" if days < 1 else f"{days} day{'' if days == 1 else 's'}"
