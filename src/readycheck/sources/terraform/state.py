"""States as Terraform and OpenTofu store them: format version 4."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from readycheck.documents.text import Unreadable
from readycheck.model import Path
from readycheck.sources.terraform.addresses import address_of
from readycheck.sources.terraform.decoding import nested, unwrapped
from readycheck.sources.terraform.record import Record
from readycheck.sources.terraform.shapes import listed

_FORMAT = 4
_WRITER = re.compile(r"v?(\d+)\.(\d+)")
_FIRST_WRITER = (0, 11)
"""The first release that is known to have written format 4, in its betas of 0.12."""


def records_in(body: Mapping[str, Any]) -> Iterator[Record]:
    """Every instance of a state; those that wait to be destroyed ("deposed") are left out.

    Args:
        body: the state.

    Raises:
        Unreadable: it is of another format, or not of the shape that its format has.
    """
    _check_format(body)
    resources = body.get("resources")
    if not isinstance(resources, list):
        raise Unreadable("holds no list of resources, which each state of format 4 has")
    for position, resource in enumerate(resources):
        if not isinstance(resource, dict) or not isinstance(resource.get("instances"), list):
            raise Unreadable(f"resources[{position}] is not of the shape that a state has")
        yield from _instances(resource, ("resources", position))


def _check_format(body: Mapping[str, Any]) -> None:
    version = body.get("version")
    if version != _FORMAT:
        raise Unreadable(
            f"is a state of format {version}, and only {_FORMAT} is read: any `terraform apply -refresh-only` since"
            " Terraform 0.12 rewrites it"
        )
    writer = body.get("terraform_version")
    if not writer:
        return
    numbers = _WRITER.match(writer) if isinstance(writer, str) else None
    if numbers is None:
        raise Unreadable("says that no release of Terraform wrote it: its `terraform_version` is no version")
    if (int(numbers[1]), int(numbers[2])) < _FIRST_WRITER:
        raise Unreadable(
            f"says that Terraform {numbers[0]} wrote it, which wrote another format: its format is not sure"
        )


def _instances(resource: Mapping[str, Any], place: Path) -> Iterator[Record]:
    mode, kind, name = (str(resource.get(key, "")) for key in ("mode", "type", "name"))
    for index, instance in enumerate(resource["instances"]):
        if not isinstance(instance, dict) or instance.get("deposed"):
            continue
        here = (*place, "instances", index)
        attributes, flat = instance.get("attributes"), instance.get("attributes_flat")
        values: dict[str, Any] = {}
        if isinstance(attributes, dict):
            values = {key: unwrapped(value) for key, value in attributes.items()}
        elif isinstance(flat, dict):
            values = nested(flat)
        yield Record(
            address=address_of(str(resource.get("module") or ""), mode, kind, name, instance.get("index_key")),
            mode=mode,
            type=kind,
            values=values,
            place=here,
            values_place=(*here, "attributes") if isinstance(attributes, dict) else None,
            sensitive=[
                _path(steps) for steps in listed(instance.get("sensitive_attributes")) if isinstance(steps, list)
            ],
        )


def _path(steps: list[Any]) -> Path:
    """The path that a state writes step by step."""
    path: list[str | int] = []
    for step in steps:
        value = step.get("value") if isinstance(step, dict) else step
        if isinstance(value, dict):
            value = value.get("value")
        path.append(value if isinstance(value, int) else str(value))
    return tuple(path)
