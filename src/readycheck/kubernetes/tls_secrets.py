"""Which Secrets the objects make that stand for them, and where copies of one are put.

The API references of each project; the annotations of Reflector and of the replicators, as of November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from readycheck.model import Path, Resource

_NAMED_AT: Mapping[str, tuple[str, ...]] = {
    "Certificate": ("spec.secretName",),
    "SealedSecret": ("spec.template.metadata.name",),
    "ExternalSecret": ("spec.target.name",),
    "ClusterExternalSecret": ("spec.externalSecretSpec.target.name", "spec.externalSecretName"),
    "VaultStaticSecret": ("spec.destination.name",),
    "VaultDynamicSecret": ("spec.destination.name",),
    "VaultPKISecret": ("spec.destination.name",),
    "AzureKeyVaultSecret": ("spec.output.secret.name",),
    "BitwardenSecret": ("spec.secretName",),
    "DopplerSecret": ("spec.managedSecret.name",),
    "InfisicalSecret": ("spec.managedSecretReference.secretName",),
}
_LISTED_AT: Mapping[str, tuple[str, str]] = {
    "SecretProviderClass": ("spec.secretObjects", "secretName"),
    "SopsSecret": ("spec.secretTemplates", "name"),
}
_COPIED_BY = (
    "reflector.v1.k8s.emberstack.com/reflection-allowed",
    "reflector.v1.k8s.emberstack.com/reflection-auto-enabled",
    "replicator.v1.mittwald.de/replicate-to",
    "replicator.v1.mittwald.de/replication-allowed",
    "kubed.appscode.com/sync",
)
_CARRIED_AT: tuple[Path, ...] = (
    ("metadata", "annotations"),
    ("spec", "secretTemplate", "annotations"),
    ("spec", "target", "template", "metadata", "annotations"),
    ("spec", "template", "metadata", "annotations"),
)
CERTIFICATE = "tls.crt"
"""The key of a Secret under which a certificate stands (Kubernetes, Secrets, kubernetes.io/tls)."""
CERTIFICATE_NAME = "cert-manager.io/certificate-name"
"""The annotation that cert-manager puts on a Secret that it makes: it stays when the Certificate goes."""
EVERYWHERE = frozenset({"ClusterExternalSecret"})
"""Kinds that make their Secrets in several namespaces."""


def secrets_made(resource: Resource) -> Iterator[str]:
    """The names of the Secrets that an object makes; its own where it says no other."""
    if resource.kind in _LISTED_AT:
        path, field = _LISTED_AT[resource.kind]
        listed = resource.glimpse(path)
        for item in listed if isinstance(listed, Sequence) and not isinstance(listed, str) else ():
            name = item.get(field) if isinstance(item, Mapping) else None
            if isinstance(name, str):
                yield str.__str__(name)
        return
    for path in _NAMED_AT.get(resource.kind, ()):
        name = resource.glimpse(path)
        if isinstance(name, str):
            yield str.__str__(name)
            return
    yield resource.name


def is_copied(resource: Resource) -> bool:
    """Whether the Secret of an object is put into other namespaces too."""
    for path in _CARRIED_AT:
        annotations = resource.glimpse(path)
        if isinstance(annotations, Mapping) and any(key in annotations for key in _COPIED_BY):
            return True
    return False
