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

    Helm reads the values file with the inline values in it, then the additional files, which so count more than both.
    Inline values are laid over the file's unless `valuesMerge` says that they give way or replace them.

    Args:
        kustomization: the kustomization.
        path: where the chart stands in it.
        file: finds a file by its uri.

    Raises:
        Unjudged: they are not decided.
    """
    for index, name in reversed(list(enumerate(kustomization.strings((*path, "additionalValuesFiles"))))):
        yield _file(kustomization, (*path, "additionalValuesFiles", index), name, file)
    inline = kustomization.mapping((*path, "valuesInline"))
    merge = kustomization.string((*path, "valuesMerge"), "override")
    layers = [Layer(kustomization.at((*path, "valuesInline")), inline)] if inline else []
    main = kustomization.string((*path, "valuesFile"))
    if main and not (inline and merge == "replace"):
        layers.append(_file(kustomization, (*path, "valuesFile"), main, file))
    yield from reversed(layers) if merge == "merge" else layers


def _file(kustomization: KustomizationFile, path: Path, name: str, file: Callable[[str], Resource | None]) -> Layer:
    found = file(posixpath.normpath(posixpath.join(kustomization.folder, name)))
    if found is not None:
        return Layer(Place(found, ()), found.body)
    return Layer(kustomization.at(path), hidden=f"its values file {name} is not at hand")


def generated_from(kustomization: KustomizationFile, name: str, key: str) -> str | None:
    """The file that a key of a generated ConfigMap is made of, as the kustomization names it; None where none is.

    Args:
        kustomization: the kustomization.
        name: what the ConfigMap is called there, without the hash that a build puts behind it.
        key: the key.

    Raises:
        Unjudged: what it generates is not decided.
    """
    for index, each in enumerate(kustomization.mappings("configMapGenerator")):
        if each.get("name") == name:
            for entry in kustomization.strings(("configMapGenerator", index, "files")):
                given, _, file = entry.rpartition("=")
                if (given or posixpath.basename(file)) == key:
                    return file
    return None
