"""States as `terraform show -json` prints them (Terraform documentation: JSON Output Format)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from readycheck.documents.text import Unreadable
from readycheck.model import Path
from readycheck.sources.terraform.record import Record
from readycheck.sources.terraform.sensitivity import marked
from readycheck.sources.terraform.shapes import listed


def check_version(body: Mapping[str, Any]) -> None:
    """Look whether the output is of a version that is understood.

    Raises:
        Unreadable: it is not.
    """
    version = body.get("format_version")
    if not isinstance(version, str) or version.partition(".")[0] not in ("0", "1"):
        raise Unreadable(f"is of format_version {version!r}, and only 0.1 to 1.x are read")


def records_in(body: Mapping[str, Any]) -> Iterator[Record]:
    """Every instance of a state.

    Args:
        body: the output.

    Raises:
        Unreadable: it is of another version, or holds no state at all.
    """
    check_version(body)
    values = body.get("values")
    if not isinstance(values, dict):
        raise Unreadable(
            "holds no values: either there are no resources, or whoever printed it could not read the state;"
            " `terraform state pull` tells which"
        )
    yield from records_below(values.get("root_module"), ("values", "root_module"))


def records_below(module: object, place: Path) -> Iterator[Record]:
    """Every instance in a module and in those that it calls.

    Args:
        module: the module's part of the output.
        place: where that stands.
    """
    waiting: list[tuple[object, Path]] = [(module, place)]
    while waiting:
        module, place = waiting.pop()
        if not isinstance(module, dict):
            continue
        for index, resource in enumerate(listed(module.get("resources"))):
            if isinstance(resource, dict) and not resource.get("deposed_key"):
                yield _record(resource, (*place, "resources", index))
        children = list(enumerate(listed(module.get("child_modules"))))
        waiting += [(child, (*place, "child_modules", index)) for index, child in reversed(children)]


def _record(resource: Mapping[str, Any], place: Path) -> Record:
    values = resource.get("values")
    return Record(
        address=str(resource.get("address", "")),
        mode=str(resource.get("mode", "managed")),
        type=str(resource.get("type", "")),
        values=values if isinstance(values, dict) else {},
        place=place,
        values_place=(*place, "values") if isinstance(values, dict) else None,
        sensitive=list(marked(resource.get("sensitive_values"))),
    )
