"""HelmReleases of Flux: which chart each installs, and what values it gives (helm-controller, HelmRelease v2)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from readycheck.charts.values import Layer
from readycheck.charts.versions import as_written
from readycheck.kubernetes.flux import Source
from readycheck.model import Path, Place, Resource, look

FOLDERS = ("GitRepository", "Bucket", "ExternalArtifact")
"""Sources whose charts are folders."""


class ChartReference(Struct, frozen=True):
    """The chart that an object of Flux names.

    Args:
        chart: the chart's name or folder; "" where its source says that.
        source: what it comes from.
        version: its version or range.
        place: where the version is named, else the chart.
    """

    chart: str
    source: Source
    version: str
    place: Place


def chart_of(release: Resource) -> ChartReference | None:
    """The chart that a HelmRelease installs; None where it names none.

    Raises:
        Unjudged: that is not decided.
    """
    if release.get("spec.chartRef") is not None:
        namespace = release.string("spec.chartRef.namespace", release.scope)
        source = Source(release.string("spec.chartRef.kind"), release.string("spec.chartRef.name"), namespace)
        return ChartReference("", source, "", release.at("spec.chartRef.name"))
    return _named_in(release, ("spec", "chart", "spec"))


def chart_of_object(helm_chart: Resource) -> ChartReference | None:
    """The chart that a HelmChart names; None where it names none.

    Raises:
        Unjudged: that is not decided.
    """
    return _named_in(helm_chart, ("spec",))


def _named_in(resource: Resource, spec: Path) -> ChartReference | None:
    chart = resource.string((*spec, "chart"))
    if not chart:
        return None
    kind = resource.string((*spec, "sourceRef", "kind"))
    namespace = resource.string((*spec, "sourceRef", "namespace"), resource.scope)
    source = Source(kind, resource.string((*spec, "sourceRef", "name")), namespace)
    # A version that is not decided yet leaves the values as readable as they are.
    version = look(resource.body, (*spec, "version"))
    named = "version" if version is not None else "chart"
    return ChartReference(chart, source, as_written(version), resource.at((*spec, named)))


def last_part(url: str) -> str:
    """The chart that the address of an artifact ends with."""
    return url.rstrip("/").rpartition("/")[2]


def version_of_artifact(repository: Resource) -> str:
    """The version or range of the chart that an OCIRepository follows; a digest is none.

    Raises:
        Unjudged: that is not decided.
    """
    return repository.string("spec.ref.semver") or repository.string("spec.ref.tag")


def release_name(release: Resource) -> str:
    """The name of the Helm release that a HelmRelease makes (`spec.releaseName`).

    Raises:
        Unjudged: that is not decided.
    """
    target = release.string("spec.targetNamespace")
    return release.string("spec.releaseName") or (f"{target}-{release.name}" if target else release.name)


def inline_values(release: Resource) -> Sequence[Layer]:
    """The values that stand in a HelmRelease itself: they are laid over all others.

    Raises:
        Unjudged: they are no mapping.
    """
    body = release.mapping("spec.values")
    return [Layer(release.at("spec.values"), body)] if body else []


def values_files(release: Resource) -> Sequence[tuple[Place, str]]:
    """The files that a HelmRelease takes in place of its chart's `values.yaml`, what counts most first.

    Raises:
        Unjudged: they are not decided.
    """
    way = ("spec", "chart", "spec", "valuesFiles")
    named = [(release.at((*way, index)), file) for index, file in enumerate(release.strings(way))]
    return [] if [file for _, file in named] == ["values.yaml"] else named[::-1]


class ValuesReference(Struct, frozen=True):
    """An object that a HelmRelease takes values from.

    Args:
        kind: ConfigMap or Secret.
        name: its name.
        key: the key of its data.
        target: the key of the values that it gives; none where it gives them as a whole.
        optional: whether it may be missing.
        place: where it is named.
    """

    kind: str
    name: str
    key: str
    target: str
    optional: bool
    place: Place


def values_references(release: Resource) -> Sequence[ValuesReference]:
    """The objects that a HelmRelease takes values from, what is laid over the others last (`spec.valuesFrom`).

    Raises:
        Unjudged: they are not decided.
    """
    return [
        ValuesReference(
            str(each.get("kind", "")),
            str(each.get("name", "")),
            str(each.get("valuesKey", "values.yaml")),
            str(each.get("targetPath", "")),
            each.get("optional") is True,
            release.at(("spec", "valuesFrom", index)),
        )
        for index, each in enumerate(release.mappings("spec.valuesFrom"))
    ]
