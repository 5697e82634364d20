"""How long certificates in Secrets are valid is read with an optional extra, which is named where it is missing."""

from __future__ import annotations

import sys
from base64 import b64encode

import pytest

from readycheck.inventory import NOWHERE
from readycheck.kubernetes.x509 import validity_in
from readycheck.model import Resource, Unjudged

PEM = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"


def test_without_the_extra_its_distribution_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyasn1.codec.der.decoder", None)
    body = {"data": {"tls.crt": b64encode(PEM.encode()).decode()}}
    with pytest.raises(Unjudged, match=r"pip install 'readycheck-audit\[cluster\]'"):
        validity_in(Resource("Secret", "web", "", body, NOWHERE))
