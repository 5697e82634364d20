"""Values as a state stores them, made into those that the provider meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WRAPPED = {"value", "type"}


def unwrapped(value: Any) -> Any:
    """A value without the wrapping of those whose type the provider's schema leaves open.

    A state stores such a value as `{"value": ..., "type": ...}`, where the type is a type of Terraform's in JSON.
    """
    if isinstance(value, dict):
        if value.keys() == _WRAPPED and _is_type(value["type"]):
            return unwrapped(value["value"])
        return {key: unwrapped(each) for key, each in value.items()}
    if isinstance(value, list):
        return [unwrapped(each) for each in value]
    return value


def is_wrapping(value: object) -> bool:
    """Whether a value of a state is wrapped with its type."""
    return isinstance(value, dict) and value.keys() == _WRAPPED and _is_type(value["type"])


def _is_type(written: object) -> bool:
    """Whether something is a type in JSON: `"string"`, `["object", {...}]`."""
    if isinstance(written, str):
        return written in _PRIMITIVE
    return isinstance(written, list) and len(written) >= 2 and written[0] in _COMPOUND  # noqa: PLR2004 - name and parts


_PRIMITIVE = frozenset(["string", "number", "bool", "dynamic"])
_COMPOUND = frozenset(["list", "set", "map", "object", "tuple"])


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a resource that Terraform 0.11 wrote, flat: `vpc_config.0.subnet_ids.#`.

    Items of sets, whose keys are hashes, keep the order of those.
    """
    root: dict[str, Any] = {}
    for key, value in flat.items():
        *before, last = key.split(".")
        node = root
        for step in before:
            inner = node.setdefault(step, {})
            if not isinstance(inner, dict):
                # A key that holds both a value and parts is no attribute of Terraform's.
                inner = node[step] = {}
            node = inner
        node.setdefault(last, value)
    return {key: _listed(value) for key, value in root.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    count = value.pop("#", None)
    value.pop("%", None)
    if count is not None:
        keys = sorted(value, key=lambda key: (not key.isdigit(), int(key) if key.isdigit() else 0, key))
        return [_listed(value[key]) for key in keys]
    return {key: _listed(each) for key, each in value.items()}
