"""Secrets that Terraform records: which attributes of which resources hold one, whatever is marked as sensitive.

The attributes are those that the providers' own documentation calls sensitive, or says that they are kept in the state
in plain text (as of November 2026). Older releases of Terraform marked nothing in a state.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from typing import Any

from readycheck.model import Path
from readycheck.secrets.names import credential_named
from readycheck.secrets.placeholder import Stand, stand_of

_KNOWN: Mapping[str, Mapping[str, str]] = {
    "acme_certificate": {"private_key_pem": "private key"},
    "acme_registration": {"account_key_pem": "private key"},
    "aws_acm_certificate": {"private_key": "private key"},
    "aws_db_instance": {"password": "password"},
    "aws_directory_service_directory": {"password": "password"},
    "aws_docdb_cluster": {"master_password": "password"},
    "aws_ecr_authorization_token": {"authorization_token": "token", "password": "password"},
    "aws_eks_cluster_auth": {"token": "token"},
    "aws_elasticache_replication_group": {"auth_token": "token"},
    "aws_elasticache_user": {"passwords": "password"},
    "aws_iam_access_key": {"secret": "secret access key", "ses_smtp_password_v4": "password"},
    "aws_iam_service_specific_credential": {"service_password": "password"},
    "aws_iam_user_login_profile": {"password": "password"},
    "aws_kms_secrets": {"plaintext": "secret"},
    "aws_lightsail_key_pair": {"private_key": "private key"},
    "aws_memorydb_user": {"authentication_mode.passwords": "password"},
    "aws_mq_broker": {"user.password": "password"},
    "aws_rds_cluster": {"master_password": "password"},
    "aws_redshift_cluster": {"master_password": "password"},
    "aws_secretsmanager_random_password": {"random_password": "password"},
    "aws_secretsmanager_secret_version": {"secret_binary": "secret", "secret_string": "secret"},
    "aws_ssm_parameter": {"value": "secret"},
    "azuread_application_password": {"value": "password"},
    "azuread_service_principal_password": {"value": "password"},
    "azurerm_key_vault_secret": {"value": "secret"},
    "github_actions_secret": {"plaintext_value": "secret"},
    "github_dependabot_secret": {"plaintext_value": "secret"},
    "google_secret_manager_secret_version": {"secret_data": "secret"},
    "google_service_account_key": {"private_key": "private key"},
    "google_sql_user": {"password": "password"},
    "kubernetes_secret": {"binary_data": "secret", "data": "secret"},
    "kubernetes_secret_v1": {"binary_data": "secret", "data": "secret"},
    "kubernetes_secret_v1_data": {"data": "secret"},
    "local_sensitive_file": {"content": "secret", "content_base64": "secret"},
    "random_password": {"bcrypt_hash": "password hash", "result": "password"},
    "tls_private_key": {
        "private_key_openssh": "private key",
        "private_key_pem": "private key",
        "private_key_pem_pkcs8": "private key",
    },
    "vault_generic_secret": {"data": "secret", "data_json": "secret"},
    "vault_kv_secret": {"data": "secret", "data_json": "secret"},
    "vault_kv_secret_v2": {"data": "secret", "data_json": "secret"},
}
# What a parameter of SSM keeps in clear on purpose; the provider marks its value all the same.
_IN_CLEAR = frozenset(["String", "StringList"])
# What providers mark because anything may stand in it: whole manifests and releases.
_MARKED_IN_CASE: Mapping[str, frozenset[str]] = {
    "helm_release": frozenset(["manifest", "metadata"]),
    "kubectl_manifest": frozenset(["live_manifest_incluster", "live_uid", "yaml_body", "yaml_incluster"]),
}
_SHORTEST_COPY = 8
_SHORTEST_PART = 12
_MOST_PARTS = 5000


def recorded_secret(kind: str, values: Mapping[str, Any], path: Path, value: str, *, marked: bool) -> str | None:
    """What kind of secret stands in an attribute: `password`; None where none does.

    Args:
        kind: the resource's type.
        values: its attributes.
        path: the way to the text.
        value: the text.
        marked: whether Terraform calls the attribute sensitive.
    """
    last = next((step for step in reversed(path) if isinstance(step, str)), "")
    promised = _known(kind, path) or _named(last)
    # What nothing promises is most of a state.
    if not (promised or marked) or (stand := stand_of(value)) is Stand.NOTHING:
        return None
    if kind == "aws_ssm_parameter" and str(values.get("type")) in _IN_CLEAR:
        return None
    if marked and not _only_in_case(kind, path, value):
        return promised or "sensitive value"
    return promised if stand in (Stand.LITERAL, Stand.DUMMY) and not _NAMES_A_THING.match(value) else None


def _known(kind: str, path: Path) -> str | None:
    """What the provider's documentation says that an attribute of a type holds."""
    known = _KNOWN.get(kind)
    if known is None:
        return None
    attribute = ".".join(step for step in path if isinstance(step, str))
    return next((said for name, said in known.items() if _is_in(attribute, name)), None)


@lru_cache(maxsize=8192)
def _named(attribute: str) -> str | None:
    """What the name of an attribute promises."""
    return None if attribute.startswith("encrypted_") else credential_named(attribute)


def _only_in_case(kind: str, path: Path, value: str) -> bool:
    """Whether a mark says nothing: it is the provider's, and what stands there is no Secret."""
    return bool(path) and path[0] in _MARKED_IN_CASE.get(kind, ()) and _A_SECRET.search(value) is None


_A_SECRET = re.compile(r"""kind["']?:\s*["']?(?:\w*Secret)\b""")


def _is_in(attribute: str, name: str) -> bool:
    return attribute == name or attribute.startswith(f"{name}.")


# A name, an address or a setting where a credential is promised: `arn:aws:...`, `https://...`.
_NAMES_A_THING = re.compile(r"arn:|https?://(?![^/@\s]+@)|projects/|/subscriptions/", re.IGNORECASE)


class KnownSecrets:
    """The secrets of one document, to find their copies where nothing else tells.

    Args:
        values: the secrets.
    """

    def __init__(self, values: Iterable[str]) -> None:
        self._whole = frozenset(value for value in values if len(value) >= _SHORTEST_COPY and _tells(value))
        self._parts = sorted(value for value in self._whole if len(value) >= _SHORTEST_PART)[:_MOST_PARTS]

    def stand_in(self, text: str) -> bool:
        """Whether a text is one of the secrets, or holds one."""
        if text in self._whole:
            return True
        return len(text) > _SHORTEST_PART and self._pattern is not None and bool(self._pattern.search(text))

    @cached_property
    def _pattern(self) -> Any:
        if not self._parts:
            return None
        import re2  # noqa: PLC0415 - a tenth of the start, for what few scans have

        options = re2.Options()
        options.max_mem = 256 * 1024 * 1024
        options.log_errors = False
        return re2.compile("|".join(map(re2.escape, self._parts)), options)


def _tells(value: str) -> bool:
    """Whether a value is more than a word that stands elsewhere for other reasons: `production`, `eu-west-1`."""
    if value.isalpha() and (value.islower() or value.isupper()):
        return False
    return not _COMMON.fullmatch(value)


_COMMON = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d|\d+(?:\.\d+)*|arn:aws[^\s]*|[a-z]+(?:[-_][a-z]+)*", re.IGNORECASE)
