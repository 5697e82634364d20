"""Argo CD: Applications, where their manifests come from, and whether they are synced by themselves.

The facts are from the documentation of Argo CD (argoproj/argo-cd).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from readycheck.kubernetes.flux import folder
from readycheck.model import Path, Resource

APPLICATION = "Application"
APPLICATION_SET = "ApplicationSet"
KINDS = (APPLICATION, APPLICATION_SET)

_SPEC: Mapping[str, Path] = {APPLICATION: ("spec",), APPLICATION_SET: ("spec", "template", "spec")}


@dataclass(frozen=True, slots=True, eq=False)
class ApplicationSource:
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
    """Where the manifests of an Application, or of those that an ApplicationSet makes, come from.

    Raises:
        Unjudged: that is not decided.
    """
    spec = _SPEC[application.kind]
    several = application.mappings((*spec, "sources"))
    ways = [(*spec, "sources", index) for index in range(len(several))] or [(*spec, "source")]
    return [_source(application, way) for way in ways if application.get(way) is not None]


def _source(application: Resource, way: Path) -> ApplicationSource:
    body = application.mapping(way)
    part = Resource(
        "ApplicationSource", application.name, application.scope, body, application.origin, application, way
    )
    chart = part.string("chart")
    # A source that others take values from (`ref`) applies nothing unless it names a path.
    applies = not chart and (part.get("path") is not None or part.get("ref") is None)
    return ApplicationSource(part, part.string("repoURL"), folder(part.string("path")) if applies else None, chart)


def automated(application: Resource) -> bool:
    """Whether what is merged is applied without anybody's doing.

    Raises:
        Unjudged: that is not decided.
    """
    policy = application.get((*_SPEC[application.kind], "syncPolicy", "automated"))
    return isinstance(policy, Mapping) and policy.get("enabled") is not False
