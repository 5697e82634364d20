"""What is made of AWS, as HCL declares it, states record it, plans intend it, and an account holds it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from readycheck.inventory.core import Core
from readycheck.model import Place, Resource
from readycheck.terraform.blocks import TERRAFORM_FILE, Block, blocks_of
from readycheck.terraform.certificates import CERTIFICATE
from readycheck.terraform.identities import Identity, identities_of, is_looked_up, key_of, referred_by
from readycheck.terraform.load_balancers import LISTENERS, LOAD_BALANCERS
from readycheck.terraform.registries import REPOSITORY
from readycheck.terraform.things import DeclaredResource

JUDGED = frozenset([CERTIFICATE, REPOSITORY, *LOAD_BALANCERS, *LISTENERS])
"""The types that rules judge one thing of after the other: what HCL declares of them is among those."""


class Provisioned(Core):
    """The relations between things of AWS, by what refers to what. No thing is known by its name alone."""

    def _of(self, kind: str) -> Sequence[Resource]:
        return self._provisioned_of(kind) if kind in JUDGED else super()._of(kind)

    @cached_property
    def _blocks_by_type(self) -> Mapping[str, Sequence[Block]]:
        found: dict[str, list[Block]] = defaultdict(list)
        for file in self.of(TERRAFORM_FILE):
            for block in blocks_of(file, "resource"):
                if block.labels[1:]:
                    found[block.labels[0]].append(block)
        return found

    @cached_property
    def _provisioned(self) -> dict[str, Sequence[Resource]]:
        return {}

    def provisioned(self, *kinds: str) -> list[Resource]:
        """The things of some types that somebody makes: without what was only looked up.

        Raises:
            Unjudged: those of one of the types could not be read.
        """
        return [each for kind in kinds for each in self._provisioned_of(kind)]

    def _provisioned_of(self, kind: str) -> Sequence[Resource]:
        found = self._provisioned.get(kind)
        if found is None:
            shown = super()._of(kind)
            own = [each for each in shown if each.origin.source in self.sources and not is_looked_up(each)]
            declared = map(DeclaredResource.of, self._blocks_by_type.get(kind, ()))
            found = self._provisioned[kind] = [*own, *(each for each in declared if not _is_none(each))]
        return found

    def in_account(self, *kinds: str) -> list[Resource]:
        """The things of some types that an account is seen to hold, also from another side."""
        return [each for kind in kinds for each in self._by_kind.get(kind, ()) if each.origin.source == "aws"]

    # What refers to what -----------------------------------------------------------------------------------------

    @cached_property
    def _by_identity(self) -> dict[tuple[str, ...], Mapping[Identity, Sequence[Resource]]]:
        return {}

    def referred(self, place: Place, *kinds: str) -> Resource | None:
        """The thing of some types that a value refers to; None where none that was read is, or several may be.

        Args:
            place: where the value stands.
            kinds: the types.

        Raises:
            Unjudged: the things of one of the types could not be read.
        """
        index = self._by_identity.get(kinds)
        if index is None:
            index = self._by_identity[kinds] = self._identified(kinds)
        value = place.resource.glimpse(place.path)
        found = (index[each] for each in referred_by(value, place.resource) if each in index)
        exact = next(found, ())
        return exact[0] if len(exact) == 1 else None

    def _identified(self, kinds: Sequence[str]) -> Mapping[Identity, Sequence[Resource]]:
        found: dict[Identity, list[Resource]] = defaultdict(list)
        for resource in self.provisioned(*kinds):
            for identity in dict.fromkeys(identities_of(resource)):
                found[identity].append(resource)
        # What a state only looked up tells of what nothing that was read makes.
        for resource in (each for kind in kinds for each in self._by_kind.get(kind, ())):
            for identity in dict.fromkeys(identities_of(resource)):
                found.setdefault(identity, [resource])
        return found

    @cached_property
    def _by_key(self) -> dict[tuple[str, ...], Mapping[Identity, Sequence[Resource]]]:
        return {}

    def alike(self, resource: Resource, attribute: str, *kinds: str) -> Sequence[Resource]:
        """The things of some types that refer to the same one as a thing does, itself among them.

        Args:
            resource: a thing.
            attribute: what refers to it: the `load_balancer_arn` of listeners.
            kinds: the types.

        Raises:
            Unjudged: the things of one of the types could not be read.
        """
        index = self._by_key.get((attribute, *kinds))
        if index is None:
            found: dict[Identity, list[Resource]] = defaultdict(list)
            for each in self.provisioned(*kinds):
                if (key := key_of(each.body.get(attribute), each)) is not None:
                    found[key].append(each)
            index = self._by_key[attribute, *kinds] = found
        shared = key_of(resource.body.get(attribute), resource)
        return index.get(shared, (resource,)) if shared is not None else (resource,)

    def parts_of(self, whole: Resource, attribute: str, *kinds: str) -> Sequence[Resource]:
        """The things of some types that refer to a thing.

        Args:
            whole: the thing.
            attribute: what refers to it: the `load_balancer_arn` of listeners.
            kinds: the types of its parts.

        Raises:
            Unjudged: the things of one of the types could not be read.
        """
        asked = (whole.kind, attribute, *kinds)
        index = self._parts.get(asked)
        if index is None:
            index = self._parts[asked] = defaultdict(list)
            for each in self.provisioned(*kinds):
                referred = self.referred(each.at((attribute,)), whole.kind)
                if referred is not None:
                    index[id(referred)].append(each)
        return index.get(id(whole), ())

    @cached_property
    def _parts(self) -> dict[tuple[str, ...], dict[int, list[Resource]]]:
        return {}


def _is_none(declared: DeclaredResource) -> bool:
    count = declared.block.attributes.get("count")
    return isinstance(count, int) and count == 0
