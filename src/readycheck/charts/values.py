"""The values that a release of a chart is given: in layers, of which each stands somewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from readycheck.model import Path, Place, Unjudged, Unresolved, a_type, format_path

_ENCRYPTED = "ENC[AES256_GCM,"
"""How SOPS' ciphertexts begin."""


class ValuePlace(Place, frozen=True):
    """A place in values that stand as one text in another thing, such as `helm.values` of an Application.

    Args:
        key: the key of the values.
        given: what stands there.
    """

    key: str
    given: Any

    @property
    def seen(self) -> Any:
        """What the text gives the key."""
        return self.given

    @property
    def field(self) -> str:
        """The path of the text, then the key in it."""
        return f"{format_path(self.resource.path + self.path)}: {self.key}"


class ChartValue(Struct, frozen=True, eq=False):
    """A value of a release.

    Args:
        seen: the value; None where it has none.
        place: where it stands; for a default, where the release names its chart.
        default: whether it is the chart's own.
        note: what is taken for granted; "" where nothing is.
    """

    seen: Any
    place: Place
    default: bool = False
    note: str = ""


class Layer(Struct, frozen=True, eq=False):
    """Values that are laid over those below.

    Args:
        place: where they stand.
        body: the values.
        prefix: the key that they are given to; all of the values where it is none.
        hidden: why they cannot be read; "" where they can.
        text: whether they stand as one text in their place.
    """

    place: Place
    body: Any = field(default_factory=dict)
    prefix: Path = ()
    hidden: str = ""
    text: bool = False

    def find(self, steps: Path) -> ChartValue | None:
        """What it gives a key; None where it gives it nothing.

        Raises:
            Unjudged: it cannot be read, or is not shaped so that it could be told.
        """
        shared = min(len(steps), len(self.prefix))
        if steps[:shared] != self.prefix[:shared]:
            return None
        if self.hidden:
            raise Unjudged(self.hidden, self.place)
        body, rest = self.body, steps[shared:]
        for step in reversed(self.prefix[shared:]):
            body = {step: body}
        for depth, step in enumerate(rest):
            if isinstance(body, Mapping):
                if step not in body:
                    return None
                body = body[step]
            elif body is None:
                break
            else:
                self._misshapen(body, rest[:depth])
        place = self._at(rest, body)
        if isinstance(body, Unresolved):
            raise Unjudged(f"`{body!s}` {body.reason}", place)
        if isinstance(body, str) and body.startswith(_ENCRYPTED):
            raise Unjudged(f"{place.field} is encrypted", place)
        return ChartValue(body, place)

    def _misshapen(self, body: object, way: Path) -> None:
        place = self._at(way, body)
        if isinstance(body, Unresolved):
            raise Unjudged(f"`{body!s}` {body.reason}", place)
        raise Unjudged(f"{place.field} is {a_type(body)} where a mapping is wanted", place)

    def _at(self, rest: Path, given: object) -> Place:
        if self.text:
            return ValuePlace(self.place.resource, self.place.path, format_path((*self.prefix, *rest)), given)
        return Place(self.place.resource, (*self.place.path, *rest))


def overlap(upper: Mapping[str, Any], lower: Mapping[str, Any]) -> dict[str, Any]:
    """Values over values, as Helm lays them: mappings are merged, null takes away, all else is replaced."""
    whole = {key: value for key, value in lower.items() if key not in upper}
    for key, value in upper.items():
        below = lower.get(key)
        if isinstance(value, Mapping):
            whole[key] = overlap(value, below if isinstance(below, Mapping) else {})
        elif value is not None:
            whole[key] = value
    return whole
