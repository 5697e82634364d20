"""Who issues certificates: cert-manager's issuers, and how Ingresses, Gateways and Certificates name them.

cert-manager's documentation: Annotated Ingress, Annotated Gateway, Certificate, ACME; v1.18 and later.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from readycheck.kubernetes.hosts import is_private
from readycheck.model import Path, Place, Resource, Unresolved

GROUP = "cert-manager.io"
_ISSUER = "cert-manager.io/issuer"
CLUSTER_ISSUER = "cert-manager.io/cluster-issuer"
_KIND = "cert-manager.io/issuer-kind"
_GROUP = "cert-manager.io/issuer-group"
_BY_DEFAULT = "kubernetes.io/tls-acme"
ACME_SERVER: Path = ("spec", "acme", "server")
_STAGING = ("acme-staging-v02.api.letsencrypt.org", "acme-staging.api.letsencrypt.org")


class IssuerReference(Struct, frozen=True, eq=False):
    """An issuer that something names.

    Args:
        kind: Issuer, ClusterIssuer, or a kind of somebody else's.
        name: its name.
        group: the group of its API; that of cert-manager for its own.
        place: where it is named.
    """

    kind: str
    name: str
    group: str
    place: Place

    @property
    def external(self) -> bool:
        """Whether it is no issuer of cert-manager's own."""
        return self.group != GROUP

    @property
    def text(self) -> str:
        """The issuer in words."""
        return f"{self.kind} {self.name}"


def issuers_on(entry: Resource) -> list[IssuerReference]:
    """The issuers that the annotations of an Ingress or Gateway name: cert-manager takes one only.

    Raises:
        Unjudged: they are not decided yet.
    """
    annotations = entry.annotations
    group = str(annotations.get(_GROUP) or GROUP)
    kinds = {_ISSUER: str(annotations.get(_KIND) or "Issuer"), CLUSTER_ISSUER: "ClusterIssuer"}
    found = []
    for key, kind in kinds.items():
        if annotations.get(key) is not None:
            place = entry.at(("metadata", "annotations", key))
            its_group = group if key == _ISSUER else GROUP
            found.append(IssuerReference(kind, _text(annotations[key]), its_group, place))
    return found


def issuer_of(certificate: Resource) -> IssuerReference:
    """The issuer that a Certificate names.

    Raises:
        Unjudged: it is not decided yet, or of another shape.
    """
    reference = certificate.mapping("spec.issuerRef")
    kind, group = reference.get("kind") or "Issuer", reference.get("group") or GROUP
    return IssuerReference(str(kind), _text(reference.get("name") or ""), str(group), certificate.at("spec.issuerRef"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value)


def asks_the_default_issuer(entry: Resource) -> bool:
    """Whether an Ingress leaves its issuer to the one that cert-manager is told (`--default-issuer-name`)."""
    return entry.annotations.get(_BY_DEFAULT) in ("true", True)


def is_staging(issuer: Resource) -> bool:
    """Whether an issuer asks Let's Encrypt's staging environment, whose certificates nobody trusts, going by its URL.

    Raises:
        Unjudged: its server is not decided yet.
    """
    server = issuer.string(ACME_SERVER)
    return any(host in server for host in _STAGING)


def is_trusted(issuer: Resource) -> bool:
    """Whether an issuer asks an authority by ACME, and not a staging environment.

    Raises:
        Unjudged: its server is not decided yet.
    """
    return bool(issuer.string(ACME_SERVER)) and not is_staging(issuer)


def signs_itself(issuer: Resource) -> bool:
    """Whether the certificates of an issuer are signed by their own keys."""
    return "selfSigned" in issuer.mapping("spec")


def public_names(names: list[str], namespace: str) -> Iterator[str]:
    """Those of some names that public DNS may have.

    Args:
        names: the names of a certificate.
        namespace: where it stands: pods call a Service of another namespace by its name and that one's.
    """
    for name in names:
        if isinstance(name, Unresolved) or not (is_private(name) or _is_of_a_service(name, namespace)):
            yield name


def _is_of_a_service(name: str, namespace: str) -> bool:
    domain = name.partition(".")[2]
    return domain in ("", namespace) or domain.endswith(".svc") or ".svc." in f"{domain}."
