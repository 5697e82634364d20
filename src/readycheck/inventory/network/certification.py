"""Where the certificates come from that Ingresses and Gateways name: the Secrets, and who issues them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from readycheck.charts.cert_manager import CHART, tells_default_issuer
from readycheck.inventory.core import mapping_at
from readycheck.inventory.network.controllers import Controllers
from readycheck.kubernetes.certificates import certificates_in
from readycheck.kubernetes.issuers import (
    IssuerReference,
    asks_the_default_issuer,
    is_trusted,
    issuers_on,
    told_default_issuer,
)
from readycheck.kubernetes.tls_secrets import (
    CERTIFICATE,
    CERTIFICATE_NAME,
    EVERYWHERE,
    is_copied,
    secrets_made,
)
from readycheck.model import Resource, Unjudged
from readycheck.secrets.elsewhere import KEPT_ELSEWHERE, is_a_copy

HAND_MADE_CERTIFICATE = "certificate made by hand"
"""The kind that rules on certificates judge beside Certificates: the Secrets that hold one which nothing issues."""

_ISSUED_FOR = ("Ingress", "Gateway")


class Certification(Controllers):
    """The relations from those who name certificates to those who make them."""

    @cached_property
    def _issuing(self) -> Mapping[tuple[str, str], list[Resource]]:
        """What has certificates issued, by the namespace and name of the Secrets that they are put into."""
        found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for key, certificates in self._certificates_by_secret.items():
            found[key] += certificates
        for entry in self.of(*_ISSUED_FOR):
            for name in _issued_for(entry):
                found[entry.scope, name].append(entry)
        return found

    @cached_property
    def _keeping(self) -> Mapping[tuple[str, str], list[Resource]]:
        """What stands for Secrets whose values are kept elsewhere, by the namespace and name of those."""
        found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for resource in self.of(*KEPT_ELSEWHERE):
            for name in secrets_made(resource):
                found[resource.scope, name].append(resource)
        return found

    @cached_property
    def _held(self) -> Mapping[tuple[str, str], list[Resource]]:
        found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for secret in self.of("Secret"):
            found[secret.scope, str.__str__(secret.name)].append(secret)
        return found

    @cached_property
    def _copied(self) -> Mapping[str, list[Resource]]:
        """What makes Secrets that are put into several namespaces, by their names."""
        found: dict[str, list[Resource]] = defaultdict(list)
        for makers in (*self._issuing.values(), *self._keeping.values(), *self._held.values()):
            for maker in makers:
                if maker.kind in EVERYWHERE or is_copied(maker):
                    for name in secrets_made(maker):
                        found[name].append(maker)
        return found

    def maker_of_secret(self, name: str, namespace: str, near: Resource) -> Resource | None:
        """What makes a Secret: what issues it first, then what fetches it from elsewhere, then the Secret itself.

        Raises:
            Unjudged: what would make it could not be read.
        """
        return next(
            (maker for maker in self._makers_of_secret(str.__str__(name), namespace) if self.together(near, maker)),
            None,
        )

    def _makers_of_secret(self, name: str, namespace: str) -> Iterator[Resource]:
        yield from self._issuing.get((namespace, name), ())
        yield from self._keeping.get((namespace, name), ())
        held = self._held.get((namespace, name), ())
        yield from (secret for secret in held if not is_a_copy(secret))
        yield from (maker for maker in self._copied.get(name, ()) if maker not in held)
        yield from held

    def secret_named(self, name: str, namespace: str, near: Resource) -> Resource | None:
        """The Secret of a name in a namespace.

        Raises:
            Unjudged: Secrets could not be read.
        """
        found = self._held.get((namespace, str.__str__(name)), ())
        return next((secret for secret in found if self.together(near, secret)), None)

    def certificate_for_secret(self, name: str, namespace: str) -> Resource | None:
        """The Certificate of a live cluster whose certificate is put into a Secret; None where there is none.

        Raises:
            Unjudged: Certificates could not be read.
        """
        return next(iter(self._certificates_by_secret.get((namespace, name), ())), None)

    @cached_property
    def hand_made_certificates(self) -> Sequence[Resource]:
        """The Secrets that hold a certificate which no Certificate has issued.

        Raises:
            Unjudged: Secrets could not be read.
        """
        told = "Certificate" not in self.unread
        return [
            secret
            for secret in self.of("Secret")
            if CERTIFICATE in mapping_at(secret, "data") and not self._is_issued(secret, told=told)
        ]

    def _is_issued(self, secret: Resource, *, told: bool) -> bool:
        if not told:
            # Which Certificates there are could not be read: what cert-manager has put on the Secret has to do.
            return CERTIFICATE_NAME in mapping_at(secret, "metadata.annotations")
        makers = self._certificates_by_secret.get((secret.scope, str.__str__(secret.name)), ())
        return any(self.together(secret, maker) for maker in makers)

    @cached_property
    def _certificates_by_secret(self) -> Mapping[tuple[str, str], list[Resource]]:
        found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for certificate in self.of("Certificate"):
            for name in secrets_made(certificate):
                found[certificate.scope, name].append(certificate)
        return found

    def may_make_secret(self, namespace: str, near: Resource) -> str:
        """What may bring a Secret into a namespace, in words; "" where nothing is known that may.

        What a live cluster lacks is missing there.
        """
        if self.live:
            return ""
        for policy in self._generating:
            if self.together(near, policy):
                return f"{policy.kind} {policy.name}"
        return self.may_hold(namespace, near) or self._terraform_for(namespace) or self.installed_beside_its_chart(near)

    @cached_property
    def _generating(self) -> Sequence[Resource]:
        """The policies of Kyverno that generate Secrets."""
        return [policy for policy in self.of("ClusterPolicy", "Policy") if _generates_secrets(policy)]

    def issuer_named(self, reference: IssuerReference, near: Resource) -> Resource | None:
        """The issuer that something names; None where it was not read."""
        namespace = None if reference.kind == "Issuer" else ""
        for kind in (reference.kind, f"{reference.kind}.{reference.group}"):
            for scope in (near.scope if namespace is None else namespace, near.scope):
                found: Resource | None = self.find(kind, str.__str__(reference.name), near, namespace=scope)
                if found is not None and found.group == reference.group:
                    return found
        return None

    def trusted_issuer(self, near: Resource) -> Resource | None:
        """The one ClusterIssuer that browsers trust the certificates of; None where the tree has none, or several.

        Raises:
            Unjudged: whom one asks is not decided yet.
        """
        found = [each for each in self.of("ClusterIssuer") if self.together(near, each) and is_trusted(each)]
        return found[0] if len({issuer.name for issuer in found}) == 1 else None

    @cached_property
    def _cert_managers(self) -> Sequence[tuple[Resource, bool | None]]:
        """What runs or installs cert-manager, each with whether it is told the issuer of those that name none."""
        found: list[tuple[Resource, bool | None]] = []
        for workload in self.workloads:
            try:
                told = told_default_issuer(workload)
                if told is not None:
                    found.append((workload, told))
            except Unjudged:
                found.append((workload, None))
        for installed in self.installations(CHART):
            try:
                found.append((installed.resource, tells_default_issuer(installed)))
            except Unjudged:
                found.append((installed.resource, None))
        # Of a chart from elsewhere what is given counts too.
        found += (
            (release, True)
            for release in self.of("HelmRelease")
            if mapping_at(release, "spec.values.ingressShim").get("defaultIssuerName")
        )
        return found

    def has_default_issuer(self, entry: Resource) -> bool:
        """Whether an Ingress asks for the default issuer, and cert-manager is told one."""
        return asks_the_default_issuer(entry) and any(
            told and self.together(entry, each) for each, told in self._cert_managers
        )

    def lacks_default_issuer(self, entry: Resource) -> Resource | None:
        """The cert-manager that serves an Ingress and is told no default issuer; None where that cannot be told."""
        near = [(each, told) for each, told in self._cert_managers if self.together(entry, each)]
        return near[0][0] if near and all(told is False for _, told in near) else None

    def certificates_of_names(self, certificate: Resource) -> Sequence[Resource]:
        """The Certificates of the same names in the same namespace."""
        return self._by_names.get((certificate.scope, _names(certificate)), ())

    @cached_property
    def _by_names(self) -> Mapping[tuple[str, tuple[str, ...]], list[Resource]]:
        found: dict[tuple[str, tuple[str, ...]], list[Resource]] = defaultdict(list)
        for certificate in self.of("Certificate"):
            found[certificate.scope, _names(certificate)].append(certificate)
        return found


def _names(certificate: Resource) -> tuple[str, ...]:
    names = mapping_at(certificate, "spec").get("dnsNames")
    return (
        tuple(sorted(str.__str__(name) for name in names if isinstance(name, str))) if isinstance(names, list) else ()
    )


def _issued_for(entry: Resource) -> list[str]:
    """The Secrets that cert-manager makes for an Ingress or Gateway that names an issuer."""
    try:
        if not issuers_on(entry) and not (entry.kind == "Ingress" and asks_the_default_issuer(entry)):
            return []
    except Unjudged:
        return []
    return [str.__str__(place.seen) for place in certificates_in(entry) if isinstance(place.seen, str)]


def _generates_secrets(policy: Resource) -> bool:
    rules = mapping_at(policy, "spec").get("rules")
    for rule in rules if isinstance(rules, list) else ():
        generated = rule.get("generate") if isinstance(rule, Mapping) else None
        if isinstance(generated, Mapping) and generated.get("kind") == "Secret":
            return True
    return False
