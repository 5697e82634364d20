"""Who can decrypt what SOPS encrypted: recipients as files record them and as creation rules name them.

The forms are those of SOPS 3.13: the metadata of a file, and `creation_rules` of `.sops.yaml` (getsops/sops, README).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

CLOUD_KMS = ("kms", "gcp_kms", "azure_kv")
"""The key services of AWS, Google and Azure, as the metadata names them."""
BACKENDS = (*CLOUD_KMS, "hc_vault", "hckms", "age", "pgp")
"""Every kind of recipient, as the metadata names them."""

_NAMES = {
    "kms": "AWS KMS key",
    "gcp_kms": "Google Cloud KMS key",
    "azure_kv": "Azure Key Vault key",
    "hc_vault": "Vault transit key",
    "hckms": "Huawei Cloud KMS key",
    "age": "age recipient",
    "pgp": "PGP key",
}
# What creation rules call the recipients, outside of key groups and inside.
_RULE_FIELDS = {
    "kms": "kms",
    "gcp_kms": "gcp_kms",
    "azure_keyvault": "azure_kv",
    "hc_vault_transit_uri": "hc_vault",
    "hckms": "hckms",
    "age": "age",
    "pgp": "pgp",
}
_GROUP_FIELDS = {**_RULE_FIELDS, "hc_vault": "hc_vault"}
_DEEPEST_MERGE = 10
_VAULT_KEY = re.compile(r"(https?://[^/]+)/v1/(.+)/(?:keys|encrypt|decrypt)/([^/]+)/?\Z")


class Recipient(NamedTuple):
    """One key that can decrypt."""

    backend: str
    """One of BACKENDS."""
    key: str
    """What names the key: an ARN, a URL, a fingerprint, a public key. None of it is secret."""

    @property
    def name(self) -> str:
        """What kind of key it is, in words."""
        return _NAMES[self.backend]

    def among(self, others: Iterable[Recipient]) -> bool:
        """Whether it is one of several; a key named without its version is any version, a short PGP ID its key."""
        return any(self._is(other) for other in others if other.backend == self.backend)

    def _is(self, other: Recipient) -> bool:
        if self.backend == "azure_kv":
            return other.key == self.key or other.key.startswith(f"{self.key}/")
        if self.backend == "pgp":
            return other.key.endswith(self.key) or self.key.endswith(other.key)
        return other.key == self.key


def groups_of(metadata: Mapping[str, Any]) -> list[list[Recipient]]:
    """The recipients that the metadata of a file names, by key group; null lists, as older writers left them, are none.

    Args:
        metadata: what stands under `sops`.
    """
    own = list(_recorded(metadata))
    if own:
        return [own]
    return [list(_recorded(group)) for group in _mappings(metadata.get("key_groups"))]


def named_by(rule: Mapping[str, Any]) -> list[Recipient]:
    """The recipients that a creation rule asks for, of all of its key groups."""
    groups = _mappings(rule.get("key_groups"))
    if groups:
        return list(dict.fromkeys(each for group in groups for each in _grouped(group, _DEEPEST_MERGE)))
    return list(dict.fromkeys(_listed(rule, _RULE_FIELDS)))


def _recorded(group: Mapping[str, Any]) -> Iterator[Recipient]:
    for backend in BACKENDS:
        for entry in _mappings(group.get(backend)):
            yield _recipient(backend, _recorded_key(backend, entry))


def _recorded_key(backend: str, entry: Mapping[str, Any]) -> str:
    if backend == "azure_kv":
        return _azure(entry.get("vault_url"), entry.get("name"), entry.get("version"))
    if backend == "hc_vault":
        engine, name = entry.get("engine_path"), entry.get("key_name")
        return f"{_text(entry.get('vault_address')).rstrip('/')}/v1/{engine}/keys/{name}"
    field = {"kms": "arn", "gcp_kms": "resource_id", "hckms": "key_id", "age": "recipient", "pgp": "fp"}[backend]
    return _text(entry.get(field))


def _grouped(group: Mapping[str, Any], deepest: int) -> Iterator[Recipient]:
    yield from _listed(group, _GROUP_FIELDS)
    for merged in _mappings(group.get("merge")) if deepest else ():
        yield from _grouped(merged, deepest - 1)


def _listed(rule: Mapping[str, Any], fields: Mapping[str, str]) -> Iterator[Recipient]:
    """The recipients of a rule or group: comma-separated text, lists of text, or lists of mappings."""
    for field, backend in fields.items():
        value = rule.get(field)
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, Mapping):
                yield _recipient(backend, _described_key(entry))
            elif isinstance(entry, str):
                yield from (_recipient(backend, key) for key in entry.split(",") if key.strip())


def _described_key(entry: Mapping[str, Any]) -> str:
    if "vaultUrl" in entry:
        return _azure(entry.get("vaultUrl"), entry.get("key"), entry.get("version"))
    return _text(next((entry[field] for field in ("arn", "resource_id", "key_id") if field in entry), ""))


def _azure(vault: Any, name: Any, version: Any) -> str:
    key = f"{_text(vault).rstrip('/')}/keys/{name}"
    return f"{key}/{version}" if version else key


def _recipient(backend: str, key: str) -> Recipient:
    """A recipient by the one name that all ways to write it have in common."""
    key = key.strip()
    if backend == "kms":
        # A role that is assumed to use the key may be glued to it.
        key = key.replace(" ", "").partition("+arn:")[0]
    elif backend == "pgp":
        key = key.replace(" ", "").upper()
    elif backend == "azure_kv":
        key = key.rstrip("/")
    elif backend == "hc_vault" and (match := _VAULT_KEY.match(key)):
        key = f"{match[1]}/v1/{match[2]}/keys/{match[3]}"
    elif backend == "age":
        # Of an SSH key, the comment behind it is no part.
        key = " ".join(key.split()[:2])
    return Recipient(backend, key)


def _mappings(value: Any) -> Sequence[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else ()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
