"""Whether a value that stands under a name is a credential, and how sure that is."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import NamedTuple

from readycheck.secrets.formats import is_published, recognise
from readycheck.secrets.names import credential_named
from readycheck.secrets.placeholder import Stand, stand_of


class Weight(Enum):
    """What a credential that stands in plain text comes to."""

    RECOGNISED = auto()
    """Its format says what it is."""
    NAMED = auto()
    """Its name says what it is."""
    DUMMY = auto()
    """It stands for one, or everybody knows it."""
    PUBLISHED = auto()
    """A vendor's documentation shows it."""


class Suspicion(NamedTuple):
    """A credential in plain text.

    Args:
        kind: what it is: `password`, `GitHub token`.
        weight: what it comes to.
        text: the credential itself, for what describes it without showing it.
    """

    kind: str
    weight: Weight
    text: str


# What images and installers come with: no secret, but no protection either.
_WELL_KNOWN = re.compile(
    r"(?:pass|passwd|password|passw0rd|p@ssw0rd|secret|supersecret|mysecret|topsecret|token|admin|administrator|root|user"
    r"|guest|test|testing|demo|default|local|dev|development|postgres|postgresql|mysql|mariadb|mongo|mongodb|redis"
    r"|rabbitmq|minio|minioadmin|grafana|prom-operator|keycloak|cassandra|elastic|changeit|neo4j|vagrant|qwerty|letmein"
    r"|abc123|hunter2)[!\d]{0,4}|\d{1,5}|0?123456(?:7|78|789|7890)?|(.)\1*",
    re.IGNORECASE,
)
_OBJECT_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_CONSTANT_NAME = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_WORD = re.compile(r"[A-Za-z]+")
_LONGEST_WORD = 12
_MOST_WORDS = 3
_SWITCHES = frozenset({"yes", "no", "on", "off", "true", "false"})
_PASSWORDS = frozenset({"password", "passphrase"})
_SHORTEST_PASSWORD = 3
_SHORTEST = 8


def suspect(name: str, value: object) -> Suspicion | None:
    """What kind of credential a value is; None where nothing says that it is one.

    Args:
        name: what it is called, in any style.
        value: what stands there.
    """
    text = str(value)
    recognised = recognise(text) if isinstance(value, str) else None
    if recognised is not None:
        return _weighed(recognised.kind, recognised.text, Weight.RECOGNISED)
    kind = credential_named(name)
    if kind is None or not _plausible(kind, value, text):
        return None
    return _weighed(kind, value if isinstance(value, str) else text, Weight.NAMED, name)


def _weighed(kind: str, value: str, weight: Weight, name: str = "") -> Suspicion | None:
    stand = stand_of(value)
    text = str(value)
    if len(text) < _SHORTEST_PASSWORD or text.lower() in _SWITCHES or stand not in (Stand.DUMMY, Stand.LITERAL):
        return None
    if is_published(text):
        return Suspicion(kind, Weight.PUBLISHED, text)
    dummy = stand is Stand.DUMMY or _WELL_KNOWN.fullmatch(text) or text.casefold() == name.casefold()
    return Suspicion(kind, Weight.DUMMY if dummy else weight, text)


def _plausible(kind: str, value: object, text: str) -> bool:
    """Whether what stands under a credential's name may be one: objects' names, settings and prose stand there too."""
    if not isinstance(value, str):
        return kind in _PASSWORDS and isinstance(value, int) and not isinstance(value, bool)
    if len(text.split()) > _MOST_WORDS or _CONSTANT_NAME.fullmatch(text) or "://" in text:
        return False
    if kind in _PASSWORDS:
        return True
    if credential_named(text) is not None and not _WELL_KNOWN.fullmatch(text):
        # The key of a Secret, the name of a variable.
        return False
    if _OBJECT_NAME.fullmatch(text) or _WORD.fullmatch(text):
        return _random(text) or stand_of(value) is Stand.DUMMY or _WELL_KNOWN.fullmatch(text) is not None
    return len(text) >= _SHORTEST


def _random(text: str) -> bool:
    """Whether a text in the characters of an object's name is none that a person would give."""
    longest = max(re.split(r"[.-]", text), key=len)
    return len(longest) > _LONGEST_WORD and any(map(str.isdigit, longest)) and any(map(str.isalpha, longest))
