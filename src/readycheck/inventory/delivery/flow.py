"""The way from what Flux and Argo CD apply to each service, and what stands beside it or is missing on it."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cached_property

from msgspec import Struct

from readycheck.inventory.core import mapping_at
from readycheck.inventory.delivery.gitops import GitOps
from readycheck.inventory.delivery.services import Services
from readycheck.kubernetes import argo, flux
from readycheck.kubernetes.kustomization import KustomizationFile
from readycheck.model import Place, Resource

FLOW_SUBJECT = "service in git"
"""The kind that the rule about the way judges: services, and whatever breaks the way where no service stands."""

_FOLDER = "Folder"
_WITHOUT_MANIFESTS = ("Dockerfile", _FOLDER)


class Orphan(Struct, frozen=True, eq=False):
    """A file of manifests that nothing applies, beside a kustomization that does not name it.

    Args:
        place: where its first object stands.
        uri: the file.
        kustomization: the kustomization.
    """

    place: Place
    uri: str
    kustomization: KustomizationFile


class Breaks(Struct):
    """What breaks the way to one subject, or beside it."""

    missing: list[Place]
    orphans: list[Orphan]


class Flow(GitOps, Services):
    """The relations from services to what applies them, and to what is lost on the way."""

    # The way to a service ----------------------------------------------------------------------------------------

    def carriers_of(self, subject: Resource) -> Sequence[Resource]:
        """The Flux and Argo CD objects that apply a service's manifests.

        Args:
            subject: a workload, or what installs one.
        """
        manifest = self.manifest_of(subject)
        return [applier for applier in self.appliers_of(manifest.origin.file) if self._carries(applier, manifest)]

    def manifest_of(self, subject: Resource) -> Resource:
        """The manifest that brings a service: of a chart's workload, the release that the tree asks for."""
        world = subject.origin.world
        return self._installers_by_world.get(world) or self._installers_by_chart.get(_chart_of(world), subject)

    @cached_property
    def _installers_by_world(self) -> Mapping[str, Resource]:
        """The HelmReleases and Applications whose charts were rendered, by the world that this made."""
        worlds = {workload.origin.world for workload in self.workloads}
        found = {}
        for installer in self.of(flux.HELM_RELEASE, argo.APPLICATION):
            label = f"({_as_asked(installer)})"
            found.update({world: installer for world in worlds if world.endswith(label)})
        return found

    @cached_property
    def _installers_by_chart(self) -> Mapping[str, Resource]:
        """The same, by the chart: configuration may give it other values."""
        return {_chart_of(world): installer for world, installer in self._installers_by_world.items()}

    def _carries(self, applier: Resource, manifest: Resource) -> bool:
        """Whether an applier that brings a manifest's file brings it in the world that it was rendered in.

        Two overlays have their base in common: who applies one of them does not apply the other.
        """
        world = self.kustomization_in(manifest.origin.world) if manifest.origin.world else None
        if world is None:
            return True
        applied = self.applied_files(applier)
        if world.name in applied.files:
            return True
        inside = self.built_from([world.folder]).files
        return any(
            kustomization.name in inside
            for entry in applied.entries
            if (kustomization := self.kustomization_in(entry)) is not None
        )

    # What breaks it ----------------------------------------------------------------------------------------------

    @cached_property
    def flow_subjects(self) -> Sequence[Resource]:
        """Every service that has manifests, each applier that leads nowhere sure, each folder with a break in it."""
        known = set(map(id, self._delivered))
        lost = [
            applier
            for applier in self.appliers
            if id(applier) not in known and (self.path_missing(applier) or self.applied_files(applier).unknown)
        ]
        return [*self._delivered, *lost, *self._broken_folders.values()]

    @cached_property
    def _delivered(self) -> Sequence[Resource]:
        """What stands for the services that have manifests: of a chart that did not render, who installs it."""
        found = [service.subject for service in self.services if service.subject.kind not in _WITHOUT_MANIFESTS]
        trials = (trial for chart in self.charts.values() for trial in chart.trials)
        not_rendered = {trial.release for trial in trials if trial.fault or trial.untried}
        known = {id(subject) for subject in found} | {id(each) for each in self._installers_by_world.values()}
        installers = (each for each in self.of(flux.HELM_RELEASE, argo.APPLICATION) if id(each) not in known)
        return [*found, *(installer for installer in installers if _as_asked(installer) in not_rendered)]

    def path_missing(self, applier: Resource) -> Place | None:
        """Where an applier names a folder of this repository that does not exist; None where it does not."""
        return next((place for place in self.applied_files(applier).missing if place.resource.root is applier), None)

    def breaks_of(self, subject: Resource) -> Breaks:
        """What breaks the way to a subject, or stands beside it.

        Args:
            subject: one of `flow_subjects`.
        """
        return self._breaks.get(id(subject), Breaks([], []))

    @cached_property
    def _broken_folders(self) -> Mapping[str, Resource]:
        """The folders with a break in them where no service stands, by uri."""
        places: dict[str, Place] = {}
        for kustomization in self.kustomization_files:
            if self._missing_in(kustomization) and not self._services_below(kustomization.folder):
                places.setdefault(kustomization.folder, kustomization.at(()))
        for orphan in self._orphans:
            folder = posixpath.dirname(orphan.uri)
            if not self._services_in.get(folder):
                places.setdefault(folder, orphan.place)
        return {
            folder: Resource(_FOLDER, folder or ".", "", {}, place.resource.origin) for folder, place in places.items()
        }

    @cached_property
    def _breaks(self) -> Mapping[int, Breaks]:
        found: dict[int, Breaks] = defaultdict(lambda: Breaks([], []))
        for kustomization in self.kustomization_files:
            folder = kustomization.folder
            for place in self._missing_in(kustomization):
                # Once for all that it stops: the folder's own service, else the first that it brings.
                beside = self._services_in.get(folder, ()) or self._services_below(folder)
                found[id(beside[0] if beside else self._broken_folders[folder])].missing.append(place)
        for orphan in self._orphans:
            folder = posixpath.dirname(orphan.uri)
            beside = self._services_in.get(folder, ())
            found[id(beside[0] if beside else self._broken_folders[folder])].orphans.append(orphan)
        return found

    def _missing_in(self, kustomization: KustomizationFile) -> Sequence[Place]:
        return [
            kustomization.at(reference.entry.path)
            for reference in kustomization.references
            if self.is_missing(reference)
        ]

    @cached_property
    def _services_in(self) -> Mapping[str, Sequence[Resource]]:
        """The services whose manifests stand in each folder."""
        found: dict[str, list[Resource]] = defaultdict(list)
        for subject in self._delivered:
            found[posixpath.dirname(self.manifest_of(subject).origin.file)].append(subject)
        return found

    def _services_below(self, folder: str) -> Sequence[Resource]:
        """The services that a kustomization stands for: those whose manifests it brings."""
        folders = {posixpath.dirname(uri) for uri in self.built_from([folder]).files}
        return [subject for each in sorted(folders) for subject in self._services_in.get(each, ())]

    # What nothing applies ----------------------------------------------------------------------------------------

    @cached_property
    def _orphans(self) -> Sequence[Orphan]:
        """The files of manifests that nothing applies, other than those that hold services themselves."""
        if not self.kustomization_files:
            return ()
        services = {self.manifest_of(subject).origin.file for subject in self._delivered}
        found: dict[str, Orphan] = {}
        for resource in self._standing_alone():
            uri = resource.origin.file
            if uri not in found and uri not in services:
                kustomization = self.orphaned_by(uri)
                if kustomization is not None:
                    found[uri] = Orphan(resource.at(()), uri, kustomization)
        return [found[uri] for uri in sorted(found)]

    def orphaned_by(self, uri: str) -> KustomizationFile | None:
        """The kustomization that stands beside a file of manifests and leaves it out, where nothing else applies it.

        Args:
            uri: the file's uri.
        """
        if self.appliers_of(uri):
            return None
        kustomization = self.left_out_by(uri)
        if kustomization is None or kustomization.folder != posixpath.dirname(uri):
            return None
        # What stands beside a kustomization that is applied by hand may be applied by hand too.
        by_hand = self.appliers and not self.appliers_of(kustomization.name)
        return None if by_hand or uri in self._skaffolded else kustomization

    @cached_property
    def _skaffolded(self) -> frozenset[str]:
        """The files of manifests that Skaffold applies as they stand (its configuration, `manifests.rawYaml`)."""
        patterns: list[str] = []
        for config in self.of("Config"):
            if config.api_version.startswith("skaffold/"):
                folder = posixpath.dirname(config.origin.file)
                raw = mapping_at(config, "manifests").get("rawYaml")
                old = mapping_at(config, "deploy.kubectl").get("manifests")
                named = [*(raw if isinstance(raw, list) else ()), *(old if isinstance(old, list) else ())]
                patterns += (posixpath.normpath(posixpath.join(folder, str(each))) for each in named)
        return frozenset(
            uri for uri in self.listing.entries for pattern in patterns if fnmatchcase(uri, pattern.replace("**", "*"))
        )

    @cached_property
    def hidden_way(self) -> tuple[str, Resource] | None:
        """What may apply more of the tree than is to be seen, and why; None where all is seen."""
        for applier in self.unknown_appliers:
            return f"{applier.kind} {applier.name} may apply it: {self.applied_files(applier).unknown}", applier
        for opaque in self.opaque:
            if opaque.resource.kind == "Kustomization":
                return f"what applies it may come from {opaque.resource.name}, which was not rendered", opaque.resource
        return None

    def _standing_alone(self) -> Iterator[Resource]:
        """The Kubernetes objects that stand in files of their own, rendered by nothing."""
        for source in self.collected:
            for resource in source.resources:
                if resource.api_version and not resource.origin.world and _in_a_cluster(resource):
                    yield resource


def _as_asked(installer: Resource) -> str:
    """What a chart's rendering is called after who asked for it."""
    return f"{installer.kind} {installer.name}"


def _chart_of(world: str) -> str:
    """The chart of a world that it rendered, which names its values too."""
    return world.partition(" (")[0]


def _in_a_cluster(resource: Resource) -> bool:
    """Whether an object is one that a cluster holds: tools have configuration that looks like one."""
    if resource.kind == "Config":
        return False
    group = resource.group
    return not group or group in _BUILT_IN or ("." in group and group not in _TOOLS)


_BUILT_IN = ("apps", "autoscaling", "batch", "extensions", "policy")
_TOOLS = frozenset(
    {
        "apiserver.config.k8s.io",
        "audit.k8s.io",
        "client.authentication.k8s.io",
        "eksctl.io",
        "k3d.io",
        "kind.x-k8s.io",
        "kubeadm.k8s.io",
        "kubelet.config.k8s.io",
        "kubeproxy.config.k8s.io",
        "kustomize.config.k8s.io",
    }
)
"""Groups of configuration files that no cluster holds."""
