"""Charts that a kustomization inflates: `helmCharts` (kubernetes-sigs/kustomize, "chart")."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator

from msgspec import Struct

from readycheck.charts.values import Layer
from readycheck.kubernetes.kustomization import KustomizationFile
from readycheck.model import Path, Place, Resource


class InflatedChart(Struct, frozen=True, eq=False):
    """A chart that a kustomization inflates.

    Args:
        name: its name.
        repository: where it comes from.
        version: its version.
        release: the name of the Helm release.
        namespace: where it is installed; "" where that is not said.
        path: where it stands in the kustomization.
        place: where its version is named, else its name.
    """

    name: str
    repository: str
    version: str
    release: str
    namespace: str
    path: Path
    place: Place


def charts_of(kustomization: KustomizationFile) -> Iterator[InflatedChart]:
    """The charts that a kustomization inflates.

    Args:
        kustomization: the kustomization.

    Raises:
        Unjudged: they are not decided.
    """
    for index, each in enumerate(kustomization.mappings("helmCharts")):
        name, version = str(each.get("name", "")), str(each.get("version", ""))
        path = ("helmCharts", index)
        yield InflatedChart(
            name,
            str(each.get("repo", "")),
            version,
            str(each.get("releaseName", "")) or name,
            str(each.get("namespace", "")) or kustomization.string("namespace"),
            path,
            kustomization.at((*path, "version" if version else "name")),
        )


def layers_of(kustomization: KustomizationFile, path: Path, file: Callable[[str], Resource | None]) -> Iterator[Layer]:
    """The values that a chart of a kustomization is given, what counts most first.

    Inline values are laid over the files' unless `valuesMerge` says that they give way or replace them.

    Args:
        kustomization: the kustomization.
        path: where the chart stands in it.
        file: finds a file by its uri.

    Raises:
        Unjudged: they are not decided.
    """
    inline = kustomization.mapping((*path, "valuesInline"))
    own = [Layer(kustomization.at((*path, "valuesInline")), inline)] if inline else []
    merge = kustomization.string((*path, "valuesMerge"), "override")
    if merge == "replace" and own:
        yield from own
        return
    files = list(_files(kustomization, path, file))
    yield from (*files, *own) if merge == "merge" else (*own, *files)


def _files(kustomization: KustomizationFile, path: Path, file: Callable[[str], Resource | None]) -> Iterator[Layer]:
    named = [
        (kustomization.at((*path, "additionalValuesFiles", index)), name)
        for index, name in enumerate(kustomization.strings((*path, "additionalValuesFiles")))
    ]
    first = kustomization.string((*path, "valuesFile"))
    if first:
        named.insert(0, (kustomization.at((*path, "valuesFile")), first))
    for place, name in reversed(named):
        found = file(posixpath.normpath(posixpath.join(kustomization.folder, name)))
        if found is not None:
            yield Layer(Place(found, ()), found.body)
        else:
            yield Layer(place, hidden=f"its values file {name} is not at hand")
