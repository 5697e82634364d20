"""The keys of AWS KMS that SOPS and clusters of EKS use, and who uses them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeGuard

from readycheck.inventory.clusters import Clusters
from readycheck.inventory.nowhere import Nowhere
from readycheck.model import Place, Resource, Unresolved, text_of
from readycheck.secrets.key_users import KEY_USER
from readycheck.terraform.identities import Identity, identities_of, referred_by

KEY_IN_USE = "KMS key in use"
"""The kind for rules that judge keys: those that something names, whether they are there or not."""
KEYS = ("aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key", "aws_kms_replica_external_key")
ALIAS = "aws_kms_alias"


class Keys(Clusters):
    """The relations of keys to what uses them."""

    @cached_property
    def keys_in_use(self) -> Sequence[Resource]:
        """The keys that are named, each once; of one that was not read, a thing without attributes."""
        found = {id(key): key for key, _ in self._uses}
        return list(found.values())

    def users_of(self, key: Resource) -> Sequence[tuple[str, Place]]:
        """Who uses a key, each with where it names it.

        Args:
            key: one of `keys_in_use`.
        """
        return self._users_by_key.get(id(key), ())

    @cached_property
    def _users_by_key(self) -> Mapping[int, list[tuple[str, Place]]]:
        users: dict[int, list[tuple[str, Place]]] = defaultdict(list)
        for key, user in self._uses:
            users[id(key)].append(user)
        return users

    @cached_property
    def _uses(self) -> Sequence[tuple[Resource, tuple[str, Place]]]:
        """Each use of a key: the key, who uses it, and where."""
        missing: dict[str, Resource] = {}

        def key_of(named: str, near: Resource) -> Resource:
            found = self._key_named(named, near)
            if found is None:
                text = text_of(named)
                found = missing.setdefault(text, Resource(KEYS[0], text, "", {"arn": text}, self._nowhere(text)))
            return found

        uses = [(key_of(user.name, user), (str(user.body["user"]), user.at(()))) for user in self.read_of(KEY_USER)]
        for cluster in self.eks_clusters.values():
            for place in cluster.keys:
                named = place.seen
                if isinstance(named, str):
                    uses.append((key_of(named, cluster.resource), (cluster.name, place)))
        return uses

    def _nowhere(self, arn: str) -> Nowhere:
        return Nowhere(self.environment.origin.source, uri=arn)

    def _key_named(self, named: str, near: Resource) -> Resource | None:
        """The key that an ARN, an alias or a reference leads to; the alias where that does not tell; None without."""
        for identity in referred_by(named, near):
            if identity in self._keys:
                return self._keys[identity]
            alias = self._aliases.get(identity)
            if alias is not None:
                return self._target(alias) or alias
        return None

    def _target(self, alias: Resource) -> Resource | None:
        beside, target = alias.body.get("arn"), alias.body.get("target_key_id")
        named = [alias.body.get("target_key_arn"), target]
        if _is_decided(beside) and _is_decided(target):
            # The id of a key of several regions is one key in each of them.
            named.insert(0, f"{beside.rpartition(':')[0]}:key/{target}")
        identities = (identity for each in named for identity in referred_by(each, alias))
        return next((self._keys[identity] for identity in identities if identity in self._keys), None)

    @cached_property
    def _keys(self) -> Mapping[Identity, Resource]:
        return dict(_by_identity(key for kind in KEYS for key in self.managed(kind)))

    @cached_property
    def _aliases(self) -> Mapping[Identity, Resource]:
        return dict(_by_identity(self.managed(ALIAS)))


def _is_decided(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and not isinstance(value, Unresolved)


def _by_identity(resources: Iterable[Resource]) -> Iterator[tuple[Identity, Resource]]:
    for resource in resources:
        for identity in identities_of(resource):
            yield identity, resource


def is_named_alone(key: Resource) -> bool:
    """Whether nothing of a key is known but that it is named.

    Args:
        key: one of `keys_in_use`.
    """
    return key.body.keys() == {"arn"}
