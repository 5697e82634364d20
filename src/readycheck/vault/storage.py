"""Where a server keeps what it is given, and whether several of them can share it.

From the documentation of Vault and OpenBao (configuration, storage).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum, auto
from typing import Any, NamedTuple

from readycheck.documents.hcl import parse_hcl
from readycheck.documents.json import parse_json
from readycheck.model import Place, Resource, SecretPlace

_STANZAS = ("ha_storage", "storage", "backend")


class Sharing(Enum):
    """Whether servers on one storage elect one that is active."""

    YES = auto()
    NO = auto()
    ELSEWHERE = auto()
    """A variable of the environment may say so."""


_SHARED = frozenset({"raft", "consul", "zookeeper", "foundationdb", "oci"})
# Shared where they are told to be, and not by default.
_WHERE_ENABLED = frozenset({"cockroachdb", "dynamodb", "etcd", "gcs", "mysql", "postgresql", "spanner"})
_BY_VARIABLE = frozenset({"dynamodb", "etcd", "gcs", "spanner"})
_ALONE = frozenset(
    {"aerospike", "alicloudoss", "azure", "cassandra", "couchdb", "file", "inmem", "manta", "mssql", "s3", "swift"}
)


class Storage(NamedTuple):
    """A storage.

    Args:
        kind: its kind: `raft`, `file`.
        sharing: whether several servers can share it.
        place: where it is said.
    """

    kind: str
    sharing: Sharing
    place: Place

    @property
    def known(self) -> bool:
        """Whether the kind is one that is known here."""
        return self.kind in _SHARED | _WHERE_ENABLED | _ALONE


def storage_in(text: str, place: Place) -> Storage | None:
    """The storage that a configuration names; None where it names none.

    Args:
        text: the configuration, in HCL or JSON.
        place: where it stands.
    """
    text = str.__str__(text)
    if text.lstrip().startswith("{"):
        documents, _ = parse_json(text)
        found = list(_of_json(documents[0].body)) if documents else []
    else:
        documents, _ = parse_hcl(text)
        found = list(_of_hcl(documents[0].body)) if documents else []
    return storage_of(found, place)


def storage_of_file(file: Resource) -> Storage | None:
    """The storage that a file of HCL names, as it was read; None where it names none.

    Args:
        file: what was read.
    """
    found = storage_of(list(_of_hcl(file.body)), file.at(()))
    if found is None:
        return None
    for index, block in enumerate(file.body.get("blocks", ())):
        if block["type"] in _STANZAS and block["labels"][:1] == [found.kind]:
            hidden = SecretPlace(file, ("blocks", index), f"a configuration with {block['type']} {found.kind}")
            return found._replace(place=hidden)
    return found


def storage_of(stanzas: list[tuple[str, str, Mapping[str, Any]]], place: Place) -> Storage | None:
    """The storage that decides on sharing: that of `ha_storage` where it stands, else the only one."""
    for wanted in _STANZAS:
        for stanza, kind, settings in stanzas:
            if stanza == wanted:
                # The rest of a configuration may hold passwords and keys: evidence shows nothing of it.
                hidden = SecretPlace(place.resource, place.path, f"a configuration with {wanted} {kind}")
                return Storage(kind, _sharing(kind, settings), hidden)
    return None


def _sharing(kind: str, settings: Mapping[str, Any]) -> Sharing:
    if kind in _SHARED:
        return Sharing.YES
    if kind not in _WHERE_ENABLED:
        return Sharing.NO
    enabled = settings.get("ha_enabled")
    if enabled is None:
        return Sharing.ELSEWHERE if kind in _BY_VARIABLE else Sharing.NO
    return Sharing.YES if str(enabled).lower() in ("true", "1") else Sharing.NO


def _of_json(body: Any) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for stanza in _STANZAS if isinstance(body, Mapping) else ():
        given = body.get(stanza)
        for each in given if isinstance(given, list) else [given]:
            for kind, settings in each.items() if isinstance(each, Mapping) else ():
                yield stanza, kind, settings if isinstance(settings, Mapping) else {}


def _of_hcl(body: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for block in body.get("blocks", ()):
        if block["type"] in _STANZAS and block["labels"]:
            yield block["type"], str.__str__(block["labels"][0]), block["attributes"]
    # `storage = { raft = {} }`, and JSON that was read as HCL's JSON form.
    yield from _of_json(body.get("attributes"))
