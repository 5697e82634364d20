"""Who uses the keys of AWS KMS: the rules of `.sops.yaml`, and what SOPS encrypted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from readycheck.model import PartOrigin, Path, Resource, Unjudged
from readycheck.secrets.recipients import Recipient
from readycheck.secrets.sops import SopsFile
from readycheck.secrets.sops_config import SopsConfig

KEY_USER = "KmsKeyUser"
"""The kind of what names a key: its name is the key's ARN, or that of an alias; its body says who names it."""

_OF_KMS = re.compile(r"arn:aws[\w-]*:kms:[\w-]+:\d{12}:(?:key|alias)/\S+")
_ENCRYPTED = frozenset({"SecretFile", "Secret", "SopsSecret"})


def users_of_keys(resources: Iterable[Resource]) -> Iterator[Resource]:
    """What names keys of AWS KMS, once for each key and each that names it.

    Args:
        resources: what was read of files.
    """
    for resource in resources:
        named: dict[str, Path] = {}
        for recipient, path in _recipients(resource):
            if recipient.backend == "kms" and _OF_KMS.fullmatch(recipient.key):
                named.setdefault(recipient.key, path)
        user = resource.name if resource.origin.file == resource.name else f"{resource.kind} {resource.name}"
        for key, path in named.items():
            yield Resource(KEY_USER, key, "", {"user": user}, PartOrigin(resource, path))


def _recipients(resource: Resource) -> Iterator[tuple[Recipient, Path]]:
    """Whom a rule or a file encrypts for, each with where that stands."""
    if resource.kind == "SopsConfig":
        try:
            for rule in SopsConfig(resource).rules:
                yield from ((recipient, rule.place.path) for recipient in rule.recipients)
        except Unjudged:
            return  # which the rules about `.sops.yaml` say
    elif resource.kind in _ENCRYPTED:
        encrypted = SopsFile.of(resource)
        if encrypted is not None:
            yield from ((recipient, ()) for recipient in encrypted.recipients)
