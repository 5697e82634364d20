"""What stands in plain text in a file that is no manifest: environment files, chart values, tfvars, `*.sops.*`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from readycheck.model import Path, Resource
from readycheck.secrets.placeholder import Stand, stand_of
from readycheck.secrets.search import values_below
from readycheck.secrets.sops import is_ciphertext, leaves
from readycheck.secrets.suspicion import Weight, suspect

OF_AN_OBJECT = ("apiVersion", "kind", "metadata")
"""What is no secret in any Kubernetes object."""

_SIGN = ".sops."


class Plain(NamedTuple):
    """A secret in plain text.

    Args:
        path: where it stands.
        text: the secret itself.
        kind: what it is.
        dummy: whether it stands for one that is still to be filled in, or is known to all.
    """

    path: Path
    text: str
    kind: str
    dummy: bool


def named_encrypted(file: Resource) -> bool:
    """Whether a file's name says that SOPS encrypted it."""
    return _SIGN in file.name.rpartition("/")[2]


def ciphertexts(file: Resource) -> list[Path]:
    """Where values stand that SOPS encrypted."""
    return [path for path, value in leaves(file.body) if is_ciphertext(value)]


def plain_in(file: Resource) -> Iterator[Plain]:
    """What stands there in plain text: all of a file that should be encrypted as a whole, else what is a credential."""
    return _everything(file) if named_encrypted(file) else _credentials(file)


def _everything(file: Resource) -> Iterator[Plain]:
    for path, value in leaves(file.body):
        stand = stand_of(value)
        if stand in (Stand.LITERAL, Stand.DUMMY) and not any(step in OF_AN_OBJECT for step in path):
            yield Plain(path, str(value), "value", stand is Stand.DUMMY)


def _credentials(file: Resource) -> Iterator[Plain]:
    defaults = file.name.endswith((".yaml", ".yml"))
    for path, name, value in values_below(file.body):
        suspicion = suspect(name, value)
        if suspicion is None or suspicion.weight is Weight.PUBLISHED:
            continue
        # What a chart sets where nobody sets anything else is known to all; what a .env file holds is in use.
        dummy = suspicion.weight is Weight.DUMMY and (defaults or stand_of(suspicion.text) is Stand.DUMMY)
        yield Plain(path, suspicion.text, suspicion.kind, dummy)
