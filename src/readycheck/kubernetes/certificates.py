"""Which certificates Ingresses, routes and Gateways give to what takes their requests (their API references)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from readycheck.kubernetes.kinds import qualified_kind
from readycheck.model import Place, Resource

ISTIO_GATEWAY = "Gateway.networking.istio.io"

# Where each kind names its certificates, and the fields by which it does: one of them is enough.
_NAMED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "Ingress": ("spec.tls.*", ("secretName",)),
    "Gateway": ("spec.listeners.*.tls.certificateRefs.*", ("name",)),
    ISTIO_GATEWAY: ("spec.servers.*.tls", ("credentialName", "serverCertificate")),
    "IngressRoute": ("spec.tls", ("secretName", "certResolver")),
    "HTTPProxy": ("spec.virtualhost.tls", ("secretName",)),
    "TLSStore": ("spec.defaultCertificate", ("secretName",)),
}
CERTIFIED = tuple(_NAMED)
"""Kinds that give certificates."""


def certificates_in(entry: Resource) -> Iterator[Place]:
    """Where an entry names certificates, in the order of the manifest."""
    way, fields = _NAMED[qualified_kind(entry)]
    places = [entry.at(())]
    for step in way.split("."):
        if step != "*":
            places = [Place(entry, (*place.path, step)) for place in places if isinstance(place.seen, Mapping)]
        else:
            places = [
                Place(entry, (*place.path, index))
                for place in places
                for index in range(len(place.seen) if isinstance(place.seen, list) else 0)
            ]
    for place in places:
        seen = place.seen
        for field in fields if isinstance(seen, Mapping) else ():
            if seen.get(field) is not None:
                yield Place(entry, (*place.path, field))
                break


def secret_for(ingress: Resource, host: str) -> str | None:
    """The Secret that an Ingress names for the TLS of a name: "" where it names none; None where TLS is not asked for.

    A part of `tls` without hosts is meant for all; a wildcard in one covers one label.

    Raises:
        Unjudged: that is not decided yet.
    """
    for index in range(len(ingress.mappings("spec.tls"))):
        hosts = ingress.strings(("spec", "tls", index, "hosts"))
        if not hosts or any(_certifies(pattern, host) for pattern in hosts):
            return ingress.string(("spec", "tls", index, "secretName"))
    return None


def _certifies(pattern: str, host: str) -> bool:
    return pattern == host or (pattern.startswith("*.") and host.partition(".")[2] == pattern[2:])
