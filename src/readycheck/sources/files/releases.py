"""Objects that install something else: Flux's HelmRelease and Argo CD's Application.

What they install is judged where its chart lies in the tree; else its content is not at hand (Flux and Argo CD
documentation).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from readycheck.documents.yaml import parse
from readycheck.kubernetes.kinds import qualified_kind
from readycheck.model import Opaque, Resource, Unjudged, Unresolved
from readycheck.sources.files.helm import CHART_FILE, Release

_ARTIFACT = re.compile(r"oci://|[\w-]+(\.[\w-]+)+(:\d+)?/")
"""An address in a registry, which has no scheme or that of OCI: whatever its paths, they are not those of this tree."""


def deployment_of(resource: Resource, folders: Sequence[str]) -> Release | Opaque | None:
    """What an object installs: a release of a chart of the tree, something not at hand, or nothing of its own.

    Args:
        resource: any object.
        folders: the absolute folders that paths in such objects may start from.
    """
    kind = qualified_kind(resource)
    if kind not in ("HelmRelease", "Application"):
        return None
    try:
        return _helm_release(resource, folders) if kind == "HelmRelease" else _application(resource, folders)
    except Unjudged as unjudged:
        return Opaque(resource, f"what it installs cannot be told: {unjudged.reason}")


def _helm_release(resource: Resource, folders: Sequence[str]) -> Release | Opaque:
    target = resource.string("spec.targetNamespace")
    namespace = target or resource.scope
    chart = resource.string("spec.chart.spec.chart")
    source = resource.string("spec.chart.spec.sourceRef.kind") or resource.string("spec.chartRef.kind")
    name = resource.string("spec.chart.spec.sourceRef.name") or resource.string("spec.chartRef.name")
    folder = _chart_folder(chart, folders) if source == "GitRepository" else None
    if folder is None:
        what = f"the chart {chart or name}"
        # A Flux Kustomization's targetNamespace may place a release that names no namespace itself.
        reason = f"{what} of {source} {name} is not at hand: what it runs is unknown"
        return Opaque(resource, reason, namespace or None)
    if resource.get("spec.valuesFrom"):
        return Opaque(resource, "its values come from objects of the cluster (spec.valuesFrom)", namespace or None)
    # Flux's default (helm-controller, HelmRelease `spec.releaseName`).
    release = resource.string("spec.releaseName") or (f"{target}-{resource.name}" if target else resource.name)
    files = _values_files(resource, folders)
    if isinstance(files, Opaque):
        return files
    values = resource.mapping("spec.values")
    return _checked(resource, Release(folder, release, namespace, files, values, f"HelmRelease {resource.name}"))


def _values_files(resource: Resource, folders: Sequence[str]) -> tuple[str, ...] | Opaque:
    """The values files of a HelmRelease, by paths from the root of its source (`spec.chart.spec.valuesFiles`)."""
    found = []
    for name in resource.strings("spec.chart.spec.valuesFiles"):
        candidates = (os.path.realpath(os.path.join(folder, name)) for folder in folders)
        file = next((file for file in candidates if os.path.isfile(file) and _inside(file, folders)), None)
        if file is not None:
            found.append(file)
        elif resource.get("spec.chart.spec.ignoreMissingValuesFiles") is not True:
            return Opaque(resource, f"its values file {name} is not at hand", resource.scope)
    return tuple(found)


def _application(resource: Resource, folders: Sequence[str]) -> Release | Opaque | None:
    path = resource.string("spec.source.path")
    obstacle = _application_obstacle(resource, path, folders)
    if obstacle:
        return Opaque(resource, obstacle, resource.string("spec.destination.namespace") or None)
    folder = _chart_folder(path, folders)
    # Plain manifests and kustomizations of the tree are judged where they stand.
    return _application_release(resource, folder, folders) if folder else None


def _application_obstacle(resource: Resource, path: str, folders: Sequence[str]) -> str | None:
    if resource.get("spec.sources") is not None:
        return "it has several sources, which are not put together here"
    chart = resource.string("spec.source.chart")
    url = resource.string("spec.source.repoURL")
    if chart or _ARTIFACT.match(url) or not any(os.path.isdir(os.path.join(folder, path)) for folder in folders):
        what = f"the chart {chart}" if chart else f"the path {path}"
        return f"{what} of {url} is not at hand: what it runs is unknown"
    if resource.get("spec.source.helm.parameters"):
        return "it sets values by parameters, which are not read here"
    return None


def _application_release(resource: Resource, folder: str, folders: Sequence[str]) -> Release | Opaque:
    namespace = resource.string("spec.destination.namespace")
    files = resource.get("spec.source.helm.valueFiles") or []
    inline = resource.mapping("spec.source.helm.valuesObject") or _parsed(resource.string("spec.source.helm.values"))
    values = tuple(os.path.normpath(os.path.join(folder, str(file))) for file in files)
    missing = next((file for file in values if not (os.path.isfile(file) and _inside(file, folders))), None)
    if missing is not None:
        return Opaque(resource, f"its values file {os.path.basename(missing)} is not at hand", namespace or None)
    name = resource.string("spec.source.helm.releaseName") or resource.name
    release = Release(folder, name, namespace, values, inline, f"Application {resource.name}")
    return _checked(resource, release)


def _inside(file: str, folders: Sequence[str]) -> bool:
    """Whether a file, links followed, stands in one of some folders: nothing is read outside of the repository."""
    real = os.path.realpath(file)
    return any(os.path.commonpath((real, root)) == root for root in map(os.path.realpath, folders))


def _chart_folder(path: str, folders: Sequence[str]) -> str | None:
    for folder in folders:
        candidate = os.path.realpath(os.path.join(folder, path))
        if path and os.path.isfile(os.path.join(candidate, CHART_FILE)):
            return candidate
    return None


def _parsed(text: str) -> Mapping[str, Any]:
    documents, _ = parse(text) if text else ([], [])
    return documents[0].body if documents and isinstance(documents[0].body, Mapping) else {}


def _checked(resource: Resource, release: Release) -> Release | Opaque:
    """A release whose values are all decided; else what it would run is not known."""
    waiting: list[Any] = [release.inline]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Unresolved):
            return Opaque(resource, f"its values hold `{value!s}`, which {value.reason}", release.namespace)
        if isinstance(value, Mapping):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return release
