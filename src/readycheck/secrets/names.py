"""Names that say that a credential stands behind them, in any style of writing."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

# The last word of a name decides; before `key` another word must say which key.
_CREDENTIALS = {
    "password": "password",
    "passwd": "password",
    "passwort": "password",
    "pwd": "password",
    "passphrase": "passphrase",
    "passcode": "password",
    "secret": "secret",
    "token": "token",
    "apikey": "API key",
    "credential": "credential",
    "credentials": "credential",
}
_KEYS = {
    "account": "account key",
    "api": "API key",
    "auth": "key",
    "client": "client key",
    "encryption": "encryption key",
    "license": "licence key",
    "master": "master key",
    "private": "private key",
    "secret": "secret key",
    "service": "service key",
    "session": "session key",
    "shared": "shared key",
    "signing": "signing key",
    "storage": "storage key",
}
_PASSWORDS_BEFORE_PASS = frozenset(
    {"admin", "auth", "basic", "database", "db", "mysql", "pg", "postgres", "redis", "root", "smtp", "user"}
)
# `existingSecret`, `tlsSecret` and the like name an object that holds it.
_REFERRING = frozenset(
    {"cert", "certificate", "existing", "external", "from", "image", "issuer", "pull", "ref", "reference", "tls"}
)
# Settings and counts of credentials.
_ABOUT = frozenset(
    {
        *("allow", "change", "count", "disable", "edit", "empty", "enable", "enter", "forgot", "has", "max", "min"),
        *("next", "no", "num", "public", "random", "require", "reset", "use"),
    }
)


@lru_cache(maxsize=8192)
def credential_named(name: str) -> str | None:
    """What kind of credential a name promises (`password`, `token`, `API key`); None where it promises none.

    `DB_PASSWORD`, `dbPassword`, `db.password` and `db-password` are the same; `passwordFile`, `secretName` and
    `token_ttl` are about something else, as their last word says.
    """
    words = [word.lower() for word in _WORD.findall(name)]
    while len(words) > 1 and words[-1].isdigit():
        words.pop()
    if not words or not _ABOUT.isdisjoint(words[:-1]):
        return None
    *before, last = words
    if last == "key":
        return _key_named(before)
    if last == "pass" and before and before[-1] in _PASSWORDS_BEFORE_PASS:
        return "password"
    if words[-3:] == ["root", "token", "id"]:
        # Vault's: the token itself, in spite of its name (Vault, "Dev" server mode).
        return "token"
    kind = "password" if last.endswith("password") else _CREDENTIALS.get(last)
    return None if kind in {"secret", "credential"} and not _REFERRING.isdisjoint(before) else kind


def _key_named(before: list[str]) -> str | None:
    if before[-2:] == ["secret", "access"]:
        return "secret access key"
    if not before or not _REFERRING.isdisjoint(before):
        return None
    return _KEYS.get(before[-1])
