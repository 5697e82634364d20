"""An instance of a resource, as a state records or a plan plans it, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from readycheck.model import Location, Path, Resource, Uncommented, format_path
from readycheck.sources.terraform.decoding import is_wrapping
from readycheck.sources.terraform.document import Document


class Record(Struct, frozen=True, eq=False):
    """One instance.

    Args:
        address: its address: `module.m["eu"].aws_subnet.a[0]`.
        mode: `managed`, or `data` for what was only looked up.
        type: the resource's type: `aws_subnet`.
        values: its attributes, by the provider's names.
        place: where it stands in the document.
        values_place: where its attributes stand there; None where the document writes them in another form.
        sensitive: the paths into the values that the document marks as sensitive.
    """

    address: str
    mode: str
    type: str
    values: Mapping[str, Any]
    place: Path
    values_place: Path | None
    sensitive: Sequence[Path] = ()

    @property
    def emptied(self) -> Record:
        """The instance without its values, which may be secret: what its origin has to know."""
        return replace(self, values={}, sensitive=())


def identity_of(values: Mapping[str, Any]) -> str:
    """The id that a provider knows something by; "" where it has none yet.

    Args:
        values: its attributes.
    """
    identity = values.get("id")
    return identity if type(identity) is str else ""


class RecordOrigin(Uncommented, frozen=True, eq=False):
    """The origin of what stands in a state or a plan: no line of one is shown, as those beside it may hold secrets.

    Args:
        document: the state or plan.
        record: the instance.
        world: the state that it belongs to.
    """

    document: Document
    record: Record
    world: str

    @property
    def source(self) -> str:
        """The source that reads states and plans."""
        return "terraform"

    @property
    def file(self) -> str:
        """The state or plan."""
        return self.document.uri

    def locate(self, body: object, path: Path) -> Location:
        """The line of an attribute, where its document has lines."""
        del body
        line, column = self.document.position(self._place_of(path)) or (None, None)
        return Location(self.document.uri, line, column, format_path(path))

    def _place_of(self, path: Path) -> Path:
        if self.record.values_place is None or not path:
            return self.record.place
        steps = list(self.record.values_place)
        value: Any = self.document.body
        for step in steps:
            value = value[step]
        for step in path:
            if is_wrapping(value):
                steps.append("value")
                value = value["value"]
            if not (isinstance(value, dict) and step in value) and not (
                isinstance(value, list) and isinstance(step, int) and step < len(value)
            ):
                # What a plan leaves open stands nowhere in its values.
                return tuple(steps) if len(steps) > len(self.record.values_place) else self.record.place
            steps.append(step)
            value = value[step]  # type: ignore[index] # an index into a list, a key of a mapping: seen above
        return tuple(steps)


def resource_of(record: Record, values: Mapping[str, Any], document: Document, world: str) -> Resource:
    """A record as rules judge it.

    Args:
        record: the instance.
        values: its attributes without secrets.
        document: where it stands.
        world: the state that it belongs to.
    """
    return Resource(record.type, record.address, "", values, RecordOrigin(document, record, world))
