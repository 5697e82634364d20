"""Applications of Argo CD: which chart each installs, and what values it gives.

The order of values is that of Argo CD's documentation, "Helm": parameters over `valuesObject`, or `values` where that
is not given, over `valueFiles`.
"""

from __future__ import annotations

from collections.abc import Sequence

from readycheck.charts.parameters import parameter
from readycheck.charts.texts import text_layer
from readycheck.charts.values import Layer
from readycheck.charts.versions import as_written
from readycheck.kubernetes.argo import APPLICATION_SET, ApplicationSource
from readycheck.model import Place, Resource, Unresolved, look


def chart_in(url: str) -> str:
    """The chart that the address of an OCI registry ends with; "" where it is no such address."""
    return url.rstrip("/").rpartition("/")[2] if url.startswith("oci://") else ""


def version_of(source: ApplicationSource) -> str:
    """The version or range of a source's chart, as it is written (`targetRevision`)."""
    return as_written(source.part.body.get("targetRevision"))


def chart_place(source: ApplicationSource) -> Place:
    """Where the version of a source's chart is named, else the chart."""
    return _whole(
        source.part, ("targetRevision",) if source.part.body.get("targetRevision") is not None else ("chart",)
    )


def release_name(source: ApplicationSource) -> str:
    """The name of the Helm release that a source makes.

    Raises:
        Unjudged: that is not decided.
    """
    return source.part.string("helm.releaseName") or source.part.name


def namespace_of(application: Resource) -> str:
    """Where an Application, or each of an ApplicationSet, is installed; "" where that is not said or left open."""
    spec = ("spec", "template", "spec") if application.kind == APPLICATION_SET else ("spec",)
    namespace = look(application.body, (*spec, "destination", "namespace"))
    return namespace if isinstance(namespace, str) and not isinstance(namespace, Unresolved) else ""


def own_values(source: ApplicationSource) -> Sequence[Layer]:
    """The values that stand in an Application itself, what counts most first.

    Raises:
        Unjudged: they are not decided.
    """
    part = source.part
    layers = [
        parameter(
            each.get("name", ""),
            each.get("value", ""),
            _whole(part, ("helm", "parameters", index, "value")),
            literal=each.get("forceString") is True,
        )
        for index, each in reversed(list(enumerate(part.mappings("helm.parameters"))))
    ]
    if part.get("helm.fileParameters"):
        hidden = "it sets values to what files of the chart hold"
        layers.insert(0, Layer(_whole(part, ("helm", "fileParameters")), hidden=hidden))
    values = part.mapping("helm.valuesObject")
    if values:
        layers.append(Layer(_whole(part, ("helm", "valuesObject")), values))
    elif (text := look(part.body, ("helm", "values"))) is not None:
        layers.append(text_layer(_whole(part, ("helm", "values")), text))
    return layers


def value_files(source: ApplicationSource) -> Sequence[tuple[Place, str]]:
    """The values files that a source names, what counts most first, each with its place.

    Raises:
        Unjudged: they are not decided.
    """
    named = enumerate(source.part.strings("helm.valueFiles"))
    return [(_whole(source.part, ("helm", "valueFiles", index)), file) for index, file in reversed(list(named))]


def _whole(part: Resource, path: tuple[str | int, ...]) -> Place:
    """A place in a source, as one of the whole Application."""
    return part.root.at((*part.path, *path))
