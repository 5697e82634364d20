"""What SOPS says of a file that it encrypted: for whom, which values, and which of these stand in clear all the same.

Format: getsops/sops 3.13, README and stores. The MAC cannot be checked without a key, so nothing is said of integrity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct

from readycheck.model import Path, Resource
from readycheck.secrets.recipients import BACKENDS, Recipient, groups_of
from readycheck.secrets.sops_comments import comments_above
from readycheck.secrets.sops_scope import Scope

DOCUMENTS = "documents"
"""The key that holds the documents of a file of several, in the body of its `SecretFile`."""

_METADATA = "sops"
_FLAT_PREFIX = "sops_"
_TELLING = frozenset({"mac", "lastmodified"})
_CIPHERTEXT = re.compile(r"ENC\[AES256_GCM,data:.+,iv:.+,tag:.+,type:.+\]", re.DOTALL)
_STEP = re.compile(r"__(map|list)_")
_DEEPEST = 8


def is_ciphertext(value: object) -> bool:
    """Whether a value is one that SOPS encrypted."""
    return isinstance(value, str) and bool(_CIPHERTEXT.match(str(value)))


def leaves(body: object, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value below a body that is neither a mapping nor a list, with the way to it."""
    waiting: list[tuple[Path, object]] = [(path, body)]
    while waiting:
        way, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*way, key), each) for key, each in reversed(list(value.items()))]
        elif isinstance(value, list):
            waiting += [((*way, index), value[index]) for index in reversed(range(len(value)))]
        else:
            yield way, value


def metadata_of(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What SOPS recorded in a document of any format; None where it recorded nothing."""
    nested = body.get(_METADATA)
    if isinstance(nested, Mapping):
        found = _unflattened(nested, "") if any("__" in key for key in nested) else nested
        return found if _tells(found) else None
    if "sops_mac" in body or "sops_lastmodified" in body:
        return _unflattened(body, _FLAT_PREFIX)
    return None


def _tells(metadata: Mapping[str, Any]) -> bool:
    """Whether a mapping called `sops` is SOPS' own, not the settings of something else with that name."""
    return not _TELLING.isdisjoint(metadata) or any(isinstance(metadata.get(backend), list) for backend in BACKENDS)


def _unflattened(flat: Mapping[str, Any], prefix: str) -> Mapping[str, Any]:
    """The nested form of `kms__list_0__map_arn`, in which dotenv and INI files hold the metadata."""
    nested: dict[str, Any] = {}
    for key, value in flat.items():
        if not key.startswith(prefix):
            continue
        holder: Any = nested
        first, *rest = _STEP.split(key.removeprefix(prefix), maxsplit=_DEEPEST)
        steps: list[str | int] = [first]
        for kind, step in zip(rest[::2], rest[1::2], strict=True):
            steps.append(int(step) if kind == "list" and step.isdecimal() else step)
        for step in steps[:-1]:
            holder = holder.setdefault(step, {}) if isinstance(holder, dict) else {}
        if isinstance(holder, dict):
            holder[steps[-1]] = value
    return {key: _with_lists(value) for key, value in nested.items()}


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    entries = {key: _with_lists(each) for key, each in value.items()}
    if entries and all(isinstance(key, int) for key in entries):
        return [entries[key] for key in sorted(entries)]
    return entries


class SopsFile(Struct, frozen=True, dict=True):
    """What SOPS made of a file or an object.

    Args:
        resource: what holds it.
        metadata: what SOPS recorded; of several documents, in the first, whose word counts.
    """

    resource: Resource
    metadata: Mapping[str, Any]

    @classmethod
    def of(cls, resource: Resource) -> SopsFile | None:
        """What SOPS made of a `SecretFile` or an object; None where it had nothing to do with it."""
        for _, document in documents_of(resource):
            metadata = metadata_of(document)
            if metadata is not None:
                return cls(resource, metadata)
        return None

    @property
    def has_mac(self) -> bool:
        """Whether the code that guards against tampering stands there: without, SOPS takes the file for plain."""
        return bool(self.metadata.get("mac"))

    @cached_property
    def recipients(self) -> list[Recipient]:
        """Whoever can decrypt it, alone or with others."""
        return [recipient for group in groups_of(self.metadata) for recipient in group]

    @cached_property
    def scope(self) -> Scope:
        """Which values are to be encrypted.

        Raises:
            Unjudged: that cannot be told.
        """
        return Scope.of(self.metadata)

    @cached_property
    def values(self) -> list[tuple[Path, Any]]:
        """Every value that is not SOPS' own; empty strings and nulls, which SOPS never encrypts, are left out."""
        return [
            (path, value)
            for prefix, document in documents_of(self.resource)
            for path, value in leaves(_without_metadata(document), prefix)
            if value is not None and (not isinstance(value, str) or str(value))
        ]

    @property
    def encrypted(self) -> list[Path]:
        """Where encrypted values stand."""
        return [path for path, value in self.values if is_ciphertext(value)]

    @cached_property
    def clear(self) -> list[tuple[Path, Any]]:
        """The values that stand in clear, whether they should or not."""
        return [(path, value) for path, value in self.values if not is_ciphertext(value)]

    @cached_property
    def exposed(self) -> list[tuple[Path, Any]]:
        """The values in clear that the file's own rule says should be encrypted.

        Raises:
            Unjudged: the rule cannot be read.
        """
        if not self.clear:
            return []
        is_covered = self.scope.decider()
        texts = comments_above if self.scope.by_comments else _keys
        return [(path, value) for path, value in self.clear if is_covered(texts(self.resource, path))]


def documents_of(resource: Resource) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The documents of a resource, each with the path where it stands in the body."""
    several = resource.body.get(DOCUMENTS)
    if resource.kind == "SecretFile" and len(resource.body) == 1 and isinstance(several, list):
        for index, document in enumerate(several):
            if isinstance(document, Mapping):
                yield (DOCUMENTS, index), document
    else:
        yield (), resource.body


def _without_metadata(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in document.items() if key != _METADATA and not key.startswith(_FLAT_PREFIX)}


def _keys(resource: Resource, path: Path) -> list[str]:
    """The keys on the way to a value, as SOPS sees them: the items of lists have none."""
    inner = path[2:] if path[:1] == (DOCUMENTS,) and DOCUMENTS in resource.body else path
    return [step for step in inner if isinstance(step, str)]
