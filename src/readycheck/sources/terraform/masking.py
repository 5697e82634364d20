"""A document's records without their secrets, and where those stood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from readycheck.model import Path
from readycheck.secrets.recorded import KnownSecrets
from readycheck.sources.terraform.record import Record
from readycheck.sources.terraform.sensitivity import masked, secrets_in


class Masking:
    """Finds the secrets of one document, and takes them out of it.

    Args:
        records: everything that the document holds, each as an instance.
    """

    def __init__(self, records: Sequence[Record]) -> None:
        self._secrets: dict[int, Mapping[Path, str]] = {}
        values: list[str] = []
        for record in records:
            found = list(secrets_in(record))
            self._secrets[id(record)] = {path: kind for path, _, kind in found}
            values += (value for _, value, _ in found)
        self._known = KnownSecrets(values)
        self.found: dict[str, dict[str, str]] = {}
        """What stood where, by the address of what holds it and the path in that."""

    def values(self, record: Record, *, counted: bool = True) -> dict[str, Any]:
        """The values of a record without secrets.

        Args:
            record: one of those that the masking was made of.
            counted: whether what it holds counts as found: what stands twice in a document is told once.
        """
        seen: dict[str, str] = {}
        values: dict[str, Any] = masked(record.values, self._secrets[id(record)], self._known, seen)
        if counted and seen:
            self.found.setdefault(record.address, {}).update(seen)
        return values
