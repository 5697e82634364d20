"""What a Kubernetes Secret holds, each value as what it is: plain, encrypted, a reference, or nothing secret."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from readycheck.model import Path, Resource, Unresolved
from readycheck.secrets.formats import recognise
from readycheck.secrets.placeholder import Stand, stand_of
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
_SOPS_KEY = "sops_"
_ARGO_CD = "argocd.argoproj.io/secret-type"
# What Argo CD keeps in Secrets because it needs some place; its documentation of declarative setup.
_ARGO_CD_SETTINGS = frozenset(
    {"enableLfs", "enableOCI", "forceHttpBasicAuth", "insecure", "name", "namespaces", "project", "proxy", "server"}
    | {"type", "url", "noProxy", "githubAppID", "githubAppInstallationID", "clusterResources", "shard"}
)


# Where something is reached, which stands in Secrets beside the password: no secret by itself.
_ADDRESSES = frozenset(
    {"bucket", "database", "db", "dbname", "endpoint", "host", "hostname", "port", "protocol", "region", "scheme"}
    | {"sslmode"}
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


class Held(NamedTuple):
    """A value of a Secret.

    Args:
        path: where it stands.
        text: the value, decoded.
        stand: what it is.
        by_sops: whether it is a single value that SOPS encrypted, which needs SOPS' block beside it.
    """

    path: Path
    text: str
    stand: Stand
    by_sops: bool = False

    @property
    def key(self) -> str:
        """What it is called."""
        return str(self.path[-1])


# The Argo CD Vault plugin fills in what stands in angle brackets, where this annotation says from where.
_FILLED_IN = "avp.kubernetes.io/path"


def held(secret: Resource) -> Iterator[Held]:
    """The values of a Secret but for those that are empty, public, or an address without a password in it."""
    settings = _ARGO_CD_SETTINGS if secret.mapping("metadata.labels").get(_ARGO_CD) is not None else ()
    filled_in = secret.annotations.get(_FILLED_IN) is not None
    for field in ("data", "stringData"):
        for key, value in secret.mapping(field).items():
            if value is not None and key not in settings:
                found = _held((field, key), value)
                yield from (_referring(each) if filled_in else each for each in found)


def has_sops_keys(secret: Resource) -> bool:
    """Whether an environment file that SOPS encrypted became the Secret, with SOPS' own entries in it."""
    return any(f"{_SOPS_KEY}mac" in secret.mapping(field) for field in ("data", "stringData"))


def _held(path: Path, value: Any) -> Iterator[Held]:
    if isinstance(value, Unresolved):
        yield Held(path, str(value), Stand.REFERENCE)
        return
    text = _decoded(str(value)) if path[0] == "data" else str(value)
    if text in _NO_CONTENT or (_PUBLIC.match(text) and not _PRIVATE.search(text)):
        return
    if str(path[-1]).startswith(_SOPS_KEY) or _ENCRYPTED_FILE.search(text):
        yield Held(path, text, Stand.CIPHERTEXT)
        return
    stand = stand_of(text)
    if stand is not Stand.NOTHING and not (stand is Stand.LITERAL and _is_address(str(path[-1]), text)):
        yield Held(path, text, stand, by_sops=is_ciphertext(text))


def _is_address(name: str, text: str) -> bool:
    words = _WORD.findall(name)
    return bool(words) and words[-1].lower() in _ADDRESSES and recognise(text) is None


def _referring(value: Held) -> Held:
    bracketed = value.stand is Stand.DUMMY and value.text.startswith("<") and value.text.endswith(">")
    return value._replace(stand=Stand.REFERENCE) if bracketed else value


def _decoded(value: str) -> str:
    """The text behind base64; what is no base64 stands for itself."""
    try:
        return base64.b64decode("".join(value.split()), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return value


def is_default(secret: Resource, value: Held) -> bool:
    """Whether a value is what a chart sets where nobody sets anything else, and known to all by that."""
    if not secret.locate(value.path).values_key:
        return False
    suspicion = suspect("password", value.text)
    return suspicion is not None and suspicion.weight is Weight.DUMMY


def is_made(secret: Resource, value: Held) -> bool:
    """Whether a chart's template makes a value by more than passing on one of the chart's values: perhaps at random."""
    if "/templates/" not in f"/{secret.origin.file}":
        return False
    lines = secret.origin.excerpt(secret.body, value.path, 0)
    line = lines[0][1] if lines else ""
    return not secret.locate(value.path).values_key and ("{{" in line or value.key not in line)
