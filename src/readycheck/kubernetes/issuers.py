"""Who issues certificates: cert-manager's issuers, and how Ingresses, Gateways and Certificates name them.

cert-manager's documentation: Annotated Ingress, Annotated Gateway, Certificate, ACME; v1.18 and later.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from readycheck.kubernetes.hosts import is_private
from readycheck.kubernetes.workload import Workload
from readycheck.model import Path, Place, Resource, Unjudged, Unresolved

GROUP = "cert-manager.io"
_ISSUER = "cert-manager.io/issuer"
CLUSTER_ISSUER = "cert-manager.io/cluster-issuer"
_KIND = "cert-manager.io/issuer-kind"
_GROUP = "cert-manager.io/issuer-group"
DEFAULT_ISSUER_ASKED = "kubernetes.io/tls-acme"
_CONTROLLER = ("cert-manager-controller",)
_DEFAULT_ISSUER = "default-issuer-name"
_CONFIGURED = "config"
ACME_SERVER: Path = ("spec", "acme", "server")
_SOLVER = "acme.cert-manager.io/http01-solver"
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
    return entry.annotations.get(DEFAULT_ISSUER_ASKED) in ("true", True)


def names_default_issuer(argument: str) -> bool:
    """Whether an argument of cert-manager's controller tells it the issuer of those that name none."""
    return str.__str__(argument).lstrip("-").startswith(_DEFAULT_ISSUER)


def told_default_issuer(workload: Workload) -> bool | None:
    """Whether a workload runs a cert-manager that is told the issuer of those that name none; None where it runs none.

    Raises:
        Unjudged: it is not decided yet, or stands in a file that it is given.
    """
    own = False
    for container in workload.long_running:
        arguments = container.strings("args")
        if any(map(names_default_issuer, arguments)):
            return True
        if container.body.get("image") and container.image.called(_CONTROLLER):
            if any(str.__str__(each).lstrip("-").startswith(f"{_CONFIGURED}=") for each in arguments):
                raise Unjudged("is told by a file", container.at("args"))
            own = True
    return False if own else None


def misplaced_on(entry: Resource) -> Place | None:
    """Where an Ingress or Gateway that names a cluster-issuer says a kind or group too: cert-manager takes neither.

    Those are for issuers of somebody else's, which the annotation `issuer` names (cert-manager, annotated Ingress).
    None where nothing is amiss.
    """
    annotations = entry.annotations
    if annotations.get(CLUSTER_ISSUER) is None:
        return None
    found = next((key for key in (_KIND, _GROUP) if annotations.get(key) is not None), None)
    return entry.at(("metadata", "annotations", found)) if found else None


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


def proves_a_name(entry: Resource) -> bool:
    """Whether cert-manager has made an Ingress or route for a while, to answer what ACME asks over plain HTTP."""
    return entry.labels.get(_SOLVER) == "true"
