"""What things of a provider are referred to by: an ARN or id where those are known, an address where they are not.

HCL and plans refer by address, and only within one root module or state; ARNs and ids mean the same thing everywhere
(Terraform language documentation: References to Named Values).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

from readycheck.model import Resource, Unresolved
from readycheck.terraform.things import DeclaredResource

_KEYS = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\]')
_REFERENCE = re.compile(
    r"(?:module\.[\w-]+(?:\[[^\]]*\])?\.)*(?:data\.)?[a-z][a-z0-9]*_\w+\.[\w-]+(?:\[[^\]]*\])?(?=$|\.(?:id|arn|name|bucket)$)"
)

_KEY = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\]$')
_OF_THE_INSTANCE = frozenset({"count.index", "each.key", "each.value"})
_LOOKED_UP = re.compile(r"(?:^|\.)data\.[\w-]+\.[\w-]+(?:\[.*\])?$")


def is_looked_up(resource: Resource) -> bool:
    """Whether a thing is a data source of a state: evidence, and nobody's to change.

    Args:
        resource: a thing of a provider.
    """
    return resource.origin.source == "terraform" and _LOOKED_UP.search(resource.name) is not None


def left_to_provider(resource: Resource, attribute: str) -> bool:
    """Whether nobody sets an attribute of something that is planned: it waits for nothing but itself.

    Args:
        resource: a thing of a provider.
        attribute: the attribute.
    """
    value = resource.body.get(attribute)
    return isinstance(value, Unresolved) and str.__str__(value) == f"{resource.name}.{attribute}"


def is_one(value: object) -> bool:
    """Whether a value that is not decided is the id or ARN of one thing, and no expression around several."""
    return isinstance(value, Unresolved) and _REFERENCE.fullmatch(str.__str__(value).removesuffix(".id")) is not None


class Identity(NamedTuple):
    """What something may be referred to by.

    Args:
        scope: where that is understood: a folder of HCL or a state; "" for everywhere.
        text: an ARN, an id, or an address.
    """

    scope: str
    text: str


def arn_and_id(resource: Resource) -> Iterator[str]:
    """The ARN and the id of a thing, as far as they are known.

    Args:
        resource: a thing of a provider.
    """
    for attribute in ("arn", "id"):
        value = resource.glimpse((attribute,))
        if type(value) is str and value:
            yield value


def identities_of(resource: Resource) -> Iterator[Identity]:
    """What a thing may be referred to by, the most exact first.

    Args:
        resource: a thing of a provider, whatever source tells of it.
    """
    for attribute in ("arn", "id"):
        value = resource.body.get(attribute)
        if isinstance(value, str) and not isinstance(value, Unresolved) and value:
            yield Identity("", value)
    scope = scope_of(resource)
    if scope is not None:
        yield Identity(scope, resource.name)
        if (unkeyed := _KEYS.sub("", resource.name)) != resource.name:
            yield Identity(scope, unkeyed)


def referred_by(value: object, near: Resource) -> Iterator[Identity]:
    """What a value refers to, the most exact first; nothing where that cannot be told.

    Args:
        value: what an attribute holds.
        near: the thing whose attribute it is.
    """
    if not isinstance(value, str) or str.__len__(value) == 0:
        return
    if not isinstance(value, Unresolved):
        yield Identity("", value)
        return
    scope, text = scope_of(near), str.__str__(value)
    named = [each for each in text.split(", ") if each not in _OF_THE_INSTANCE]
    reference = _REFERENCE.match(named[0]) if len(named) == 1 else None
    if scope is None or reference is None:
        return
    own_key = _KEY.search(near.name)
    if named[0] != text and own_key is not None:
        # One of several refers to the one of several that has its key.
        yield Identity(scope, f"{reference[0]}{own_key[0]}")
    yield Identity(scope, reference[0])
    if (unkeyed := _KEYS.sub("", reference[0])) != reference[0]:
        yield Identity(scope, unkeyed)


def key_of(value: object, near: Resource) -> Identity | None:
    """What two values share that refer to one thing, though it may not be told which; None where nothing stands.

    Args:
        value: what an attribute holds.
        near: the thing whose attribute it is.
    """
    if not isinstance(value, str):
        return None
    if not isinstance(value, Unresolved):
        return Identity("", value)
    return Identity(scope_of(near) or "", str.__str__(value)) if value.same else None


def scope_of(resource: Resource) -> str | None:
    """Where a thing's address is understood; None where it has none."""
    if isinstance(resource, DeclaredResource):
        return posixpath.dirname(resource.origin.file)
    return resource.origin.world if resource.origin.source == "terraform" else None


def in_one_scope(one: Resource, other: Resource) -> bool:
    """Whether two things stand in one folder of HCL, or in one state, or both in what an account holds.

    Args:
        one: a thing.
        other: another one.
    """
    return scope_of(one) == scope_of(other) and one.origin.source == other.origin.source
