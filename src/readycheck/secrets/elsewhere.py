"""Objects that say where a secret is kept, or hold it encrypted, in place of a Secret with the values themselves."""

from __future__ import annotations

from collections.abc import Mapping

from readycheck.model import Resource, Unjudged

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

_INJECTED = ("vault.hashicorp.com/agent-inject", "vault.security.banzaicloud.io/vault-addr")
_INJECTING = frozenset({"true", "1", "t", "yes"})


def kept_elsewhere(resource: Resource) -> str | None:
    """Where the values of an object are kept that stands for a Secret; None for anything else of its kind's name."""
    group, where = KEPT_ELSEWHERE.get(resource.kind, ("", ""))
    own = resource.group
    return where if own and (own == group or own.endswith(f".{group}")) else None


def injects_secrets(pod: Resource) -> bool:
    """Whether Vault's injector puts secrets into a pod, by the annotations of the pod or its template."""
    try:
        annotations = pod.annotations
    except Unjudged:
        return False
    agent, address = _INJECTED
    return str(annotations.get(agent)).lower() in _INJECTING or bool(annotations.get(address))
