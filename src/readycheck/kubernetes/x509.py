"""How long certificates are valid that stand in Secrets (RFC 5280, Validity)."""

from __future__ import annotations

import binascii
from base64 import b64decode

from msgspec import Struct

from readycheck.kubernetes.tls_secrets import CERTIFICATE
from readycheck.model import Path, Place, Resource, Unjudged

_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
_PATH: Path = ("data", CERTIFICATE)


class Validity(Struct, frozen=True, eq=False):
    """When a certificate is valid, in seconds since the epoch.

    Args:
        begins: from when on; None where that is not told.
        ends: until when.
        place: what tells.
    """

    begins: float | None
    ends: float
    place: Place

    def wanted(self, days: int) -> float:
        """How many seconds of it should be left at least, where so many days are wanted.

        One that lives for a short time only is renewed when a third of that is left, as cert-manager does by default.

        Args:
            days: the days that are wanted of any other.
        """
        longest = days * 86400.0
        return longest if self.begins is None else min(longest, (self.ends - self.begins) / 3)


def validity_in(secret: Resource) -> Validity:
    """How long the certificate is valid that a Secret holds: the first of a chain, which is the holder's own.

    Raises:
        Unjudged: it holds none that can be read, or what reads them is not installed.
    """
    import ssl  # noqa: PLC0415 - with sockets it is a thirtieth of the start, which few scans need

    place = secret.at(_PATH)
    try:
        text = b64decode(secret.string(_PATH), validate=True).decode("ascii")
        first = text[text.index(_BEGIN) : text.index(_END) + len(_END)]
        begins, ends = _validity(ssl.PEM_cert_to_DER_cert(first))
    except (ValueError, binascii.Error):
        raise Unjudged(f"its {CERTIFICATE} cannot be read: it is no certificate in PEM", place) from None
    return Validity(begins, ends, place)


def _validity(der: bytes) -> tuple[float, float]:
    """Raises ValueError for what is no certificate."""
    try:
        from pyasn1.codec.der.decoder import decode  # noqa: PLC0415 - of no use to most scans, and an optional extra
        from pyasn1.error import PyAsn1Error  # noqa: PLC0415 - as above
        from pyasn1_modules.rfc5280 import Certificate  # noqa: PLC0415 - as above
    except ImportError:
        raise Unjudged(
            "reading certificates needs the extra `cluster`: pip install 'readycheck-audit[cluster]'"
        ) from None
    try:
        certificate, _ = decode(der, asn1Spec=Certificate())
        times = certificate["tbsCertificate"]["validity"]
        begins, ends = (times[name].getComponent().asDateTime.timestamp() for name in ("notBefore", "notAfter"))
    except PyAsn1Error as error:
        raise ValueError(str(error)) from None
    return begins, ends
