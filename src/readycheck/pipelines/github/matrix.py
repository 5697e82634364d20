"""The jobs that a matrix makes of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from readycheck.pipelines.github.scope import Scope
from readycheck.pipelines.matrix import MOST_COMBINATIONS
from readycheck.pipelines.node import Node

_OWN = ("include", "exclude")


def instances(matrix: Node, scope: Scope) -> Iterator[tuple[str, Mapping[str, str]]]:
    """For each job that a matrix makes: what is added to its id, and its values of the matrix.

    One job without values where there is no matrix, where an expression decides it, or where it is too large.

    Args:
        matrix: the matrix.
        scope: what its values see.
    """
    found = list(_combinations(matrix, scope)) if matrix.is_mapping else []
    if not found or len(found) > MOST_COMBINATIONS:
        yield "", {}
        return
    for values in found:
        shown = ", ".join(value for name, value in values.items() if "." not in name)
        yield f" ({shown})" if shown else "", values


def _combinations(matrix: Node, scope: Scope) -> Iterator[Mapping[str, str]]:
    made: list[dict[str, str]] = [{}]
    dimensions = [name for name in matrix.entries if name not in _OWN]
    for name in dimensions:
        if not matrix[name].is_list:
            # `fromJSON` of something: how many there are is not known.
            continue
        made = [{**one, **_values(name, item, scope)} for one in made for item in matrix[name].items]
        if len(made) > MOST_COMBINATIONS:
            break
    excluded = [_entries(item, scope) for item in matrix["exclude"].items]
    made = [one for one in made if not any(each and each.items() <= one.items() for each in excluded)]
    if not dimensions:
        made = []
    original = [dict(one) for one in made]
    for item in matrix["include"].items:
        extra = _entries(item, scope)
        shared = {name: value for name, value in extra.items() if name.partition(".")[0] in dimensions}
        fitting = [one for one, before in zip(made, original, strict=False) if shared.items() <= before.items()]
        for combination in fitting:
            combination.update(extra)
        if not fitting:
            made.append(extra)
    yield from made


def _entries(item: Node, scope: Scope) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in item.entries.items():
        values |= _values(name, value, scope)
    return values


def _values(name: str, item: Node, scope: Scope) -> dict[str, str]:
    """A value, or the values of a mapping by their paths."""
    if item.is_mapping:
        return {f"{name}.{key}": scope.text(value) for key, value in item.entries.items() if not value.is_mapping}
    return {name: scope.text(item)}
