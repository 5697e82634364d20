"""The `sops` commands that people run to mend what a rule found (getsops/sops 3.13, README)."""

from __future__ import annotations

import shlex

from readycheck.model import Fix, Resource
from readycheck.secrets.sops_config import CreationRule

_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_OF_SECRETS = "--encrypted-regex '^(data|stringData)$' "
_SOME_KEY = "--kms KEY_ARN "


def encrypting(holder: Resource, rule: CreationRule | None) -> Fix | None:
    """What encrypts something that stands in plain text; None for what a chart's template makes.

    Args:
        holder: a Secret or a file.
        rule: the creation rule for its file, which says for whom and perhaps what; None where there is none.
    """
    file = holder.origin.file
    folder, slash, name = file.rpartition("/")
    recipients = "" if rule is not None else _SOME_KEY
    if name in _KUSTOMIZATIONS:
        source = shlex.quote(f"{folder}{slash}secret.env")
        command = f"sops encrypt {recipients}--in-place {source}"
        return _by_hand(f"move the values into a file that `envs` names, and encrypt that: {command}")
    if "/templates/" in f"/{file}":
        return None
    scope = "" if holder.kind == "SecretFile" or (rule is not None and rule.scopes) else _OF_SECRETS
    return _by_hand(f"encrypt it: sops encrypt {recipients}{scope}--in-place {shlex.quote(file)}")


def putting_in_again(holder: Resource) -> Fix:
    """What encrypts a value that was put into an encrypted file by hand: SOPS cannot open the file as it is."""
    return _by_hand(f"take the value out and put it in again with: sops edit {shlex.quote(holder.origin.file)}")


def encrypting_anew(holder: Resource) -> Fix:
    """What encrypts a file whose rule leaves everything in clear."""
    file = shlex.quote(holder.origin.file)
    command = f"sops decrypt --in-place {file} && sops encrypt --in-place {file}"
    return _by_hand(f"let its creation rule name what is secret, then encrypt it anew: {command}")


def updating_recipients(holder: Resource) -> Fix:
    """What encrypts the key of a file for whom its creation rule asks for."""
    return _by_hand(f"encrypt its key for them: sops updatekeys {shlex.quote(holder.origin.file)}")


def _by_hand(title: str) -> Fix:
    return Fix(title, (), safe=False)
