"""Which rule of a `.sops.yaml` is for a file: the first that matches its path, as SOPS reads it.

Format: getsops/sops 3.13, README, "Using .sops.yaml conf to select KMS, PGP and age for new files".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from msgspec import Struct

from readycheck.model import Place, Resource, Unjudged
from readycheck.secrets.go_regex import GoRegex, UnreadableRegex
from readycheck.secrets.recipients import Recipient, named_by
from readycheck.secrets.sops_scope import fields_set

FILE_NAME = ".sops.yaml"
"""What the file must be called; SOPS passes over any other name."""

_EVERYTHING = frozenset({"", ".", ".*", ".+", "^", "^.*", "^.*$", ".*$", "^.+$", ".+$"})


class CreationRule(Struct, frozen=True, dict=True):
    """A rule for new files, which the files that exist should agree with.

    Args:
        config: the `.sops.yaml` that it stands in.
        index: its place among the rules, from 0.
        body: what it says.
    """

    config: Resource
    index: int
    body: Mapping[str, Any]

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.config.at(("creation_rules", self.index))

    @property
    def name(self) -> str:
        """How messages call it, counted from 1."""
        return f"creation rule {self.index + 1} of {self.config.name}"

    @property
    def path_regex(self) -> str:
        """What a path must match; "" matches all."""
        expression = self.body.get("path_regex")
        if expression is not None and not isinstance(expression, str):
            raise Unjudged(f"path_regex of {self.name} is no text", self.place)
        return expression or ""

    @property
    def takes_everything(self) -> bool:
        """Whether it matches every path."""
        return self.path_regex in _EVERYTHING

    def matches(self, relative: str) -> bool:
        """Whether it is for a file.

        Args:
            relative: the file's path from the folder of the `.sops.yaml`.

        Raises:
            Unjudged: its expression cannot be read.
        """
        return self._regex is None or self._regex.matches(relative)

    @cached_property
    def _regex(self) -> GoRegex | None:
        if self.takes_everything:
            return None
        try:
            return GoRegex(self.path_regex)
        except UnreadableRegex as unreadable:
            raise Unjudged(f"path_regex of {self.name} {unreadable.reason}", self.place) from unreadable

    @cached_property
    def recipients(self) -> list[Recipient]:
        """Whom it encrypts for."""
        return named_by(self.body)

    @property
    def scopes(self) -> Sequence[str]:
        """The fields by which it says what is encrypted; SOPS refuses a rule with several."""
        return fields_set(self.body)


class SopsConfig(Struct, frozen=True, dict=True):
    """A `.sops.yaml`.

    Args:
        resource: what was read of it.
    """

    resource: Resource

    @cached_property
    def rules(self) -> Sequence[CreationRule]:
        """Its rules for new files, in their order.

        Raises:
            Unjudged: they are no list of mappings.
        """
        found = self.resource.mappings("creation_rules")
        return [CreationRule(self.resource, index, rule) for index, rule in enumerate(found)]

    def relative(self, uri: str) -> str:
        """The path of a file below its folder, as its rules see it."""
        folder = self.resource.name.rpartition("/")[0]
        return uri.removeprefix(f"{folder}/") if folder else uri

    def rule_for(self, uri: str) -> CreationRule | None:
        """The rule that decides about a file; None where none matches.

        Raises:
            Unjudged: a rule on the way cannot be read.
        """
        relative = self.relative(uri)
        return next((rule for rule in self.rules if rule.matches(relative)), None)

    def shadowed(self, deciding: CreationRule, uri: str) -> CreationRule | None:
        """A later rule that is meant for a file in particular, which a rule that takes everything keeps it from."""
        if not deciding.takes_everything:
            return None
        relative = self.relative(uri)
        later = (rule for rule in self.rules[deciding.index + 1 :] if not rule.takes_everything)
        return next((rule for rule in later if rule.matches(relative)), None)
