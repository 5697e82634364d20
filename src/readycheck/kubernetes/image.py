"""Image references (the distribution project's reference grammar) and which tags stay what they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MOVING_TAGS = frozenset(
    {
        "alpha",
        "beta",
        "canary",
        "current",
        "debug",
        "dev",
        "develop",
        "edge",
        "head",
        "latest",
        "lts",
        "main",
        "master",
        "nightly",
        "nonroot",
        "prod",
        "production",
        "release",
        "rolling",
        "snapshot",
        "stable",
        "staging",
        "testing",
        "trunk",
        "unstable",
    }
)
"""Words that a registry moves from one image to the next."""


@dataclass(frozen=True, slots=True)
class ImageReference:
    """The parts of a reference such as `registry.example.com:5000/shop/web:1.4@sha256:...`."""

    repository: str
    tag: str
    digest: str

    @classmethod
    def of(cls, text: str) -> ImageReference:
        """Take a reference apart: a colon before the last slash belongs to the registry's port."""
        named, _, digest = text.strip().partition("@")
        path, slash, last = named.rpartition("/")
        name, _, tag = last.partition(":")
        return cls(f"{path}{slash}{name}", tag, digest)

    @property
    def name(self) -> str:
        """The last part of the repository: `postgres`."""
        return self.repository.rpartition("/")[2]


def moving(tag: str, more: Iterable[str] = ()) -> bool:
    """Whether a tag may name another image tomorrow: a word that registries move, or one without any digit."""
    word = tag.lower()
    if word in MOVING_TAGS or word in more:
        return True
    return not any(character.isdigit() for character in word)
