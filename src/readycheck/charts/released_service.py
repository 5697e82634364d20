"""Services that charts make of their values, as what rules on Services judge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from readycheck.charts.release import ChartRelease
from readycheck.charts.values import ChartValue
from readycheck.model import Finding, Fix, Path, Place, Resource, Severity, Unjudged, format_path, look, parse_path

ANNOTATIONS: Path = ("metadata", "annotations")


class ReleasedPlace(Place, frozen=True, kw_only=True):
    """A place in a Service that a chart makes: it is found where the values are that make it.

    Args:
        made: what stands in the Service.
        inner: the path in the Service.
    """

    made: Any
    inner: Path

    @property
    def seen(self) -> Any:
        """What stands in the Service."""
        return self.made

    @property
    def field(self) -> str:
        """The path in the Service."""
        return f"{format_path(self.inner)} of its Service" if self.inner else "its Service"


class ReleasedService(Resource, frozen=True, eq=False, dict=True, kw_only=True):
    """A Service that a release of a chart makes; what is said of it is said of what installs the chart.

    Its kind and name are those of the installer, its body is the Service's.

    Args:
        release: the release.
        values: the values that decide what stands at a path; for all others the chart does.
    """

    release: ChartRelease
    values: Mapping[Path, Place]

    @classmethod
    def of(
        cls, release: ChartRelease, spec: Mapping[str, Any], annotations: str, values: Mapping[Path, ChartValue]
    ) -> ReleasedService:
        """The Service of a release.

        Args:
            release: the release.
            spec: the Service's spec.
            annotations: the key of the values that its annotations are given by.
            values: the values that decide what stands at a path of the Service.

        Raises:
            Unjudged: its annotations cannot be told.
        """
        steps = parse_path(annotations)
        # Charts put all annotations in quotes.
        given = {key: _in_quotes(value) for key, value in release.mapping(steps).items()}
        body = {"metadata": {"annotations": given}, "spec": spec}
        places = {path: value.place for path, value in values.items()}
        places |= {(*ANNOTATIONS, key): _place_of(release, (*steps, key)) for key in given}
        installer = release.resource
        origin = installer.origin
        return cls(installer.kind, installer.name, release.namespace, body, origin, release=release, values=places)

    def at(self, path: str | Path) -> Place:
        """The place of the value that decides what stands at a path of the Service."""
        steps = parse_path(path) if isinstance(path, str) else path
        found = self.values.get(steps, self.release.chart_place)
        if found is not self.release.chart_place and steps[:2] == ANNOTATIONS:
            return found
        return ReleasedPlace(found.resource, found.path, made=look(self.body, steps) if steps else None, inner=steps)

    def finding(
        self,
        message: str,
        *,
        at: str | Path | Place = (),
        also: Iterable[Place] = (),
        severity: Severity | None = None,
        fix: Fix | None = None,
    ) -> Finding:
        """The rule does not hold for the installer; a fix is kept where the value that it changes stands by itself."""
        found = super().finding(message, at=at, also=also, severity=severity)
        return replace(
            found,
            resource=self.release.resource,
            fix=fix if fix is not None and all(map(_stands, _changed(fix))) else None,
        )


def _place_of(release: ChartRelease, key: Path) -> Place:
    try:
        return release.value(key).place
    except Unjudged as unjudged:
        # It matters to whoever asks for this annotation, and to nobody else.
        return unjudged.place or release.chart_place


def _in_quotes(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return value if value is None or isinstance(value, str) else str(value)


def _changed(fix: Fix) -> Sequence[Place]:
    return [edit.place for edit in fix.edits]


def _stands(place: Place) -> bool:
    """Whether a place is a key of a file by itself: neither a part of a text nor something that a chart makes."""
    return type(place) is Place and isinstance(look(place.resource.body, place.path[:-1]), Mapping)
