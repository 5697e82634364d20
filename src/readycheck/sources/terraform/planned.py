"""Plans as `terraform show -json` prints them: what will be once they are applied, and what is open until then.

Values that are known only then are absent from the planned ones, or null in a list; `after_unknown` alone tells them
from what is not set (Terraform documentation: JSON Output Format).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from readycheck.documents.text import Unreadable
from readycheck.model import Path
from readycheck.sources.terraform.addresses import address_of
from readycheck.sources.terraform.record import Record
from readycheck.sources.terraform.references import References
from readycheck.sources.terraform.sensitivity import marked
from readycheck.sources.terraform.shapes import mapping_at, text
from readycheck.sources.terraform.shown import check_version, records_below


class Change(Struct, frozen=True, eq=False):
    """What a plan says of one instance.

    Args:
        address: its address.
        actions: what is done with it: `("create",)`, `("delete", "create")`.
        after: what it will be; None where it will be no more.
        before: what it is; None where it is not there yet.
    """

    address: str
    actions: tuple[str, ...]
    after: Record | None
    before: Record | None


def changes_in(body: Mapping[str, Any], key: str = "resource_changes") -> Iterator[Change]:
    """What a plan says of each instance; of what waits to be destroyed ("deposed") nothing.

    Args:
        body: the plan.
        key: `resource_changes`, or `resource_drift` for what was changed by somebody else.

    Raises:
        Unreadable: it is of another version, or of another shape.
    """
    check_version(body)
    listed = body.get(key) or ()
    if not isinstance(listed, list | tuple):
        raise Unreadable(f"`{key}` is no list: it is not of the shape that a plan has")
    references = References(body.get("configuration"))
    for index, entry in enumerate(listed):
        change = entry.get("change") if isinstance(entry, dict) else None
        if not isinstance(change, dict) or not isinstance(change.get("actions"), list):
            raise Unreadable(f"{key}[{index}] is not of the shape that a plan has")
        if not entry.get("deposed"):
            yield _change(entry, change, (key, index, "change"), references)


def _change(entry: Mapping[str, Any], change: Mapping[str, Any], place: Path, references: References) -> Change:
    actions = tuple(map(str, change["actions"]))
    module, mode, kind, name = (str(entry.get(key) or "") for key in ("module_address", "mode", "type", "name"))
    # What drifted had no address of its own before Terraform 1.1.
    address = str(entry.get("address") or address_of(module, mode, kind, name, entry.get("index")))
    after, before = change.get("after"), change.get("before")
    unknown = change.get("after_unknown")

    def record(side: str, values: Mapping[str, Any]) -> Record:
        marks = list(marked(change.get(f"{side}_sensitive")))
        return Record(address, mode, kind, values, place[:-1], (*place, side), marks)

    planned = after if isinstance(after, dict) else {}
    if isinstance(unknown, dict):
        planned = _with_unknowns(planned, unknown, (), address, references)
    return Change(
        address,
        actions,
        record("after", planned) if isinstance(after, dict) else None,
        record("before", before) if isinstance(before, dict) else None,
    )


def _with_unknowns(value: Any, unknown: Any, path: Path, address: str, references: References) -> Any:
    """A planned value with what is open in it."""
    if unknown is True:
        return references.awaited(address, path)
    if isinstance(unknown, dict) and isinstance(value, Mapping | None):
        merged = dict(value or {})
        for key, each in unknown.items():
            if each:
                merged[key] = _with_unknowns(merged.get(key), each, (*path, key), address, references)
        return merged
    if isinstance(unknown, list) and isinstance(value, list | None):
        items = list(value or ())
        items += [None] * (len(unknown) - len(items))
        for index, each in enumerate(unknown):
            if each:
                items[index] = _with_unknowns(items[index], each, (*path, index), address, references)
        return items
    return value


def standing_in(body: Mapping[str, Any]) -> Iterator[Record]:
    """What a plan says was there before it, with what was looked up; not every plan tells."""
    place = ("prior_state", "values", "root_module")
    yield from records_below(mapping_at(body, *place), place)


def configuration_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a plan tells of the configuration without any value: which providers and modules it takes, in what versions.

    Args:
        body: the plan.
    """
    return {
        "provider_config": {
            key: {name: text(each.get(name)) for name in _OF_PROVIDERS if each.get(name)}
            for key, each in mapping_at(body, "configuration", "provider_config").items()
            if isinstance(each, dict)
        },
        "root_module": _calls_of(mapping_at(body, "configuration", "root_module"), _DEEPEST),
    }


_OF_PROVIDERS = ("name", "full_name", "version_constraint", "module_address")
_OF_CALLS = ("source", "version_constraint")
_DEEPEST = 20


def _calls_of(module: object, deepest: int) -> dict[str, Any]:
    calls = mapping_at(module, "module_calls")
    if not calls or not deepest:
        return {}
    return {
        "module_calls": {
            name: {
                **{key: text(call.get(key)) for key in _OF_CALLS if call.get(key)},
                "module": _calls_of(call.get("module"), deepest - 1),
            }
            for name, call in calls.items()
            if isinstance(call, dict)
        }
    }
