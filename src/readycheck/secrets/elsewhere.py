"""Objects that say where a secret is kept, or hold it encrypted, in place of a Secret with the values themselves."""

from __future__ import annotations

from collections.abc import Mapping

from readycheck.model import Resource

KEPT_ELSEWHERE: Mapping[str, tuple[str, str]] = {
    "SealedSecret": ("bitnami.com", "sealed for the controller of the cluster"),
    "ExternalSecret": ("external-secrets.io", "fetched by External Secrets"),
    "ClusterExternalSecret": ("external-secrets.io", "fetched by External Secrets"),
    "SecretProviderClass": ("secrets-store.csi.x-k8s.io", "mounted by the Secrets Store CSI driver"),
    "VaultStaticSecret": ("secrets.hashicorp.com", "fetched from Vault"),
    "VaultDynamicSecret": ("secrets.hashicorp.com", "issued by Vault"),
    "VaultPKISecret": ("secrets.hashicorp.com", "issued by Vault"),
    "HCPVaultSecretsApp": ("secrets.hashicorp.com", "fetched from HCP Vault Secrets"),
    "VaultSecret": ("ricoberger.de", "fetched from Vault"),
    "OnePasswordItem": ("onepassword.com", "fetched from 1Password"),
    "BitwardenSecret": ("k8s.bitwarden.com", "fetched from Bitwarden"),
    "DopplerSecret": ("secrets.doppler.com", "fetched from Doppler"),
    "InfisicalSecret": ("secrets.infisical.com", "fetched from Infisical"),
    "AzureKeyVaultSecret": ("spv.no", "fetched from Azure Key Vault"),
    "SopsSecret": ("isindir.github.com", "decrypted by the operator for SOPS"),
}
"""The kinds that stand for a Secret, each with the group of its API and where the values are."""


def kept_elsewhere(resource: Resource) -> str | None:
    """Where the values of an object are kept that stands for a Secret; None for anything else of its kind's name."""
    group, where = KEPT_ELSEWHERE.get(resource.kind, ("", ""))
    own = resource.group
    return where if own and (own == group or own.endswith(f".{group}")) else None
