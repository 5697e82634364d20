"""Objects that say where a secret is kept, or hold it encrypted, in place of a Secret with the values themselves.

What a live Secret carries that such an object, or a copier, has made: labels and annotations as the projects' own
documentation and code name them (Reflector, mittwald's replicator, kubed, External Secrets, Vault Secrets Operator; as
of November 2026).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from readycheck.kubernetes.kinds import qualified_kind
from readycheck.model import Path, Resource

KEPT_ELSEWHERE: Mapping[str, str] = {
    "SealedSecret": "sealed for the controller of the cluster",
    "ExternalSecret": "fetched by External Secrets",
    "ClusterExternalSecret": "fetched by External Secrets",
    "SecretProviderClass": "mounted by the Secrets Store CSI driver",
    "VaultStaticSecret": "fetched from Vault",
    "VaultDynamicSecret": "issued by Vault",
    "VaultPKISecret": "issued by Vault",
    "HCPVaultSecretsApp": "fetched from HCP Vault Secrets",
    "VaultSecret": "fetched from Vault",
    "OnePasswordItem": "fetched from 1Password",
    "BitwardenSecret": "fetched from Bitwarden",
    "DopplerSecret": "fetched from Doppler",
    "InfisicalSecret": "fetched from Infisical",
    "AzureKeyVaultSecret": "fetched from Azure Key Vault",
    "SopsSecret": "decrypted by the operator for SOPS",
}
"""The kinds that stand for a Secret, each with where the values are."""


_COPIES = (
    (("metadata", "annotations"), "reflector.v1.k8s.emberstack.com/reflects", "copied by Reflector"),
    (("metadata", "annotations"), "replicator.v1.mittwald.de/replicated-at", "copied by the replicator"),
    (("metadata", "labels"), "kubed.appscode.com/origin.name", "copied by kubed"),
)
"""What the copies carry that are made of Secrets."""
_FETCHED = (
    (("metadata", "labels"), "reconcile.external-secrets.io/managed", "fetched by External Secrets"),
    (("metadata", "labels"), "secrets.hashicorp.com/vso-ownerRefUID", "fetched from Vault"),
)
"""What operators put on the Secrets that they fetch, where they do not own them."""


def kept_elsewhere(resource: Resource) -> str | None:
    """Where the values of an object are kept that stands for a Secret; None for anything else."""
    return KEPT_ELSEWHERE.get(qualified_kind(resource))


def is_a_copy(secret: Resource) -> bool:
    """Whether a live Secret is a copy of one in another namespace."""
    return any(_carries(secret, path, key) for path, key, _ in _COPIES)


def brought_by(secret: Resource) -> str:
    """Where the values of a live Secret come from, in words that follow "is"; "" where nothing on it tells.

    Args:
        secret: a Secret.
    """
    for path, key, words in (*_COPIES, *_FETCHED):
        if _carries(secret, path, key):
            return words
    for owner in _owners(secret):
        if owner.get("kind") in KEPT_ELSEWHERE:
            return KEPT_ELSEWHERE[str(owner["kind"])]
    return next((f"made by {owner.get('kind')} {owner.get('name')}" for owner in _owners(secret)), "")


def _carries(secret: Resource, path: Path, key: str) -> bool:
    carried = secret.glimpse(path)
    return isinstance(carried, Mapping) and key in carried


def _owners(secret: Resource) -> Iterator[Mapping[str, object]]:
    owners = secret.glimpse("metadata.ownerReferences")
    yield from (each for each in owners if isinstance(each, Mapping)) if isinstance(owners, list) else ()
