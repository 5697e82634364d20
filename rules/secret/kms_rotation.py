"""Let the KMS keys that SOPS and EKS use rotate.

Whoever gets hold of what a key encrypted years ago should not be able to read what it encrypts today. KMS keeps the old
material to decrypt with, so nothing has to be encrypted again. A key that is disabled, waits for its deletion or is not
there takes with it what it encrypted.

Judged are the keys that `.sops.yaml`, files of SOPS and clusters of EKS name, and no others. Asymmetric keys, keys with
imported material and those of other key stores cannot be rotated by KMS; those of AWS rotate by themselves.
"""

from collections.abc import Iterator, Sequence

from readycheck.inventory import KEY_IN_USE, Inventory
from readycheck.inventory.secrets.keys import ALIAS, is_named_alone
from readycheck.model import NO_SOURCE, Place, Resource, Severity, Verdict, first_of
from readycheck.rule import rule
from readycheck.terraform.identities import left_to_provider
from readycheck.terraform.places import place_of

_SYMMETRIC = "SYMMETRIC_DEFAULT"
_OF_KMS = "AWS_KMS"
_GONE = "NotFound"
_ENDING = ("PendingDeletion", "PendingReplicaDeletion")
_WORKING = ("", "Enabled", "Creating", "Updating")
_ROTATES = "enable_key_rotation"
_EXAMPLES = 3


@rule(
    KEY_IN_USE,
    severity=Severity.MEDIUM,
    sources=("terraform", "aws"),
    asks=("aws_eks_cluster", "aws_kms_alias", "aws_kms_key"),
)
def kms_rotation(key: Resource, inventory: Inventory) -> Iterator[Verdict]:
    users = inventory.users_of(key)
    named = f"named by {first_of(list(dict.fromkeys(name for name, _ in users)), _EXAMPLES)}"
    places = [place for _, place in users[:_EXAMPLES]]
    if is_named_alone(key) and any("aws" in side.sources for side in inventory.others):
        yield key.not_applicable("no state records the key, and the account is asked for it")
    elif is_named_alone(key):
        yield key.unknown(_unasked(key, inventory), also=places)
    elif key.get("key_state") == _GONE:
        yield key.finding(f"there is no such key, {named}", at="key_state", also=places)
    elif key.kind == ALIAS:
        key.get("target_key_arn")
        yield key.unknown("the key that it is a name of was not read", also=places)
    else:
        useless = list(_of_use(key, named, places))
        yield from useless or _of_rotation(key, named, places)


def _unasked(key: Resource, inventory: Inventory) -> str:
    """Why nothing is known of a key that is named."""
    if "aws" not in inventory.sources:
        return f"{NO_SOURCE}aws: no state records the key"
    unread = inventory.unread_around(key.kind, key)
    account, region = place_of(key.name) or ("?", "?")
    return unread or f"account {account} was not asked in {region}"


def _of_use(key: Resource, named: str, places: Sequence[Place]) -> Iterator[Verdict]:
    """Whether what the key encrypted can be decrypted."""
    state = key.string("key_state")
    if state in _ENDING:
        date = key.string("deletion_date")
        when = f" on {date}" if date else ""
        yield key.finding(f"the key, {named}, is to be deleted{when}", at="key_state", also=places)
    elif state not in _WORKING:
        yield key.finding(f"the key, {named}, cannot be used: it is {state}", at="key_state", also=places)
    elif key.get("is_enabled") is False:
        yield key.finding(f"the key, {named}, is disabled", at="is_enabled", also=places)


def _of_rotation(key: Resource, named: str, places: Sequence[Place]) -> Iterator[Verdict]:
    if key.string("key_manager") == "AWS":
        yield key.note("a key of AWS, which rotates each year by itself")
        return
    if reason := _why_not(key):
        yield key.not_applicable(reason)
        return
    rotates = False if left_to_provider(key, _ROTATES) else key.get(_ROTATES)
    if rotates is False:
        yield key.finding(f"the key, {named}, is not rotated", at=_ROTATES, also=places)
    elif rotates is not True:
        yield key.unknown("whether the key is rotated is not told", at=_ROTATES)


def _why_not(key: Resource) -> str:
    """Why KMS cannot rotate a key; "" where it can."""
    if "external" in key.kind:
        return "holds imported material, which KMS cannot rotate"
    if key.kind == "aws_kms_replica_key":
        return "is rotated with the key that it is a replica of"
    unset = left_to_provider(key, "customer_master_key_spec")
    spec = _SYMMETRIC if unset else key.string("customer_master_key_spec", _SYMMETRIC)
    if spec != _SYMMETRIC:
        return f"is a key of {spec}, which KMS cannot rotate"
    origin = key.string("origin", _OF_KMS)
    return "" if origin == _OF_KMS else f"has material that KMS did not make ({origin}) and cannot rotate"
