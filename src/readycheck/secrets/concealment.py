"""Speaking of a secret without showing it: what it is, how long, and a fingerprint where that gives nothing away."""

from __future__ import annotations

from typing import Self

from readycheck.model import Path, Resource, SecretPlace, Unresolved

_SHORTEST_WITH_FINGERPRINT = 16
_FINGERPRINT_BYTES = 3


def concealed(resource: Resource, path: Path, value: object, kind: str = "value") -> SecretPlace:
    """The place of a secret, as evidence may name it.

    Args:
        resource: what holds it.
        path: where, from there.
        value: the secret itself, of which nothing is kept but what `described` says.
        kind: what it is, in a word or two: `password`.
    """
    return SecretPlace(resource, path, described(value, kind))


def told(resource: Resource, path: Path, said: str) -> SecretPlace:
    """The place of a secret of which nothing was kept but what is said of it.

    Args:
        resource: what holds it.
        path: where, from there.
        said: what `described` said of it.
    """
    return SecretPlace(resource, path, said)


def described(value: object, kind: str = "value") -> str:
    """A secret in words: `a password of 24 characters, fingerprint 3fa2c1`.

    The fingerprint shows whether two places hold the same secret. A short secret has none: whoever reads a report could
    try all that are as short. A longer one is cut to 24 bits, so that of ten thousand million guesses, hundreds fit.
    """
    text = str(value)
    said = f"{with_article(kind)} of {len(text)} character{'s' if len(text) != 1 else ''}"
    if len(text) < _SHORTEST_WITH_FINGERPRINT:
        return said
    from hashlib import blake2b  # noqa: PLC0415 - it loads OpenSSL, and few scans find a secret

    digest = blake2b(text.encode("utf-8", "replace"), digest_size=_FINGERPRINT_BYTES, key=b"readycheck secret")
    return f"{said}, fingerprint {digest.hexdigest()}"


def with_article(kind: str) -> str:
    """A kind of secret as a sentence needs it: `a password`, `an API key`."""
    return f"{'an' if kind[:1] in 'aeiouAEIO' else 'a'} {kind}"


class Concealed(Unresolved):
    """A secret that was read and let go: what it is stands in its place, and whoever asks for the value is refused.

    Args:
        value: the secret, of which nothing is kept but what `described` says.
        kind: what it is, in a word or two: `password`.
    """

    __slots__ = ()

    def __new__(cls, value: object, kind: str) -> Self:  # noqa: D102 - the class says it
        said = described(value, kind)
        # Without a fingerprint, two that are as long read the same and need not be.
        return super().__new__(cls, said, "is a secret, which is not kept", same="fingerprint" in said)
