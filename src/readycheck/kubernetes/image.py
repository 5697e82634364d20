"""Image references (the distribution project's reference grammar) and which tags stay what they are."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cached_property

from msgspec import Struct

from readycheck.model import Unresolved

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

DOCKER_HUB = "docker.io"

_DOMAIN_PART = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_DOMAIN = re.compile(rf"(?:{_DOMAIN_PART}(?:\.{_DOMAIN_PART})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?")
_PATH_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_PATH_PART}(?:/{_PATH_PART})*")
_VARIABLE = re.compile(r"[${<%[]")
_NAME = re.compile(_PATH_PART)
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")
_LONGEST_PATH = 255


class ImageReference(Struct, frozen=True, dict=True):
    """The parts of a reference such as `registry.example.com:5000/shop/web:1.4@sha256:...`.

    A reference that is undecided in part keeps what can be read: `${REGISTRY}/web:1.4` has the tag 1.4.
    """

    registry: str
    """Docker Hub where none is given."""
    path: str
    """The repository within its registry, as the registry calls it: `library/postgres` for `postgres`."""
    tag: str | None
    """ "" where none is given; None where that is not decided yet."""
    digest: str

    @classmethod
    def of(cls, text: str) -> ImageReference | None:
        """Take a reference apart as container runtimes do; None where it is none and no image can be pulled by it.

        A colon before the last slash belongs to the registry's port; a tag that is given but empty is none.
        """
        named, at, digest = str(text).partition("@")
        before, slash, last = named.rpartition("/")
        name, _, tag = last.partition(":")
        registry, path = _located(f"{before}{slash}{name}")
        decided = not isinstance(text, Unresolved)
        if decided and not (
            _DOMAIN.fullmatch(registry)
            and _PATH.fullmatch(path)
            and len(path) <= _LONGEST_PATH
            and (not tag or _TAG.fullmatch(tag))
            and (not at or _DIGEST.fullmatch(digest))
        ):
            return None
        # Without a tag of its own, the variable at the end of a reference may bring one. What holds no variable names
        # what the whole of it waits for.
        shown = _VARIABLE.search(str.__str__(text))
        told = decided or (shown and (_TAG.fullmatch(tag) or (not tag and _NAME.fullmatch(name))))
        return cls(registry, path, tag if told else None, digest)

    @cached_property
    def name(self) -> str | None:
        """The last part of the repository, `postgres`; None where that is not decided yet."""
        name = self.path.rpartition("/")[2]
        return name if _NAME.fullmatch(name) else None

    def called(self, names: Collection[str]) -> bool:
        """Whether its repository, or the last one or two parts of it, is one of some names."""
        last, longer, whole = self.endings
        return last in names or longer in names or whole in names

    @cached_property
    def endings(self) -> tuple[str, str, str]:
        """What images are known by: the last part of the repository, the last two, and all of it."""
        above, _, last = self.path.rpartition("/")
        return last, f"{above.rpartition('/')[2]}/{last}" if above else last, self.path


def _located(repository: str) -> tuple[str, str]:
    """The registry and the path within it: what comes first is a registry only where it looks like a host."""
    first, slash, rest = repository.partition("/")
    if not slash or not (set(".:[") & set(first) or first == "localhost" or first != first.lower()):
        first, rest = DOCKER_HUB, repository
    elif first == "index.docker.io":
        first = DOCKER_HUB
    return first, rest if first != DOCKER_HUB or "/" in rest else f"library/{rest}"


def unfixed(tag: str, *, moves: Collection[str] = (), stays: Collection[str] = ()) -> str:
    """Why a tag may name another image tomorrow, to follow it in a message; "" where it is fixed.

    A tag is fixed that has a digit and is no word which registries move: they name versions, dates and commits by
    digits.

    Args:
        tag: the tag.
        moves: further words that registries move.
        stays: words that they do not though they look so.
    """
    word = tag.lower()
    if word in stays:
        return ""
    if word in MOVING_TAGS or word in moves:
        return "moves"
    return "" if any(character.isdigit() for character in word) else "names no version"
