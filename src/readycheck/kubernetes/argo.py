"""Argo CD: Applications, where their manifests come from, and whether they are synced by themselves.

The facts are from the documentation of Argo CD (argoproj/argo-cd).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from readycheck.kubernetes.flux import folder
from readycheck.model import Path, Place, Resource

APPLICATION = "Application"
APPLICATION_SET = "ApplicationSet"
KINDS = (APPLICATION, APPLICATION_SET)

_SPEC: Mapping[str, Path] = {APPLICATION: ("spec",), APPLICATION_SET: ("spec", "template", "spec")}
"""Where the specification of Applications stands."""


class ApplicationSource(Struct, frozen=True, eq=False):
    """One place that an Application's manifests come from.

    Args:
        part: its entry, as a part of the Application.
        url: the repository, or the registry of charts.
        path: the folder of the repository; "" for its root, None where none is applied.
        chart: the chart of the registry; "" where it is none.
    """

    part: Resource
    url: str
    path: str | None
    chart: str

    @property
    def directory(self) -> Mapping[str, object]:
        """How the files of a folder of plain manifests are chosen.

        Raises:
            Unjudged: that is not decided.
        """
        return self.part.mapping("directory")


def sources_of(application: Resource) -> Sequence[ApplicationSource]:
    """Where the manifests of an Application come from.

    Raises:
        Unjudged: that is not decided.
    """
    return [_source(application, way) for way in _ways(application)]


def templates_of(application_set: Resource) -> Sequence[Place]:
    """The sources of the Applications that an ApplicationSet makes, as they are written.

    Raises:
        Unjudged: they are not decided.
    """
    ways = _ways(application_set)
    return [application_set.at(way) for way in ways if isinstance(application_set.get(way), Mapping)]


def _ways(resource: Resource) -> Sequence[Path]:
    spec = _SPEC[resource.kind]
    several = resource.mappings((*spec, "sources"))
    ways: Sequence[Path] = [(*spec, "sources", index) for index in range(len(several))] or [(*spec, "source")]
    return [way for way in ways if resource.get(way) is not None]


def _source(application: Resource, way: Path) -> ApplicationSource:
    body = application.mapping(way)
    part = Resource(
        "ApplicationSource", application.name, application.scope, body, application.origin, application, way
    )
    chart = part.string("chart")
    # A source that others take values from (`ref`) applies nothing unless it names a path.
    applies = not chart and (part.get("path") is not None or part.get("ref") is None)
    return ApplicationSource(part, part.string("repoURL"), folder(part.string("path")) if applies else None, chart)


def revisions_of(application: Resource) -> Sequence[Place]:
    """Where an Application, or the template of an ApplicationSet, says which branch, tag or commit it follows."""
    named = (application.at((*way, "targetRevision")) for way in _ways(application) if not _of_chart(application, way))
    return [place for place in named if place.seen]


def _of_chart(application: Resource, way: Path) -> bool:
    """Whether a source is a chart of a registry, whose revision is its version."""
    return bool(application.mapping(way).get("chart"))


def automated(application: Resource) -> bool:
    """Whether what is merged is applied without anybody's doing.

    Raises:
        Unjudged: that is not decided.
    """
    policy = application.get((*_SPEC[application.kind], "syncPolicy", "automated"))
    return isinstance(policy, Mapping) and policy.get("enabled") is not False
