"""Objects that say where a secret is kept, or hold it encrypted, in place of a Secret with the values themselves."""

from __future__ import annotations

from collections.abc import Mapping

from readycheck.kubernetes.kinds import qualified_kind
from readycheck.model import Resource

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


def kept_elsewhere(resource: Resource) -> str | None:
    """Where the values of an object are kept that stands for a Secret; None for anything else."""
    return KEPT_ELSEWHERE.get(qualified_kind(resource))
