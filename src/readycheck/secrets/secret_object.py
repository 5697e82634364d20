"""What a Kubernetes Secret holds, each value as what it is: plain, encrypted, a reference, or nothing secret."""

from __future__ import annotations

import base64
import binascii
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from enum import Enum, auto
from typing import Any, NamedTuple

from readycheck.model import Path, Place, Resource, SecretPlace, Unresolved
from readycheck.secrets.formats import recognise
from readycheck.secrets.placeholder import Stand, stand_of
from readycheck.secrets.search import values_below
from readycheck.secrets.sops import is_ciphertext
from readycheck.secrets.suspicion import Weight, suspect

# How Flux knows data that SOPS encrypted, by format (fluxcd/kustomize-controller, internal/decryptor).
_ENCRYPTED_FILE = re.compile(
    r'"mac": ?"ENC\[|^sops_mac=ENC\[|^\[sops\]|^\s+"?mac"?: "?ENC\[|age-encryption\.org/v1|-----BEGIN AGE', re.MULTILINE
)
_PUBLIC = re.compile(
    r"\s*(?:-----BEGIN (?:TRUSTED )?CERTIFICATE-----|-----BEGIN (?:RSA )?PUBLIC KEY-----|ssh-\w+ AAAA)"
)
_PRIVATE = re.compile(r"PRIVATE KEY-----")
_NO_CONTENT = frozenset({"{}", "[]", "{}\n", "[]\n"})
_SETTINGS_FILE = re.compile(r"\.(?:cfg|conf|ini|json|properties|toml|xml|ya?ml)\Z")
_SOPS_KEY = "sops_"
_ARGO_CD = "argocd.argoproj.io/secret-type"
# What Argo CD keeps in Secrets because it needs some place; its documentation of declarative setup.
_ARGO_CD_SETTINGS = frozenset(
    {"enableLfs", "enableOCI", "forceHttpBasicAuth", "insecure", "name", "namespaces", "project", "proxy", "server"}
    | {"type", "url", "noProxy", "githubAppID", "githubAppInstallationID", "clusterResources", "shard"}
)
# The Argo CD Vault plugin fills in what stands in angle brackets, where this annotation says from where.
_FILLED_IN = "avp.kubernetes.io/path"
# Where something is reached, which stands in Secrets beside the password: no secret by itself.
_ADDRESSES = frozenset(
    {"bucket", "database", "db", "dbname", "endpoint", "host", "hostname", "port", "protocol", "region", "scheme"}
    | {"sslmode"}
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


_CIPHERTEXT_BEGINS = ("ENC[AES256_GCM,", "RU5DW0FFUzI1Nl9HQ00s")
"""What SOPS makes of a value begins so; as it stands, and in the base64 of a Secret's data."""


def ciphertext_in(secret: Resource) -> Place | None:
    """A value of a live Secret that SOPS encrypted and nobody decrypted; None where there is none.

    Raises:
        Unjudged: its data is no mapping.
    """
    for key, value in secret.mapping("data").items():
        if isinstance(value, str) and value.startswith(_CIPHERTEXT_BEGINS):
            return SecretPlace(secret, ("data", key), "ciphertext of SOPS")
    return None


class As(Enum):
    """What a value of a Secret stands there as."""

    PLAIN = auto()
    """For all to read."""
    SETTINGS = auto()
    """For all to read, a file of settings in which nothing is known for a credential."""
    DUMMY = auto()
    """In place of one that is still to be filled in, or what a chart sets by default and everybody knows."""
    MADE = auto()
    """Made by a chart's template, perhaps at random."""
    REFERENCE = auto()
    """The name of where it is kept."""
    CIPHERTEXT = auto()
    """Encrypted."""
    LOST = auto()
    """Encrypted by SOPS, but without the block that says how."""


class Held(NamedTuple):
    """A value of a Secret.

    Args:
        path: where it stands.
        text: the value, decoded.
    """

    path: Path
    text: str

    @property
    def key(self) -> str:
        """What it is called."""
        return str(self.path[-1])


def held(secret: Resource) -> Mapping[As, list[Held]]:
    """The values of a Secret but for those that are empty, public, or an address without a password in it."""
    found: dict[As, list[Held]] = defaultdict(list)
    for path, value in _values(secret):
        text = _decoded(str(value)) if path[0] == "data" and not isinstance(value, Unresolved) else str(value)
        standing = _standing(secret, Held(path, text), value)
        if standing is not None:
            found[standing].append(Held(path, text))
    return found


def _values(secret: Resource) -> Iterator[tuple[Path, Any]]:
    settings = _ARGO_CD_SETTINGS if secret.labels.get(_ARGO_CD) is not None else ()
    for field in ("data", "stringData"):
        for key, value in secret.mapping(field).items():
            if value is not None and key not in settings:
                yield (field, key), value


def _standing(secret: Resource, value: Held, written: Any) -> As | None:
    text = value.text
    if isinstance(written, Unresolved):
        return As.REFERENCE
    if text in _NO_CONTENT or (_PUBLIC.match(text) and not _PRIVATE.search(text)):
        return None
    if is_ciphertext(text) and not _has_sops_keys(secret):
        return As.LOST
    encrypted = value.key.startswith(_SOPS_KEY) or _ENCRYPTED_FILE.search(text)
    stand = Stand.CIPHERTEXT if encrypted else stand_of(text)
    if stand is Stand.LITERAL:
        return _literal(secret, value)
    if stand is Stand.DUMMY and secret.annotations.get(_FILLED_IN) is not None and text.startswith("<"):
        return As.REFERENCE
    return {Stand.DUMMY: As.DUMMY, Stand.REFERENCE: As.REFERENCE, Stand.CIPHERTEXT: As.CIPHERTEXT}.get(stand)


def _literal(secret: Resource, value: Held) -> As | None:
    if _is_address(value):
        return None
    if "/templates/" in f"/{secret.origin.file}":
        decided_by = secret.locate(value.path).values_key
        if decided_by:
            # What a chart sets where nobody sets anything else is known to all, if it is a word like `guest`.
            suspicion = suspect("password", value.text)
            return As.DUMMY if suspicion is not None and suspicion.weight is Weight.DUMMY else As.PLAIN
        lines = secret.origin.excerpt(secret.body, value.path, 0)
        line = lines[0][1] if lines else ""
        if "{{" in line or value.key not in line:
            return As.MADE
    return As.SETTINGS if _is_settings(value) else As.PLAIN


def _has_sops_keys(secret: Resource) -> bool:
    """Whether an environment file that SOPS encrypted became the Secret, with SOPS' own entries in it."""
    return any(f"{_SOPS_KEY}mac" in secret.mapping(field) for field in ("data", "stringData"))


def _is_address(value: Held) -> bool:
    words = _WORD.findall(value.key)
    return bool(words) and words[-1].lower() in _ADDRESSES and recognise(value.text) is None


def _is_settings(value: Held) -> bool:
    if _SETTINGS_FILE.search(value.key) is None:
        return False
    return not any(suspect(name, each) for _, name, each in values_below(value.text, value.path))


def _decoded(value: str) -> str:
    """The text behind base64; what is no base64 stands for itself."""
    try:
        return base64.b64decode("".join(value.split()), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return value
