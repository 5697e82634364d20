"""Which values of states and plans are sensitive, and the values without them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from readycheck.model import Path, format_path
from readycheck.secrets.concealment import Concealed
from readycheck.secrets.recorded import KnownSecrets, recorded_secret
from readycheck.sources.terraform.record import Record


def marked(marks: object, path: Path = ()) -> Iterator[Path]:
    """The paths at which a tree of marks, as outputs of Terraform have them beside the values, says true."""
    if marks is True:
        yield path
    elif isinstance(marks, dict):
        for key, each in marks.items():
            yield from marked(each, (*path, key))
    elif isinstance(marks, list):
        for index, each in enumerate(marks):
            yield from marked(each, (*path, index))


def secrets_in(record: Record) -> Iterator[tuple[Path, str, str]]:
    """What a record holds in clear that is secret: its path, its value and what kind of thing it is.

    Args:
        record: the instance.
    """
    marks = set(record.sensitive)
    for path, value in texts_in(record.values):
        is_marked = bool(marks) and any(path[:length] in marks for length in range(len(path) + 1))
        kind = recorded_secret(record.type, record.values, path, value, marked=is_marked)
        if kind is not None:
            yield path, value, kind


def texts_in(value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text in a value that is not empty, with its path."""
    waiting: list[tuple[object, Path]] = [(value, path)]
    while waiting:
        value, path = waiting.pop()
        if type(value) is str:
            if value:
                yield path, value
        elif isinstance(value, dict):
            waiting += [(each, (*path, key)) for key, each in reversed(list(value.items()))]
        elif isinstance(value, list):
            waiting += [(each, (*path, index)) for index, each in reversed(list(enumerate(value)))]


def masked(value: Any, secrets: Mapping[Path, str], known: KnownSecrets, found: dict[str, str], path: Path = ()) -> Any:
    """A value without the secrets in it.

    Args:
        value: the value.
        secrets: what is secret at some paths: the kinds of things.
        known: the secrets of the whole document: a text that holds one is secret wherever it stands.
        found: takes what stood where, without a trace of it: `a password of 12 characters`.
        path: where the value stands.
    """
    if type(value) is str:
        kind = (secrets.get(path) if secrets else None) or ("copy of a secret" if known.stand_in(value) else "")
        if not kind:
            return value
        concealed = Concealed(value, kind)
        found[format_path(path)] = str.__str__(concealed)
        return concealed
    if isinstance(value, dict):
        return {key: masked(each, secrets, known, found, (*path, key)) for key, each in value.items()}
    if isinstance(value, list):
        return [masked(each, secrets, known, found, (*path, index)) for index, each in enumerate(value)]
    return value
