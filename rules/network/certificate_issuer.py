"""Have certificates issued by what renews them.

A certificate that somebody made by hand is forgotten until the day on which it ends. cert-manager issues one for each
Certificate, and for each Ingress or Gateway that names an issuer by annotation; AWS and Google Cloud renew those of
their own load balancers. The issuer must exist: a namespaced Issuer in the namespace of who names it. A ClusterIssuer
is normally installed apart. Certificates of Let's Encrypt's staging environment are trusted by nobody, and it is known
by its URL, not by what the issuer is called; nor is a certificate that signs itself trusted behind a public name.

What is fetched from a store of secrets is renewed there, and passes with a note. TLS that is missing is judged by
network/ingress-tls.

In a live cluster issuers must say that they are Ready, and a Certificate must have been issued once: when it ends is
judged by network/certificate-expiry.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes.certificates import certificates_in
from readycheck.kubernetes.condition import condition_of, is_ready, is_younger, why
from readycheck.kubernetes.hosts import hosts_of
from readycheck.kubernetes.ingress_tls import ALB_CERTIFICATE, ended_by_annotation
from readycheck.kubernetes.issuers import (
    ACME_SERVER,
    CLUSTER_ISSUER,
    DEFAULT_ISSUER_ASKED,
    IssuerReference,
    asks_the_default_issuer,
    is_staging,
    issuer_of,
    issuers_on,
    misplaced_on,
    public_names,
    signs_itself,
)
from readycheck.kubernetes.listeners import Listener, listeners_of
from readycheck.model import Fix, Place, Resource, Severity, Unjudged, Unresolved, Verdict, text_of
from readycheck.rule import apart, rule
from readycheck.secrets.elsewhere import brought_by, kept_elsewhere

_READY = "Ready"
_PATIENCE_SECONDS = 60 * 60
"""How long it may take to have a certificate issued: records of DNS have to get round for some."""


@rule("Ingress", "Gateway", "Certificate", severity=Severity.MEDIUM)
def certificate_issuer(subject: Resource, inventory: Inventory) -> Iterator[Verdict]:
    if subject.kind == "Certificate":
        yield from apart(
            subject,
            _issued(subject, issuer_of(subject), _names(subject), inventory),
            _never_issued(subject, inventory) if inventory.live else (),
        )
    elif subject.kind == "Ingress":
        yield from _ingress(subject, inventory)
    else:
        yield from _gateway(subject, inventory)


def _names(certificate: Resource) -> list[str]:
    """The names of a certificate that its clients would look for; none where it is there to sign others."""
    if certificate.get("spec.isCA"):
        return []
    return certificate.strings("spec.dnsNames") or [certificate.string("spec.commonName")]


def _never_issued(certificate: Resource, inventory: Inventory) -> Iterator[Verdict]:
    """A live Certificate that there has never been a certificate for."""
    if certificate.get("status.notAfter") or is_ready(certificate):
        return
    conditions = (condition_of(certificate, kind) for kind in ("Issuing", _READY))
    told = next(filter(None, map(why, conditions)), "")
    if is_younger(certificate, _PATIENCE_SECONDS, inventory.now):
        yield certificate.unknown(f"is being issued{told}", at="status")
    else:
        yield certificate.finding(f"was never issued{told}", at="status")


# Who asks ------------------------------------------------------------------------------------------------------------


def _ingress(ingress: Resource, inventory: Inventory) -> Iterator[Verdict]:
    managed = ended_by_annotation(ingress)
    if inventory.is_of_alb(ingress):
        yield from _alb(ingress)
    elif managed is not None:
        yield ingress.note(f"{managed[0]}", at=managed[1])
    elif not ingress.mappings("spec.tls"):
        yield ingress.not_applicable("asks for no TLS: network/ingress-tls judges that")
    else:
        named = list(certificates_in(ingress))
        if named:
            yield from _asked(ingress, named, inventory)
        else:
            yield ingress.not_applicable("names no Secret: network/ingress-tls judges that")


def _alb(ingress: Resource) -> Iterator[Verdict]:
    if ALB_CERTIFICATE in ingress.annotations:
        yield ingress.note(
            "the certificate is one of AWS Certificate Manager", at=("metadata", "annotations", ALB_CERTIFICATE)
        )
    else:
        yield ingress.not_applicable("names no certificate: its Application Load Balancer looks for one, or has none")


def _gateway(gateway: Resource, inventory: Inventory) -> Iterator[Verdict]:
    ending = [each for each in listeners_of(gateway) if each.secure and not each.passes_on]
    if not ending:
        yield gateway.not_applicable("has no listener that ends TLS")
        return
    managed = [each for each in ending if each.managed and not each.certificates]
    if managed and len(managed) == len(ending):
        yield gateway.note(f"its certificate comes by {managed[0].managed}", at=managed[0].place)
        return
    named = [
        gateway.at((*each.path, "tls", "certificateRefs", index, "name"))
        for each in ending
        for index, reference in enumerate(each.certificates)
        if (reference.get("kind") or "Secret") == "Secret"
    ]
    yield from apart(gateway, _asked(gateway, named, inventory), *(_skipped(each, inventory) for each in ending))


def _skipped(listener: Listener, inventory: Inventory) -> Iterator[Verdict]:
    """A listener that cert-manager makes no certificate for, while its Gateway asks for one."""
    gateway = listener.gateway
    if not issuers_on(gateway):
        return
    for reference in listener.certificates:
        name, namespace = text_of(reference.get("name") or ""), str(reference.get("namespace") or gateway.scope)
        maker = inventory.maker_of_secret(name, namespace, gateway)
        if maker is not None and maker is not gateway:
            continue
        bringing = inventory.may_make_secret(namespace, gateway) if namespace != gateway.scope else ""
        if bringing:
            yield gateway.unknown(
                f"who issues what Secret {name} of namespace {namespace} holds is not in the tree; {bringing} may",
                at=listener.place,
            )
        elif namespace != gateway.scope:
            yield gateway.finding(
                f"listener {listener.name} names a Secret of namespace {namespace}: cert-manager makes none there",
                at=listener.place,
            )
        elif not listener.part.get("hostname"):
            yield gateway.finding(
                f"listener {listener.name} names no hostname: cert-manager makes no certificate for it",
                at=listener.place,
            )


def _asked(entry: Resource, named: list[Place], inventory: Inventory) -> Iterator[Verdict]:
    issuers = issuers_on(entry)
    if len(issuers) > 1:
        yield entry.finding(
            "names an issuer and a cluster-issuer: cert-manager makes no certificate then",
            at=issuers[0].place,
            also=(issuers[1].place,),
        )
    elif (misplaced := misplaced_on(entry)) is not None:
        what = str(misplaced.path[-1]).rpartition("/")[2]
        yield entry.finding(
            f"names a cluster-issuer, and an {what} that goes with an issuer only: cert-manager makes no certificate"
            " then",
            at=issuers[0].place,
            also=(misplaced,),
        )
    elif issuers:
        yield from _issued(entry, issuers[0], hosts_of(entry), inventory)
    elif entry.kind == "Ingress" and asks_the_default_issuer(entry):
        yield from _by_default(entry, inventory)
    else:
        yield from apart(entry, *(_made(entry, place, inventory) for place in named))


def _by_default(ingress: Resource, inventory: Inventory) -> Iterator[Verdict]:
    """An Ingress that leaves its issuer to the one that cert-manager is told."""
    if inventory.has_default_issuer(ingress):
        return
    manager = inventory.lacks_default_issuer(ingress)
    if manager is not None:
        yield ingress.finding(
            f"leaves its issuer to the default (tls-acme), and {manager.kind} {manager.name} is told none",
            at=("metadata", "annotations", DEFAULT_ISSUER_ASKED),
            also=(manager.at("kind"),),
        )
    elif inventory.live:
        inventory.all_workloads_read()
        yield ingress.finding(
            "leaves its issuer to cert-manager's default (tls-acme), and no cert-manager runs in the cluster",
            at=("metadata", "annotations", DEFAULT_ISSUER_ASKED),
        )
    else:
        yield ingress.unknown(
            "leaves its issuer to cert-manager's default (tls-acme), and whether it is told one is not in the tree",
            at="metadata.annotations",
        )


def _made(entry: Resource, place: Place, inventory: Inventory) -> Iterator[Verdict]:
    """A Secret whose certificate the entry itself asks nobody for."""
    name, namespace = place.seen, entry.scope
    if entry.kind == "Gateway":
        namespace = entry.string((*place.path[:-1], "namespace"), entry.scope)
    text = text_of(name)
    maker = inventory.maker_of_secret(text, namespace, entry)
    if maker is None:
        bringing = inventory.may_make_secret(namespace, entry)
        if isinstance(name, Unresolved):
            yield entry.unknown(f"`{text}` {name.reason}", at=place)
        elif bringing:
            yield entry.unknown(f"who issues what Secret {text} holds is not in the tree; {bringing} may", at=place)
        else:
            yield entry.finding(
                f"nobody issues what Secret {text} holds: neither an annotation nor a Certificate names an issuer",
                at=place,
                fix=_by_trusted(entry, inventory),
            )
    elif maker.kind in ("Certificate", "Ingress", "Gateway"):
        return
    elif where := kept_elsewhere(maker):
        yield entry.note(f"the certificate is {where} by {maker.kind} {maker.name}: it is renewed there", at=place)
    elif where := brought_by(maker):
        yield entry.note(f"the certificate in Secret {text} is {where}: it is renewed there", at=place)
    else:
        yield entry.finding(
            f"Secret {text} holds a certificate made by hand: nothing renews it", at=place, also=(maker.at("kind"),)
        )


# Issuers -------------------------------------------------------------------------------------------------------------


def _issued(subject: Resource, reference: IssuerReference, names: list[str], inventory: Inventory) -> Iterator[Verdict]:
    if not str.__str__(reference.name):
        yield subject.finding("names no issuer", at=reference.place)
        return
    found = inventory.issuer_named(reference, subject)
    if found is None:
        yield from _missing(subject, reference, inventory)
    elif not reference.external:
        yield from _judged(subject, reference, found, names, inventory)


def _missing(subject: Resource, reference: IssuerReference, inventory: Inventory) -> Iterator[Verdict]:
    if inventory.live and reference.external:
        # What another project's issuer says of itself is not read; the Certificate tells whether it does its work.
        if subject.kind != "Certificate" or not is_ready(subject):
            yield subject.unknown(f"{reference.text} is of {reference.group} and was not read", at=reference.place)
        return
    if inventory.live and reference.kind != "Issuer":
        yield subject.finding(f"{reference.text} does not exist", at=reference.place)
        return
    if reference.external or reference.kind != "Issuer":
        yield subject.unknown(f"{reference.text} is not in the tree: it may be installed apart", at=reference.place)
        return
    bringing = inventory.may_make_secret(subject.scope, subject)
    if isinstance(reference.name, Unresolved):
        yield subject.unknown(f"`{reference.name!s}` {reference.name.reason}", at=reference.place)
    elif bringing:
        yield subject.unknown(
            f"Issuer {reference.name} is not in the tree; {bringing} may bring it", at=reference.place
        )
    else:
        where = f"namespace {subject.scope}" if subject.scope else "the namespace that is not named"
        yield subject.finding(f"Issuer {reference.name} does not exist in {where}", at=reference.place)


def _judged(
    subject: Resource, reference: IssuerReference, issuer: Resource, names: list[str], inventory: Inventory
) -> Iterator[Verdict]:
    public = next(public_names(names, subject.scope), None)
    ready = condition_of(issuer, _READY)
    if ready is not None and ready.get("status") == "False":
        yield subject.finding(
            f"{reference.text} is not ready{why(ready)}", at=reference.place, also=(issuer.at("status"),)
        )
    elif inventory.live and not is_ready(issuer):
        yield subject.finding(
            f"{reference.text} does not say that it is ready: cert-manager has not taken it",
            at=reference.place,
            also=(issuer.at("status"),),
        )
    elif is_staging(issuer):
        yield from _staging(subject, reference, issuer, inventory)
    elif signs_itself(issuer) and isinstance(public, Unresolved):
        yield subject.unknown(
            f"{reference.text} signs certificates with their own keys, and `{public!s}` {public.reason}"
        )
    elif signs_itself(issuer) and public is not None:
        yield subject.finding(
            f"{reference.text} signs certificates with their own keys, which nobody trusts, and {public!s} is public",
            at=reference.place,
            also=(issuer.at("spec.selfSigned"),),
        )


def _staging(
    subject: Resource, reference: IssuerReference, issuer: Resource, inventory: Inventory
) -> Iterator[Verdict]:
    for other in inventory.certificates_of_names(subject) if subject.kind == "Certificate" else ():
        beside = inventory.issuer_named(issuer_of(other), other) if other is not subject else None
        if beside is not None and not is_staging(beside):
            yield subject.note(
                f"is one of Let's Encrypt's staging environment, beside Certificate {other.name} for the same names",
                at=reference.place,
            )
            return
    yield subject.finding(
        f"{reference.text} asks Let's Encrypt's staging environment, whose certificates nobody trusts",
        at=reference.place,
        also=(issuer.at(ACME_SERVER),),
        fix=_by_trusted(subject, inventory) if reference.kind == issuer.kind == "ClusterIssuer" else None,
    )


def _by_trusted(subject: Resource, inventory: Inventory) -> Fix | None:
    """The fix that has the one trusted issuer of the tree asked."""
    try:
        issuer = inventory.trusted_issuer(subject)
    except Unjudged:
        return None
    if issuer is None or isinstance(issuer.name, Unresolved):
        return None
    at = ("spec", "issuerRef", "name") if subject.kind == "Certificate" else ("metadata", "annotations", CLUSTER_ISSUER)
    return subject.set(at, issuer.name, safe=False, title=f"have it issued by ClusterIssuer {issuer.name}")
