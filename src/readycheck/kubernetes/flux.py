"""Flux: its sources, what they are applied by, and which of its API versions are gone (Flux documentation)."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import NamedTuple

from readycheck.model import Path, Place, Resource

KUSTOMIZATION = "Kustomization"
HELM_RELEASE = "HelmRelease"
INSTANCE = "FluxInstance"
"""What the Flux Operator installs Flux from, with the source and the path that it follows."""

SOURCES = ("GitRepository", "OCIRepository", "Bucket", "HelmRepository", "HelmChart", "ExternalArtifact")
"""Where manifests and charts come from."""
PUSHED = ("OCIRepository", "Bucket")
"""Sources that somebody pushes a folder into: paths in them start at that folder."""
GENERATOR = "ArtifactGenerator"
"""What makes an ExternalArtifact of folders of other sources."""
KINDS = (*SOURCES, GENERATOR, KUSTOMIZATION, HELM_RELEASE, INSTANCE)

_REMOVED = {
    "kustomize.toolkit.fluxcd.io/v1beta1": "2.7",
    "kustomize.toolkit.fluxcd.io/v1beta2": "2.8",
    "helm.toolkit.fluxcd.io/v2beta1": "2.7",
    "helm.toolkit.fluxcd.io/v2beta2": "2.8",
    "source.toolkit.fluxcd.io/v1beta1": "2.7",
    "source.toolkit.fluxcd.io/v1beta2": "2.8",
}
"""The versions of Flux's API that are not served any more, and since which release."""


_REVISIONS = tuple(f"spec.ref.{way}" for way in ("commit", "name", "semver", "tag", "branch"))
"""What a GitRepository follows: of several the first counts."""


class Source(NamedTuple):
    """What a Kustomization says that its manifests come from.

    Args:
        kind: the source's kind.
        name: its name.
        namespace: where it lives.
    """

    kind: str
    name: str
    namespace: str


def removed_in(resource: Resource) -> str:
    """The release of Flux that does not serve an object's API version any more; "" where it is served."""
    return _REMOVED.get(resource.api_version, "")


def current_version(resource: Resource) -> str:
    """The API version to use in place of one that is gone."""
    return f"{resource.group}/{'v2' if resource.kind == HELM_RELEASE else 'v1'}"


def suspended(resource: Resource) -> bool:
    """Whether git says that nothing is done about an object until somebody changes that.

    Raises:
        Unjudged: that is not decided.
    """
    return resource.get("spec.suspend") is True


def source_of(kustomization: Resource) -> Source:
    """Where a Kustomization's manifests come from.

    Raises:
        Unjudged: that is not decided.
    """
    kind = kustomization.string("spec.sourceRef.kind")
    namespace = kustomization.string("spec.sourceRef.namespace", kustomization.scope)
    return Source(kind, kustomization.string("spec.sourceRef.name"), namespace)


def revision_of(source: Resource) -> Place | None:
    """What a source follows of its repository: a branch, a tag, a range of versions or a commit; None where unsaid.

    Raises:
        Unjudged: that is not decided.
    """
    ways = {INSTANCE: ("spec.sync.ref",), "GitRepository": _REVISIONS}.get(source.kind, ())
    return next((source.at(way) for way in ways if source.string(way)), None)


def chart_source_of(release: Resource) -> Source | None:
    """The source whose folder a HelmRelease takes its chart from; None where it is no folder.

    Raises:
        Unjudged: that is not decided.
    """
    kind = release.string("spec.chart.spec.sourceRef.kind")
    namespace = release.string("spec.chart.spec.sourceRef.namespace", release.scope)
    folders = kind in ("GitRepository", "Bucket")
    return Source(kind, release.string("spec.chart.spec.sourceRef.name"), namespace) if folders else None


def path_of(kustomization: Resource) -> str:
    """The folder of its source that a Kustomization applies; "" for all of it.

    Raises:
        Unjudged: that is not decided.
    """
    return folder(kustomization.string("spec.path"))


def folder(path: str) -> str:
    """A path from the root of a source, as the path of a folder: `./apps/` is `apps`; "" for the root itself."""
    normal = posixpath.normpath(f"/{path}")
    return normal.lstrip("/")


def decryption_of(kustomization: Resource) -> Place | None:
    """Where a Kustomization says that SOPS decrypts what it applies; None where it does not.

    Raises:
        Unjudged: that is not decided.
    """
    provider = kustomization.string("spec.decryption.provider")
    return kustomization.at("spec.decryption.provider") if provider == "sops" else None


def artifacts_of(generator: Resource) -> Mapping[str, Path]:
    """The artifacts that an ArtifactGenerator makes: by name, where each stands in it.

    Raises:
        Unjudged: that is not decided.
    """
    artifacts = generator.mappings("spec.artifacts")
    return {str(artifact.get("name")): ("spec", "artifacts", index) for index, artifact in enumerate(artifacts)}


def copied_from(generator: Resource, artifact: Path, path: str) -> tuple[Source, str] | None:
    """The source that a folder of an artifact is copied from, and the folder there; None where that cannot be told.

    A copy of `folder/` or `folder/**` brings what is below the folder, without its name (ArtifactGenerator, `copy`).

    Args:
        generator: the ArtifactGenerator.
        artifact: where the artifact stands in it.
        path: the folder of the artifact.

    Raises:
        Unjudged: that is not decided.
    """
    aliases = {str(source.get("alias")): source for source in generator.mappings("spec.sources")}
    for copy in generator.mappings((*artifact, "copy")):
        alias, _, origin = str(copy.get("from")).removeprefix("@").partition("/")
        target = folder(str(copy.get("to")).removeprefix("@artifact"))
        below = posixpath.relpath(f"/{path}", f"/{target}")
        source = aliases.get(alias)
        whole = origin.endswith(("/", "**")) or not origin
        if source is not None and whole and not below.startswith(".."):
            namespace = str(source.get("namespace", generator.scope))
            named = Source(str(source.get("kind")), str(source.get("name")), namespace)
            return named, folder(f"{origin.removesuffix('**')}/{below}")
    return None
