"""Which values of a file SOPS encrypts: by suffix, by regular expression, or by comment.

At most one of six fields decides; where none is given, what has a key that ends with `_unencrypted` stays in clear.
Every key on the way to a value is asked (getsops/sops 3.13, README, "Encrypting only parts of a file").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from readycheck.model import Unjudged
from readycheck.secrets.go_regex import GoRegex, UnreadableRegex

FIELDS = (
    "unencrypted_suffix",
    "encrypted_suffix",
    "unencrypted_regex",
    "encrypted_regex",
    "unencrypted_comment_regex",
    "encrypted_comment_regex",
)
DEFAULT_UNENCRYPTED_SUFFIX = "_unencrypted"


def fields_set(settings: Mapping[str, Any]) -> Sequence[str]:
    """Which of the fields a file or a creation rule sets; SOPS refuses more than one."""
    return [field for field in FIELDS if settings.get(field) not in (None, "")]


class Scope(Struct, frozen=True, dict=True):
    """Which values are to be encrypted.

    Args:
        field: the field that decides.
        value: its value.
    """

    field: str = FIELDS[0]
    value: str = DEFAULT_UNENCRYPTED_SUFFIX

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Scope:
        """The scope that a file's metadata sets.

        Raises:
            Unjudged: it sets several, or one that is no text.
        """
        given = fields_set(settings)
        if not given:
            return cls()
        value = settings[given[0]]
        if len(given) > 1:
            raise Unjudged(f"{' and '.join(given)} are set, of which SOPS takes one: it refuses the file")
        if not isinstance(value, str):
            raise Unjudged(f"{given[0]} is no text")
        return cls(given[0], value)

    @property
    def by_comments(self) -> bool:
        """Whether comments decide."""
        return "comment" in self.field

    @property
    def encrypts_named(self) -> bool:
        """Whether only what is named is encrypted, not all but that."""
        return self.field.startswith("encrypted")

    def decider(self) -> Callable[[Sequence[str]], bool]:
        """A function that tells of the keys on the way to a value, or of its comments, whether it is to be encrypted.

        Raises:
            Unjudged: the regular expression cannot be read.
        """
        named = self._named()
        return lambda texts: any(map(named, texts)) == self.encrypts_named

    def _named(self) -> Callable[[str], bool]:
        if self.field.endswith("suffix"):
            return lambda key: key.endswith(self.value)
        try:
            return GoRegex(self.value).matches
        except UnreadableRegex as unreadable:
            raise Unjudged(f"{self.field} `{self.value}` {unreadable.reason}") from unreadable
